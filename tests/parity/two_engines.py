"""Either engine, behind the same few verbs: land raw rows, run dbt, read a relation."""

from __future__ import annotations

import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa
from column_types import counterpart
from row_comparison import Relation

from orchestration.settings import Settings
from orchestration.transformation.command import Dbt

# Reading a small table over the network is mostly waiting.
_READ_AT_ONCE = 4


class BuildFailedError(AssertionError):
    """dbt did not succeed on an engine; the message lists what failed and why."""


@dataclass(frozen=True)
class Built:
    """What one dbt command did.

    Attributes
    ----------
    seconds
        From its start to its end, parsing included.
    node_counts
        How many nodes were run, by type: ``model``, ``seed``, ``test``, ``unit_test``.
    node_seconds
        How long each node took, by its name; several are on their way at once.
    """

    seconds: float
    node_counts: dict[str, int]
    node_seconds: dict[str, float]


class DbtOnEngine:
    """The project, built on the engine that the settings name."""

    def __init__(self, settings: Settings) -> None:
        self._dbt = Dbt(settings)
        self._target = settings.dbt_target_dir

    def run(self, *arguments: str, told: Callable[[int, int, str], None]) -> Built:
        """Run one dbt command.

        Parameters
        ----------
        arguments
            The command and its options.
        told
            Called for each node that is finished: the how manyth of how many, and its name.

        Raises
        ------
        BuildFailedError
            If anything failed.
        """
        started = time.perf_counter()
        counts: Counter[str] = Counter()
        node_seconds: dict[str, float] = {}
        failures = []
        self._target.mkdir(parents=True, exist_ok=True)
        for event in self._dbt.events(list(arguments), self._target):
            info, data = event["info"], event["data"]
            if info["name"] in {"LogModelResult", "LogSeedResult", "LogTestResult"}:
                node = data["node_info"]
                counts[node["resource_type"]] += 1
                node_seconds[node["node_name"]] = data["execution_time"]
                told(data["index"], data.get("total") or data["num_models"], node["node_name"])
            if info["level"] == "error":
                failures.append(info["msg"].strip())
        if failures:
            raise BuildFailedError(f"dbt {' '.join(arguments)}:\n" + "\n".join(failures))
        return Built(time.perf_counter() - started, dict(counts), node_seconds)

    def manifest(self) -> dict[str, Any]:
        """Return what dbt knew about the project when it was last run on this engine."""
        manifest: dict[str, Any] = json.loads((self._target / "manifest.json").read_text(encoding="utf-8"))
        return manifest


class DuckDbEngine:
    """The embedded engine: a file."""

    name = "DuckDB"

    def __init__(self, settings: Settings) -> None:
        settings.warehouse_dir.mkdir(parents=True, exist_ok=True)
        self._path = settings.build_path
        self.dbt = DbtOnEngine(settings)
        self.version = duckdb.__version__

    def append(self, tables: dict[str, pa.Table]) -> None:
        """Append rows to tables, by ``schema.table``; what does not exist is made."""
        with duckdb.connect(str(self._path)) as connection:
            for name, rows in tables.items():
                connection.execute(f"create schema if not exists {name.partition('.')[0]}")
                connection.register("appended", rows)
                connection.execute(f"create table if not exists {name} as from appended limit 0")
                connection.execute(f"insert into {name} by name from appended")
                connection.unregister("appended")

    def read(self, names: Sequence[str]) -> dict[str, Relation | None]:
        """Return relations by ``schema.name``; ``None`` for one that does not exist."""
        with duckdb.connect(str(self._path), read_only=True) as connection:
            connection.execute("set TimeZone = 'UTC'")
            return {name: self._read_one(connection, name) for name in names}

    @staticmethod
    def _read_one(connection: duckdb.DuckDBPyConnection, name: str) -> Relation | None:
        try:
            described = connection.execute(f"describe {name}").fetchall()
        except duckdb.CatalogException:
            return None
        types = {column: counterpart(kind) for column, kind, *_ in described}
        return Relation(types, connection.execute(f"from {name}").to_arrow_table())


