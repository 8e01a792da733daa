"""Files as a source: found by name, read by the engine's own readers."""

from __future__ import annotations

import glob
from pathlib import Path

from orchestration.ingestion.arrivals import Arrival, Delivery, stamp_of
from orchestration.ingestion.entries import FilesEntry, FileTable
from orchestration.ingestion.errors import IngestionError
from orchestration.ingestion.file_stamps import FileStamps
from orchestration.ingestion.locations import source_folder
from orchestration.settings import Settings
from orchestration.warehouse import Connection, EngineError
from orchestration.warehouse.sql import literal

_PARQUET_MAGIC = b"PAR1"


def file_deliveries(
    settings: Settings, entry: FilesEntry, table_name: str, stamps: FileStamps
) -> list[Delivery]:
    """Return what lies in the source's folder for one table: nothing is opened but to hash it.

    In mode ``append`` each distinct content is a delivery, in the order of the file names. In mode
    ``replace`` all files together are one.

    Raises
    ------
    IngestionError
        If no file is there, or one cannot be read or is empty.
    """
    table = entry.tables[table_name]
    folder = source_folder(settings, entry)
    paths = sorted(path for path in folder.glob(table.path) if path.is_file())
    if not paths:
        raise IngestionError(
            table.path,
            f"there is no such file in {folder}.",
            "put it there, give another folder by WAREHOUSE_DATA, or correct "
            f"tables.{table_name}.path in {entry.source}.yml.",
        )
    arrivals = [_arrival(path, table) for path in paths]
    hashes = [_hash(path, stamps) for path in paths]
    if table.mode == "replace":
        return [Delivery.of(entry.source, table_name, arrivals, hashes)]
    deliveries = [
        Delivery.of(entry.source, table_name, [arrival], [content_hash])
        for arrival, content_hash in zip(arrivals, hashes, strict=True)
    ]
    # The same content under a second name is the same batch: the first name counts.
    return list({delivery.batch_id: delivery for delivery in reversed(deliveries)}.values())[::-1]


def readable_columns(connection: Connection, arrival: Arrival) -> dict[str, str]:
    """Return the names and warehouse types of an arrival's columns, in order.

    Raises
    ------
    IngestionError
        If the engine cannot read it as the format that the entry names, or it holds no row.
    """
    try:
        columns = {row[0]: row[1] for row in connection.execute(f"describe from {arrival.scan}").fetchall()}
        is_empty = connection.execute(f"select 1 from {arrival.scan} limit 1").fetchall() == []
    except EngineError as error:
        raise unreadable(arrival, error) from error
    if is_empty:
        raise IngestionError(
            arrival.name, "it holds columns but no row.", "deliver it again with its rows, or take it away."
        )
    return columns


def is_read_by_one_thread(connection: Connection, arrival: Arrival) -> bool:
    """Whether the engine cannot share the reading among threads: a Parquet row group is one thread's work."""
    if arrival.path is None or arrival.format != "parquet":
        return False
    file = literal(glob.escape(str(arrival.path)))
    found = connection.execute(f"select num_row_groups from parquet_file_metadata({file})").fetchall()
    return bool(found[0][0] == 1)


def unreadable(arrival: Arrival, error: Exception) -> IngestionError:
    """Turn an engine's refusal to read ``arrival`` into an error that says what is wrong with the file."""
    reason = str(error).strip().splitlines()[0].rstrip(".")
    problem = f"it cannot be read as {arrival.format}: {reason}."
    if arrival.format == "parquet" and arrival.path is not None:
        with arrival.path.open("rb") as stream:
            begins = stream.read(len(_PARQUET_MAGIC)) == _PARQUET_MAGIC
            stream.seek(-min(len(_PARQUET_MAGIC), arrival.path.stat().st_size), 2)
            ends = stream.read() == _PARQUET_MAGIC
        if not begins:
            problem = "it is no Parquet file, whatever its name says."
        elif not ends:
            problem = "it is a truncated Parquet file: its end is missing."
    return IngestionError(arrival.name, problem, f"deliver it again, whole and as {arrival.format}.")


def _hash(path: Path, stamps: FileStamps) -> str:
    try:
        if path.stat().st_size == 0:
            raise IngestionError(
                path.name, "the file is empty (0 bytes).", "deliver it again, or take it away."
            )
        return stamps.content_hash(path)
    except OSError as error:
        raise IngestionError(
            path.name, f"it cannot be read: {error.strerror or error}.", "grant read access to it."
        ) from error


def _arrival(path: Path, table: FileTable) -> Arrival:
    # Every value of a text format arrives as text and is fitted to the contract: no sample of a file decides
    # a type, and two files of one table never differ in it.
    file = literal(glob.escape(str(path)))
    if table.format == "parquet":
        scan = f"read_parquet({file}, hive_partitioning = false)"
    elif table.format == "csv":
        dialect = f"delim = {literal(table.delimiter)}, quote = '\"', escape = '\"', header = true"
        scan = f"read_csv({file}, {dialect}, all_varchar = true, hive_partitioning = false)"
    else:
        layout = "format = 'newline_delimited', sample_size = -1, maximum_depth = 1"
        scan = f"(select columns(*) ->> '$' from read_json({file}, {layout}, hive_partitioning = false))"
    return Arrival(path.name, scan, table.format, path, stamp_of(path))
