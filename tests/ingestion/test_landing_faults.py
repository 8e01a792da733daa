"""What cannot land is refused with file, field and fix, and what had landed stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from shop import COLUMNS, deliver, logged, orders, orders_entry, rows

from orchestration.ingestion.entries import SourceEntry
from orchestration.ingestion.errors import IngestionError
from orchestration.ingestion.landing import land
from orchestration.settings import Settings

pytestmark = pytest.mark.tier1


def _truncated(folder: Path, name: str) -> None:
    path = deliver(folder, name, orders(*range(1000)))
    path.write_bytes(path.read_bytes()[:-200])


def _damaged_inside(folder: Path, name: str) -> None:
    path = deliver(folder, name, orders(*range(1000)))
    content = bytearray(path.read_bytes())
    content[4:2000] = b"\xff" * 1996
    path.write_bytes(content)


def _folder(folder: Path, name: str) -> None:
    (folder / name).mkdir()


FAULTS: dict[str, tuple[Callable[[Path, str], object], str, str]] = {
    "missing": (lambda folder, name: None, "", "no such file"),
    "a folder in its place": (_folder, "", "no such file"),
    "truncated": (_truncated, "", "truncated Parquet"),
    "damaged inside": (_damaged_inside, "", "cannot be read as parquet"),
    "not Parquet": (lambda folder, name: (folder / name).write_text("order_id\n1\n"), "", "no Parquet file"),
    "shorter than a footer": (lambda folder, name: (folder / name).write_bytes(b"P"), "", "no Parquet file"),
    "no bytes": (lambda folder, name: (folder / name).touch(), "", "file is empty"),
    "no rows": (lambda folder, name: deliver(folder, name, orders()), "", "no row"),
    "column missing": (
        lambda folder, name: deliver(folder, name, orders(7, amount=None)),
        "amount",
        "column 'amount' is missing. It holds order_id, customer, ordered_at.",
    ),
    "text for a number": (
        lambda folder, name: deliver(folder, name, orders(7, 8, amount=pa.array(["1.5", "a lot"]))),
        "amount",
        "should be double but arrives as varchar: 1 value would be lost or changed, for example 'a lot'",
    ),
    "a fraction for a whole number": (
        lambda folder, name: deliver(folder, name, orders(7, order_id=pa.array([7.5]))),
        "order_id",
        "should be bigint but arrives as double: 1 value would be lost or changed, for example '7.5'",
    ),
    "too large": (
        lambda folder, name: deliver(folder, name, orders(7, order_id=pa.array([2**63], pa.uint64()))),
        "order_id",
        "should be bigint but arrives as ubigint",
    ),
    "a fraction for a text key": (
        lambda folder, name: deliver(folder, name, orders(7, customer=pa.array([12346.0]))),
        "customer",
        "should be varchar but arrives as double: 1 value would be lost or changed, for example '12346.0'",
    ),
    "a number for a moment": (
        lambda folder, name: deliver(folder, name, orders(7, ordered_at=pa.array([20240101]))),
        "ordered_at",
        "should be timestamp but arrives as bigint",
    ),
    "a list for a number": (
        lambda folder, name: deliver(folder, name, orders(7, amount=pa.array([[1.0, 2.0]]))),
        "amount",
        "should be double but arrives as double[]",
    ),
}


@pytest.mark.parametrize("mode", ["append", "replace"])
@pytest.mark.parametrize("fault", FAULTS)
def test_fault(
    settings: Settings, entry_of: Callable[[Any], SourceEntry], arrivals: Path, fault: str, mode: str
) -> None:
    break_it, field, words = FAULTS[fault]
    both = orders_entry(mode=mode)
    both["tables"]["customers"] = {**both["tables"]["orders"], "path": "customers*.parquet"}
    entry = entry_of(both)
    deliver(arrivals, "orders_1.parquet", orders(1, 2))
    deliver(arrivals, "customers_1.parquet", orders(3))
    land(settings, entry)
    query = "from raw_shop.orders union all by name from raw_shop.customers order by all"
    log = "from ops.landed_batches order by all"
    before = rows(settings, query), rows(settings, log)

    (arrivals / "orders_1.parquet").unlink()
    break_it(arrivals, "orders_2.parquet")
    with pytest.raises(IngestionError) as caught:
        land(settings, entry)
    assert words in str(caught.value)
    assert caught.value.field == field
    assert caught.value.file == ("orders*.parquet" if "no such file" in words else "orders_2.parquet")
    assert "Fix: " in str(caught.value)
    assert (rows(settings, query), rows(settings, log)) == before


VALUES_THAT_FIT: list[tuple[str, pa.Array, str]] = [
    ("bigint", pa.array([7], pa.int32()), "7"),
    ("bigint", pa.array([7.0]), "7"),
    ("bigint", pa.array(["7"]), "7"),
    ("integer", pa.array([7], pa.uint64()), "7"),
    ("double", pa.array([7], pa.int64()), "7.0"),
    ("double", pa.array([0.5], pa.float32()), "0.5"),
    ("double", pa.array([float("nan")]), "nan"),
    ("double", pa.array([None], pa.null()), "None"),
    ("decimal(10,2)", pa.array([0.1]), "0.10"),
    ("decimal(10,2)", pa.array(["1.50"]), "1.50"),
    ("decimal(20,12)", pa.array(["1.123456789012"]), "1.123456789012"),
    ("string", pa.array(["NaN"]), "NaN"),
    ("string", pa.array([7]), "7"),
    ("string", pa.array(["a"]).dictionary_encode(), "a"),
    ("boolean", pa.array([1]), "true"),
    ("boolean", pa.array(["false"]), "false"),
    ("timestamp", pa.array([date(2024, 1, 1)]), "2024-01-01 00:00:00"),
    ("timestamp", pa.array([1], pa.timestamp("ns")), "1970-01-01 00:00:00"),
    ("timestamp", pa.array([0], pa.timestamp("us", "Europe/Paris")), "1970-01-01 00:00:00"),
    ("timestamp", pa.array([None], pa.int64()), "None"),
    ("date", pa.array([0], pa.timestamp("us")), "1970-01-01"),
    ("date", pa.array(["2024-01-01"]), "2024-01-01"),
]


@pytest.mark.parametrize("case", VALUES_THAT_FIT, ids=lambda case: f"{case[2]} as {case[0]}")
def test_value_that_fits(
    settings: Settings,
    entry_of: Callable[[Any], SourceEntry],
    arrivals: Path,
    case: tuple[str, pa.Array, str],
) -> None:
    declared, value, landed = case
    columns = {**COLUMNS, "value": {"type": declared, "description": "Value"}}
    deliver(arrivals, "orders.parquet", orders(1, value=value))
    land(settings, entry_of(orders_entry(columns=columns)))
    assert str(rows(settings, "select value::varchar from raw_shop.orders")[0][0]) == landed


VALUES_THAT_DO_NOT_FIT: list[tuple[str, pa.Array]] = [
    ("bigint", pa.array(["1.5"])),
    ("bigint", pa.array([float("nan")])),
    ("integer", pa.array([2**31])),
    ("double", pa.array([2**53 + 1])),
    ("decimal(10,2)", pa.array([0.125])),
    ("decimal(4,2)", pa.array(["123.45"])),
    ("decimal(10,2)", pa.array(["1.005"])),
    ("boolean", pa.array([2])),
    ("boolean", pa.array(["maybe"])),
    ("date", pa.array([1], pa.timestamp("us"))),
    ("date", pa.array(["2024-01-01 10:00:00"])),
    ("timestamp", pa.array(["yesterday"])),
    ("timestamp", pa.array(["2024-02-30"])),
    ("string", pa.array([b"\x00\xff"])),
]


@pytest.mark.parametrize(("declared", "value"), VALUES_THAT_DO_NOT_FIT, ids=str)
def test_value_that_does_not_fit(
    settings: Settings, entry_of: Callable[[Any], SourceEntry], arrivals: Path, declared: str, value: pa.Array
) -> None:
    columns = {**COLUMNS, "value": {"type": declared, "description": "Value"}}
    deliver(arrivals, "orders.parquet", orders(1, value=value))
    with pytest.raises(IngestionError, match=r"orders.parquet: column 'value' should be") as caught:
        land(settings, entry_of(orders_entry(columns=columns)))
    assert caught.value.field == "value"


def test_a_fault_in_one_table_keeps_the_others_from_half_a_delivery(
    settings: Settings, entry_of: Callable[[Any], SourceEntry], arrivals: Path
) -> None:
    both = orders_entry()
    both["tables"]["returns"] = {**both["tables"]["orders"], "path": "returns*.parquet"}
    deliver(arrivals, "orders.parquet", orders(1))
    deliver(arrivals, "returns.parquet", orders(1, amount=pa.array(["all of it"])))
    with pytest.raises(IngestionError, match="'all of it'"):
        land(settings, entry_of(both))
    assert logged(settings) == []
