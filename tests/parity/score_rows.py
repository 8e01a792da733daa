"""What predictive models would have written: fixed rows for every table of `ml`."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa

# Two runs were published, and a later one was not: the second counts.
_RUNS = [
    ("run-1", dt.datetime(2026, 1, 1, 6), True),
    ("run-2", dt.datetime(2026, 1, 1, 7), True),
    ("run-3", dt.datetime(2026, 1, 1, 8), False),
]
_AS_OF = dt.date(2017, 10, 16)
# None, whole, halves that round, and numbers that are not quite what they look like.
_FEATURE_VALUES = [None, 0.0, 3.0, 0.125, 2.675, 1.005, -0.5, 1e-3, 123456789.125, 0.1 + 0.2]
_FEATURES = ["recency_days", "visit_rate", "discount_share"]


def tables(customer_ids: list[str]) -> dict[str, pa.Table]:
    """Return rows by ``schema.table``, in the columns of the tables that dbt makes empty.

    Parameters
    ----------
    customer_ids
        Who is scored; some get fewer reasons than others.
    """
    scored = [(run, number, customer) for run, _, _ in _RUNS for number, customer in enumerate(customer_ids)]
    return {
        "ml.model_runs": _table(
            "run_id string, predictive_model string, trained_at timestamp, is_published bool, "
            "verdict string, as_of_date date, training_row_count bigint, origin_count bigint, "
            "estimator string, features string, source_systems string",
            [
                (
                    run,
                    "churn",
                    trained_at,
                    is_published,
                    "beats the rule",
                    _AS_OF,
                    1000,
                    6,
                    "trees",
                    "a, b",
                    "x",
                )
                for run, trained_at, is_published in _RUNS
            ],
        ),
        "ml.model_backtests": _table(
            "run_id string, predictive_model string, origin_date date, candidate string, is_baseline bool, "
            "metric string, metric_value double, row_count bigint, positive_count bigint",
            [("run-2", "churn", _AS_OF, "trees", False, "roc_auc", 0.8, 1000, 100)],
        ),
        "ml.model_calibration": _table(
            "run_id string, predictive_model string, bin_number bigint, row_count bigint, "
            "mean_predicted double, observed_share double",
            [("run-2", "churn", 1, 1000, 0.1, None)],
        ),
        "ml.model_slices": _table(
            "run_id string, predictive_model string, slice_name string, slice_value string, metric string, "
            "metric_value double, row_count bigint, positive_count bigint",
            [("run-2", "churn", "spending", "low", "roc_auc", 0.7, 300, 40)],
        ),
        "ml.scores": _table(
            "run_id string, predictive_model string, grain string, subject_id string, as_of_date date, "
            "score double, score_lower double, score_upper double, score_unit string, source_systems string",
            # Some score equally.
            [
                (
                    run,
                    "churn",
                    "customers",
                    customer,
                    _AS_OF,
                    score,
                    score / 2,
                    (1 + score) / 2,
                    "probability",
                    "complete_journey",
                )
                for run, number, customer in scored
                for score in [(number * 37 % 50) / 50]
            ],
        ),
        "ml.score_reasons": _table(
            "run_id string, predictive_model string, grain string, subject_id string, as_of_date date, "
            "reason_rank bigint, feature_name string, feature_value double, contribution double",
            [
                (
                    run,
                    "churn",
                    "customers",
                    customer,
                    _AS_OF,
                    rank,
                    _FEATURES[rank - 1],
                    _FEATURE_VALUES[(number + rank) % len(_FEATURE_VALUES)],
                    (-1) ** (number + rank) / rank,
                )
                for run, number, customer in scored
                for rank in range(1, 1 + number % (1 + len(_FEATURES)))
            ],
        ),
    }


_TYPES = {
    "string": pa.string(),
    "timestamp": pa.timestamp("us"),
    "bool": pa.bool_(),
    "date": pa.date32(),
    "bigint": pa.int64(),
    "double": pa.float64(),
}


def _table(columns: str, rows: list[tuple[object, ...]]) -> pa.Table:
    schema = pa.schema(
        [(name, _TYPES[kind]) for name, kind in (column.split() for column in columns.split(", "))]
    )
    return pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema=schema)
