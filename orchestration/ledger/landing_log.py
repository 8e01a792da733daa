"""Which batches landed: one row for each, written in the transaction that makes them part of raw."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, and_, delete, func, insert, select, update
from sqlalchemy.sql import ColumnElement

from orchestration.ledger.tables import landed_batches as log
from orchestration.ledger.tables import shipments


@dataclass(frozen=True)
class LandedBatch:
    """One landed batch, as the log keeps it.

    Attributes
    ----------
    column_names
        The columns that arrived, in order.
    extra_columns
        Those among them that the entry does not declare; they landed as they came.
    mode
        ``append`` or ``replace``.
    is_replacement
        Whether rows that had landed before were replaced, so that incremental models on the table must be
        rebuilt.
    loaded_at
        UTC; equal to ``_loaded_at`` of the rows that are new with the batch, and larger than that of every
        earlier batch of the table.
    raw_file
        The file that holds its rows, relative to the folder of raw.
    """

    source_system: str
    table_name: str
    batch_id: str
    file_name: str
    content_hash: str
    row_count: int
    column_names: list[str]
    extra_columns: list[str]
    mode: str
    is_replacement: bool
    loaded_at: datetime
    landed_in_seconds: float
    raw_file: str


def write(ledger: Connection, batches: Iterable[LandedBatch]) -> None:
    """Add rows to the log."""
    if rows := [asdict(batch) for batch in batches]:
        ledger.execute(insert(log), rows)


def accept(ledger: Connection, source: str) -> None:
    """Note that the arrival gate let through all that ``source`` has landed."""
    ledger.execute(
        update(log)
        .where(log.c.source_system == source, log.c.accepted_at.is_(None))
        .values(accepted_at=_now())
    )


def unaccepted_batches(ledger: Connection, source: str, table: str) -> dict[str, datetime]:
    """Return when each batch landed that ``source.table`` holds and no arrival gate has let through."""
    return {
        batch.batch_id: batch.loaded_at
        for batch in ledger.execute(
            select(log.c.batch_id, log.c.loaded_at).where(
                _is_current(source, table), log.c.accepted_at.is_(None)
            )
        )
    }


def remove(ledger: Connection, source: str, table: str, batch_ids: Iterable[str]) -> None:
    """Forget that ``batch_ids`` landed in ``source.table``."""
    ledger.execute(delete(log).where(_is_of(source, table), log.c.batch_id.in_(list(batch_ids))))


def current_batches(ledger: Connection, source: str, table: str) -> frozenset[str]:
    """Return the batches whose rows ``source.table`` holds now: those since its last replacement."""
    return frozenset(ledger.execute(select(log.c.batch_id).where(_is_current(source, table))).scalars())


def current_files(ledger: Connection, source: str, table: str) -> dict[str, str]:
    """Return the raw file of each batch that ``source.table`` holds now, in the order they landed."""
    rows = ledger.execute(
        select(log.c.batch_id, log.c.raw_file)
        .where(_is_current(source, table))
        .order_by(log.c.loaded_at, log.c.landing_id)
    )
    return {row.batch_id: row.raw_file for row in rows}


def known_files(ledger: Connection, source: str) -> frozenset[str]:
    """Return every raw file of ``source`` that the log knows, superseded ones too."""
    return frozenset(ledger.execute(select(log.c.raw_file).where(log.c.source_system == source)).scalars())


def row_counts(ledger: Connection, source: str, table: str) -> dict[str, int]:
    """Return how many rows each batch brought that ``source.table`` holds now, in the order they landed."""
    rows = ledger.execute(
        select(log.c.batch_id, log.c.row_count)
        .where(_is_current(source, table))
        .order_by(log.c.loaded_at, log.c.landing_id)
    )
    return {row.batch_id: row.row_count for row in rows}


def shipped_files(ledger: Connection, address: str) -> frozenset[str]:
    """Return the raw files whose rows were counted on the cluster at ``address``."""
    return frozenset(
        ledger.execute(select(shipments.c.raw_file).where(shipments.c.address == address)).scalars()
    )


def mark_shipped(ledger: Connection, address: str, raw_file: str) -> None:
    """Note that the rows of a raw file were counted on the cluster at ``address``."""
    of_file = (shipments.c.address == address) & (shipments.c.raw_file == raw_file)
    ledger.execute(delete(shipments).where(of_file))
    ledger.execute(insert(shipments).values(address=address, raw_file=raw_file, shipped_at=_now()))


def landing_moment(ledger: Connection, source: str, started_at: datetime | None = None) -> datetime:
    """Return the whole second that all batches of one landing of a source have in common.

    What the warehouse learnt together has one moment, whatever the order of the files: identity counts on it.
    It is later than that of the source's last landing, even if the clock went back.

    Parameters
    ----------
    started_at
        When the build started that lands, UTC; now if there is none.
    """
    moment = (started_at or _now()).replace(microsecond=0)
    last = ledger.execute(select(func.max(log.c.loaded_at)).where(log.c.source_system == source)).scalar()
    return moment if last is None else max(moment, last.replace(microsecond=0) + timedelta(seconds=1))


def last_loaded_at(ledger: Connection, source: str, table: str) -> datetime | None:
    """Return when the last batch of a table counts as loaded; ``None`` if it has none."""
    return ledger.execute(select(func.max(log.c.loaded_at)).where(_is_of(source, table))).scalar()


def source_batches(ledger: Connection, sources: Iterable[str]) -> list[str]:
    """Return ``<source>.<table>:<batch id>`` of every batch in the raw tables of ``sources``, sorted.

    Equal lists mean equal raw rows, so the list can stand in a build's fingerprint. Empty if nothing has
    landed.
    """
    tables = ledger.execute(
        select(log.c.source_system, log.c.table_name).where(log.c.source_system.in_(list(sources))).distinct()
    ).fetchall()
    return sorted(
        f"{source}.{table}:{batch}"
        for source, table in tables
        for batch in current_batches(ledger, source, table)
    )


def raw_states(ledger: Connection, sources: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return what the raw tables of ``sources`` hold, by ``raw_<source>.<table>``.

    Returns
    -------
    dict
        Two texts for each table: its last replacement, empty if its rows were only added to; and everything
        that it holds. Equal texts mean equal rows with equal moments.
    """
    found: dict[str, tuple[str, list[str]]] = {}
    for batch in ledger.execute(
        select(log.c.source_system, log.c.table_name, log.c.is_replacement, log.c.loaded_at, log.c.raw_file)
        .where(log.c.source_system.in_(list(sources)))
        .order_by(log.c.loaded_at, log.c.landing_id)
    ):
        table = f"raw_{batch.source_system}.{batch.table_name}"
        replaced, files = found.get(table, ("", []))
        if batch.is_replacement and replaced != str(batch.loaded_at):
            replaced, files = str(batch.loaded_at), []
        found[table] = replaced, [*files, batch.raw_file]
    return {table: (replaced, "\n".join(files)) for table, (replaced, files) in found.items()}


def _is_of(source: str, table: str) -> ColumnElement[bool]:
    return and_(log.c.source_system == source, log.c.table_name == table)


def _is_current(source: str, table: str) -> ColumnElement[bool]:
    last_replacement = (
        select(func.max(log.c.loaded_at)).where(_is_of(source, table), log.c.is_replacement).scalar_subquery()
    )
    return and_(_is_of(source, table), (last_replacement.is_(None)) | (log.c.loaded_at >= last_replacement))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
