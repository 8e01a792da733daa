from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score
from synthetic_examples import small_declaration

from ml.backtesting import Backtest, Origin
from ml.evaluation import backtest_metrics, calibration_curve, slice_metrics
from ml.metrics import METRICS, lift_top_decile

pytestmark = pytest.mark.tier1

DECLARATION = small_declaration()
RULES = [rule.name for rule in DECLARATION.baseline_rules]


def origin(date: str, rows: int, seed: int = 0, rare: int = 0) -> Origin:
    random = np.random.default_rng(seed)
    labels = (random.random(rows) < 0.2).astype(float)
    risks = pd.DataFrame(
        {name: np.clip(0.2 + 0.3 * labels + random.normal(0, 0.2, rows), 0, 1) for name in ["model", *RULES]}
    )
    described = pd.DataFrame(
        {
            "customer_id": [f"c{number}" for number in range(rows)],
            "source_system": "shop",
            "slice_spending_band": ["rare"] * rare + ["common"] * (rows - rare),
            "slice_frequency_band": np.where(labels == 1, None, "often"),
            "churn_label": labels,
        }
    )
    return Origin(pd.Timestamp(date), 1000, described, risks, risks)


TESTED = Backtest([origin("2017-01-02", 230, seed=1, rare=20), origin("2017-01-30", 211, seed=2)])


def test_each_origin_candidate_and_metric_has_one_row() -> None:
    metrics = backtest_metrics(DECLARATION, TESTED)
    keys = ["origin_date", "candidate", "metric"]
    assert not metrics.duplicated(keys).any()
    # Seven candidates and six metrics; nobody can be best at being predicted on average.
    assert len(metrics) == 2 * (7 * 6 - 1)
    assert metrics.loc[metrics["candidate"] == "model", "is_baseline"].eq(False).all()
    assert metrics.loc[metrics["candidate"] != "model", "is_baseline"].all()
    assert set(metrics["row_count"]) == {230, 211}


def test_the_best_rule_is_the_best_of_the_bar_for_each_metric() -> None:
    values = backtest_metrics(DECLARATION, TESTED).pivot(
        index=["origin_date", "metric"], columns="candidate", values="metric_value"
    )
    for (_, name), row in values.iterrows():
        if name in ("roc_auc", "average_precision", "lift_top_decile"):
            assert row["best_rule"] == row[RULES].max()
        elif name == "brier":
            assert row["best_rule"] == row[RULES].min()


def test_a_reference_rule_is_measured_but_is_not_the_best_rule() -> None:
    rules = [rule.model_dump() for rule in DECLARATION.baseline_rules]
    for rule in rules[1:]:
        rule["role"] = "reference"
    metrics = backtest_metrics(small_declaration(baseline_rules=rules), TESTED)
    values = metrics[metrics["metric"] == "roc_auc"].pivot(
        index="origin_date", columns="candidate", values="metric_value"
    )
    assert values["best_rule"].equals(values[RULES[0]].rename("best_rule"))
    assert set(RULES) <= set(values.columns)


@given(st.integers(1, 400), st.integers(2, 20), st.integers(0, 5))
def test_calibration_loses_no_customer_and_no_probability(rows: int, bins: int, seed: int) -> None:
    tested = Backtest([origin("2017-01-02", rows, seed=seed)])
    curve = calibration_curve(small_declaration(calibration_bins=bins), tested)
    assert curve["row_count"].sum() == rows
    assert curve["row_count"].max() - curve["row_count"].min() <= 1
    assert curve["bin_number"].tolist() == list(range(1, min(bins, rows) + 1))
    assert curve["mean_predicted"].is_monotonic_increasing
    only = tested.origins[0]
    assert np.average(curve["mean_predicted"], weights=curve["row_count"]) == pytest.approx(
        only.probabilities["model"].mean()
    )
    assert np.average(curve["observed_share"], weights=curve["row_count"]) == pytest.approx(
        only.rows["churn_label"].mean()
    )


def test_slices_pool_the_origins_and_say_how_many_rows_they_have() -> None:
    slices = slice_metrics(DECLARATION, TESTED).set_index(["slice_name", "slice_value", "metric"])
    everyone = slices.loc[("source_system", "shop", "roc_auc")]
    labels = np.concatenate([one.rows["churn_label"] for one in TESTED.origins])
    risks = np.concatenate([one.probabilities["model"] for one in TESTED.origins])
    assert everyone["metric_value"] == pytest.approx(roc_auc_score(labels, risks))
    assert everyone["row_count"] == 441


def test_a_slice_too_small_or_of_one_class_is_counted_but_not_judged() -> None:
    slices = slice_metrics(DECLARATION, TESTED).set_index(["slice_name", "slice_value"])
    assert slices.loc[[("spending_band", "rare")], "metric"].tolist() == ["positive_share"]
    assert slices.loc[[("spending_band", "rare")], "row_count"].tolist() == [20]
    assert slices.loc[[("frequency_band", "often")], "metric"].tolist() == ["positive_share"]
    assert slices.loc[[("frequency_band", "unknown")], "metric_value"].tolist() == [1.0]


def test_no_origin_gives_empty_frames_with_all_columns() -> None:
    nothing = Backtest([])
    for frame in (backtest_metrics(DECLARATION, nothing), calibration_curve(DECLARATION, nothing)):
        assert frame.empty
        assert len(frame.columns) >= 4
    assert slice_metrics(DECLARATION, nothing).empty


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 3)), min_size=10, max_size=60), st.randoms())
def test_lift_does_not_depend_on_the_order_of_rows(rows: list[tuple[bool, int]], random: object) -> None:
    labels = np.array([row[0] for row in rows], dtype=float)
    risks = np.array([row[1] for row in rows], dtype=float)
    if labels.sum() == 0:
        return
    order = np.argsort(risks * 7 % 5 - labels, kind="stable")
    assert lift_top_decile(labels[order], risks[order]) == pytest.approx(lift_top_decile(labels, risks))
    assert 0 <= lift_top_decile(labels, risks) <= len(labels) / labels.sum() + 1e-9


def test_a_tie_at_the_edge_of_the_decile_counts_on_average() -> None:
    labels = np.array([1.0, 0.0, 0.0, 0.0] + 16 * [0.0])
    risks = np.array([1.0, 1.0, 1.0, 1.0] + 16 * [0.0])
    # Two of the four tied customers are in the top tenth: half a positive among two, against one in twenty.
    assert lift_top_decile(labels, risks) == pytest.approx(0.25 / 0.05)


def test_a_metric_knows_which_value_is_better() -> None:
    assert METRICS["roc_auc"].beats(0.8, 0.7)
    assert METRICS["brier"].beats(0.1, 0.2)
    assert not METRICS["roc_auc"].beats(0.8, 0.8)
