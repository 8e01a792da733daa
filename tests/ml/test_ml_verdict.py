from __future__ import annotations

import pandas as pd
import pytest
from synthetic_examples import small_declaration

from ml.backtesting import Backtest, Origin
from ml.declaration import Declaration
from ml.verdict import Verdict, judge

pytestmark = pytest.mark.tier1

DATES = pd.to_datetime(["2017-01-02", "2017-01-30", "2017-02-27"])
STRONG_RULE = "visit_rate_halflife_28d"


def verdict_on(
    model: list[float],
    strong_rule: list[float],
    declaration: Declaration | None = None,
    metric: str = "roc_auc",
) -> Verdict:
    declaration = declaration or small_declaration()
    records = []
    for date, own, strong in zip(DATES, model, strong_rule, strict=True):
        weak = 0.6 if metric != "brier" else 0.2
        values = {rule.name: weak for rule in declaration.baseline_rules} | {STRONG_RULE: strong}
        bar = [values[name] for name in declaration.bar_rules]
        values |= {"model": own, "best_rule": min(bar) if metric == "brier" else max(bar)}
        for name in declaration.metrics:
            # All other metrics are won clearly, so that only the one in question decides.
            records += [
                (
                    date,
                    candidate,
                    name,
                    value if name == metric else float(candidate == "model") * (name != "brier"),
                )
                for candidate, value in values.items()
            ]
    metrics = pd.DataFrame(records, columns=["origin_date", "candidate", "metric", "metric_value"])
    origins = [Origin(date, 1000, pd.DataFrame(), pd.DataFrame(), pd.DataFrame()) for date in DATES]
    return judge(declaration, Backtest(origins), metrics, scored_count=10)


def test_a_model_that_wins_everywhere_is_published_with_its_means() -> None:
    verdict = verdict_on([0.85, 0.84, 0.86], [0.80, 0.83, 0.81])
    assert verdict.is_publishable
    assert verdict.text.startswith("published: beats the best rule in AUC on 3 of 3 origins")
    assert "AUC 0.850 (best rule 0.813)" in verdict.text


def test_one_lost_origin_is_enough_not_to_publish() -> None:
    verdict = verdict_on([0.95, 0.82, 0.95], [0.80, 0.83, 0.81])
    assert not verdict.is_publishable
    assert f"2017-01-30: AUC 0.820, rule {STRONG_RULE} 0.830" in verdict.text
    assert "2017-01-02" not in verdict.text
    assert "means: AUC 0.907 (best rule 0.813)" in verdict.text


def test_a_draw_is_not_a_win() -> None:
    assert not verdict_on([0.85, 0.83, 0.85], [0.80, 0.83, 0.81]).is_publishable


def test_a_lower_brier_score_wins() -> None:
    declaration = small_declaration(publish={"beats_best_rule_in": ["brier"]})
    assert verdict_on([0.08, 0.08, 0.08], [0.09, 0.09, 0.09], declaration, "brier").is_publishable
    assert not verdict_on([0.08, 0.10, 0.08], [0.09, 0.09, 0.09], declaration, "brier").is_publishable


def test_every_deciding_metric_has_to_be_won() -> None:
    declaration = small_declaration(publish={"beats_best_rule_in": ["roc_auc", "average_precision"]})
    lost = verdict_on([0.4, 0.5, 0.5], [0.3, 0.45, 0.3], declaration, "average_precision")
    assert not lost.is_publishable
    assert "average precision 0.400, rule recency 0.600" in lost.text


def test_a_lost_reference_is_named_but_does_not_decide() -> None:
    rules = [rule.model_dump() for rule in small_declaration().baseline_rules]
    rules[-1]["role"] = "reference"
    verdict = verdict_on([0.85, 0.82, 0.85], [0.80, 0.83, 0.81], small_declaration(baseline_rules=rules))
    assert verdict.is_publishable
    assert verdict.text.endswith(f"for comparison, beats {STRONG_RULE} in AUC on 2 of 3")


def test_too_few_origins_are_no_verdict_on_the_model() -> None:
    left_out = {DATES[0]: "240 rows to learn from, at least 500 needed"}
    verdict = judge(small_declaration(), Backtest([], left_out), pd.DataFrame(), scored_count=10)
    assert not verdict.is_publishable
    assert "0 usable origins, at least 3 needed" in verdict.text
    assert "2017-01-02: 240 rows to learn from" in verdict.text
    assert "the labels reach back over 1 non-overlapping horizons only" in verdict.text
