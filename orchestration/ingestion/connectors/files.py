"""Files as a source: found by name, read by the engine's own readers."""

from __future__ import annotations

import glob
from dataclasses import replace
from pathlib import Path

from orchestration.ingestion.arrivals import Arrival, Delivery, stamp_of
from orchestration.ingestion.connectors.text_files import csv_scan, json_lines_scan, problem_with
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
    found = sorted(folder.glob(table.path))
    if broken := [path for path in found if path.is_symlink() and not path.exists()]:
        raise IngestionError(
            broken[0].name,
            f"it is a link to {broken[0].readlink()}, which is not there.",
            "bring back what it links to, or remove the link.",
        )
    paths = [path for path in found if path.is_file()]
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


def opened(connection: Connection, arrival: Arrival, table: FileTable) -> Arrival:
    """Return the arrival with what stands behind ``from`` to read it.

    Raises
    ------
    IngestionError
        If it is not what its entry says.
    """
    if arrival.path is None or arrival.scan:
        return arrival
    try:
        if table.format == "csv":
            scan = csv_scan(arrival.path, table.delimiter, table.encoding)
        else:
            scan = json_lines_scan(connection, arrival.path, table.columns)
    except EngineError as error:
        raise unreadable(arrival, error) from error
    return replace(arrival, scan=scan)


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
    lines = [line.strip() for line in str(error).strip().splitlines() if line.strip()]
    problem, fix = (
        f"it cannot be read as {arrival.format}: {lines[0].rstrip('.')}.",
        "deliver it again, whole",
    )
    if arrival.path is not None and arrival.format == "parquet":
        with arrival.path.open("rb") as stream:
            begins = stream.read(len(_PARQUET_MAGIC)) == _PARQUET_MAGIC
            stream.seek(-min(len(_PARQUET_MAGIC), arrival.path.stat().st_size), 2)
            ends = stream.read() == _PARQUET_MAGIC
        if not begins:
            problem = "it is no Parquet file, whatever its name says."
        elif not ends:
            problem = "it is a truncated Parquet file: its end is missing."
    elif arrival.path is not None and (known := problem_with(arrival.path, error)):
        return IngestionError(arrival.name, *known)
    return IngestionError(arrival.name, problem, f"{fix} and as {arrival.format}.")


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
    """Return what is known of a file that nobody has opened yet; text formats are looked into by `opened`."""
    scan = f"read_parquet({literal(glob.escape(str(path)))}, hive_partitioning = false)"
    return Arrival(path.name, scan if table.format == "parquet" else "", table.format, path, stamp_of(path))
