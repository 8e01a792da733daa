"""The comparison finds what it has to find, names model, key and column, and passes what is equal."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa
import pytest
from column_types import counterpart
from row_comparison import Comparison, Difference, Relation, compare

pytestmark = pytest.mark.tier1

TYPES = {
    "order_id": "string",
    "line": "int",
    "customer_name": "string",
    "amount": "decimal(18,2)",
    "share": "double",
    "ordered_at": "timestamp",
}
ARROW = [
    pa.string(),
    pa.int32(),
    pa.string(),
    pa.decimal128(18, 2),
    pa.float64(),
    pa.timestamp("us"),
]
NOON = dt.datetime(2017, 3, 1, 12)
ROWS = [
    ["a", 1, "Ada", Decimal("2.50"), 0.1, NOON],
    ["a", 2, None, Decimal("-1.00"), None, None],
    ["b", 1, "", None, float("nan"), NOON],
    ["c", 1, "Zoë ☕", Decimal("0.00"), float("inf"), NOON],
]
KEY = ("order_id", "line")


def relation(rows: list[list[object]], types: dict[str, str] | None = None, arrow=None) -> Relation:
    types = types or TYPES
    fields = list(zip(types, arrow or ARROW, strict=True))
    return Relation(
        types, pa.Table.from_pylist([dict(zip(types, row, strict=True)) for row in rows], pa.schema(fields))
    )


def changed(number: int, column: str, value: object) -> Relation:
    rows = [list(row) for row in ROWS]
    rows[number][list(TYPES).index(column)] = value
    return relation(rows)


def compared(right: Relation | None, key: tuple[str, ...] = KEY) -> Comparison:
    return compare("marts.orders", relation(ROWS), right, key)


def only_difference(right: Relation, key: tuple[str, ...] = KEY) -> Difference:
    (difference,) = compared(right, key).differences
    assert difference.model == "marts.orders"
    return difference


@pytest.mark.parametrize("key", [KEY, ()])
def test_equal_relations_are_equal_whatever_the_order_of_their_rows(key) -> None:
    comparison = compared(relation(ROWS[::-1]), key)
    assert comparison.differences == ()
    assert (comparison.row_count, comparison.column_count) == (4, 6)


@pytest.mark.parametrize(
    ("number", "column", "value", "left", "right"),
    [
        (0, "customer_name", "ada", "'Ada'", "'ada'"),
        (0, "amount", Decimal("2.51"), "2.50", "2.51"),
        (0, "amount", None, "2.50", "null"),
        (0, "share", 0.1 * (1 + 1e-8), "0.1", "0.100000001"),
        (0, "share", None, "0.1", "null"),
        (0, "share", float("nan"), "0.1", "nan"),
        (0, "ordered_at", NOON + dt.timedelta(microseconds=1), str(NOON), "2017-03-01 12:00:00.000001"),
        (1, "customer_name", "", "null", "''"),
        (1, "share", 0.0, "null", "0.0"),
        (2, "customer_name", None, "''", "null"),
        (2, "customer_name", " ", "''", "' '"),
        (3, "customer_name", "Zoe\u0308 ☕", "'Zoë ☕'", "'Zoe\u0308 ☕'"),
        (3, "share", float("-inf"), "inf", "-inf"),
    ],
)
def test_a_changed_value_is_named(number, column, value, left, right) -> None:
    difference = only_difference(changed(number, column, value))
    assert (difference.kind, difference.column, difference.count) == ("value", column, 1)
    (example,) = difference.examples
    assert example.key == f"order_id='{ROWS[number][0]}', line={ROWS[number][1]}"
    assert (example.left, example.right) == (left, right)


def test_floats_may_differ_by_rounding_and_no_more() -> None:
    assert compared(changed(0, "share", 0.1 * (1 + 1e-10))).differences == ()
    assert only_difference(changed(0, "share", 0.1 * (1 + 1e-8))).column == "share"


def test_a_float_next_to_zero_is_not_zero() -> None:
    left, right = relation([["a", 1, "", None, 0.0, NOON]]), relation([["a", 1, "", None, 1e-12, NOON]])
    assert [each.column for each in compare("m", left, right, KEY).differences] == ["share"]


def test_a_missing_row_is_named() -> None:
    difference = only_difference(relation(ROWS[1:]))
    assert (difference.kind, difference.column, difference.count) == ("row", None, 1)
    assert [(each.key, each.left, each.right) for each in difference.examples] == [
        ("order_id='a', line=1", "row", "no row")
    ]


def test_an_additional_row_is_named() -> None:
    difference = only_difference(relation([*ROWS, ["d", 1, "", None, None, None]]))
    assert [(each.key, each.left, each.right) for each in difference.examples] == [
        ("order_id='d', line=1", "no row", "row")
    ]


@pytest.mark.parametrize("key", [KEY, ()])
def test_a_doubled_row_is_named(key) -> None:
    difference = only_difference(relation([*ROWS, ROWS[2]]), key)
    assert (difference.kind, difference.count) == ("row", 1)
    assert "order_id='b'" in difference.examples[0].key
    assert (difference.examples[0].left, difference.examples[0].right) == ("no row", "row number 2")


def test_a_row_with_a_null_in_its_key_is_matched() -> None:
    rows = [[None, *row[1:]] for row in ROWS[:2]]
    assert compare("m", relation(rows), relation(rows), KEY).differences == ()
    assert len(compare("m", relation(rows), relation(rows[:1]), KEY).differences) == 1


def test_without_a_key_a_changed_value_is_two_rows_that_have_no_counterpart() -> None:
    differences = compared(changed(0, "customer_name", "ada"), ()).differences
    assert [(each.kind, each.count) for each in differences] == [("row", 1), ("row", 1)]
    assert "customer_name='Ada'" in differences[0].examples[0].key
    assert "customer_name='ada'" in differences[1].examples[0].key


def test_without_a_key_a_changed_float_is_named() -> None:
    difference = only_difference(changed(0, "share", 0.2), ())
    assert (difference.kind, difference.column) == ("value", "share")


@pytest.mark.parametrize(
    ("column", "other_type", "arrow"),
    [
        ("line", "bigint", pa.int64()),
        ("amount", "decimal(20,2)", pa.decimal128(20, 2)),
        ("amount", "decimal(18,3)", pa.decimal128(18, 3)),
        ("share", "float", pa.float32()),
        ("ordered_at", "timestamp_ntz", pa.timestamp("us")),
    ],
)
def test_another_type_is_named_and_hides_nothing_else(column, other_type, arrow) -> None:
    index = list(TYPES).index(column)
    rows = [list(row) for row in ROWS]
    rows[3][2] = "Zoe"
    right = relation(rows, {**TYPES, column: other_type}, [*ARROW[:index], arrow, *ARROW[index + 1 :]])
    found = compared(right)
    kind, value = found.differences
    assert (kind.kind, kind.column) == ("type", column)
    assert (kind.examples[0].left, kind.examples[0].right) == (TYPES[column], other_type)
    assert (value.kind, value.column) == ("value", "customer_name")
    assert found.column_count == len(TYPES) - 1


def test_another_order_of_columns_is_named() -> None:
    order = [0, 1, 3, 2, 4, 5]
    names = list(TYPES)
    right = relation(
        [[row[index] for index in order] for row in ROWS],
        {names[index]: TYPES[names[index]] for index in order},
        [ARROW[index] for index in order],
    )
    difference = only_difference(right)
    assert (difference.kind, difference.column) == ("columns", "customer_name")
    assert difference.examples[0].right.startswith("order_id, line, amount, customer_name")


def test_a_missing_column_is_named_and_the_others_are_compared() -> None:
    right = relation([row[:-1] for row in ROWS], dict(list(TYPES.items())[:-1]), ARROW[:-1])
    difference = only_difference(right)
    assert (difference.kind, difference.column) == ("columns", "ordered_at")
    assert difference.examples[0].right == "no such column"


@pytest.mark.parametrize(("left", "right"), [(relation(ROWS), None), (None, relation(ROWS)), (None, None)])
def test_a_missing_relation_is_a_difference(left, right) -> None:
    (difference,) = compare("marts.orders", left, right, KEY).differences
    assert (difference.model, difference.kind) == ("marts.orders", "relation")


def test_counts_are_whole_and_examples_few() -> None:
    rows = [[str(number), 1, "x", None, None, None] for number in range(100)]
    others = [[*row[:2], "y", *row[3:]] for row in rows]
    (difference,) = compare("m", relation(rows), relation(others), KEY).differences
    assert difference.count == 100
    assert [each.key for each in difference.examples] == [
        "order_id='0', line=1",
        "order_id='1', line=1",
        "order_id='10', line=1",
    ]


def test_empty_relations_are_equal_but_for_their_columns() -> None:
    assert compare("m", relation([]), relation([]), KEY).differences == ()
    assert len(compare("m", relation([]), relation(ROWS), KEY).differences) == 1


@pytest.mark.parametrize(
    ("duckdb_type", "spark_type"),
    [
        ("INTEGER", "int"),
        ("BIGINT", "bigint"),
        ("DECIMAL(18,2)", "decimal(18,2)"),
        ("TIMESTAMP", "timestamp"),
    ],
)
def test_types_have_counterparts(duckdb_type, spark_type) -> None:
    assert counterpart(duckdb_type) == spark_type


@pytest.mark.parametrize(
    "duckdb_type", ["HUGEINT", "TIMESTAMP WITH TIME ZONE", "INTEGER[]", "UBIGINT", "TIME"]
)
def test_a_type_without_counterpart_equals_none(duckdb_type) -> None:
    assert counterpart(duckdb_type) == duckdb_type
