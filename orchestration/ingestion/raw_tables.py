"""Raw: what arrived, one immutable Parquet file for each batch, and a view over those that count.

The ledger says which batches count. A file is written whole under another name, renamed, and only then
entered in the ledger, all batches of a table in one transaction: an end at any moment leaves the table as it
was, or complete, and a file that the ledger does not know is removed by the next landing. The views of the
build file, ``raw_<source>.<table>``, are made again from the ledger: losing the build file loses nothing.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import Connection as Ledger

from orchestration.files import settle
from orchestration.ingestion.arrivals import Arrival, Delivery, stamp_of
from orchestration.ingestion.connectors.files import (
    is_read_by_one_thread,
    opened,
    readable_columns,
    unreadable,
)
from orchestration.ingestion.contract import fitted_columns, required_columns_present
from orchestration.ingestion.entries import BATCH_ID, LOADED_AT, FileTable, SourceEntry
from orchestration.ingestion.errors import IngestionError
from orchestration.ledger import landing_log
from orchestration.ledger.landing_log import LandedBatch
from orchestration.settings import Settings
from orchestration.warehouse import Connection, EngineError
from orchestration.warehouse.sql import literal, quoted

_UNFINISHED = ".part"
_TEXT = "VARCHAR"


@dataclass(frozen=True)
class FittedArrival:
    """An arrival that keeps its contract.

    Attributes
    ----------
    expressions
        SQL expression by the name of each column of the raw table that it fills.
    extras
        Those among them that no contract declares. They land as text: what a file guesses of them must not
        stop the next file.
    """

    arrival: Arrival
    expressions: dict[str, str]
    extras: list[str]


@dataclass(frozen=True)
class FittedDelivery:
    """A delivery that has not landed yet and keeps its contract."""

    delivery: Delivery
    arrivals: list[FittedArrival]


@dataclass(frozen=True)
class RawTable:
    """One raw table: its files, and its view in the build file that ``connection`` has open."""

    connection: Connection
    settings: Settings
    entry: SourceEntry
    name: str

    @property
    def relation(self) -> str:
        """What SQL calls it."""
        return f"{self.entry.schema_name}.{quoted(self.name)}"

    def show(self, log: Ledger) -> None:
        """Let the view show what the ledger says that the table holds; there is none if that is nothing.

        Raises
        ------
        IngestionError
            If a file that the ledger names is gone.
        """
        files = landing_log.current_files(log, self.entry.source, self.name)
        if not files:
            self.connection.execute(f"drop view if exists {self.relation}")
            return
        paths = [self.settings.raw_dir / file for file in files.values()]
        if missing := [path for path in paths if not path.exists()]:
            raise IngestionError(
                f"{self.entry.source}.{self.name}",
                f"{missing[0]} is missing: the ledger says that it landed, and only it holds its rows.",
                "put the folder raw/ back from its backup, the one of the same day as the ledger's.",
            )
        listed = ", ".join(literal(str(path)) for path in paths)
        self.connection.execute(f"create schema if not exists {self.entry.schema_name}")
        self.connection.execute(
            f"create or replace view {self.relation} as "
            f"select * from read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
        )

    def fit_new(self, log: Ledger, deliveries: list[Delivery]) -> list[FittedDelivery]:
        """Return the deliveries that the table does not hold, fitted to its contract; writes nothing.

        Raises
        ------
        IngestionError
            If one cannot be read, breaks the contract, or the contract itself has changed since rows were
            appended.
        """
        columns = self.entry.tables[self.name].columns
        current = landing_log.current_batches(log, self.entry.source, self.name)
        declared = {name: column.warehouse_type for name, column in columns.items()}
        existing = self._existing_types()
        changed = [name for name in declared if existing and existing.get(name) != declared[name]]
        if self.entry.tables[self.name].mode == "append":
            if changed:
                raise _contract_changed(self.entry, self.name, changed[0], existing)
            new = [delivery for delivery in deliveries if delivery.batch_id not in current]
        else:
            is_current = current == {delivery.batch_id for delivery in deliveries} and not changed
            new = [] if is_current else deliveries
        return [
            FittedDelivery(delivery, [self._fitted(arrival, existing) for arrival in delivery.arrivals])
            for delivery in new
        ]

    def write(self, log: Ledger, deliveries: list[FittedDelivery], moment: datetime) -> list[LandedBatch]:
        """Write the file of each delivery, and return what is to be entered in the ledger.

        Parameters
        ----------
        moment
            That of the landing, from `landing_log.landing_moment`.

        Raises
        ------
        IngestionError
            If a file turns out to be damaged inside, or changes while it is read; nothing counts as landed
            then.
        """
        batches: list[LandedBatch] = []
        last = landing_log.last_loaded_at(log, self.entry.source, self.name)
        is_replacement = self.entry.tables[self.name].mode == "replace" and bool(
            landing_log.current_batches(log, self.entry.source, self.name)
        )
        for fitted in deliveries:
            # Within the landing's second, batch by batch.
            last = moment if last is None else max(moment, last + timedelta(microseconds=1))
            batches.append(self._write_delivery(fitted, last, is_replacement))
        return batches

    def _fitted(self, arrival: Arrival, existing: dict[str, str]) -> FittedArrival:
        table = self.entry.tables[self.name]
        columns = table.columns
        if isinstance(table, FileTable):
            arrival = opened(self.connection, arrival, table)
        declared = {name: column.warehouse_type for name, column in columns.items()}
        found = readable_columns(self.connection, arrival)
        required_columns_present(arrival, found, columns)
        expressions = fitted_columns(self.connection, arrival, found, declared)
        kept = {name: text for name, text in expressions.items() if name in declared}
        extras = {
            _extra_name(name, existing): _as_text(name, found[name])
            for name in expressions
            if name not in declared
        }
        return FittedArrival(arrival, {**kept, **extras}, list(extras))

    def _write_delivery(
        self, fitted: FittedDelivery, loaded_at: datetime, is_replacement: bool
    ) -> LandedBatch:
        started = time.perf_counter()
        table = self.entry.tables[self.name]
        declared = {name: column.warehouse_type for name, column in table.columns.items()}
        columns = dict(declared)
        for arrival in fitted.arrivals:
            columns.update(dict.fromkeys(arrival.extras, _TEXT))
        stamp = {LOADED_AT: f"timestamp '{loaded_at}'", BATCH_ID: literal(fitted.delivery.batch_id)}
        rows = " union all ".join(_selected(arrival, columns, stamp) for arrival in fitted.arrivals)
        if is_replacement:
            existing = self._existing_types()
            alike = [name for name, type_name in declared.items() if existing.get(name) == type_name]
            rows = _with_first_moments(rows, self.relation, alike)
        # What came once, was replaced and comes again is another batch of the same content.
        moment = f"{loaded_at:%Y%m%dT%H%M%S%f}"
        file = f"{self.entry.source}/{self.name}/{moment}-{fitted.delivery.batch_id}.parquet"
        row_count = _write_file(self.connection, self.settings.raw_dir / file, rows, fitted.arrivals)
        column_names = list(dict.fromkeys(name for each in fitted.arrivals for name in each.expressions))
        return LandedBatch(
            source_system=self.entry.source,
            table_name=self.name,
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
            raw_file=file,
        )

    def _existing_types(self) -> dict[str, str]:
        """Return the table's columns but the two that landing adds; empty if there is no table."""
        rows = self.connection.execute(
            "select column_name, data_type from duckdb_columns() where database_name = current_database() "
            "and schema_name = ? and table_name = ? order by column_index",
            [self.entry.schema_name, self.name],
        ).fetchall()
        return {name: type_name for name, type_name in rows if name not in {LOADED_AT, BATCH_ID}}


