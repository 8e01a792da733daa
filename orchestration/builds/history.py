"""The history of builds, kept in the ledger.

It reads and writes rows, and decides nothing but whether what the build file holds is whole. What has to be
built is decided in `orchestration.builds.changes`, how a build is run in `orchestration.building`, what it
publishes in `orchestration.publishing`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection as Ledger
from sqlalchemy import Select, insert, select, update

from orchestration import warehouse
from orchestration.builds.fingerprints import build_fingerprint, code_hash, dbt_code_hash
from orchestration.ledger import store as ledger
from orchestration.ledger.landing_log import source_batches
from orchestration.ledger.tables import builds
from orchestration.settings import Settings
from orchestration.warehouse import WarehouseError

RUNNING, COMPLETE, FAILED, KILLED = "running", "complete", "failed", "killed"
# A run of some steps only, started in Dagster's UI: what it leaves is never taken for a whole build.
PARTIAL = "partial"


def begin(settings: Settings, run_id: str, is_partial: bool = False) -> None:
    """Open the row of a build; what an earlier process left as running was killed and is marked so.

    Every step of a run may call this: only the first call writes, the others look whether the build file is
    still the one that the run began with.

    Raises
    ------
    WarehouseError
        If the build file was removed or replaced while the build ran.
    """
    here = warehouse.build_file_id(settings)
    with ledger.writing(settings) as log:
        known = log.execute(select(builds.c.build_file).where(builds.c.run_id == run_id)).one_or_none()
        if known is not None:
            if known.build_file != here:
                raise WarehouseError(
                    f"{settings.build_path} was removed or replaced while the build ran. Nothing is lost: "
                    "the last publication stays, and so does what has landed. Build again."
                )
            return
        _close_killed(log)
        log.execute(
            insert(builds).values(
                run_id=run_id,
                status=PARTIAL if is_partial else RUNNING,
                started_at=_now(),
                sources=",".join(sorted(settings.sources)),
                as_of=settings.as_of.isoformat() if settings.as_of else None,
                code_hash=code_hash(),
                dbt_code_hash=dbt_code_hash(),
                build_file=here,
            )
        )


def started_at(settings: Settings, run_id: str) -> datetime | None:
    """Return when a build started, UTC; ``None`` if there is no such build."""
    with ledger.writing(settings) as log:
        return log.execute(select(builds.c.started_at).where(builds.c.run_id == run_id)).scalar()


def close_killed(settings: Settings) -> None:
    """Mark what an earlier process left as running; the caller holds the build lock."""
    with ledger.writing(settings) as log:
        _close_killed(log)


def start_models(settings: Settings, run_id: str, full_refresh_reason: str | None = None) -> None:
    """Note, once per build, that dbt models are about to be built, and why some of them from scratch.

    Which ones those are is decided in `orchestration.builds.changes`, stage by stage.
    """
    with ledger.writing(settings) as log:
        started = log.execute(select(builds.c.dbt_started_at).where(builds.c.run_id == run_id)).scalar()
        if started is None:
            log.execute(
                update(builds)
                .where(builds.c.run_id == run_id)
                .values(dbt_started_at=_now(), fingerprint=_fingerprint(log, settings))
            )
        if full_refresh_reason:
            log.execute(
                update(builds)
                .where(builds.c.run_id == run_id, builds.c.full_refresh_reason.is_(None))
                .values(full_refresh_reason=full_refresh_reason)
            )


def fingerprint_of(settings: Settings) -> str:
    """Return the fingerprint of what a build would start from now: landed data, code and settings."""
    with ledger.writing(settings) as log:
        return _fingerprint(log, settings)


def mark_built(settings: Settings, run_id: str) -> None:
    """Note that every model of the build was built and tested; of a partial run this cannot be said."""
    with ledger.writing(settings) as log:
        log.execute(
            update(builds)
            .where(builds.c.run_id == run_id, builds.c.status == RUNNING)
            .values(built_at=_now())
        )


def publishable(settings: Settings) -> tuple[str, str]:
    """Return run id and fingerprint of the build that the build file holds.

    Raises
    ------
    WarehouseError
        If the file holds none, or one that did not get through all models and tests.
    """
    here = warehouse.build_file_id(settings)
    with ledger.writing(settings) as log:
        last = log.execute(_that_ran_dbt(here)).first()
    if last is None or last.built_at is None:
        raise WarehouseError(
            f"{settings.build_path} holds no whole build: the last one did not get through all models and "
            "tests. Run `insight build`."
        )
    return last.run_id, last.fingerprint


def finish(settings: Settings, run_id: str, status: str, message: str | None = None) -> None:
    """Close the row of a build; a complete build stays complete whatever fails after it."""
    with ledger.writing(settings) as log:
        log.execute(
            update(builds)
            .where(builds.c.run_id == run_id, builds.c.status != COMPLETE)
            .values(status=status, finished_at=_now(), message=message)
        )


def recent(settings: Settings, limit: int = 5) -> list[dict[str, Any]]:
    """Return the last builds, newest first, as plain values."""
    with ledger.reading(settings) as log:
        if log is None:
            return []
        return [
            dict(row)
            for row in log.execute(
                select(builds).order_by(builds.c.started_at.desc()).limit(limit)
            ).mappings()
        ]


def _fingerprint(log: Ledger, settings: Settings) -> str:
    return build_fingerprint(settings, source_batches(log, settings.sources), code_hash())


def _close_killed(log: Ledger) -> None:
    # Whoever calls this holds the build lock, so no other build can be running.
    log.execute(update(builds).where(builds.c.status == RUNNING).values(status=KILLED, finished_at=_now()))


def _that_ran_dbt(build_file: str | None) -> Select[Any]:
    """Select the builds that ran dbt models into a build file, the last one first."""
    return (
        select(builds)
        .where(builds.c.dbt_started_at.is_not(None), builds.c.build_file == build_file)
        .order_by(builds.c.dbt_started_at.desc())
        .limit(1)
    )


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
