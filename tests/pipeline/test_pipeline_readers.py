"""Readers and a build do not notice each other."""

from __future__ import annotations

import pytest
from finished_builds import Grown
from installations import Installation

pytestmark = [pytest.mark.tier3, pytest.mark.builds(1), pytest.mark.timeout(1800)]


@pytest.fixture
def before_and_after(sliced: Installation, grown: Grown) -> list[str]:
    return [
        installation.published("select run_id from ops.publication")[0][0]
        for installation in (sliced, grown.installation)
    ]


def test_who_opened_the_file_before_the_build_keeps_reading_it(
    grown: Grown, before_and_after: list[str]
) -> None:
    assert grown.holder.errors == []
    assert grown.holder.reads > 20
    assert grown.holder.runs == before_and_after[:1]


def test_who_opens_the_file_during_the_build_and_after_gets_a_whole_publication(
    grown: Grown, before_and_after: list[str]
) -> None:
    assert grown.watcher.errors == []
    assert grown.watcher.missing_after_first == 0
    assert grown.watcher.reads > 20
    # Each publication has one set of totals, whenever it was looked at; the new one came after the old one.
    assert grown.watcher.runs == before_and_after


def test_the_build_went_as_if_nobody_had_looked(grown: Grown, before_and_after: list[str]) -> None:
    assert (grown.answer.exit_code, grown.answer.content["run_id"]) == (0, before_and_after[1])
    lines, sales = grown.installation.published(
        "select count(*), sum(sales_amount) from core.fct_order_lines"
    )[0]
    assert [lines, str(sales)] == grown.watcher.seen[-1][1:3]
