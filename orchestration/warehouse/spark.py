"""Customers' tables on a Spark cluster, over Spark Connect: the only module that knows the driver.

A server that cannot be reached, or that goes away in the middle, is said in plain words and within seconds;
the driver by itself would try for many minutes.
"""

from __future__ import annotations

import logging
import re
import socket
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from orchestration.settings import Settings
from orchestration.warehouse import cluster
from orchestration.warehouse.tables import Tables, WarehouseError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from pyspark.sql.connect.session import SparkSession

# A query of more branches takes its time to be planned.
_COUNTED_AT_ONCE = 20
_ARRIVING, _REPLACING = "_arriving", "_replacing"
_SESSION_RECORD = "spark_session"
_ANSWERS_WITHIN_SECONDS = 5
# Some six seconds in all: long enough for a hiccup, short enough to be told.
_RETRIES = {"max_retries": 5, "initial_backoff": 200, "backoff_multiplier": 2.0, "max_backoff": 2000}
_SESSION_SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    # A write that is repeated takes the place of what the first one wrote, and of nothing else.
    "spark.sql.sources.partitionOverwriteMode": "dynamic",
    # A Hive metastore cannot look for partitions of a column whose name begins with an underscore.
    "spark.sql.hive.metastorePartitionPruningFallbackOnException": "true",
}


