from __future__ import annotations

import re
import warnings
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from synthetic_examples import small_declaration, small_examples, trained
from threadpoolctl import threadpool_limits

from ml.training import TrainingResult, train

pytestmark = [pytest.mark.tier1, pytest.mark.slow]

TABLES_SQL = Path(__file__).parents[2] / "dbt_project" / "macros" / "create_score_tables.sql"

RUN_KEYS = "predictive_model string, run_id string"
KINDS = {"string": "OU", "timestamp": "M", "date": "M", "boolean": "b", "bigint": "i", "double": "f"}


def quiet_train(frame: pd.DataFrame, **changes: object) -> TrainingResult:
    return train(small_declaration(**changes), frame, "run-1", report=lambda line: None)


def declared_columns() -> dict[str, dict[str, str]]:
    """Return column types by table, as the warehouse declares them."""
    tables = re.findall(r"'(\w+)': '([^']+)'", TABLES_SQL.read_text(encoding="utf-8"))
    return {
        # Every table ends with the keys of a run; rows are appended by name.
        table: dict(column.split() for column in f"{columns}, {RUN_KEYS}".replace("\n", " ").split(","))
        for table, columns in tables
    }


def test_the_frames_are_what_the_tables_take() -> None:
    result = trained()
    declared = declared_columns()
    assert set(result.frames) == set(declared)
    for table, frame in result.frames.items():
        assert sorted(frame.columns) == sorted(declared[table])
        assert len(frame)
        for column, kind in declared[table].items():
            is_text = pd.api.types.is_string_dtype(frame[column])
            assert is_text if kind == "string" else frame[column].dtype.kind in KINDS[kind], (table, column)
        assert frame["run_id"].eq("run-1").all()
        assert frame["predictive_model"].eq("churn").all()


def test_a_good_model_is_published_with_a_score_and_three_reasons_for_each_customer() -> None:
    result = trained()
    assert result.is_publishable, result.verdict
    run = result.frames["model_runs"].iloc[0]
    assert run["is_published"]
    assert run["verdict"] == result.verdict
    assert run["origin_count"] == 4
    assert run["as_of_date"] == pd.Timestamp("2017-07-24")
    assert run["source_systems"] == "shop"
    assert run["features"].split(", ")[0] == "basket_value"
    scores, reasons = result.frames["scores"], result.frames["score_reasons"]
    assert scores["score"].between(0, 1).all()
    assert len(scores) == scores["subject_id"].nunique() == 300
    assert (
        reasons.groupby("subject_id")["reason_rank"].apply(list).map(lambda ranks: ranks == [1, 2, 3]).all()
    )
    assert set(reasons["subject_id"]) == set(scores["subject_id"])


def test_the_order_of_rows_and_columns_changes_no_number() -> None:
    frame = small_examples()
    shuffled = frame.sample(frac=1, random_state=3)[list(reversed(frame.columns))]
    again = quiet_train(shuffled)
    for table, expected in trained().frames.items():
        volatile = ["trained_at"] if table == "model_runs" else []
        pd.testing.assert_frame_equal(
            again.frames[table].drop(columns=volatile), expected.drop(columns=volatile), check_exact=True
        )


def test_nothing_warns_not_even_with_empty_and_constant_features() -> None:
    frame = small_examples(customers=150).assign(always_empty=np.nan, always_one=1.0)
    # Filled from the middle on, as when a source starts late.
    frame["late"] = np.where(frame["as_of_date"] > frame["as_of_date"].median(), frame["noise"], np.nan)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = quiet_train(frame)
    assert result.is_publishable, result.verdict


def test_the_time_of_the_run_is_kept_in_utc() -> None:
    moment = datetime(2026, 8, 1, 12, tzinfo=UTC)
    frame = small_examples(customers=30, weeks=6)
    result = train(small_declaration(), frame, "run-1", report=lambda line: None, trained_at=moment)
    assert result.frames["model_runs"]["trained_at"].tolist() == [pd.Timestamp("2026-08-01 12:00")]


def one_class() -> pd.DataFrame:
    frame = small_examples(customers=100)
    return frame.assign(churn_label=frame["churn_label"].where(frame["churn_label"].isna(), 0.0))


def noise_only() -> pd.DataFrame:
    frame = small_examples(customers=200)
    known = frame["churn_label"].notna()
    coins = np.random.default_rng(5).integers(0, 2, len(frame)).astype(float)
    return frame.assign(churn_label=np.where(known, coins, np.nan))


UNPUBLISHABLE = {
    "too few rows": (lambda: small_examples(customers=30), "rows to learn from, at least 500 needed"),
    "too little history": (lambda: small_examples(weeks=6), "the labels reach back over 1 non-overlapping"),
    "no label at all": (lambda: small_examples().assign(churn_label=np.nan), "0 usable origins"),
    "one class": (one_class, "only one class to learn from"),
    "nothing to learn": (noise_only, "does not beat the best rule everywhere"),
    "nobody to score": (lambda: small_examples().assign(is_latest=False), "no customer to score"),
    "no rows": (lambda: small_examples().head(0), "0 usable origins"),
}


@pytest.mark.parametrize("case", UNPUBLISHABLE)
def test_what_is_not_good_enough_is_said_and_not_published(case: str) -> None:
    make, expected = UNPUBLISHABLE[case]
    result = quiet_train(make())
    assert not result.is_publishable
    assert expected in result.verdict
    assert set(result.frames) == {"model_runs", "model_backtests", "model_calibration", "model_slices"}
    for table, frame in result.frames.items():
        assert sorted(frame.columns) == sorted(declared_columns()[table])


def test_sources_with_their_own_horizons_are_learnt_together() -> None:
    shop, club = small_examples(customers=200), small_examples(customers=200, seed=1, horizon_days=42)
    club["customer_id"] = "club-" + club["customer_id"]
    frame = pd.concat([shop, club.assign(source_system="club")], ignore_index=True)
    result = quiet_train(frame, backtest={"origins": 3})
    slices = result.frames["model_slices"]
    assert set(slices.loc[slices["slice_name"] == "source_system", "slice_value"]) == {"shop", "club"}
    assert result.frames["model_runs"]["source_systems"].tolist() == ["club, shop"]
    assert result.frames["model_runs"]["origin_count"].tolist() == [3]


def test_the_number_of_threads_changes_no_number() -> None:
    with threadpool_limits(limits=2):
        again = quiet_train(small_examples())
    pd.testing.assert_frame_equal(again.frames["scores"], trained().frames["scores"], check_exact=True)
