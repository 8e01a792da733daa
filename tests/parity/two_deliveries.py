"""What both engines are given: the raw rows of three sources, in two deliveries, one after the other.

The first is what was known late in 2017. The second is the rest of the year, and everything that makes an
incremental model replace what it holds: repeats, corrections, latecomers, a month that loses its only line.
"""

from __future__ import annotations

import datetime as dt
import shutil
import sys
from pathlib import Path

import duckdb
import pyarrow as pa

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "dbt_project"))

import invoice_lines
import planted_faults
import raw_slice
import twin_records

SOURCES = ("complete_journey", "digital_twin", "online_retail_ii")
KNOWN_UNTIL = dt.date(2017, 10, 16)
FIRST_LOADED_AT = dt.datetime.fromisoformat(raw_slice.LOADED_AT)
SECOND_LOADED_AT = dt.datetime(2026, 2, 1)
SECOND_DELIVERY = "second"

# Before either source begins: months of which the first delivery holds only what is added here. The second
# takes the only line of one, and one of two of the other.
EMPTIED_MONTH = dt.date(2016, 2, 1)
KEPT_MONTH = dt.date(2016, 3, 1)
_LONE_BASKET, _MOVED_BASKET, _KEPT_BASKET = 930, 931, 932

_RAW = raw_slice.SCHEMA
_INVOICES = "raw_online_retail_ii.invoice_lines"


