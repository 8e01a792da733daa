"""Which published tables the report reads, and how they are brought into one shape.

A table or column that is not there (an older publication, a source without campaigns, no training run yet) is
an empty one: what is drawn decides what it says then, no caller has to ask.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

import pandas as pd

Kind = Literal["text", "number", "date", "flag", "warning"]


def _columns(
    text: str = "", number: str = "", date: str = "", flag: str = "", warning: str = ""
) -> dict[str, Kind]:
    named: dict[Kind, str] = {"text": text, "number": number, "date": date, "flag": flag, "warning": warning}
    return {column: kind for kind, columns in named.items() for column in columns.split()}


COLUMNS: dict[str, dict[str, Kind]] = {
    "core.dim_source_systems": _columns(
        text="source_system source_name time_zone currency", warning="is_simulated"
    ),
    "marts.fct_sales_daily": _columns(
        text="source_system",
        number="order_count return_count customer_count new_customer_count sales_amount discount_amount"
        " anonymous_sales_amount",
        date="order_date",
    ),
    "marts.fct_cohort_retention": _columns(
        text="source_system",
        number="months_since_first_order cohort_customer_count active_customer_count retention_share"
        " sales_amount",
        date="cohort_month",
        flag="is_complete_month",
    ),
    "marts.fct_rfm_cells": _columns(
        text="source_system rfm_segment",
        number="recency_score frequency_score customer_count sales_amount average_monetary_score",
    ),
    "marts.fct_lifecycle_stages": _columns(
        text="source_system lifecycle_stage", number="customer_count", date="as_of_date"
    ),
    "marts.fct_category_sales": _columns(
        text="source_system category_id category_name department_name",
        number="order_count sales_amount",
        date="order_month",
    ),
    "marts.fct_category_affinity": _columns(
        text="source_system category_id other_category_id", number="order_count support confidence lift"
    ),
    "marts.fct_sales_by_hour": _columns(
        text="source_system", number="weekday_number hour_of_day order_count sales_amount"
    ),
    "marts.fct_campaign_effect": _columns(
        text="source_system campaign_id campaign_name campaign_type",
        number="send_count redeemer_count redemption_rate compared_recipient_count compared_other_count"
        " window_days effect_per_recipient_amount effect_lower_amount effect_upper_amount "
        "effect_total_amount",
        date="start_date end_date",
        flag="is_measurable",
    ),
    "marts.fct_channel_days": _columns(
        text="source_system channel activity_type", number="activity_count", date="activity_date"
    ),
    "marts.fct_session_days": _columns(
        text="source_system channel",
        number="session_count converted_session_count event_count mean_session_seconds",
        date="session_date",
    ),
    "marts.dim_customers": _columns(
        text="source_system source_systems customer_id rfm_segment lifecycle_stage value_tier",
        number="record_count order_count sales_amount recency_days",
        date="last_order_date",
        warning="has_simulated_records",
    ),
    "ml.customer_scores": _columns(
        text="customer_id churn_band churn_reason_1 churn_reason_2 churn_reason_3",
        number="churn_score",
        date="churn_as_of_date",
    ),
    "marts.fct_golden_coverage": _columns(
        text="source_system attribute_name value_source_system",
        number="customer_count customer_share",
        warning="is_simulated",
    ),
    "identity.fct_identity_rule_counts": _columns(
        text="rule_name source_system",
        number="priority joined_record_count accepted_edge_count rejected_edge_count",
    ),
    "identity.fct_confidence_bands": _columns(
        text="source_system",
        number="band_number lower_limit upper_limit customer_count record_count mean_confidence",
    ),
    "identity.fct_identity_changes": _columns(text="change_type", date="changed_at"),
    "quality.match_quality": _columns(
        text="run_id truth scope metric", number="metric_value", date="measured_at"
    ),
    "quality.match_calibration": _columns(
        text="run_id", number="bin_number cluster_count mean_confidence observed_share"
    ),
    "ml.model_runs": _columns(
        text="run_id predictive_model verdict estimator source_systems",
        number="training_row_count origin_count",
        date="trained_at as_of_date",
        flag="is_published",
    ),
    "ml.model_backtests": _columns(
        text="run_id predictive_model candidate metric",
        number="metric_value row_count positive_count",
        date="origin_date",
        flag="is_baseline",
    ),
    "ml.model_calibration": _columns(
        text="run_id predictive_model", number="bin_number row_count mean_predicted observed_share"
    ),
    "ml.model_slices": _columns(
        text="run_id predictive_model slice_name slice_value metric",
        number="metric_value row_count positive_count",
    ),
    "quality.validation_results": _columns(
        text="run_id gate schema_name table_name column_name expectation severity message why",
        date="validated_at",
        flag="is_passed",
    ),
    "quality.quarantine_summary": _columns(
        text="source_system source_table",
        number="landed_row_count accepted_row_count quarantined_row_count quarantined_share",
    ),
    "quality.quarantine_reasons": _columns(
        text="source_system source_table reason", number="quarantined_row_count"
    ),
    "quality.data_notes": _columns(text="source_system note", number="row_count"),
    "quality.entity_counts": _columns(text="entity source_system", number="row_count"),
    "ops.publication": _columns(text="run_id", date="published_at"),
}

TABLES: list[str] = list(COLUMNS)


class Tables:
    """The published tables in the shape of `COLUMNS`.

    Parameters
    ----------
    frames
        Data frames by ``schema.table``; tables and columns may be missing, further ones are not looked at.
    """

    def __init__(self, frames: Mapping[str, pd.DataFrame]) -> None:
        self._frames = {table: _shaped(frames.get(table), columns) for table, columns in COLUMNS.items()}

    def get(self, table: str, source_system: str | None = None) -> pd.DataFrame:
        """Return the rows of ``table``, of one source system or of all."""
        frame = self._frames[table]
        if source_system is not None:
            frame = frame[frame["source_system"] == source_system]
        return frame.reset_index(drop=True)


def records(frame: pd.DataFrame) -> Iterator[Any]:
    """Iterate over the rows as named tuples; `COLUMNS` knows their types, the type checker does not."""
    return iter(frame.itertuples())


def largest(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return the row with the largest value of a column; the first of equals."""
    return frame.sort_values(column, ascending=False, kind="stable").iloc[0]


def smallest(frame: pd.DataFrame, column: str) -> pd.Series:
    """Return the row with the smallest value of a column; the first of equals."""
    return frame.sort_values(column, kind="stable").iloc[0]


def _shaped(frame: pd.DataFrame | None, columns: dict[str, Kind]) -> pd.DataFrame:
    rows = pd.DataFrame() if frame is None else frame
    return pd.DataFrame(
        {
            column: _typed(rows[column] if column in rows else pd.Series(pd.NA, index=rows.index), kind)
            for column, kind in columns.items()
        },
        index=rows.index,
    )


def _typed(values: pd.Series, kind: Kind) -> pd.Series:
    if kind == "number":
        # Decimals arrive as objects or nullable integers, depending on who reads them.
        return pd.to_numeric(values, errors="coerce").astype("float64")
    if kind == "date":
        dates = pd.to_datetime(values, errors="coerce")
        return dates.dt.tz_convert("UTC").dt.tz_localize(None) if dates.dt.tz is not None else dates
    if kind in ("flag", "warning"):
        # What nobody has cleared is warned of: data that may be simulated must not pass for real.
        missing = kind == "warning"
        return values.map(lambda value: bool(value) if pd.notna(value) else missing).astype(bool)
    return values.map(lambda value: str(value) if pd.notna(value) else "").astype(object)