class SparkTables(Tables):
    """Tables of the databases on a cluster.

    Parameters
    ----------
    session
        A Spark Connect session, open as long as this is used.
    settings
        Where the cluster is, and in which format it keeps tables.
    frame_from
        Makes a data frame of an Arrow table.
    prefix
        What stands before the name of each schema.
    """

    def __init__(
        self,
        session: SparkSession,
        settings: Settings,
        frame_from: Callable[[pa.Table], pd.DataFrame],
        prefix: str = "",
    ) -> None:
        self._session = session
        self._settings = settings
        self._frame_from = frame_from
        self._prefix = prefix

    @property
    def address(self) -> str:
        """Where the server is, ``host:port``."""
        return _address_of(self._settings)

    def relation(self, table: str) -> str:
        """Return what SQL calls ``schema.table``."""
        return self._prefix + table

    def exists(self, table: str) -> bool:
        """Whether there is such a table or view."""
        return bool(self._session.catalog.tableExists(self.relation(table)))

    def columns(self, table: str) -> list[str]:
        """Return the names of the table's columns, in order; empty if there is no such table."""
        return list(self._session.table(self.relation(table)).columns) if self.exists(table) else []

    def query(self, sql: str, values: Sequence[Any] = ()) -> pa.Table:
        """Return what a query gives; times are UTC, without a zone."""
        answer = self._session.sql(sql, args=list(values)) if values else self._session.sql(sql)
        return _without_zones(answer.toArrow())

    def frame(self, sql: str, values: Sequence[Any] = ()) -> pd.DataFrame:
        """Return what a query gives as a data frame."""
        return self._frame_from(self.query(sql, values))

    def execute(self, sql: str) -> None:
        """Run a statement that gives no rows."""
        self._session.sql(sql)

    def databases(self) -> list[str]:
        """Return the names of all databases."""
        return list(self.query("show databases")["namespace"].to_pylist())

    def names(self, database: str) -> list[str]:
        """Return the names of the tables and views of a database, sorted; empty if there is none."""
        if not self._session.catalog.databaseExists(database):
            return []
        found = self.query(f"show tables in {database}").to_pylist()
        return sorted(row["tableName"] for row in found if not row["isTemporary"])

    def counts(self, relations: Mapping[str, str]) -> dict[str, int]:
        """Return how many rows each relation has, under the name that it is given here."""
        found: dict[str, int] = {}
        names = list(relations)
        for start in range(0, len(names), _COUNTED_AT_ONCE):
            query = " union all ".join(
                f"select {self.literal(name)} as name, count(*) as row_count from {relations[name]}"
                for name in names[start : start + _COUNTED_AT_ONCE]
            )
            answer = self.query(query)
            found |= zip(answer["name"].to_pylist(), answer["row_count"].to_pylist(), strict=True)
        return found

    def copy(self, source: str, target: str) -> tuple[dict[str, str], str]:
        """Make a new table of what another one holds, with its comments.

        Returns
        -------
        tuple of (dict of str to str, str)
            The types of its columns by name, in order, and the table's comment.
        """
        comment = self._session.catalog.getTable(source).description or ""
        self.execute(
            f"create table {target} using {self._settings.spark.table_format} "
            f"comment {self.literal(comment)} as select * from {source}"
        )
        return self._types(target), comment

    def create(self, table: str, rows: pa.Table) -> dict[str, str]:
        """Make a new table; return the types of its columns by name, in order."""
        from pyspark.sql.pandas.types import from_arrow_schema

        rows = _in_utc(rows)
        frame = self._session.createDataFrame(rows, schema=from_arrow_schema(rows.schema))
        frame.createOrReplaceTempView(_ARRIVING)
        types = {field.name: _column_type(field.dataType) for field in frame.schema}
        values = {name: quoted(name) for name in types}
        self.execute(
            f"create table {table} using {self._settings.spark.table_format} "
            f"as {_filled(types, values, _ARRIVING)}"
        )
        return types

    def set_view(self, view: str, query: str, comment: str, is_new: bool) -> None:
        """Create a view, or change one in place: readers never find none."""
        if is_new:
            self.execute(f"create view {view} comment {self.literal(comment)} as {query}")
            return
        self.execute(f"alter view {view} as {query}")
        if (self._session.catalog.getTable(view).description or "") != comment:
            self.execute(f"alter view {view} set tblproperties ('comment' = {self.literal(comment)})")

    @staticmethod
    def literal(value: str | datetime | None) -> str:
        """Return a value as Spark's SQL writes it; times are UTC."""
        if value is None:
            return "cast(null as string)"
        return f"timestamp '{value}Z'" if isinstance(value, datetime) else literal(value)

    def replace(self, frames: Mapping[str, pd.DataFrame], keys: Mapping[str, str]) -> None:
        """Write each frame by itself; a run that ended in between is made whole by its repetition.

        The keys are the columns that the table is partitioned by.
        """
        for table, frame in frames.items():
            self._replace(table, frame, keys)

    def drop(self, table: str) -> None:
        """Drop a table, if it exists."""
        self.execute(f"drop table if exists {table}")

    def batches(self, table: str, batch_column: str) -> set[str]:
        """Return the batches that a table holds rows of; empty if there is no such table."""
        if not self.exists(table):
            return set()
        if self._settings.spark.table_format == "parquet":
            partitions = self.query(f"show partitions {table}")["partition"].to_pylist()
            return {partition.partition("=")[2] for partition in partitions}
        return set(self.query(f"select distinct {batch_column} from {table}")[batch_column].to_pylist())

    def remove_batches(self, table: str, batch_column: str, batch_ids: Iterable[str]) -> None:
        """Take the rows of batches out of a table that is partitioned by ``batch_column``."""
        for batch_id in sorted(batch_ids):
            self._remove(table, {batch_column: batch_id})

    def write_batch(self, table: str, path: Path, batch_column: str, batch_id: str, is_only: bool) -> int:
        """Write a Parquet file as one batch of a table, in place of what the table has of the batch.

        Parameters
        ----------
        table
            As ``schema.table``; created if missing, and widened by the columns that it lacks.
        path
            The file, where the cluster sees it.
        batch_column
            What the table is partitioned by; not in the file.
        batch_id
            Value of that column for all rows.
        is_only
            Whether no other batch has to stay: the table is then made again if its types have changed.

        Returns
        -------
        int
            The number of rows of the batch that the table now holds.
        """
        rows = self._session.read.parquet(f"file://{path}")
        rows.createOrReplaceTempView(_ARRIVING)
        arriving = {field.name: _column_type(field.dataType) for field in rows.schema}
        existing = self._types(table)
        if is_only and any(
            existing.get(name, data_type) != data_type for name, data_type in arriving.items()
        ):
            self.drop(table)
            existing = {}
        if not existing:
            self._create(table, {**arriving, batch_column: "string"}, [batch_column])
            existing = self._types(table)
        elif lacking := [name for name in arriving if name not in existing]:
            added = ", ".join(f"{quoted(name)} {arriving[name]}" for name in lacking)
            self.execute(f"alter table {table} add columns ({added})")
            existing = self._types(table)
        values = {**{name: quoted(name) for name in arriving}, batch_column: literal(batch_id)}
        self._remove(table, {batch_column: batch_id})
        self._insert(table, _filled(existing, values, _ARRIVING), [batch_column])
        answer = self.query(f"select count(*) as row_count from {table} where {batch_column} = ?", [batch_id])
        return int(answer["row_count"][0].as_py())

    def _types(self, table: str) -> dict[str, str]:
        """Return the types of a table's columns by name, in order; empty if there is no such table."""
        if not self.exists(table):
            return {}
        return {field.name: field.dataType.simpleString() for field in self._session.table(table).schema}

    def _replace(self, table: str, frame: pd.DataFrame, keys: Mapping[str, str]) -> None:
        import pyarrow as pa

        if frame.empty:
            if self.exists(table):
                self._remove(table, keys)
            return
        rows = self._session.createDataFrame(pa.Table.from_pandas(frame, preserve_index=False))
        rows.createOrReplaceTempView(_REPLACING)
        if not self.exists(table):
            arriving = {field.name: _column_type(field.dataType) for field in rows.schema}
            data = {name: data_type for name, data_type in arriving.items() if name not in keys}
            self._create(table, {**data, **{name: arriving[name] for name in keys}}, [*keys])
        types = self._types(table)
        if unknown := sorted(set(rows.columns) - set(types)):
            raise WarehouseError(f"{table} has no column {', '.join(unknown)}; it has {', '.join(types)}.")
        self._remove(table, keys)
        filled = _filled(types, {name: quoted(name) for name in rows.columns}, _REPLACING)
        self._insert(table, filled, [name for name in types if name in keys])

    def _create(self, table: str, types: Mapping[str, str], partition_by: Sequence[str]) -> None:
        """Make an empty table, also where a broken run has left files under its name."""
        from pyspark.errors import SparkRuntimeException

        columns = ", ".join(f"{quoted(name)} {data_type}" for name, data_type in types.items())
        statement = (
            f"create table {table} ({columns}) using {self._settings.spark.table_format} "
            f"partitioned by ({', '.join(partition_by)})"
        )
        self.execute(f"create database if not exists {table.partition('.')[0]}")
        try:
            self.execute(statement)
        except SparkRuntimeException as error:
            if "LOCATION_ALREADY_EXISTS" not in str(error):
                raise
            self._delete_leftovers(table)
            self.execute(statement)

    def _delete_leftovers(self, table: str) -> None:
        """Delete the folder of a table that the catalogue does not know.

        SQL cannot delete a folder. But a table that is dropped takes its partitions along, wherever they are.
        """
        database, name = table.split(".", maxsplit=1)
        described = self.query(f"describe database {database}").to_pylist()
        location = next(row["info_value"] for row in described if row["info_name"] == "Location")
        leftovers = f"{database}.leftovers_of_a_broken_run"
        self.drop(leftovers)
        self.execute(
            f"create table {leftovers} (nothing int, name string) using parquet partitioned by (name)"
        )
        folder = literal(f"{location}/{name}")
        self.execute(f"alter table {leftovers} add partition (name = 'leftovers') location {folder}")
        self.drop(leftovers)

    def _insert(self, table: str, query: str, partition_by: Sequence[str]) -> None:
        """Add rows to partitions that `_remove` has emptied."""
        if self._settings.spark.table_format == "parquet":
            # Not `insert into`: of two that write at once, one must take the other's place.
            self.execute(f"insert overwrite {table} partition ({', '.join(partition_by)}) {query}")
        else:
            self.execute(f"insert into {table} {query}")

    def _remove(self, table: str, keys: Mapping[str, str]) -> None:
        """Take out the rows that have the values of `keys`, which the table is partitioned by."""
        if self._settings.spark.table_format == "parquet":
            values = ", ".join(f"{column} = {literal(value)}" for column, value in keys.items())
            self.execute(f"alter table {table} drop if exists partition ({values})")
        else:
            values = " and ".join(f"{column} = {literal(value)}" for column, value in keys.items())
            self.execute(f"delete from {table} where {values}")


