"""The only place that opens a connection to the warehouse.

DuckDB has one writer: a connection held open in one process keeps every other process out. So every use is a
short ``with`` block, and readers never open the build file: they open the published copy, read-only.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd

from orchestration.settings import Settings

# Others name the type of a connection without importing the driver.
Connection = duckdb.DuckDBPyConnection
# Others catch what the engine raises without importing the driver.
EngineError = duckdb.Error


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
        connection = _connect(settings, settings.build_path)
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


@contextmanager
def copying(settings: Settings, path: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open a new file at ``path`` for writing, with the build file attached read-only under its own name.

    Raises
    ------
    WarehouseError
        If nothing has been built yet.
    """
    if not settings.build_path.exists():
        raise WarehouseError(f"There is no build at {settings.build_path}. Run `insight build` first.")
    connection = _connect(settings, path)
    try:
        # Views name their tables with the file's own name.
        connection.execute(f"attach '{settings.build_path}' as {settings.build_path.stem} (read_only)")
        yield connection
    except duckdb.IOException as error:
        raise WarehouseError(f"{settings.build_path} cannot be copied to {path}: {error}") from error
    finally:
        connection.close()


def table_exists(connection: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether ``schema.table`` exists in the file that ``connection`` opened."""
    schema, name = table.split(".", maxsplit=1)
    found = connection.execute(
        "select 1 from information_schema.tables "
        "where table_catalog = current_database() and table_schema = ? and table_name = ?",
        [schema, name],
    ).fetchone()
    return found is not None


def _connect(settings: Settings, path: Path) -> Connection:
    connection = duckdb.connect(
        str(path),
        config={
            "memory_limit": settings.memory_limit,
            "temp_directory": str(settings.warehouse_dir / "spill"),
            # What the driver brings along is all we use: it must not look for more on a network.
            "autoinstall_known_extensions": "false",
        },
    )
    # Known only once the extension for time zones is there, which connecting loads.
    connection.execute("set TimeZone = 'UTC'")
    return connection
