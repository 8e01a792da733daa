from __future__ import annotations

import json

import pandas as pd
import pytest

from expectations.drift import Reference, bounds, last_passed, reference
from expectations.report import RESULT_COLUMNS
from expectations.suites import ROW_COUNT, Check, RelativeToLast, Suite

pytestmark = pytest.mark.tier1

SUM = "expect_column_sum_to_be_between"
FIXED = Check(expect=ROW_COUNT, kwargs={"min_value": 1}, why="w")
COUNT = Check(expect=ROW_COUNT, relative_to_last=RelativeToLast(min=0.9, max=2), why="w")
SALES = Check(
    expect=SUM, kwargs={"column": "sales"}, relative_to_last=RelativeToLast(min=0.9, max=2), why="w"
)
SUITE = Suite(gate="publishing", tables={"marts.dim": [FIXED, COUNT, SALES]})


def result(run_id: str, day: int, check: Check, value: float | None, **changes: object) -> dict[str, object]:
    row = {
        **dict.fromkeys(RESULT_COLUMNS),
        "run_id": run_id,
        "gate": "publishing",
        "schema_name": "marts",
        "table_name": "dim",
        "expectation": check.expect,
        "kwargs": json.dumps(check.kwargs),
        "severity": "critical",
        "is_passed": True,
        "observed_number": value,
        "validated_at": pd.Timestamp(2017, 1, day, tz="UTC"),
    }
    return {**row, **changes}


def seen(*rows: dict[str, object]) -> Reference | None:
    return reference(last_passed(pd.DataFrame(list(rows)), SUITE), "marts.dim", COUNT)


def test_the_reference_is_the_newest_run_that_passed() -> None:
    rows = [result("new", 3, COUNT, 300), result("old", 1, COUNT, 100), result("middle", 2, COUNT, 200)]
    assert seen(*rows) == Reference(300, "new")


def test_a_run_that_was_held_back_is_no_reference() -> None:
    held_back = [result("new", 3, COUNT, 50), result("new", 3, SALES, 1, is_passed=False)]
    assert seen(result("old", 1, COUNT, 100), *held_back) == Reference(100, "old")


def test_a_warning_does_not_hold_a_run_back() -> None:
    warned = [result("new", 3, COUNT, 50), result("new", 3, SALES, 1, is_passed=False, severity="warning")]
    assert seen(result("old", 1, COUNT, 100), *warned) == Reference(50, "new")


def test_another_gate_table_or_column_is_no_reference() -> None:
    assert seen(result("a", 1, COUNT, 100, gate="training")) is None
    assert seen(result("a", 1, COUNT, 100, table_name="fct")) is None
    assert seen(result("a", 1, COUNT, 100, kwargs=json.dumps({"where_filled": "label"}))) is None
    assert seen(result("a", 1, COUNT, None)) is None


def test_new_bounds_keep_the_reference() -> None:
    stricter = json.dumps({"relative_to_last": {"min": 0.99}})
    assert seen(result("a", 1, COUNT, 100, kwargs=stricter)) == Reference(100, "a")


def test_no_history_no_reference() -> None:
    assert reference(last_passed(None, SUITE), "marts.dim", COUNT) is None
    assert (
        reference(last_passed(pd.DataFrame(columns=list(RESULT_COLUMNS)), SUITE), "marts.dim", COUNT) is None
    )


@pytest.mark.parametrize(
    ("check", "last", "expected"),
    [
        (COUNT, 10, {"min_value": 9, "max_value": 20}),
        (COUNT, 11, {"min_value": 10, "max_value": 22}),
        (SALES, 100.0, {"min_value": 90.0, "max_value": 200.0}),
        (SALES, -100.0, {"min_value": -110.0, "max_value": 0.0}),
        (SALES, 0.0, {}),
        (SALES, None, {}),
        (FIXED, 100.0, {}),
    ],
)
def test_bounds_are_fractions_of_the_last_value(
    check: Check, last: float | None, expected: dict[str, float]
) -> None:
    given = bounds(check, None if last is None else Reference(last, "old"))
    assert given == pytest.approx(expected)
    if check.expect == ROW_COUNT:
        assert all(isinstance(limit, int) for limit in given.values())
