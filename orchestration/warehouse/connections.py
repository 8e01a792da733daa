"""The only place that opens a connection to the warehouse.

What the pipeline notes about itself (landing log, builds, gate results) is in the build file on every engine:
`writing`. Customers' tables are where the engine keeps them: `tables`, which says the same whatever that is
(see docs/decisions/0005-two-engines.md).

DuckDB has one writer: a connection held open in one process keeps every other process out. So every use is a
short ``with`` block, and readers never open the build file: they open the published copy, read-only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import duckdb
import pandas as pd

from orchestration.settings import Settings
from orchestration.warehouse.engines import is_on_cluster, readers_place
from orchestration.warehouse.sql import literal
from orchestration.warehouse.tables import Tables, WarehouseError

if TYPE_CHECKING:
    import pyarrow as pa

    from orchestration.warehouse.spark import SparkTables

__all__ = [
    "Connection",
    "EngineError",
    "Tables",
    "WarehouseError",
    "append",
    "build_file_id",
    "copying",
    "in_memory",
    "published",
    "reading",
    "require_engine",
    "spark_session",
    "spark_tables",
    "table_exists",
    "tables",
    "validated",
    "writing",
]

# What a publication says about itself, as a table of every publication.
PUBLICATION = "ops.publication"
# On Spark, readers find `marts.x` as `insight_marts.x`: `marts.x` is the build.
READERS_PREFIX = "insight_"

# Others name the type of a connection without importing the driver.
Connection = duckdb.DuckDBPyConnection
# Others catch what the engine raises without importing the driver.
EngineError = duckdb.Error


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
            f"To read while a build runs, use the publication instead: {readers_place(settings)}."
        ) from error
    try:
        yield connection
    finally:
        connection.close()


@contextmanager
def in_memory() -> Iterator[duckdb.DuckDBPyConnection]:
    """Open an empty warehouse that is gone afterwards: for looking at what is not ours yet."""
    with duckdb.connect(config={"autoinstall_known_extensions": "false"}) as connection:
        connection.execute("set TimeZone = 'UTC'")
        yield connection


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


def build_file_id(settings: Settings) -> str:
    """Return the identity of the build file, given to it when it is made: another file is another build.

    Raises
    ------
    WarehouseError
        If another process holds the file.
    """
    with writing(settings) as connection:
        connection.execute("create schema if not exists ops")
        connection.execute("create table if not exists ops.build_file (build_file_id varchar not null)")
        found = connection.execute("select build_file_id from ops.build_file").fetchone()
        if found is None:
            found = (uuid4().hex,)
            connection.execute("insert into ops.build_file values (?)", found)
        return str(found[0])


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
def tables(settings: Settings) -> Iterator[Tables]:
    """Open the tables of the build, on the engine that holds them, to read and write.

    Raises
    ------
    WarehouseError
        If another process holds the build file; on Spark, if nobody answers or the server goes away.
    """
    if is_on_cluster(settings):
        with spark_tables(settings) as on_spark:
            yield on_spark
    else:
        with writing(settings) as connection:
            yield EmbeddedTables(connection)


@contextmanager
def published(settings: Settings) -> Iterator[Tables]:
    """Open the tables of the publication, on the engine that holds them, to read.

    Raises
    ------
    WarehouseError
        If nothing is published; on Spark, if nobody answers or the server goes away.
    """
    if not is_on_cluster(settings):
        with reading(settings.published_path) as connection:
            yield EmbeddedTables(connection)
        return
    from orchestration.warehouse.spark import SparkTables

    with spark_session(settings) as session:
        tables = SparkTables(session, settings, _frame_from, READERS_PREFIX)
        if not tables.exists(PUBLICATION):
            raise WarehouseError(f"Nothing is published on {tables.address} yet. Run `insight build` first.")
        yield tables


@contextmanager
def spark_tables(settings: Settings, is_writer: bool = True) -> Iterator[SparkTables]:
    """Open the tables of the build on Spark, with what only Spark can do.

    Parameters
    ----------
    settings
        Where the cluster is.
    is_writer
        Whether something will be written: only who holds the build lock may.

    Raises
    ------
    WarehouseError
        If the Spark extra is not installed, nobody answers, or the server goes away in the middle.
    """
    from orchestration.warehouse import spark

    opened = spark.writing_session if is_writer else spark.spark_session
    with opened(settings) as session:
        yield spark.SparkTables(session, settings, _frame_from)


def require_engine(settings: Settings) -> None:
    """Do nothing if the engine is still there; the embedded one always is.

    Raises
    ------
    WarehouseError
        If the Spark server has gone away in the middle.
    """
    if is_on_cluster(settings):
        from orchestration.warehouse.spark import require_server_still_there

        require_server_still_there(settings)


@contextmanager
def spark_session(settings: Settings) -> Iterator[Any]:
    """Open a session of one's own on the Spark cluster, for one ``with`` block, to read only.

    Yields
    ------
    pyspark.sql.connect.session.SparkSession
        In UTC.

    Raises
    ------
    WarehouseError
        If the Spark extra is not installed, nobody answers, or the server goes away in the middle.
    """
    from orchestration.warehouse.spark import spark_session as open_session

    with open_session(settings) as session:
        yield session


@contextmanager
def validated(settings: Settings) -> Iterator[Any]:
    """Open what Great Expectations validates: the build file's address, or a session of the cluster."""
    if is_on_cluster(settings):
        with spark_session(settings) as session:
            yield session
    else:
        yield f"{settings.build_url}?memory_limit={settings.memory_limit}"


class EmbeddedTables(Tables):
    """Tables of a file that is open."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def exists(self, table: str) -> bool:
        """Whether there is such a table or view."""
        return table_exists(self._connection, table)

    def columns(self, table: str) -> list[str]:
        """Return the names of the table's columns, in order; empty if there is no such table."""
        rows = self._connection.execute(
            "select column_name from information_schema.columns "
            "where table_catalog = current_database() and table_schema || '.' || table_name = ? "
            "order by ordinal_position",
            [table],
        ).fetchall()
        return [name for (name,) in rows]

    def query(self, sql: str, values: Sequence[Any] = ()) -> pa.Table:
        """Return what a query gives."""
        return self._connection.execute(sql, list(values)).to_arrow_table()

    def frame(self, sql: str, values: Sequence[Any] = ()) -> pd.DataFrame:
        """Return what a query gives as a data frame."""
        return self._connection.execute(sql, list(values)).df()

    def replace(self, frames: Mapping[str, pd.DataFrame], keys: Mapping[str, str]) -> None:
        """Write all frames in one transaction, each in place of the rows that have the keys' values."""
        condition = " and ".join(f"{column} = ?" for column in keys)
        self._connection.execute("begin transaction")
        try:
            for table, frame in frames.items():
                if self.exists(table):
                    self._connection.execute(f"delete from {table} where {condition}", list(keys.values()))
                append(self._connection, table, frame)
            self._connection.execute("commit")
        except BaseException:
            # What failed is the error to report, even if it took the transaction with it.
            with suppress(EngineError):
                self._connection.execute("rollback")
            raise


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
        connection.execute(
            f"attach {literal(str(settings.build_path))} as {settings.build_path.stem} (read_only)"
        )
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


def _frame_from(table: pa.Table) -> pd.DataFrame:
    """Return an Arrow table as the data frame that the embedded engine would give, column types and all."""
    with duckdb.connect() as connection:
        return connection.from_arrow(table).df()


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
