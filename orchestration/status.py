"""What a person asks first: what is published, what happened last, what did the gates and the models say.

Reads only, and never waits: while a build holds the build file, the history is left out.
"""

from __future__ import annotations

from typing import Any

from orchestration import builds, locking
from orchestration.publishing import read_publication
from orchestration.reporting import is_report_current
from orchestration.settings import Settings
from orchestration.warehouse import Connection, WarehouseError, reading, table_exists


def status(settings: Settings) -> dict[str, Any]:
    """Return the state of the warehouse as plain values."""
    holder = locking.current_holder(settings)
    return {
        "warehouse": str(settings.warehouse_dir),
        "sources": list(settings.sources),
        "building": holder,
        "publication": _publication(settings),
        "previous": _brief(settings.previous_path),
        "builds": None if holder else _builds(settings),
    }


def quarantine(settings: Settings) -> list[dict[str, Any]]:
    """Return how many published rows were kept out, by source, table and reason."""
    with reading(settings.published_path) as connection:
        return _rows(
            connection,
            "select source_system, source_table, reason, quarantined_row_count as row_count "
            "from quality.quarantine_reasons order by all",
            needs="quality.quarantine_reasons",
        )


def quarantined_rows(settings: Settings, limit: int) -> list[dict[str, Any]]:
    """Return the rows that were kept out, at most ``limit`` for each reason."""
    with reading(settings.published_path) as connection:
        return _rows(
            connection,
            f"""
            select source_system, source_table, reason, row_content, batch_id, loaded_at
            from quality.quarantine
            qualify row_number() over (
                partition by source_system, source_table, reason order by row_content
            ) <= {int(limit)}
            order by all
            """,
            needs="quality.quarantine",
        )


def _publication(settings: Settings) -> dict[str, Any] | None:
    publication = _brief(settings.published_path)
    if publication is None:
        return None
    with reading(settings.published_path) as connection:
        return {
            **publication,
            "report": str(settings.report_path) if is_report_current(settings) else None,
            "gates": _gates(connection, publication["run_id"]),
            "predictive_models": _predictive_models(connection),
        }


def _brief(path: Any) -> dict[str, Any] | None:
    if not path.exists():
        return None
    publication = read_publication(path)
    return {
        "path": str(path),
        "run_id": publication.run_id,
        "published_at": publication.published_at,
        "fingerprint": publication.fingerprint,
        "sources": list(publication.sources),
        "as_of": publication.as_of,
        "tables": len(publication.row_counts),
        "rows": sum(publication.row_counts.values()),
    }


def _gates(connection: Connection, run_id: str) -> list[dict[str, Any]]:
    if not table_exists(connection, "quality.validation_results"):
        return []
    return _rows(
        connection,
        """
        select
            gate,
            count(*) as checks,
            count_if(not is_passed and severity = 'critical') as failed,
            count_if(not is_passed and severity <> 'critical') as warned,
            max(validated_at) as validated_at
        from quality.validation_results
        where run_id = ?
        group by gate
        order by validated_at
        """,
        [run_id],
    )


def _predictive_models(connection: Connection) -> list[dict[str, Any]]:
    if not table_exists(connection, "ml.model_runs"):
        return []
    return _rows(
        connection,
        "select predictive_model, run_id, is_published, verdict from ml.model_runs "
        "qualify row_number() over (partition by predictive_model order by trained_at desc) = 1 order by all",
    )


def _builds(settings: Settings) -> list[dict[str, Any]]:
    if not settings.build_path.exists():
        return []
    with reading(settings.build_path) as connection:
        history = builds.history(connection)
    for build in history:
        if build["status"] == builds.RUNNING:
            # Nobody holds the lock, so nobody is running it any more.
            build["status"] = builds.KILLED
    return history


def _rows(
    connection: Connection, query: str, values: list[Any] | None = None, needs: str | None = None
) -> list[dict[str, Any]]:
    if needs and not table_exists(connection, needs):
        raise WarehouseError(
            f"The publication holds no table {needs}. Run `insight build` to publish it anew."
        )
    result = connection.execute(query, values or [])
    names = [column[0] for column in result.description]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]