class RawTables:
    """The raw rows of one delivery, in a file of their own."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def tables(self) -> dict[str, pa.Table]:
        """Return the rows by ``schema.table``."""
        with duckdb.connect(str(self._path), read_only=True) as connection:
            names = connection.execute(
                "select schema_name || '.' || table_name from duckdb_tables() order by all"
            ).fetchall()
            return {name: connection.execute(f"from {name}").to_arrow_table() for (name,) in names}


def write(folder: Path) -> tuple[RawTables, RawTables]:
    """Write both deliveries into ``folder``."""
    whole, first, second = (folder / f"{name}.duckdb" for name in ("whole", "first", "second"))
    raw_slice.create(whole)
    planted_faults.plant(whole)
    shutil.copyfile(whole, first)
    raw_slice.cut_off(first, KNOWN_UNTIL)
    with duckdb.connect(str(first)) as connection:
        _add_lone_lines(connection)
    with duckdb.connect(str(second)) as connection:
        connection.execute(f"attach '{whole}' as whole (read_only)")
        connection.execute(f"attach '{first}' as first (read_only)")
        _add_the_rest(connection)
        _add_what_comes_again(connection)
        _add_what_comes_late(connection)
    _add_invoices(first, second)
    twin_records.write(
        first, second, (FIRST_LOADED_AT, SECOND_LOADED_AT), (raw_slice.FIRST_DELIVERY, SECOND_DELIVERY)
    )
    return RawTables(first), RawTables(second)


def _add_lone_lines(connection: duckdb.DuckDBPyConnection) -> None:
    """Add to the first delivery baskets in months that hold nothing else: one here, two there."""
    for number, (basket, month) in enumerate(
        [(_LONE_BASKET, EMPTIED_MONTH), (_MOVED_BASKET, KEPT_MONTH), (_KEPT_BASKET, KEPT_MONTH)]
    ):
        connection.execute(
            f"insert into {_RAW}.transactions select * replace ({basket} as basket_id, "
            f"timestamp '{month + dt.timedelta(days=14)} 16:00:00' as transaction_timestamp) "
            f"from {_RAW}.transactions where _batch_id = '{raw_slice.FIRST_DELIVERY}' "
            f"order by all limit 1 offset {500 + number}"
        )


def _add_the_rest(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(f"create schema {_RAW}")
    for table in raw_slice.CONDITIONS:
        connection.execute(
            f"create table {_RAW}.{table} as select * replace ("
            f"greatest(_loaded_at, timestamp '{SECOND_LOADED_AT}') as _loaded_at, "
            f"replace(_batch_id, '{raw_slice.FIRST_DELIVERY}', '{SECOND_DELIVERY}') as _batch_id) "
            f"from (from whole.{_RAW}.{table} except all from first.{_RAW}.{table})"
        )


def _add_what_comes_again(connection: duckdb.DuckDBPyConnection) -> None:
    """Add rows of the first delivery: word for word, corrected, and moved into another month."""
    _again(connection, "transactions", rows=20, skipping=600)
    _again(connection, "transactions", rows=5, skipping=700, sales_value="sales_value + 0.75")
    _again(connection, "transactions", rows=3, skipping=800, quantity="quantity + 1", store_id="store_id + 1")
    # Twice in one delivery: only what the rows say can tell which one counts.
    _again(connection, "transactions", rows=3, skipping=900, sales_value="sales_value + 1")
    _again(connection, "transactions", rows=3, skipping=900, sales_value="sales_value + 2")
    _again(connection, "transactions", rows=2, skipping=950)
    _again(connection, "transactions", rows=2, skipping=950, household_id="household_id + 31")
    for basket in (_LONE_BASKET, _MOVED_BASKET):
        _again(
            connection,
            "transactions",
            where=f"basket_id = {basket}",
            transaction_timestamp="timestamp '2017-02-03 17:30:00'",
        )
    _again(connection, "products", rows=30, skipping=40)
    _again(connection, "products", rows=30, skipping=100, brand="'Corrected'", product_category="'CANDLES'")
    _again(connection, "products", rows=3, skipping=100, brand="'Corrected twice'")
    _again(connection, "demographics", rows=2, skipping=3, age="'65+'", income="' null '")
    _again(connection, "campaign_descriptions", rows=2, skipping=5, end_date="end_date + interval 3 day")
    _again(connection, "campaigns", rows=4, skipping=10)
    _again(connection, "coupons", rows=4, skipping=10)
    _again(connection, "coupon_redemptions", rows=2, skipping=3)


def _add_what_comes_late(connection: duckdb.DuckDBPyConnection) -> None:
    """Add rows that are new, of a time long past."""
    # A line more in an old basket, and a whole basket in an old month.
    _again(connection, "transactions", rows=4, skipping=1000, product_id="99000010")
    _again(connection, "transactions", rows=4, skipping=1100, basket_id="940")
    # A store that reports an old week late, and says one thing twice; and a week that nobody had reported on.
    _again(connection, "promotions", where="week = 20", rows=6, store_id="store_id + 1")
    _again(connection, "promotions", where="week = 20", rows=2, store_id="store_id + 1")
    _again(connection, "promotions", where="week = 20", rows=2, skipping=10, week="2", product_id="99000011")
    _again(
        connection,
        "coupon_redemptions",
        rows=1,
        skipping=6,
        redemption_date="redemption_date - interval 1 day",
    )
    _again(connection, "demographics", rows=1, household_id="99000012")


def _again(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    rows: int = 1,
    skipping: int = 0,
    where: str = "true",
    **changes: str,
) -> None:
    replacements = {
        **changes,
        "_loaded_at": f"timestamp '{SECOND_LOADED_AT}'",
        "_batch_id": f"'{SECOND_DELIVERY}'",
    }
    replace = ", ".join(f"{expression} as {column}" for column, expression in replacements.items())
    added = connection.execute(
        f"insert into {_RAW}.{table} select * replace ({replace}) from ("
        f"from first.{_RAW}.{table} where _batch_id = '{raw_slice.FIRST_DELIVERY}' and {where} "
        f"order by all limit {rows} offset {skipping})"
    ).fetchall()
    if added != [(rows,)]:
        raise AssertionError(f"{table}: {rows} rows were to come again, {added[0][0]} are there to do so.")


def _add_invoices(first: Path, second: Path) -> None:
    moment = dt.datetime.combine(KNOWN_UNTIL, dt.time())
    known, new = invoice_lines.before([*invoice_lines.ordinary(), *invoice_lines.odd()], moment)
    for path, lines, loaded_at, batch_id in (
        (first, known, FIRST_LOADED_AT, raw_slice.FIRST_DELIVERY),
        (second, [*new, *invoice_lines.late()], SECOND_LOADED_AT, SECOND_DELIVERY),
    ):
        with duckdb.connect(str(path)) as connection:
            connection.register("invoices", invoice_lines.table(lines, loaded_at, batch_id))
            connection.execute(f"create schema {_INVOICES.partition('.')[0]}")
            connection.execute(f"create table {_INVOICES} as from invoices")
