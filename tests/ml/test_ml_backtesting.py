from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.dummy import DummyClassifier
from synthetic_examples import FIRST_DATE, small_declaration, small_examples

from ml import backtesting
from ml.backtesting import backtest, origin_dates, thin_out
from ml.examples import check_examples

pytestmark = pytest.mark.tier1

DECLARATION = small_declaration()


class SpyEstimator(DummyClassifier):
    """Remembers what it was shown."""

    seen: list[np.ndarray] = []  # noqa: RUF012

    def fit(self, X: np.ndarray, y: np.ndarray, sample_weight: Any = None) -> SpyEstimator:  # noqa: N803
        self.seen.append(X)
        return super().fit(X, y, sample_weight)


def two_sources(shop_horizon: int, club_horizon: int, weeks: int = 30) -> pd.DataFrame:
    shop = small_examples(customers=60, weeks=weeks, horizon_days=shop_horizon)
    club = small_examples(customers=60, weeks=weeks, seed=1, horizon_days=club_horizon)
    club["customer_id"] = "club-" + club["customer_id"]
    return pd.concat([shop, club.assign(source_system="club")], ignore_index=True)


def test_origins_start_at_the_latest_complete_date_and_go_back_by_the_horizon() -> None:
    examples = check_examples(DECLARATION, small_examples(customers=20))
    last = FIRST_DATE + pd.Timedelta(weeks=29)
    expected = [last - pd.Timedelta(days=28 * step) for step in range(4, 0, -1)]
    assert origin_dates(examples, 4) == expected


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 70), st.integers(1, 70), st.integers(1, 8))
def test_test_windows_never_overlap_whatever_the_horizons(shop: int, club: int, count: int) -> None:
    examples = check_examples(DECLARATION, two_sources(shop, club))
    dates = origin_dates(examples, count)
    assert 1 <= len(dates) <= count
    for earlier, later in pairwise(dates):
        assert earlier + pd.Timedelta(days=max(shop, club)) <= later
    assert dates[-1] + pd.Timedelta(days=max(shop, club)) <= examples.rows["as_of_date"].max()


def test_no_row_is_learnt_from_whose_label_window_ends_after_the_origin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # A feature carries the day on which the label is known, so that the estimator can tell what it was shown.
    frame = two_sources(28, 49, weeks=44)
    known_on = frame["as_of_date"] + pd.to_timedelta(frame["horizon_days"], unit="D")
    frame["known_on"] = (known_on - FIRST_DATE).dt.days
    SpyEstimator.seen.clear()
    monkeypatch.setattr(backtesting, "build_estimator", lambda name, seed: SpyEstimator(strategy="prior"))
    examples = check_examples(DECLARATION, frame)
    result = backtest(DECLARATION, examples, report=lambda line: None)
    assert len(result.origins) == len(SpyEstimator.seen) >= 3
    column = examples.features.index("known_on")
    for origin, seen in zip(result.origins, SpyEstimator.seen, strict=True):
        assert seen[:, column].max() <= (origin.date - FIRST_DATE).days
        assert origin.training_row_count == len(seen)


def test_each_customer_of_the_day_is_predicted_once() -> None:
    examples = check_examples(DECLARATION, small_examples(customers=120))
    for origin in backtest(DECLARATION, examples, report=lambda line: None).origins:
        assert sorted(origin.rows["customer_id"]) == sorted(examples.at(origin.date)["customer_id"])
        assert origin.rankings.notna().all(axis=None)
        assert origin.probabilities.stack().between(0, 1).all()


def test_an_origin_that_cannot_be_used_is_left_out_with_the_reason() -> None:
    frame = small_examples(customers=120)
    last = frame.loc[frame["churn_label"].notna(), "as_of_date"].max()
    frame.loc[frame["as_of_date"] == last, "churn_label"] = 0.0
    lines: list[str] = []
    declaration = small_declaration(backtest={"origins": 6, "minimum_training_rows": 700})
    result = backtest(declaration, check_examples(declaration, frame), lines.append)
    assert list(result.left_out.values()) == [
        "240 rows to learn from, at least 700 needed",
        "only one class to predict",
    ]
    assert sum("left out" in line for line in lines) == 2


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 300), min_size=1, max_size=40), st.integers(1, 40))
def test_thinned_dates_keep_their_distance_and_the_latest(days: list[int], distance: int) -> None:
    rows = pd.DataFrame(
        {
            "source_system": ["shop" if day % 2 else "club" for day in days],
            "as_of_date": FIRST_DATE + pd.to_timedelta(days, unit="D"),
        }
    )
    kept = thin_out(rows, distance)
    for source, dates in rows.groupby("source_system")["as_of_date"]:
        left = kept.loc[kept["source_system"] == source, "as_of_date"].drop_duplicates().sort_values()
        assert left.max() == dates.max()
        assert (left.diff().dropna().dt.days >= distance).all()
        # Nothing is dropped that could have stayed: each dropped date is close to a kept one after it.
        for date in set(dates) - set(left):
            assert (left[left > date].min() - date).days < distance