class SparkEngine:
    """The cluster, asked over Spark Connect."""

    name = "Spark"

    def __init__(self, settings: Settings) -> None:
        self._address = settings.spark.connect_address
        self._tables_dir = settings.cluster_dir / "tables"
        self.dbt = DbtOnEngine(settings)
        with self._session() as session:
            self.version = session.version

    def append(self, tables: dict[str, pa.Table]) -> None:
        """Append rows to tables, by ``schema.table``; what does not exist is made."""
        with self._session() as session:
            for name, rows in tables.items():
                session.sql(f"create database if not exists {name.partition('.')[0]}").collect()
                frame = session.createDataFrame(_with_timestamps(rows, pa.timestamp("us", tz="UTC")))
                if session.catalog.tableExists(name):
                    columns = ", ".join(rows.column_names)
                    # By name: a table may be partitioned, and then its columns are in another order.
                    session.sql(f"insert into {name} ({columns}) from {{rows}}", rows=frame).collect()
                else:
                    frame.write.saveAsTable(name, format="parquet")

    def read(self, names: Sequence[str]) -> dict[str, Relation | None]:
        """Return relations by ``schema.name``; ``None`` for one that does not exist."""
        with self._session() as session, ThreadPoolExecutor(_READ_AT_ONCE) as pool:
            existing = self._existing(session, {name.partition(".")[0] for name in names})
            read = pool.map(lambda name: self._read_one(session, name) if name in existing else None, names)
            return dict(zip(names, read, strict=True))

    def leave_behind(self, name: str) -> None:
        """Make a table as a broken run leaves it: its files are there, and the catalogue does not know of it.

        Among them are a half-written file and a partition that no row belongs to any more.
        """
        schema, table = name.split(".")
        folder = self._tables_dir / f"{schema}.db" / table
        aside = self._tables_dir / "aside"
        shutil.copytree(folder, aside)
        with self._session() as session:
            session.sql(f"drop table {name}").collect()
        if folder.exists():
            raise AssertionError(f"{folder} outlived its table: nothing was to be left yet.")
        aside.rename(folder)
        (folder / "_temporary").mkdir()
        (folder / "_temporary" / "part-00000.parquet").write_bytes(b"half")
        for partition in sorted(folder.glob("*=*"))[:1]:
            column = partition.name.partition("=")[0]
            shutil.copytree(partition, folder / f"{column}=1999-01-01")

    @contextmanager
    def _session(self) -> Iterator[Any]:
        """Open a session of its own: an older one would go on reading files that dbt has replaced since."""
        from pyspark.sql import SparkSession

        session = SparkSession.builder.remote(self._address).create()
        try:
            session.conf.set("spark.sql.session.timeZone", "UTC")
            yield session
        finally:
            session.stop()

    @staticmethod
    def _existing(session: Any, schemas: set[str]) -> set[str]:
        known = {row["namespace"] for row in session.sql("show databases").toArrow().to_pylist()}
        return {
            f"{row['namespace']}.{row['tableName']}"
            for schema in schemas & known
            for row in session.sql(f"show tables in {schema}").toArrow().to_pylist()
        }

    @staticmethod
    def _read_one(session: Any, name: str) -> Relation:
        frame = session.table(name)
        types = {field.name: field.dataType.simpleString() for field in frame.schema.fields}
        return Relation(types, _with_timestamps(frame.toArrow(), pa.timestamp("us")))


def _with_timestamps(rows: pa.Table, kind: pa.DataType) -> pa.Table:
    """Return timestamps with or without a zone: UTC either way, but Spark's ordinary type is an instant."""
    fields = [field.with_type(kind) if pa.types.is_timestamp(field.type) else field for field in rows.schema]
    return rows.cast(pa.schema(fields))
