"""``ops.landed_batches``: one row per batch that landed, written in the transaction that landed it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta

from orchestration.warehouse import Connection

# `accepted_at` is filled by `accept`; what is still empty there, no arrival gate has let through yet.
# `shipped_at` is filled once the rows are on a cluster, and no longer in the build file.
LANDING_LOG = "ops.landed_batches"


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


@dataclass(frozen=True)
class Shipment:
    """A batch that a raw table on a cluster has to hold."""

    batch_id: str
    file_name: str
    row_count: int
    is_shipped: bool


def create(connection: Connection) -> None:
    """Create the log if it is missing."""
    connection.execute("create schema if not exists ops")
    connection.execute(
        f"""
        create table if not exists {LANDING_LOG} (
            source_system varchar not null,
            table_name varchar not null,
            batch_id varchar not null,
            file_name varchar not null,
            content_hash varchar not null,
            row_count bigint not null,
            column_names varchar[] not null,
            extra_columns varchar[] not null,
            mode varchar not null,
            is_replacement boolean not null,
            loaded_at timestamp not null,
            landed_in_seconds double not null,
            accepted_at timestamp,
            shipped_at timestamp,
        )
        """
    )
    # A log that is older than the cluster.
    connection.execute(f"alter table {LANDING_LOG} add column if not exists shipped_at timestamp")


def write(connection: Connection, batch: LandedBatch) -> None:
    """Add one row to the log."""
    values = asdict(batch)
    connection.execute(
        f"insert into {LANDING_LOG} ({', '.join(values)}) values ({', '.join('?' for _ in values)})",
        list(values.values()),
    )


def accept(connection: Connection, source: str) -> None:
    """Note that the arrival gate let through all that ``source`` has landed."""
    connection.execute(
        f"update {LANDING_LOG} set accepted_at = ? where source_system = ? and accepted_at is null",
        [datetime.now(UTC).replace(tzinfo=None), source],
    )


def unaccepted_batches(connection: Connection, source: str, table: str) -> dict[str, datetime]:
    """Return when each batch landed that ``source.table`` holds and no arrival gate has let through."""
    rows = connection.execute(
        f"""
        select batch_id, loaded_at
        from {LANDING_LOG}
        where source_system = ? and table_name = ? and accepted_at is null
        """,
        [source, table],
    ).fetchall()
    current = current_batches(connection, source, table)
    return {batch_id: loaded_at for batch_id, loaded_at in rows if batch_id in current}


def remove(connection: Connection, source: str, table: str, batch_ids: Iterable[str]) -> None:
    """Forget that ``batch_ids`` landed in ``source.table``."""
    connection.execute(
        f"delete from {LANDING_LOG} "
        "where source_system = ? and table_name = ? and list_contains(?, batch_id)",
        [source, table, sorted(batch_ids)],
    )


def current_batches(connection: Connection, source: str, table: str) -> frozenset[str]:
    """Return the batches whose rows ``source.table`` holds now: those since its last replacement."""
    rows = connection.execute(
        f"""
        select batch_id
        from {LANDING_LOG}
        where source_system = $source and table_name = $table
            and loaded_at >= coalesce(
                (
                    select max(loaded_at)
                    from {LANDING_LOG}
                    where source_system = $source and table_name = $table and is_replacement
                ),
                '-infinity'::timestamp
            )
        """,
        {"source": source, "table": table},
    ).fetchall()
    return frozenset(row[0] for row in rows)


def row_count(connection: Connection, source: str, table: str, batch_ids: Iterable[str]) -> int:
    """Return how many rows ``batch_ids`` brought into ``source.table``."""
    rows = connection.execute(
        f"""
        select coalesce(sum(row_count), 0)
        from {LANDING_LOG}
        where source_system = ? and table_name = ? and list_contains(?, batch_id)
        """,
        [source, table, sorted(batch_ids)],
    ).fetchall()
    return int(rows[0][0])


def shipments(connection: Connection, source: str, table: str) -> list[Shipment]:
    """Return the batches whose rows ``source.table`` holds now, in the order they landed."""
    rows = connection.execute(
        f"""
        select batch_id, file_name, row_count, shipped_at is not null
        from {LANDING_LOG}
        where source_system = ? and table_name = ? and list_contains(?, batch_id)
        order by loaded_at
        """,
        [source, table, sorted(current_batches(connection, source, table))],
    ).fetchall()
    return [Shipment(*row) for row in rows]


def mark_shipped(connection: Connection, source: str, table: str, batch_ids: Iterable[str]) -> None:
    """Note that the rows of ``batch_ids`` are on the cluster."""
    connection.execute(
        f"update {LANDING_LOG} set shipped_at = ? "
        "where source_system = ? and table_name = ? and list_contains(?, batch_id)",
        [datetime.now(UTC).replace(tzinfo=None), source, table, sorted(batch_ids)],
    )


def landing_moment(connection: Connection, source: str, started_at: datetime | None = None) -> datetime:
    """Return the whole second that all batches of one landing of a source have in common.

    What the warehouse learnt together has one moment, whatever the order of the files: identity counts on it.
    It is later than that of the source's last landing, even if the clock went back.

    Parameters
    ----------
    started_at
        When the build started that lands, UTC; now if there is none.
    """
    moment = (started_at or datetime.now(UTC).replace(tzinfo=None)).replace(microsecond=0)
    last = connection.execute(
        f"select max(loaded_at) from {LANDING_LOG} where source_system = ?", [source]
    ).fetchall()[0][0]
    return moment if last is None else max(moment, last.replace(microsecond=0) + timedelta(seconds=1))


def next_loaded_at(connection: Connection, source: str, table: str, moment: datetime) -> datetime:
    """Return when the next batch of a table counts as loaded: within the landing's second, batch by batch."""
    last = connection.execute(
        f"select max(loaded_at) from {LANDING_LOG} where source_system = ? and table_name = ?",
        [source, table],
    ).fetchall()[0][0]
    return moment if last is None else max(moment, last + timedelta(microseconds=1))


def source_batches(connection: Connection, sources: Iterable[str]) -> list[str]:
    """Return ``<source>.<table>:<batch id>`` of every batch in the raw tables of ``sources``, sorted.

    Equal lists mean equal raw rows, so the list can stand in a build's fingerprint. Empty if nothing has
    landed.
    """
    create(connection)
    tables = connection.execute(f"select distinct source_system, table_name from {LANDING_LOG}").fetchall()
    wanted = set(sources)
    return sorted(
        f"{source}.{table}:{batch}"
        for source, table in tables
        if source in wanted
        for batch in current_batches(connection, source, table)
    )
