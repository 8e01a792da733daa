"""The only place that opens a connection to the warehouse.

DuckDB has one writer: a connection held open in one process keeps every other process out. So every use is a short
``with`` block, and readers never open the build file: they open the published copy, read-only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd

from orchestration.settings import Settings


class WarehouseError(RuntimeError):
    """The warehouse cannot be opened or holds what it must not; the message says what to do."""


@contextmanager
def writing(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the build file for writing; created if missing.

    Raises
    ------
    WarehouseError
        If another process holds the file.
    """
    settings.warehouse_dir.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(settings.build_path), config=_config(settings))
    except duckdb.IOException as error:
        if "lock" not in str(error):
            raise WarehouseError(
                f"{settings.build_path} cannot be opened: {error}. It holds nothing that the sources do not: "
                "move it away and build again; the last publication stays."
            ) from error
        raise WarehouseError(
            f"{settings.build_path} is open in another process. Wait for the other build to end, or stop it. "
            f"To read while a build runs, open {settings.published_path} instead."
        ) from error
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def reading(path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a published file read-only.

    Raises
    ------
    WarehouseError
        If there is no such file, or it is not a warehouse.
    """
    if not path.exists():
        raise WarehouseError(f"Nothing is published at {path} yet. Run `make demo` or `insight build` first.")
    try:
        connection = duckdb.connect(str(path), read_only=True)
    except duckdb.Error as error:
        raise WarehouseError(f"{path} cannot be read: {error}") from error
    try:
        yield connection
    finally:
        connection.close()


def append(connection: duckdb.DuckDBPyConnection, table: str, frame: pd.DataFrame) -> None:
    """Append ``frame`` to ``schema.table`` by column name, through Arrow; the table is created if missing."""
    schema = table.split(".", maxsplit=1)[0]
    connection.register("_appended", frame)
    try:
        connection.execute(f"create schema if not exists {schema}")
        connection.execute(f"create table if not exists {table} as select * from _appended limit 0")
        connection.execute(f"insert into {table} by name select * from _appended")
    finally:
        connection.unregister("_appended")


def _config(settings: Settings) -> dict[str, str]:
    return {
        "memory_limit": settings.memory_limit,
        "temp_directory": str(settings.warehouse_dir / "spill"),
        "preserve_insertion_order": "false",
        "TimeZone": "UTC",
    }
