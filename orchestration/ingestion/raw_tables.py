"""Fit new deliveries to their raw table, and write them there."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

from orchestration.ingestion.arrivals import Arrival, Delivery, literal, quoted, stamp_of
from orchestration.ingestion.connectors.files import is_read_by_one_thread, readable_columns, unreadable
from orchestration.ingestion.contract import fitted_columns, required_columns_present
from orchestration.ingestion.entries import BATCH_ID, LOADED_AT, SourceEntry
from orchestration.ingestion.errors import IngestionError
from orchestration.ledger import landing_log
from orchestration.ledger.landing_log import LandedBatch
from orchestration.warehouse import Connection, EngineError


@dataclass(frozen=True)
class FittedArrival:
    """An arrival that keeps its contract.

    Attributes
    ----------
    expressions
        SQL expression by the name of each column of the raw table that it fills.
    extra_types
        Warehouse type by the name of each column that the raw table lacks so far.
    """

    arrival: Arrival
    expressions: dict[str, str]
    extra_types: dict[str, str]


@dataclass(frozen=True)
class FittedDelivery:
    """A delivery that has not landed yet and keeps its contract."""

    delivery: Delivery
    arrivals: list[FittedArrival]


def fit_new(
    connection: Connection, entry: SourceEntry, table_name: str, deliveries: list[Delivery]
) -> list[FittedDelivery]:
    """Return the deliveries that the raw table does not hold, fitted to its contract; writes nothing.

    Raises
    ------
    IngestionError
        If one cannot be read, breaks the contract, or the contract itself has changed since rows were
        appended.
    """
    table = entry.tables[table_name]
    current = landing_log.current_batches(connection, entry.source, table_name)
    declared = {name: column.warehouse_type for name, column in table.columns.items()}
    existing = _existing_types(connection, entry, table_name)
    changed = [name for name in declared if existing and existing.get(name) != declared[name]]
    if table.mode == "append":
        if changed:
            raise _contract_changed(entry, table_name, changed[0], existing)
        expected = {**existing, **declared}
        new = [delivery for delivery in deliveries if delivery.batch_id not in current]
    else:
        expected = dict(declared)
        is_current = current == {delivery.batch_id for delivery in deliveries} and not changed
        new = [] if is_current else deliveries
    fitted = []
    for delivery in new:
        arrivals = []
        for arrival in delivery.arrivals:
            found = readable_columns(connection, arrival)
            required_columns_present(arrival, found, table.columns)
            expressions = fitted_columns(connection, arrival, found, expected)
            extra_types = {name: found[name] for name in expressions if name not in expected}
            expected.update(extra_types)
            arrivals.append(FittedArrival(arrival, expressions, extra_types))
        fitted.append(FittedDelivery(delivery, arrivals))
    return fitted


def write(
    connection: Connection,
    entry: SourceEntry,
    table_name: str,
    deliveries: list[FittedDelivery],
    moment: datetime,
) -> list[LandedBatch]:
    """Write ``deliveries`` and their log rows in one transaction.

    Parameters
    ----------
    moment
        That of the landing, from `landing_log.landing_moment`.

    Raises
    ------
    IngestionError
        If a file turns out to be damaged inside, or changes while it is read; nothing is written then.
    """
    if not deliveries:
        return []
    connection.execute("begin transaction")
    try:
        batches = [_write_delivery(connection, entry, table_name, fitted, moment) for fitted in deliveries]
        connection.execute("commit")
    except BaseException:
        # What failed is the error to report, even if it took the transaction with it.
        with suppress(EngineError):
            connection.execute("rollback")
        raise
    return batches


def withdraw(connection: Connection, entry: SourceEntry, table_name: str, batch_ids: Iterable[str]) -> int:
    """Take batches and their log rows out again, in one transaction; return how many rows went.

    A table that is left without a batch goes too, so that a corrected contract can make it anew.
    """
    raw_table = f"{entry.schema_name}.{quoted(table_name)}"
    connection.execute("begin transaction")
    try:
        # What the log says, not what is deleted: on a cluster the rows are elsewhere by now.
        removed = landing_log.row_count(connection, entry.source, table_name, batch_ids)
        connection.execute(f"delete from {raw_table} where list_contains(?, {BATCH_ID})", [sorted(batch_ids)])
        landing_log.remove(connection, entry.source, table_name, batch_ids)
        if not landing_log.current_batches(connection, entry.source, table_name):
            connection.execute(f"drop table {raw_table}")
        connection.execute("commit")
    except BaseException:
        with suppress(EngineError):
            connection.execute("rollback")
        raise
    return removed


def _write_delivery(
    connection: Connection, entry: SourceEntry, table_name: str, fitted: FittedDelivery, moment: datetime
) -> LandedBatch:
    started = time.perf_counter()
    table = entry.tables[table_name]
    raw_table = f"{entry.schema_name}.{quoted(table_name)}"
    had_rows = bool(landing_log.current_batches(connection, entry.source, table_name))
    loaded_at = landing_log.next_loaded_at(connection, entry.source, table_name, moment)
    declared = {name: column.warehouse_type for name, column in table.columns.items()}
    is_replacement = table.mode == "replace" and had_rows
    known_rows = _remember_rows(connection, raw_table, declared) if is_replacement else None
    _create(connection, entry, raw_table, declared, replace=table.mode == "replace")
    row_count = 0
    for arrival in fitted.arrivals:
        for name, type_name in arrival.extra_types.items():
            connection.execute(f"alter table {raw_table} add column if not exists {quoted(name)} {type_name}")
        stamp = {LOADED_AT: f"timestamp '{loaded_at}'", BATCH_ID: literal(fitted.delivery.batch_id)}
        row_count += _insert(connection, raw_table, arrival.arrival, {**arrival.expressions, **stamp})
    if known_rows:
        _restore_loaded_at(connection, raw_table, declared, known_rows)
    column_names = list(dict.fromkeys(name for arrival in fitted.arrivals for name in arrival.expressions))
    batch = LandedBatch(
        source_system=entry.source,
        table_name=table_name,
        batch_id=fitted.delivery.batch_id,
        file_name=fitted.delivery.file_name,
        content_hash=fitted.delivery.content_hash,
        row_count=row_count,
        column_names=column_names,
        extra_columns=[name for name in column_names if name not in declared],
        mode=table.mode,
        is_replacement=is_replacement,
        loaded_at=loaded_at,
        landed_in_seconds=time.perf_counter() - started,
    )
    landing_log.write(connection, batch)
    return batch


def _create(
    connection: Connection, entry: SourceEntry, raw_table: str, declared: dict[str, str], *, replace: bool
) -> None:
    types = {**declared, LOADED_AT: "TIMESTAMP", BATCH_ID: "VARCHAR"}
    columns = ", ".join(f"{quoted(name)} {type_name}" for name, type_name in types.items())
    connection.execute(f"create schema if not exists {entry.schema_name}")
    if replace:
        connection.execute(f"create or replace table {raw_table} ({columns})")
    else:
        connection.execute(f"create table if not exists {raw_table} ({columns})")


def _remember_rows(connection: Connection, raw_table: str, declared: dict[str, str]) -> str:
    """Keep when each row of a table that is about to be replaced was first loaded; return where."""
    name = "_known_rows"
    connection.execute(
        f"create or replace temp table {name} as select {_row_hash(declared)} as row_hash, "
        f"min({LOADED_AT}) as loaded_at from {raw_table} group by row_hash"
    )
    return name


def _restore_loaded_at(
    connection: Connection, raw_table: str, declared: dict[str, str], known_rows: str
) -> None:
    """Let rows that were there before count as loaded when they first were: identity rests on that moment."""
    if connection.execute(f"select 1 from {known_rows} limit 1").fetchone():
        connection.execute(
            f"create or replace table {raw_table} as select landed.* replace "
            f"(coalesce(known.loaded_at, landed.{LOADED_AT}) as {LOADED_AT}) from {raw_table} as landed "
            f"left join {known_rows} as known on {_row_hash(declared, 'landed.')} = known.row_hash"
        )
    connection.execute(f"drop table {known_rows}")


def _row_hash(declared: dict[str, str], prefix: str = "") -> str:
    return f"hash({', '.join(prefix + quoted(name) for name in declared)})"


def _insert(connection: Connection, raw_table: str, arrival: Arrival, expressions: dict[str, str]) -> int:
    columns = ", ".join(f"{expression} as {quoted(name)}" for name, expression in expressions.items())
    try:
        with _no_idle_thread(connection, arrival):
            inserted = connection.execute(
                f"insert into {raw_table} by name select {columns} from {arrival.scan}"
            ).fetchall()
    except EngineError as error:
        raise unreadable(arrival, error) from error
    if arrival.path is not None and stamp_of(arrival.path) != arrival.stamp:
        raise IngestionError(
            arrival.name, "it changed while it was read.", "land again once its writer is done."
        )
    return int(inserted[0][0])


@contextmanager
def _no_idle_thread(connection: Connection, arrival: Arrival) -> Iterator[None]:
    # In one run of three, a second thread without work was seen to double the time of the one that has some.
    if not is_read_by_one_thread(connection, arrival):
        yield
        return
    threads = connection.execute("select current_setting('threads')").fetchall()[0][0]
    connection.execute("set threads = 1")
    try:
        yield
    finally:
        connection.execute(f"set threads = {threads}")


def _existing_types(connection: Connection, entry: SourceEntry, table_name: str) -> dict[str, str]:
    """Return the raw table's columns but the two that landing adds; empty if there is no table."""
    rows = connection.execute(
        "select column_name, data_type from duckdb_columns() where database_name = current_database() "
        "and schema_name = ? and table_name = ? order by column_index",
        [entry.schema_name, table_name],
    ).fetchall()
    return {name: type_name for name, type_name in rows if name not in {LOADED_AT, BATCH_ID}}


def _contract_changed(
    entry: SourceEntry, table_name: str, column_name: str, existing: dict[str, str]
) -> IngestionError:
    landed_as = existing.get(column_name)
    found = "is not in the raw table" if landed_as is None else f"has landed as {landed_as.lower()}"
    field = f"tables.{table_name}.columns.{column_name}"
    return IngestionError(
        f"{entry.source}.yml",
        f"{field} says {entry.tables[table_name].columns[column_name].type}, but the column {found}: "
        "the contract changed after files were appended.",
        "undo the change, or build anew from the sources (`make clean`).",
        field,
    )
