"""A small population whose truth is known: the label depends on four of the features and on chance."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from ml.declaration import Declaration, load_declaration
from ml.training import TrainingResult, train

FIRST_DATE = pd.Timestamp("2017-01-02")
HORIZON_DAYS = 28


def small_declaration(**changes: Any) -> Declaration:
    """Return the declaration of churn with a plan that a small population can meet."""
    plan = {"origins": 4, "minimum_origins": 3, "minimum_training_rows": 500, "minimum_test_rows": 50}
    plan |= changes.pop("backtest", {})
    content = load_declaration("churn").model_dump()
    bar = [rule | {"role": "bar"} for rule in content["baseline_rules"]]
    content |= {"baseline_rules": bar, "backtest": plan} | changes
    return Declaration.model_validate(content)


def small_examples(
    customers: int = 300, weeks: int = 30, seed: int = 0, horizon_days: int = HORIZON_DAYS
) -> pd.DataFrame:
    """Return customers x weeks rows; labels are empty where the horizon reaches beyond the last week."""
    random = np.random.default_rng(seed)
    count = customers * weeks
    dates = FIRST_DATE + pd.to_timedelta(7 * np.repeat(np.arange(weeks), customers), unit="D")
    rate = np.tile(random.gamma(1.5, 0.15, customers), weeks)
    frame = pd.DataFrame(
        {
            "customer_id": np.tile([f"c{number:04d}" for number in range(customers)], weeks),
            "source_system": "shop",
            "as_of_date": dates,
            "horizon_days": horizon_days,
            "is_latest": dates == dates.max(),
            "slice_spending_band": np.where(rate > 0.2, "high", "low"),
            "slice_frequency_band": np.where(rate > 0.1, "often", "seldom"),
            "recency_days": random.geometric(np.clip(rate, 0.02, 0.9)).astype(float),
            "mean_gap_days": 1 / (rate + 0.02) + random.normal(0, 2, count),
            "shopping_days_28d": random.poisson(28 * rate).astype(float),
            "visit_rate_halflife_28d": rate + random.normal(0, 0.05, count),
            "basket_value": random.gamma(2, 20, count),
            "noise": random.normal(size=count),
        }
    )
    frame["recency_over_mean_gap"] = frame["recency_days"] / frame["mean_gap_days"].clip(lower=1)
    log_odds = (
        0.5
        + 0.04 * frame["recency_days"]
        + 0.03 * frame["mean_gap_days"]
        - 0.25 * frame["shopping_days_28d"]
        - 0.03 * frame["basket_value"]
    )
    happens = random.random(count) < 1 / (1 + np.exp(-log_odds))
    is_known = dates + pd.Timedelta(days=horizon_days) <= dates.max()
    frame["churn_label"] = np.where(is_known, happens.astype(float), np.nan)
    # Whoever bought once has no gap yet.
    frame.loc[random.random(count) < 0.05, ["mean_gap_days", "recency_over_mean_gap"]] = np.nan
    return frame


@cache
def trained() -> TrainingResult:
    """Return one publishable run, made once for all tests that only look at it."""
    return train(small_declaration(), small_examples(), "run-1", report=lambda line: None)
