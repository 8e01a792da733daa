from __future__ import annotations

import pandas as pd
import pytest
from report_frames import full_frames

from dashboards.report.parts import PARTLY_SIMULATED
from dashboards.report.sections import identity
from dashboards.report.tables import Tables

pytestmark = pytest.mark.tier1


@pytest.fixture
def frames() -> dict[str, pd.DataFrame]:
    return full_frames()


def test_rules_confidence_and_quality_are_told_in_sentences(frames):
    rules, confidence, quality = identity.section(Tables(frames)).figures
    assert rules.takeaway == "1,500 records joined another one; “same loyalty card” joined the most, 60%."
    assert confidence.takeaway == (
        "990 customers of several records are one person with a mean probability of 0.994; 30 are below 90%."
    )
    assert quality.takeaway == (
        "99.8% of the pairs of records that were brought together are one person, and 97.5% of the "
        "pairs that are one were found; 78.1% without probabilistic matches."
    )
    assert {figure.mark for figure in (rules, confidence, quality)} == {PARTLY_SIMULATED}


def test_only_the_last_measurement_is_shown(frames):
    quality = identity.section(Tables(frames)).figures[2]
    assert "50.0%" not in quality.body
    assert "86.0%" in quality.body


def test_without_a_measurement_nothing_is_said_about_quality(frames):
    frames.pop("quality.match_quality")
    assert len(identity.section(Tables(frames)).figures) == 2


def test_without_rules_it_says_so():
    section = identity.section(Tables({}))
    assert not section.figures
    assert "No rule has joined any records" in section.missing


def test_a_changed_name_of_a_rule_cannot_break_the_page(frames):
    frames["identity.fct_identity_rule_counts"]["rule_name"] = "<script>alert(1)</script>"
    rules = identity.section(Tables(frames)).figures[0]
    assert "<script>" not in rules.body
