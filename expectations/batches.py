"""Where the tables to validate are: behind a SQLAlchemy URL, or on a Spark cluster through a session.

Both give Great Expectations one batch per table, and both push all counting down to their engine. The
session is handed in: nothing here knows how to open one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from expectations.duckdb_dialect import Catalogue, keep_one_connection, released, require_file


class Batches(Protocol):
    """Tables as Great Expectations takes them."""

    def columns(self, table: str) -> list[str] | None:
        """Return the columns of ``schema.table``, or ``None`` if there is no such table."""

    def batch(self, table: str) -> Any:
        """Return the whole table as one GX batch."""


@contextmanager
def batches(source: Any) -> Iterator[Batches]:
    """Open ``source``: a SQLAlchemy URL, or an open Spark session.

    Raises
    ------
    FileNotFoundError
        If a DuckDB URL leads to no file.
    """
    if not isinstance(source, str):
        yield SparkBatches(source)
        return
    require_file(source)
    keep_one_connection()
    # GX would rather have one data source per schema; then it would open the file once per schema too.
    datasource = _context().data_sources.add_sql(
        "warehouse", connection_string=source, create_temp_table=False
    )
    with released(datasource):
        yield SqlBatches(datasource)


class SqlBatches:
    """Tables of a database that SQLAlchemy reaches."""

    def __init__(self, datasource: Any) -> None:
        self._datasource = datasource
        self._columns = Catalogue(datasource).columns
        self._batches: dict[str, Any] = {}

    def columns(self, table: str) -> list[str] | None:
        """Return the columns of ``schema.table``, or ``None`` if there is no such table."""
        return self._columns.get(table)

    def batch(self, table: str) -> Any:
        """Return the whole table as one GX batch."""
        if table not in self._batches:
            schema_name, table_name = table.split(".")
            asset = self._datasource.add_table_asset(table, table_name=table_name, schema_name=schema_name)
            self._batches[table] = asset.add_batch_definition_whole_table("all").get_batch()
        return self._batches[table]


class SparkBatches:
    """Tables of a Spark catalogue, validated by GX's own Spark engine."""

    def __init__(self, session: Any) -> None:
        self._session = session
        self._batches: dict[str, Any] = {}
        if ".connect." in type(session).__module__:
            # Read by the driver's functions, from which GX builds its queries: they look for a local session
            # otherwise.
            os.environ["SPARK_CONNECT_MODE_ENABLED"] = "1"
        self._datasource = _context().data_sources.add_spark(
            # The session is there already, and GX would keep whole tables in the cluster's memory.
            "warehouse",
            force_reuse_spark_context=True,
            persist=False,
        )

    def columns(self, table: str) -> list[str] | None:
        """Return the columns of ``schema.table``, or ``None`` if there is no such table."""
        if not self._session.catalog.tableExists(table):
            return None
        return list(self._session.table(table).columns)

    def batch(self, table: str) -> Any:
        """Return the whole table as one GX batch."""
        if table not in self._batches:
            asset = self._datasource.add_dataframe_asset(table)
            definition = asset.add_batch_definition_whole_dataframe("all")
            self._batches[table] = definition.get_batch({"dataframe": self._session.table(table)})
        return self._batches[table]


def _context() -> Any:
    import great_expectations as gx
    from great_expectations.data_context.types.base import (
        DataContextConfig,
        InMemoryStoreBackendDefaults,
        ProgressBarsConfig,
    )

    config = DataContextConfig(
        store_backend_defaults=InMemoryStoreBackendDefaults(init_temp_docs_sites=False),
        progress_bars=ProgressBarsConfig(globally=False),
        analytics_enabled=False,
    )
    return gx.get_context(mode="ephemeral", project_config=config)
