"""A SQL database as a source: dlt's extractor reads it, the warehouse's own landing keeps it.

dlt is used for what it does better than we would: types of every SQLAlchemy dialect as Arrow, in chunks, and
cursors. Its pipeline, state and loader are not used; see docs/decisions/0002-ingestion-on-duckdb-readers.md.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from orchestration.ingestion.arrivals import Arrival, Delivery
from orchestration.ingestion.entries import DatabaseEntry, DatabaseTable, SourceEntry
from orchestration.ingestion.errors import IngestionError
from orchestration.ingestion.locations import address_of
from orchestration.settings import NO_TELEMETRY, Settings
from orchestration.warehouse import Connection, EngineError
from orchestration.warehouse.sql import quoted

if TYPE_CHECKING:
    import pyarrow

_CHUNK_ROWS = 50_000


def database_deliveries(
    connection: Connection, settings: Settings, entry: DatabaseEntry, table_name: str
) -> list[Delivery]:
    """Fetch one table into a temporary table of the warehouse, and return it as a delivery if it is new.

    Memory holds one chunk of 50,000 rows; the temporary table spills to disk.

    Raises
    ------
    IngestionError
        If the database cannot be reached, the table is missing, or its rows do not fit the database's own
        types.
    """
    table = entry.tables[table_name]
    arriving = f"arriving_{entry.source}_{table_name}"
    connection.execute(f"drop table if exists temp.{arriving}")
    is_new = True
    for chunk in _chunks(settings, entry, table, last_landed(connection, entry, table_name, table.cursor)):
        connection.register("_chunk", chunk)
        verb = f"create temp table {arriving} as" if is_new else f"insert into temp.{arriving} by name"
        connection.execute(f"{verb} select * from _chunk")
        connection.unregister("_chunk")
        is_new = False
    if is_new:
        if table.mode == "append":
            return []
        raise IngestionError(
            table.table,
            "the table holds no row.",
            "fill it, or take it out of the entry; what had landed stays.",
        )
    arrival = Arrival(table.table, f"temp.{arriving}", "database")
    return [Delivery.of(entry.source, table_name, [arrival], [content_hash(connection, arrival)])]


def _chunks(
    settings: Settings, entry: DatabaseEntry, table: DatabaseTable, beyond: object | None
) -> Iterator[pyarrow.Table]:
    os.environ.update(NO_TELEMETRY)
    # Importing dlt takes a second or two: sources that are files do without.
    import dlt
    import sqlalchemy
    from dlt.extract.exceptions import ResourceExtractionError
    from dlt.sources.sql_database import sql_table

    schema, _, name = table.table.rpartition(".")
    incremental = (
        dlt.sources.incremental(table.cursor, initial_value=beyond, range_start="open")
        if table.cursor
        else None
    )
    try:
        engine = sqlalchemy.create_engine(address_of(settings, entry))
    except (sqlalchemy.exc.ArgumentError, ModuleNotFoundError) as error:
        raise IngestionError(
            f"{entry.source}.yml",
            f"location: {error}.",
            "write <dialect>://<user>:${PASSWORD}@<host>/<database>, and install the dialect's driver.",
            "location",
        ) from error
    try:
        yield from sql_table(
            engine,
            table=name,
            schema=schema or None,
            incremental=incremental,
            backend="pyarrow",
            chunk_size=_CHUNK_ROWS,
            reflection_level="full_with_precision",
        )
    except sqlalchemy.exc.NoSuchTableError as error:
        raise IngestionError(
            table.table,
            "the database has no such table or view.",
            f"correct the table in {entry.source}.yml.",
        ) from error
    except (sqlalchemy.exc.SQLAlchemyError, ResourceExtractionError) as error:
        # The address may hold a password, so only the driver's own words are passed on.
        reason = str(error.__cause__ or getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise IngestionError(
            table.table,
            f"the database did not hand it over: {reason.rstrip('.')}.",
            "check the address, the rights, and that every value fits the type its database declares.",
        ) from error
    finally:
        engine.dispose()


def last_landed(
    connection: Connection, entry: SourceEntry, table_name: str, cursor: str | None
) -> object | None:
    """Return the largest value of a table's cursor that has landed; ``None`` without a cursor or a row."""
    if cursor is None:
        return None
    try:
        found = connection.execute(
            f"select max({quoted(cursor)}) from {entry.schema_name}.{quoted(table_name)}"
        ).fetchall()
    except EngineError:  # nothing has landed yet
        return None
    return found[0][0]


def content_hash(connection: Connection, arrival: Arrival) -> str:
    """Hash the rows whatever their order, which no database promises; a repeated row counts each time."""
    low, high, rows = connection.execute(
        f"""
        select
            sum(md5_number_lower(arriving::varchar)::hugeint),
            sum(md5_number_upper(arriving::varchar)::hugeint),
            count(*)
        from {arrival.scan} as arriving
        """
    ).fetchall()[0]
    return f"{low % 2**64:016x}{high % 2**64:016x}{rows:032x}"
