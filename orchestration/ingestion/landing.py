"""Land what arrives in ``raw_<source>``: each batch once, each table in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from orchestration import warehouse
from orchestration.ingestion import landing_log, raw_tables
from orchestration.ingestion.arrivals import Delivery
from orchestration.ingestion.databases import database_deliveries
from orchestration.ingestion.entries import DatabaseEntry, SourceEntry
from orchestration.ingestion.file_stamps import FileStamps
from orchestration.ingestion.files import file_deliveries
from orchestration.ingestion.landing_log import LandedBatch, source_batches
from orchestration.settings import Settings
from orchestration.warehouse import Connection

__all__ = ["LandedBatch", "PendingBatch", "land", "pending", "source_batches"]


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
    settings: Settings, entry: SourceEntry, report: Callable[[str], None] = _say_nothing
) -> list[LandedBatch]:
    """Land every table of a source; what has landed before is left as it is.

    All tables are checked against the contract before the first one lands. Each table then lands with its log
    rows in one transaction, so that an end at any moment leaves it either as it was or complete.

    Parameters
    ----------
    report
        Called with one line per table: what landed, or that nothing was new.

    Returns
    -------
    list of LandedBatch
        The batches that are new, in the order they landed; empty if nothing was.

    Raises
    ------
    IngestionError
        If a table cannot be read or breaks what landing holds. Its raw table stays as it was.
    """
    stamps = FileStamps.load(settings)
    landed: list[LandedBatch] = []
    with warehouse.writing(settings) as connection:
        landing_log.create(connection)
        fitted = {
            table_name: raw_tables.fit_new(
                connection, entry, table_name, _deliveries(connection, settings, entry, table_name, stamps)
            )
            for table_name in entry.tables
        }
        for table_name, deliveries in fitted.items():
            batches = raw_tables.write(connection, entry, table_name, deliveries)
            report(_line(f"{entry.source}.{table_name}", batches))
            landed += batches
        for table_name in entry.tables:
            current = landing_log.current_batches(connection, entry.source, table_name)
            stamps.remember_landed(entry.source, table_name, current)
    stamps.save()
    return landed


def pending(settings: Settings, entry: SourceEntry) -> list[PendingBatch]:
    """Return the batches that would land now.

    Opens no warehouse and writes nothing, so a sensor may ask while a build runs. Databases are not asked:
    what is new in them is known only by fetching it, which a schedule does.

    Raises
    ------
    IngestionError
        If a file is missing or cannot be read.
    """
    if isinstance(entry, DatabaseEntry):
        return []
    stamps = FileStamps.load(settings)
    return [
        PendingBatch(entry.source, table_name, delivery.batch_id, delivery.file_name)
        for table_name in entry.tables
        for delivery in file_deliveries(settings, entry, table_name, stamps)
        if delivery.batch_id not in stamps.landed(entry.source, table_name)
    ]


def _deliveries(
    connection: Connection, settings: Settings, entry: SourceEntry, table_name: str, stamps: FileStamps
) -> list[Delivery]:
    if isinstance(entry, DatabaseEntry):
        return database_deliveries(connection, settings, entry, table_name)
    return file_deliveries(settings, entry, table_name, stamps)


def _line(name: str, batches: list[LandedBatch]) -> str:
    if not batches:
        return f"{name}: nothing new"
    rows = sum(batch.row_count for batch in batches)
    seconds = sum(batch.landed_in_seconds for batch in batches)
    extras = sorted({extra for batch in batches for extra in batch.extra_columns})
    noted = f"; not in the contract: {', '.join(extras)}" if extras else ""
    return f"{name}: {rows:,} rows in {seconds:.1f} s{noted}"