@contextmanager
def writing_session(settings: Settings) -> Iterator[SparkSession]:
    """Open a session to write with; only who holds the build lock may.

    What a process that was killed has left running on the cluster is ended first: it would go on writing
    behind the back of the one that takes its place.

    Raises
    ------
    WarehouseError
        As `spark_session`.
    """
    record = settings.warehouse_dir / _SESSION_RECORD
    if record.exists():
        _require_driver()
        _require_server(settings)
        # Nothing is asked in it: closing it is what ends everything that it still does.
        _open_session(settings, record.read_text(encoding="utf-8").strip()).stop()
    session_id = str(uuid4())
    settings.warehouse_dir.mkdir(parents=True, exist_ok=True)
    record.write_text(session_id, encoding="utf-8")
    with spark_session(settings, session_id) as session:
        yield session
    record.unlink()


@contextmanager
def spark_session(settings: Settings, session_id: str | None = None) -> Iterator[SparkSession]:
    """Open a session of one's own on the cluster, in UTC, for one ``with`` block.

    Parameters
    ----------
    settings
        Where the cluster is.
    session_id
        A UUID under which the session can be found again; by default nobody needs to.

    Raises
    ------
    WarehouseError
        If the Spark extra is not installed, nobody answers, or the server goes away in the middle.
    """
    _require_driver()
    _require_server(settings)
    import grpc
    from pyspark.errors.exceptions.connect import SparkConnectGrpcException

    session = _open_session(settings, session_id)
    try:
        for name, value in _SESSION_SETTINGS.items():
            session.conf.set(name, value)
        yield session
    except (SparkConnectGrpcException, grpc.RpcError) as error:
        if _is_server_lost(settings, error):
            raise _went_away(settings, _reason(error)) from error
        raise WarehouseError(f"Spark says: {_reason(error)}") from error
    finally:
        session.stop()


