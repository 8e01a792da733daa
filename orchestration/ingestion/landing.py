"""Land what arrives in ``raw_<source>``: each batch once, each table in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection as Ledger

from orchestration import warehouse
from orchestration.ingestion import raw_tables
from orchestration.ingestion.arrivals import Delivery
from orchestration.ingestion.connectors.apis import api_deliveries
from orchestration.ingestion.connectors.databases import database_deliveries
from orchestration.ingestion.connectors.files import file_deliveries
from orchestration.ingestion.connectors.generated import (
    generate_if_changed,
    refuse_other_rows,
    wanted_generation,
)
from orchestration.ingestion.entries import ASKED_FOR, ApiEntry, DatabaseEntry, SourceEntry
from orchestration.ingestion.file_stamps import FileStamps
from orchestration.ingestion.locations import is_generated
from orchestration.ingestion.raw_tables import RawTable
from orchestration.ingestion.shipping import ship
from orchestration.ledger import landing_log
from orchestration.ledger import store as ledger
from orchestration.ledger.landing_log import LandedBatch
from orchestration.ledger.mirror import mirror
from orchestration.settings import Settings

__all__ = [
    "LandedBatch",
    "PendingBatch",
    "accept",
    "land",
    "pending",
    "row_counts",
    "unaccepted_since",
    "withdraw",
]


@dataclass(frozen=True)
class PendingBatch:
    """A batch that would land now."""

    source_system: str
    table_name: str
    batch_id: str
    file_name: str


def _say_nothing(line: str) -> None:
    """Report to nobody."""


def land(
    settings: Settings,
    entry: SourceEntry,
    report: Callable[[str], None] = _say_nothing,
    started_at: datetime | None = None,
) -> list[LandedBatch]:
    """Land every table of a source; what has landed before is left as it is.

    All tables are checked against the contract before the first one lands. Each table then lands with its log
    rows in one transaction, so that an end at any moment leaves it either as it was or complete.

    Parameters
    ----------
    report
        Called with one line per table: what landed, or that nothing was new.
    started_at
        When the build started, UTC: all that one build lands counts as known at once. Now by default.

    Returns
    -------
    list of LandedBatch
        The batches that are new, in the order they landed; empty if nothing was.

    Raises
    ------
    IngestionError
        If a table cannot be read or breaks what landing holds. Its raw table stays as it was.
    LedgerError
        If the ledger cannot be written. Nothing counts as landed then.
    """
    generate_if_changed(settings, entry, report)
    stamps = FileStamps.load(settings)
    landed: list[LandedBatch] = []
    with warehouse.writing(settings) as connection:
        tables = {name: RawTable(connection, settings, entry, name) for name in entry.tables}
        with ledger.writing(settings) as log:
            raw_tables.remove_unknown_files(settings, log, entry)
            for table in tables.values():
                table.show(log)
            fitted = {
                name: table.fit_new(log, _deliveries(table, log, stamps)) for name, table in tables.items()
            }
            moment = landing_log.landing_moment(log, entry.source, started_at)
        for table_name, deliveries in fitted.items():
            batches = []
            if deliveries:
                with ledger.writing(settings) as log:
                    batches = tables[table_name].write(log, deliveries, moment)
                    landing_log.write(log, batches)
                with ledger.writing(settings) as log:
                    tables[table_name].show(log)
            report(_line(f"{entry.source}.{table_name}", batches))
            landed += batches
        with ledger.writing(settings) as log:
            for table_name in entry.tables:
                current = landing_log.current_batches(log, entry.source, table_name)
                stamps.remember_landed(entry.source, table_name, current)
        mirror(settings, connection)
    stamps.save()
    return landed


def pending(settings: Settings, entry: SourceEntry) -> list[PendingBatch]:
    """Return the batches that would land now.

    Opens no warehouse and writes nothing, so a sensor may ask while a build runs. Databases and APIs
    are not asked: what is new in them is known only by fetching it, which a schedule does.

    Raises
    ------
    IngestionError
        If a file is missing or cannot be read.
    """
    if isinstance(entry, ASKED_FOR):
        return []
    if fingerprint := wanted_generation(settings, entry):
        return [
            PendingBatch(entry.source, table_name, f"{fingerprint} {table_name}", "to be generated")
            for table_name in entry.tables
        ]
    stamps = FileStamps.load(settings)
    return [
        PendingBatch(entry.source, table_name, delivery.batch_id, delivery.file_name)
        for table_name in entry.tables
        for delivery in file_deliveries(settings, entry, table_name, stamps)
        if delivery.batch_id not in stamps.landed(entry.source, table_name)
    ]


def row_counts(settings: Settings, entry: SourceEntry) -> dict[str, int]:
    """Return how many rows each raw table of a source holds."""
    with ledger.writing(settings) as log:
        return {
            table_name: sum(landing_log.row_counts(log, entry.source, table_name).values())
            for table_name in entry.tables
        }


def unaccepted_since(settings: Settings, entry: SourceEntry) -> dict[str, datetime]:
    """Return, for each appended table that the arrival gate has to judge again, since when.

    What landed before has been let through; a bad day must not drown in the years before it. A table without
    anything new is not in the answer: the gate judges it whole, as it does tables that are replaced.
    """
    with ledger.writing(settings) as log:
        waiting = {
            table_name: landing_log.unaccepted_batches(log, entry.source, table_name)
            for table_name, table in entry.tables.items()
            if table.mode == "append"
        }
    return {table_name: min(batches.values()) for table_name, batches in waiting.items() if batches}


def accept(settings: Settings, entry: SourceEntry) -> None:
    """Note that the arrival gate let through all that the source has landed."""
    with ledger.writing(settings) as log:
        landing_log.accept(log, entry.source)


def withdraw(settings: Settings, entry: SourceEntry, table_names: Iterable[str]) -> list[str]:
    """Take what a red arrival gate held back out of the tables it was appended to.

    A corrected file then lands in its place, not beside it. Tables that are replaced stay as they are: the
    next delivery takes their place anyway.

    Returns
    -------
    list of str
        One line per table: what was taken out.
    """
    lines = []
    stamps = FileStamps.load(settings)
    with warehouse.writing(settings) as connection:
        for table_name in table_names:
            with ledger.writing(settings) as log:
                batches = landing_log.unaccepted_batches(log, entry.source, table_name)
                if entry.tables[table_name].mode != "append" or not batches:
                    continue
                held = landing_log.row_counts(log, entry.source, table_name)
                landing_log.remove(log, entry.source, table_name, batches)
            with ledger.writing(settings) as log:
                RawTable(connection, settings, entry, table_name).show(log)
                raw_tables.remove_unknown_files(settings, log, entry)
                current = landing_log.current_batches(log, entry.source, table_name)
            stamps.remember_landed(entry.source, table_name, current)
            rows = sum(held[batch_id] for batch_id in batches)
            lines.append(f"{entry.source}.{table_name}: {rows:,} rows taken out, to be delivered again")
        mirror(settings, connection)
    stamps.save()
    ship(settings, entry)
    return lines


def _deliveries(table: RawTable, log: Ledger, stamps: FileStamps) -> list[Delivery]:
    settings, entry = table.settings, table.entry
    if isinstance(entry, DatabaseEntry):
        return database_deliveries(table.connection, settings, entry, table.name)
    if isinstance(entry, ApiEntry):
        return api_deliveries(table.connection, settings, entry, table.name)
    deliveries = file_deliveries(settings, entry, table.name, stamps)
    if is_generated(entry, settings):
        refuse_other_rows(log, entry, table.name, deliveries)
    return deliveries


def _line(name: str, batches: list[LandedBatch]) -> str:
    if not batches:
        return f"{name}: nothing new"
    rows = sum(batch.row_count for batch in batches)
    seconds = sum(batch.landed_in_seconds for batch in batches)
    extras = sorted({extra for batch in batches for extra in batch.extra_columns})
    noted = f"; not in the contract: {', '.join(extras)}" if extras else ""
    return f"{name}: {rows:,} rows in {seconds:.1f} s{noted}"
