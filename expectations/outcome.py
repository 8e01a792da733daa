"""What became of one check: from what was asked and what GX answered to a row of the report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pandas as pd

from expectations import wording
from expectations.drift import Reference
from expectations.report import RESULT_COLUMNS
from expectations.suites import ROW_COUNT, Check


@dataclass
class Outcome:
    """A check on its way through a gate.

    Attributes
    ----------
    table
        ``schema.table``.
    check
        What is asked.
    limits
        Bounds that follow from the last value; empty for fixed bounds or without a reference.
    last
        What ``limits`` come from.
    validation
        The answer of GX (`ExpectationValidationResult`), or ``None`` if it gave none.
    problem
        Why the check could not be computed: it fails.
    passed_over
        Why the check need not be computed: it passes.
    """

    table: str
    check: Check
    limits: dict[str, float]
    last: Reference | None
    validation: Any = None
    problem: str | None = None
    passed_over: str | None = None
    result: dict[str, Any] = field(default_factory=dict)

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments that GX gets."""
        return {**self.check.kwargs, **self.limits}

    @property
    def is_reference_only(self) -> bool:
        """Whether the value is recorded but not judged, because there is nothing to compare it with."""
        return self.check.relative_to_last is not None and not self.limits

    def is_passed(self, is_table_empty: bool) -> bool:
        """Decide whether the check passed. GX decides, except where it cannot know."""
        if self.problem:
            return False
        if self.passed_over or self.is_reference_only:
            return True
        if is_table_empty and self.check.expect != ROW_COUNT and self.result.get("observed_value") is None:
            # To GX a mean of no rows is a failure. Whether a table may be empty, its row count says, once.
            return True
        return bool(self.validation.success)


def results_frame(
    outcomes: Sequence[Outcome], gate: str, run_id: str, validated_at: datetime
) -> pd.DataFrame:
    """Return one row per outcome, with the columns of `RESULT_COLUMNS`."""
    empty = {each.table for each in outcomes if _counted(each) == 0}
    rows = [
        {"run_id": run_id, "gate": gate, "validated_at": validated_at, **_row(each, each.table in empty)}
        for each in outcomes
    ]
    return pd.DataFrame(rows, columns=list(RESULT_COLUMNS)).astype(RESULT_COLUMNS)


def _counted(outcome: Outcome) -> int | None:
    is_count = outcome.check.expect == ROW_COUNT and outcome.check.where_filled is None
    return outcome.result.get("observed_value") if is_count else None


def _row(outcome: Outcome, is_table_empty: bool) -> dict[str, Any]:
    check, result = outcome.check, outcome.result
    schema_name, table_name = outcome.table.split(".")
    observed = result.get("observed_value")
    unexpected, elements = result.get("unexpected_count"), result.get("element_count")
    declared: dict[str, Any] = dict(check.kwargs)
    if check.relative_to_last:
        declared["relative_to_last"] = check.relative_to_last.model_dump(exclude_none=True)
    is_passed = outcome.is_passed(is_table_empty)
    if check.where_filled:
        declared["where_filled"] = check.where_filled
    if check.landed_since:
        declared["landed_since"] = check.landed_since.isoformat()
    return {
        "schema_name": schema_name,
        "table_name": table_name,
        "column_name": ", ".join(check.columns) or None,
        "expectation": check.expect,
        "kwargs": json.dumps(declared, default=str, sort_keys=True),
        "why": check.why,
        "severity": check.severity,
        "is_passed": is_passed,
        "observed_value": None if observed is None else json.dumps(observed, default=str),
        "observed_number": _as_number(observed),
        "unexpected_count": unexpected,
        "element_count": elements,
        "unexpected_share": unexpected / elements if unexpected is not None and elements else None,
        "expected_min": _as_number(outcome.arguments.get("min_value")),
        "expected_max": _as_number(outcome.arguments.get("max_value")),
        "message": _message(outcome, is_passed),
    }


def _message(outcome: Outcome, is_passed: bool) -> str:
    check = outcome.check
    where = wording.place(outcome.table, check)
    expected = wording.expected(check, outcome.arguments)
    if outcome.passed_over:
        return f"{where}: {outcome.passed_over}"
    if outcome.problem:
        return f"{where}: expected {expected}; could not be checked: {outcome.problem}. {check.why}"
    seen = wording.seen(outcome.result)
    if outcome.is_reference_only:
        return f"{where}: saw {seen}, recorded as the reference of the next run"
    against = f" (run {outcome.last.run_id} saw {wording.number(outcome.last.value)})" if outcome.last else ""
    sentence = f"{where}: expected {expected}{against}; saw {seen}"
    return sentence if is_passed else f"{sentence}. {check.why}"


def _as_number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