def require_server_still_there(settings: Settings) -> None:
    """Do nothing if the server still answers.

    Raises
    ------
    WarehouseError
        If it does not, though it did before.
    """
    try:
        with socket.create_connection(settings.spark.server, timeout=_ANSWERS_WITHIN_SECONDS):
            pass
    except OSError as error:
        raise _went_away(settings, str(error)) from error


def _went_away(settings: Settings, why: str) -> WarehouseError:
    return WarehouseError(
        f"The Spark server at {_address_of(settings)} went away in the middle. Nothing that is published is "
        "lost. Start it again (a local cluster: `make cluster`), then run the same command again: it goes on "
        f"from what was finished.\n{why}"
    )


def _open_session(settings: Settings, session_id: str | None) -> SparkSession:
    from pyspark.sql.connect.client.retries import DefaultPolicy
    from pyspark.sql.connect.session import SparkSession

    address = settings.spark.connect_address
    if session_id:
        address += f"{';' if '/;' in address else '/;'}session_id={session_id}"
    session = SparkSession.builder.remote(address).create()
    session.client.set_retry_policies([DefaultPolicy(**_RETRIES)])
    return session


def _require_driver() -> None:
    """Import what comes with the extra; say so if it is not there."""
    # It warns, each time, of versions of pandas that it is never handed: frames go through Arrow.
    warnings.filterwarnings("ignore", message="PySpark does not yet", category=FutureWarning)
    warnings.filterwarnings("ignore", message=r"\[RETRIES_EXCEEDED\]", category=UserWarning)
    # And it prints every error, with the server's stack, before it raises it.
    logging.getLogger("SQLQueryContextLogger").setLevel(logging.CRITICAL + 1)
    try:
        import pyspark.sql.connect.session  # noqa: F401
    except ImportError as error:
        raise WarehouseError(
            "WAREHOUSE_ENGINE is spark, but Spark is not installed. Install the extra: `make install "
            "EXTRAS=spark`, or `pip install 'customer-insight-warehouse[spark]'`. To build on this machine "
            "alone, set WAREHOUSE_ENGINE to duckdb."
        ) from error


