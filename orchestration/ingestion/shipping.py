"""Ship what has landed to the cluster, where there is one: the build file is then only where batches wait.

The landing log says what the raw tables on the cluster have to hold; shipping makes them so, batch by batch.
Each batch is a partition that is overwritten whole, and its rows leave the build file only once they are
counted on the other side: an end at any moment, and a repetition, give the same.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration import warehouse
from orchestration.ingestion.arrivals import literal, quoted
from orchestration.ingestion.entries import BATCH_ID, SourceEntry
from orchestration.ledger import landing_log
from orchestration.ledger.landing_log import Shipment
from orchestration.settings import Settings
from orchestration.warehouse import Connection, EngineError, WarehouseError

if TYPE_CHECKING:
    from orchestration.warehouse.spark import SparkTables

# What both engines mean the same by, and Parquet too. Anything else travels as text: only columns that no
# contract declares can be of such a type.
_AS_THEY_ARE = {
    *("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL"),
    *("VARCHAR", "BLOB", "DATE", "TIMESTAMP"),
}
_TRAVELS_AS = {
    **dict.fromkeys(("UTINYINT", "USMALLINT"), "INTEGER"),
    "UINTEGER": "BIGINT",
    **dict.fromkeys(("UBIGINT", "HUGEINT"), "DECIMAL(38,0)"),
    **dict.fromkeys(("TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"), "TIMESTAMP"),
}


def _say_nothing(line: str) -> None:
    """Report to nobody."""


def ship(settings: Settings, entry: SourceEntry, report: Callable[[str], None] = _say_nothing) -> None:
    """Make the raw tables of a source on the cluster hold what the landing log says; else do nothing.

    Parameters
    ----------
    report
        Called with one line per table that was shipped.

    Raises
    ------
    WarehouseError
        If nobody answers, if rows get lost on the way, or if the cluster lacks rows that it was sent before.
    """
    if not settings.is_on_spark:
        return
    stage = _stage(settings)
    try:
        with warehouse.writing(settings) as connection, warehouse.spark_tables(settings) as tables:
            landing_log.create(connection)
            for table_name in entry.tables:
                if line := _ship_table(connection, tables, entry, table_name, stage):
                    report(line)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _ship_table(
    connection: Connection, tables: SparkTables, entry: SourceEntry, table_name: str, stage: Path
) -> str | None:
    started = time.perf_counter()
    raw_table = f"{entry.schema_name}.{table_name}"
    expected = landing_log.shipments(connection, entry.source, table_name)
    there = tables.batches(raw_table, BATCH_ID)
    _nothing_is_lost(raw_table, expected, there, tables.address)
    if not expected:
        tables.drop(raw_table)
        return None
    waiting = [shipment for shipment in expected if not shipment.is_shipped]
    for shipment in waiting:
        path = stage / f"{table_name}-{shipment.batch_id}.parquet"
        _export(connection, entry, table_name, shipment.batch_id, path)
        rows = tables.write_batch(
            raw_table, path, BATCH_ID, shipment.batch_id, is_only=len(expected) == len(waiting) == 1
        )
        path.unlink()
        if rows != shipment.row_count:
            raise WarehouseError(
                f"{raw_table}: of {shipment.row_count:,} rows of {shipment.file_name}, {rows:,} arrived on "
                f"{tables.address}. They are still in the build file: build again."
            )
    tables.remove_batches(raw_table, BATCH_ID, there - {shipment.batch_id for shipment in expected})
    _forget_rows(connection, entry, table_name, waiting)
    if not waiting:
        return None
    rows = sum(shipment.row_count for shipment in waiting)
    return f"{entry.source}.{table_name}: {rows:,} rows shipped in {time.perf_counter() - started:.1f} s"


def _stage(settings: Settings) -> Path:
    """Return the folder through which files pass, empty.

    Raises
    ------
    WarehouseError
        If it cannot be made.
    """
    stage = Path(settings.stage_dir) / "landing"
    try:
        if "://" in settings.stage_dir:
            raise OSError("it is an address, not a folder")
        shutil.rmtree(stage, ignore_errors=True)
        stage.mkdir(parents=True)
    except OSError as error:
        raise WarehouseError(
            f"WAREHOUSE_SPARK_STAGE is {settings.stage_dir!r}: {error}. Name a folder that this machine may "
            "write to and every machine of the cluster sees under the same name."
        ) from error
    return stage


def _nothing_is_lost(raw_table: str, expected: list[Shipment], there: set[str], address: str) -> None:
    lost = [
        shipment
        for shipment in expected
        if shipment.is_shipped and shipment.row_count and shipment.batch_id not in there
    ]
    if lost:
        raise WarehouseError(
            f"{raw_table} on {address} lacks rows that were sent there before ({lost[0].file_name}). Was the "
            "cluster replaced, or its tables dropped? Point to the cluster that has them, or start anew from "
            "the sources (`make clean`, or another WAREHOUSE_DIR)."
        )


def _export(connection: Connection, entry: SourceEntry, table_name: str, batch_id: str, path: Path) -> None:
    types = connection.execute(
        "select column_name, data_type from duckdb_columns() where database_name = current_database() "
        "and schema_name = ? and table_name = ? and column_name <> ? order by column_index",
        [entry.schema_name, table_name, BATCH_ID],
    ).fetchall()
    columns = ", ".join(_column(name, data_type) for name, data_type in types)
    connection.execute(
        f"copy (select {columns} from {entry.schema_name}.{quoted(table_name)} "
        f"where {BATCH_ID} = {literal(batch_id)}) to {literal(str(path))} (format parquet)"
    )


def _column(name: str, data_type: str) -> str:
    if data_type.partition("(")[0] in _AS_THEY_ARE and not data_type.endswith("]"):
        return quoted(name)
    return f"cast({quoted(name)} as {_TRAVELS_AS.get(data_type, 'VARCHAR')}) as {quoted(name)}"


def _forget_rows(
    connection: Connection, entry: SourceEntry, table_name: str, shipped: list[Shipment]
) -> None:
    """Note that batches are shipped, and let their rows go, in one transaction.

    The table stays, empty: it says of which types later batches have to be.
    """
    batch_ids = sorted(shipment.batch_id for shipment in shipped)
    connection.execute("begin transaction")
    try:
        connection.execute(
            f"delete from {entry.schema_name}.{quoted(table_name)} where list_contains(?, {BATCH_ID})",
            [batch_ids],
        )
        landing_log.mark_shipped(connection, entry.source, table_name, batch_ids)
        connection.execute("commit")
    except BaseException:
        with suppress(EngineError):
            connection.execute("rollback")
        raise
