"""The history of builds, kept as rows in ``ops.builds``, and what it says about the next one.

The decision whether incremental models can be trusted (`full_refresh_reason`) is a pure function; everything
around it only reads and writes rows. How a build is run belongs to `orchestration.building`, what it
publishes to `orchestration.publishing`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from orchestration.builds.fingerprints import build_fingerprint, code_hash, dbt_code_hash
from orchestration.ledger.landing_log import LANDING_LOG, source_batches
from orchestration.settings import Settings
from orchestration.warehouse import Connection, WarehouseError, table_exists, writing

RUNNING, COMPLETE, FAILED, KILLED = "running", "complete", "failed", "killed"
# A run of some steps only, started in Dagster's UI: what it leaves is never taken for a whole build.
PARTIAL = "partial"

_COLUMNS = {
    "run_id": "varchar not null",
    "status": "varchar not null",
    "started_at": "timestamp not null",
    "finished_at": "timestamp",
    "sources": "varchar not null",
    "as_of": "varchar",
    "code_hash": "varchar not null",
    "dbt_code_hash": "varchar not null",
    "full_refresh_reason": "varchar",
    # Of data, code and settings, as of then.
    "fingerprint": "varchar",
    # When every model was built and tested; only such a build may be published.
    "built_at": "timestamp",
    # When the first dbt step began, and with it everything landed before was taken in; empty if it never
    # came to that.
    "dbt_started_at": "timestamp",
    "message": "varchar",
}


@dataclass(frozen=True)
class EarlierBuild:
    """What the history says about a build that has run dbt models."""

    run_id: str
    status: str
    sources: frozenset[str]
    dbt_code_hash: str


@dataclass(frozen=True)
class BuildInputs:
    """What the build that is about to run dbt models starts from.

    Attributes
    ----------
    sources
        Names of the enabled source systems.
    dbt_code_hash
        Hash of the dbt project.
    replaced
        Tables, as ``source.table``, of which rows known before were replaced since the last complete build.
    """

    sources: frozenset[str]
    dbt_code_hash: str
    replaced: tuple[str, ...] = ()


def full_refresh_reason(state: EarlierBuild | None, now: BuildInputs) -> str | None:
    """Say why incremental models cannot be continued from where they are, or return ``None`` if they can.

    Parameters
    ----------
    state
        The last build that ran dbt models, complete or not; ``None`` if there is none.
    now
        What the next build starts from.
    """
    if state is None:
        return "first build of this warehouse"
    if state.status != COMPLETE:
        return f"the build before ({state.run_id[:8]}) did not complete"
    if state.sources != now.sources:
        return f"enabled sources changed from {_list(state.sources)} to {_list(now.sources)}"
    if state.dbt_code_hash != now.dbt_code_hash:
        return "the dbt project changed"
    if now.replaced:
        return f"a batch replaced rows of {_list(now.replaced)}"
    return None


def begin(settings: Settings, run_id: str, is_partial: bool = False) -> None:
    """Open the row of a build; what an earlier process left as running was killed and is marked so.

    Every step of a run may call this: only the first call writes.
    """
    with writing(settings) as connection:
        columns = ", ".join(f"{name} {data_type}" for name, data_type in _COLUMNS.items())
        connection.execute("create schema if not exists ops")
        connection.execute(f"create table if not exists ops.builds ({columns})")
        if connection.execute("select 1 from ops.builds where run_id = ?", [run_id]).fetchone():
            return
        _close_killed(connection)
        connection.execute(
            "insert into ops.builds (run_id, status, started_at, sources, as_of, code_hash, dbt_code_hash) "
            "values (?, ?, ?, ?, ?, ?, ?)",
            [
                run_id,
                PARTIAL if is_partial else RUNNING,
                _now(),
                ",".join(sorted(settings.sources)),
                settings.as_of.isoformat() if settings.as_of else None,
                code_hash(),
                dbt_code_hash(),
            ],
        )


def started_at(settings: Settings, run_id: str) -> datetime | None:
    """Return when a build started, UTC; ``None`` if there is no such build."""
    with writing(settings) as connection:
        row = connection.execute("select started_at from ops.builds where run_id = ?", [run_id]).fetchone()
    return row[0] if row else None


def close_killed(settings: Settings) -> None:
    """Mark what an earlier process left as running; the caller holds the build lock."""
    with writing(settings) as connection:
        if table_exists(connection, "ops.builds"):
            _close_killed(connection)


def decide_full_refresh(settings: Settings, run_id: str) -> str | None:
    """Decide, once per build, whether incremental models are rebuilt; return the reason or ``None``."""
    with writing(settings) as connection:
        dbt_started_at, reason, code = connection.execute(
            "select dbt_started_at, full_refresh_reason, dbt_code_hash from ops.builds where run_id = ?",
            [run_id],
        ).fetchall()[0]
        if dbt_started_at:
            return reason
        inputs = BuildInputs(frozenset(settings.sources), code, _replaced(connection, settings.sources))
        reason = full_refresh_reason(_last_that_ran_dbt(connection), inputs)
        connection.execute(
            "update ops.builds set dbt_started_at = ?, full_refresh_reason = ?, fingerprint = ? "
            "where run_id = ?",
            [_now(), reason, fingerprint_of(connection, settings), run_id],
        )
        return reason


def fingerprint_of(connection: Connection, settings: Settings) -> str:
    """Return the fingerprint of what a build would start from now: landed data, code and settings."""
    batches = source_batches(connection, settings.sources) if table_exists(connection, LANDING_LOG) else []
    return build_fingerprint(settings, batches, code_hash())


def mark_built(settings: Settings, run_id: str) -> None:
    """Note that every model of the build was built and tested; of a partial run this cannot be said."""
    with writing(settings) as connection:
        connection.execute(
            "update ops.builds set built_at = ? where run_id = ? and status = ?", [_now(), run_id, RUNNING]
        )


def publishable(settings: Settings) -> tuple[str, str]:
    """Return run id and fingerprint of the build that the build file holds.

    Raises
    ------
    WarehouseError
        If the file holds none, or one that did not get through all models and tests.
    """
    with writing(settings) as connection:
        row = None
        if table_exists(connection, "ops.builds"):
            row = connection.execute(
                "select run_id, fingerprint, built_at from ops.builds where dbt_started_at is not null "
                "order by dbt_started_at desc limit 1"
            ).fetchone()
    if row is None or row[2] is None:
        raise WarehouseError(
            f"{settings.build_path} holds no whole build: the last one did not get through all models and "
            "tests. Run `insight build`."
        )
    return row[0], row[1]


def finish(settings: Settings, run_id: str, status: str, message: str | None = None) -> None:
    """Close the row of a build; a complete build stays complete whatever fails after it."""
    with writing(settings) as connection:
        if table_exists(connection, "ops.builds"):
            connection.execute(
                "update ops.builds set status = ?, finished_at = ?, message = ? "
                "where run_id = ? and status <> ?",
                [status, _now(), message, run_id, COMPLETE],
            )


def recent(connection: Connection, limit: int = 5) -> list[dict[str, Any]]:
    """Return the last builds, newest first, as plain values."""
    if not table_exists(connection, "ops.builds"):
        return []
    names = list(_COLUMNS)
    rows = connection.execute(
        f"select {', '.join(names)} from ops.builds order by started_at desc limit {int(limit)}"
    ).fetchall()
    return [dict(zip(names, row, strict=True)) for row in rows]


def _close_killed(connection: Connection) -> None:
    # Whoever calls this holds the build lock, so no other build can be running.
    connection.execute(
        "update ops.builds set status = ?, finished_at = ? where status = ?", [KILLED, _now(), RUNNING]
    )


def _last_that_ran_dbt(connection: Connection) -> EarlierBuild | None:
    row = connection.execute(
        "select run_id, status, sources, dbt_code_hash from ops.builds where dbt_started_at is not null "
        "order by dbt_started_at desc limit 1"
    ).fetchone()
    return EarlierBuild(row[0], row[1], frozenset(row[2].split(",")), row[3]) if row else None


def _replaced(connection: Connection, sources: Sequence[str]) -> tuple[str, ...]:
    if not table_exists(connection, LANDING_LOG):
        return ()
    rows = connection.execute(
        f"""
        select distinct source_system || '.' || table_name
        from {LANDING_LOG}
        where is_replacement
            and list_contains(?, source_system)
            and cast(loaded_at as timestamp) >= coalesce(
                (select max(dbt_started_at) from ops.builds where status = ?), timestamp '1970-01-01'
            )
        order by 1
        """,
        [list(sources), COMPLETE],
    ).fetchall()
    return tuple(name for (name,) in rows)


def _list(names: Sequence[str] | frozenset[str]) -> str:
    return ", ".join(sorted(names))


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
