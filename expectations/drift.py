"""What a value is compared with: what the same check saw when its gate last let the data through."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

import pandas as pd

from expectations.suites import ROW_COUNT, Check, Suite


@dataclass(frozen=True)
class Reference:
    """An earlier observation of a check.

    Attributes
    ----------
    value
        What was observed, in the unit of the check.
    run_id
        The run that observed it.
    """

    value: float
    run_id: str


def last_passed(history: pd.DataFrame | None, suite: Suite) -> pd.DataFrame:
    """Return the results of the last run in which the gate passed, with one row per check.

    A run with a critical failure is no reference: what it saw was held back, so it must not become the
    new normal.

    Parameters
    ----------
    history
        Earlier results, with the columns of `expectations.report.RESULT_COLUMNS`; any gates, any order.
    suite
        The suite whose gate is looked up.
    """
    if history is None or history.empty:
        return pd.DataFrame(columns=["run_id"])
    earlier = history[history["gate"] == suite.gate]
    held_back = (earlier["severity"] == "critical") & ~earlier["is_passed"].astype(bool)
    passed = earlier[~earlier["run_id"].isin(earlier.loc[held_back, "run_id"])]
    if passed.empty:
        return passed
    newest = pd.to_datetime(passed["validated_at"], utc=True).to_numpy().argmax()
    return passed[passed["run_id"] == passed["run_id"].iloc[newest]]


def reference(last: pd.DataFrame, table: str, check: Check) -> Reference | None:
    """Return what ``check`` saw in the results ``last``, or ``None`` if it saw no number.

    A check is recognised by what it measures (table, column, expectation, filter), not by its bounds:
    changing those must not lose the reference.
    """
    if last.empty:
        return None
    schema_name, table_name = table.split(".")
    same = last[
        (last["schema_name"] == schema_name)
        & (last["table_name"] == table_name)
        & (last["expectation"] == check.expect)
        & last["observed_number"].notna()
    ]
    for row in same.itertuples():
        measured = json.loads(str(row.kwargs))
        if (measured.get("column"), measured.get("where_filled")) == (check.column, check.where_filled):
            return Reference(float(str(row.observed_number)), str(row.run_id))
    return None


def bounds(check: Check, last: Reference | None) -> dict[str, float]:
    """Return ``min_value`` and ``max_value`` for a check that is relative to the last value.

    Without a reference, or with a reference of zero (nothing is a fraction of it), there are no bounds: the
    value is recorded and the check passes. A negative reference keeps its meaning: with ``min: 0.9``, -100
    may fall to -110.
    """
    allowed = check.relative_to_last
    if allowed is None or last is None or last.value == 0:
        return {}
    size = abs(last.value)
    limits: dict[str, float] = {}
    if allowed.min is not None:
        limits["min_value"] = last.value - (1 - allowed.min) * size
    if allowed.max is not None:
        limits["max_value"] = last.value + (allowed.max - 1) * size
    if check.expect == ROW_COUNT:
        # Rows are whole, and GX takes whole numbers only. The tolerance keeps 0.9 of 10 rows at 9, not 10.
        limits = {
            name: math.ceil(limit - 1e-6) if name == "min_value" else math.floor(limit + 1e-6)
            for name, limit in limits.items()
        }
    return limits