def remove_unknown_files(settings: Settings, log: Ledger, entry: SourceEntry) -> None:
    """Remove what a landing that was killed, or a batch that was taken out again, has left behind."""
    known = landing_log.known_files(log, entry.source)
    for path in (settings.raw_dir / entry.source).glob("*/*"):
        if path.relative_to(settings.raw_dir).as_posix() not in known:
            path.unlink()


def _selected(arrival: FittedArrival, columns: dict[str, str], stamp: dict[str, str]) -> str:
    """Return the query that reads an arrival in order and types of the raw table, absent columns as nulls."""
    expressions = {
        name: arrival.expressions.get(name, f"cast(null as {type_name})")
        for name, type_name in columns.items()
    }
    listed = ", ".join(f"{text} as {quoted(name)}" for name, text in {**expressions, **stamp}.items())
    return f"select {listed} from {arrival.arrival.scan}"


def _with_first_moments(rows: str, raw_table: str, columns: list[str]) -> str:
    """Let rows that were there before count as loaded when they first were: identity rests on that moment."""
    return (
        f"with known as (select {_row_hash(columns)} as row_hash, min({LOADED_AT}) as loaded_at "
        f"from {raw_table} group by row_hash) "
        f"select arriving.* replace (coalesce(known.loaded_at, arriving.{LOADED_AT}) as {LOADED_AT}) "
        f"from ({rows}) as arriving left join known on {_row_hash(columns, 'arriving.')} = known.row_hash"
    )


def _row_hash(columns: list[str], prefix: str = "") -> str:
    return f"hash({', '.join(prefix + quoted(name) for name in columns)})"


def _extra_name(name: str, existing: dict[str, str]) -> str:
    """Return the raw column of an undeclared one: any case is the same, and landing's two names are taken."""
    if name.lower() in {LOADED_AT, BATCH_ID}:
        return f"source{name.lower()}"
    return next((known for known in existing if known.lower() == name.lower()), name)


def _as_text(name: str, found_type: str) -> str:
    is_nested = found_type.endswith("]") or found_type.startswith(("STRUCT", "MAP", "UNION"))
    column = f"to_json({quoted(name)})" if is_nested else quoted(name)
    return f"cast({column} as {_TEXT})"


def _write_file(connection: Connection, path: Path, rows: str, arrivals: list[FittedArrival]) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(path.name + _UNFINISHED)
    try:
        with _no_idle_thread(connection, arrivals):
            written = connection.execute(
                f"copy ({rows}) to {literal(str(unfinished))} (format parquet, compression snappy)"
            ).fetchall()
    except EngineError as error:
        unfinished.unlink(missing_ok=True)
        raise unreadable(arrivals[0].arrival, error) from error
    for fitted in arrivals:
        arrival = fitted.arrival
        if arrival.path is not None and stamp_of(arrival.path) != arrival.stamp:
            unfinished.unlink(missing_ok=True)
            raise IngestionError(
                arrival.name, "it changed while it was read.", "land again once its writer is done."
            )
    unfinished.chmod(0o444)
    settle(unfinished, path)
    return int(written[0][0])


@contextmanager
def _no_idle_thread(connection: Connection, arrivals: Iterable[FittedArrival]) -> Iterator[None]:
    # In one run of three, a second thread without work was seen to double the time of the one that has some.
    if not all(is_read_by_one_thread(connection, fitted.arrival) for fitted in arrivals):
        yield
        return
    threads = connection.execute("select current_setting('threads')").fetchall()[0][0]
    connection.execute("set threads = 1")
    try:
        yield
    finally:
        connection.execute(f"set threads = {threads}")


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
        "undo the change, or build from the sources into another warehouse (WAREHOUSE_DIR).",
        field,
    )
