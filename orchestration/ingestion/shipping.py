"""Ship raw to the cluster, where there is one: its raw tables hold what the ledger says.

Each batch is a partition that is overwritten whole, from the file that raw keeps of it. What the cluster
lacks is sent, however it came to lack it: an end at any moment, a repetition, another cluster give the same.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration import warehouse
from orchestration.ingestion.entries import BATCH_ID, SourceEntry
from orchestration.ledger import landing_log
from orchestration.ledger import store as ledger
from orchestration.settings import Settings
from orchestration.warehouse import WarehouseError
from orchestration.warehouse.sql import literal, quoted

if TYPE_CHECKING:
    from orchestration.warehouse.spark import SparkTables


def _say_nothing(line: str) -> None:
    """Report to nobody."""


def ship(settings: Settings, entry: SourceEntry, report: Callable[[str], None] = _say_nothing) -> None:
    """Make the raw tables of a source on the cluster hold what the ledger says; without a cluster do nothing.

    Parameters
    ----------
    report
        Called with one line per table that was shipped.

    Raises
    ------
    WarehouseError
        If nobody answers, or if rows get lost on the way.
    """
    if not warehouse.is_on_cluster(settings):
        return
    stage = _stage(settings)
    try:
        with warehouse.spark_tables(settings) as tables:
            for table_name in entry.tables:
                if line := _ship_table(settings, tables, entry, table_name, stage):
                    report(line)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _ship_table(
    settings: Settings, tables: SparkTables, entry: SourceEntry, table_name: str, stage: Path
) -> str | None:
    started = time.perf_counter()
    raw_table = f"{entry.schema_name}.{table_name}"
    with ledger.writing(settings) as log:
        files = landing_log.current_files(log, entry.source, table_name)
        row_counts = landing_log.row_counts(log, entry.source, table_name)
        shipped = landing_log.shipped_files(log, tables.address)
    there = tables.batches(raw_table, BATCH_ID)
    if not files:
        tables.drop(raw_table)
        return None
    waiting = [batch_id for batch_id, file in files.items() if file not in shipped or batch_id not in there]
    for batch_id in waiting:
        path = stage / f"{table_name}-{batch_id}.parquet"
        _export(settings, settings.raw_dir / files[batch_id], path)
        rows = tables.write_batch(
            raw_table, path, BATCH_ID, batch_id, is_only=len(files) == len(waiting) == 1
        )
        path.unlink()
        if rows != row_counts[batch_id]:
            raise WarehouseError(
                f"{raw_table}: of {row_counts[batch_id]:,} rows of {files[batch_id]}, {rows:,} arrived on "
                f"{tables.address}. They are still in {settings.raw_dir}: build again."
            )
        with ledger.writing(settings) as log:
            landing_log.mark_shipped(log, tables.address, files[batch_id])
    tables.remove_batches(raw_table, BATCH_ID, there - files.keys())
    if not waiting:
        return None
    rows = sum(row_counts[batch_id] for batch_id in waiting)
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


def _export(settings: Settings, raw_file: Path, path: Path) -> None:
    """Copy a raw file to where the cluster sees it, without the column that becomes the partition."""
    with warehouse.writing(settings) as connection:
        connection.execute(
            f"copy (select * exclude ({quoted(BATCH_ID)}) from read_parquet({literal(str(raw_file))})) "
            f"to {literal(str(path))} (format parquet)"
        )