def _require_server(settings: Settings) -> None:
    try:
        with socket.create_connection(settings.spark.server, timeout=_ANSWERS_WITHIN_SECONDS):
            pass
    except OSError as error:
        variables = (
            "WAREHOUSE_SPARK_CONNECT_URL"
            if settings.spark.connect_url
            else "WAREHOUSE_SPARK_HOST and WAREHOUSE_SPARK_CONNECT_PORT"
        )
        raise WarehouseError(
            f"No Spark server answers at {_address_of(settings)} ({error}). Start a local one with "
            f"`make cluster`, or say where yours is: {variables}."
        ) from error
    workers = [process for process in cluster.processes(settings) if process.role.startswith(cluster.WORKER)]
    if workers and not any(worker.is_running for worker in workers):
        raise WarehouseError(
            "The local Spark cluster has no worker left: whatever is asked of it would wait for ever. Start "
            "what is missing with `make cluster`."
        )


def _is_server_lost(settings: Settings, error: Exception) -> bool:
    if "UNAVAILABLE" in str(error) or "INVALID_HANDLE.SESSION" in str(error):
        return True
    try:
        with socket.create_connection(settings.spark.server, timeout=_ANSWERS_WITHIN_SECONDS):
            return False
    except OSError:
        return True


def _reason(error: Exception) -> str:
    """Return what an error of the driver says, without the server's stack and the fields of the protocol."""
    message = str(error).partition("\n\nJVM stacktrace")[0].strip()
    details = re.search(r'details = "(.+)"', message)
    return details[1] if details else message


def _address_of(settings: Settings) -> str:
    return "{}:{}".format(*settings.spark.server)


def _without_zones(table: pa.Table) -> pa.Table:
    """Return times as UTC without a zone, as the embedded engine has them."""
    import pyarrow as pa

    schema = pa.schema(
        [
            field.with_type(pa.timestamp(field.type.unit)) if pa.types.is_timestamp(field.type) else field
            for field in table.schema
        ]
    )
    return table.cast(schema)


def _in_utc(table: pa.Table) -> pa.Table:
    """Return times without a zone as instants, which is what Spark's timestamps are."""
    import pyarrow as pa

    schema = pa.schema(
        [
            field.with_type(pa.timestamp("us", tz="UTC")) if pa.types.is_timestamp(field.type) else field
            for field in table.schema
        ]
    )
    return table.cast(schema)


def _filled(types: Mapping[str, str], values: Mapping[str, str], relation: str) -> str:
    """Return the query that gives every column of a table, in its order and type; unknown ones as nulls."""
    columns = ", ".join(
        f"cast({values.get(name, 'null')} as {data_type}) as {quoted(name)}"
        for name, data_type in types.items()
    )
    return f"select {columns} from {relation}"


def _column_type(data_type: Any) -> str:
    """Return a type that a table can have: without any value the driver knows none, and times have none."""
    name = str(data_type.simpleString())
    return {"void": "string", "timestamp_ntz": "timestamp"}.get(name, name)


def quoted(name: str) -> str:
    """Return ``name`` as an identifier of Spark's SQL."""
    return "`" + name.replace("`", "``") + "`"


def literal(text: str) -> str:
    """Return ``text`` as a string of Spark's SQL, in which a backslash escapes."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
