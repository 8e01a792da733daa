from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from expectations.suites import ROW_COUNT, Suite, SuiteError, arrival_suite, load_suite
from tests.support.gate_suites import SHOP_CONTRACT, SUITES

pytestmark = pytest.mark.tier1

COUNTED = f"    - {{expect: {ROW_COUNT}, kwargs: {{min_value: 1}}, why: w}}"

BROKEN_FILES = {
    "not YAML": ("tables: [", "is not YAML"),
    "no tables": ("gate: broken", "tables: Field required"),
    "misspelt field": (
        f"gate: broken\ntables:\n  marts.dim:\n{COUNTED}\n    - {{expects: expect_x, why: w}}",
        "tables.marts.dim.1.expects: Extra inputs are not permitted",
    ),
    "not an expectation": (
        "gate: broken\ntables:\n  marts.dim:\n    - {expect: be nice, why: w}",
        "tables.marts.dim.0.expect: String should match pattern",
    ),
    "no reason": (
        f"gate: broken\ntables:\n  marts.dim:\n    - {{expect: {ROW_COUNT}, kwargs: {{min_value: 1}}}}",
        "tables.marts.dim.0.why: Field required",
    ),
    "unknown severity": (
        f"gate: broken\ntables:\n  marts.dim:\n{COUNTED}\n    - {{expect: expect_x, why: w, severity: bad}}",
        "severity: Input should be 'critical' or 'warning'",
    ),
    "no schema": (f"gate: broken\ntables:\n  dim:\n{COUNTED}", "tables.dim: write it as schema.table"),
    "table not counted": (
        "gate: broken\ntables:\n  marts.dim:\n    - {expect: expect_column_to_exist, why: w}",
        f"tables.marts.dim: has no {ROW_COUNT}",
    ),
    "declared twice": (
        f"gate: broken\ntables:\n  marts.dim:\n{COUNTED}\n{COUNTED}",
        "is declared twice; keep one",
    ),
    "drift without bounds": (
        f"gate: broken\ntables:\n  marts.dim:\n    - {{expect: {ROW_COUNT}, relative_to_last: {{}}, why: w}}",
        "relative_to_last: give min, max or both",
    ),
    "drift and fixed bounds": (
        f"gate: broken\ntables:\n  marts.dim:\n    - {{expect: {ROW_COUNT}, kwargs: {{min_value: 1}}, "
        "relative_to_last: {min: 0.9}, why: w}",
        "relative_to_last and min_value/max_value exclude each other",
    ),
    "named unlike its file": (
        f"gate: other\ntables:\n  marts.dim:\n{COUNTED}",
        "name it 'broken', like the file",
    ),
}


@pytest.mark.parametrize("case", BROKEN_FILES)
def test_a_broken_suite_file_says_where_and_what(case: str, tmp_path: Path) -> None:
    text, complaint = BROKEN_FILES[case]
    path = tmp_path / "broken.yml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SuiteError, match=re.escape(complaint)) as raised:
        load_suite("broken", tmp_path)
    assert str(path) in str(raised.value)


def test_an_unknown_suite_names_the_known_ones() -> None:
    with pytest.raises(SuiteError, match="Known suites: publishing, training"):
        load_suite("publish")


def labels(suite: Suite, table: str) -> list[str]:
    return [check.label for check in suite.tables[table]]


def test_the_arrival_suite_follows_the_contract() -> None:
    assert labels(SUITES["arrival_shop"], "raw_shop.orders") == [
        ROW_COUNT,
        f"{ROW_COUNT} vs last",
        "expect_table_columns_to_match_set",
        "expect_column_values_to_not_be_null(order_id)",
        "expect_column_values_to_not_be_null(customer)",
        "expect_column_values_to_be_between(amount)",
        "expect_column_values_to_be_in_set(channel)",
        "expect_column_values_to_be_between(ordered_at)",
        "expect_column_values_to_not_be_null(remark)",
    ]
    kept = {check.column: check.kwargs.get("mostly") for _, check in SUITES["arrival_shop"].checks()}
    assert kept["order_id"] == 0.99
    assert kept["customer"] == 0.7


def test_only_required_columns_have_to_be_there() -> None:
    (columns,) = (c for _, c in SUITES["arrival_shop"].checks() if "column_set" in c.kwargs)
    assert columns.kwargs["column_set"] == ["order_id", "customer", "amount", "channel", "ordered_at"]


@pytest.mark.parametrize(("rows", "minimum"), [(None, 1), ({}, 1), ({"min": None}, 1), ({"min": 0}, 0)])
def test_a_table_must_have_a_row_unless_its_contract_says_otherwise(
    rows: dict[str, Any] | None, minimum: int
) -> None:
    suite = arrival_suite("shop", {"orders": {"rows": rows, "columns": {}}})
    assert suite.tables["raw_shop.orders"][0].kwargs == {"min_value": minimum}


def test_a_contract_without_tables_is_refused() -> None:
    with pytest.raises(SuiteError, match="The contract of shop does not give a suite"):
        arrival_suite("shop", {})


def test_the_contract_is_left_as_it_was() -> None:
    before = repr(SHOP_CONTRACT)
    arrival_suite("shop", SHOP_CONTRACT)
    assert repr(SHOP_CONTRACT) == before
