"""What a person asks first: what is published, what happened last, what did the gates and the models say.

Reads only, and never waits: while a build holds the build file, the history is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from orchestration.builds import history, locking
from orchestration.publishing import publications
from orchestration.publishing.publications import Publication
from orchestration.publishing.report import is_report_current
from orchestration.settings import Settings
from orchestration.warehouse import Tables, WarehouseError, published, readers_place


def status(settings: Settings) -> dict[str, Any]:
    """Return the state of the warehouse as plain values."""
    holder = locking.current_holder(settings)
    return {
        "warehouse": str(settings.warehouse_dir),
        "sources": list(settings.sources),
        "building": holder,
        "publication": _publication(settings),
        "previous": _previous(settings),
        "builds": None if holder else _builds(settings),
    }


def quarantine(settings: Settings) -> list[dict[str, Any]]:
    """Return how many published rows were kept out, by source, table and reason."""
    with published(settings) as tables:
        return _rows(
            tables,
            "quality.quarantine_reasons",
            "select source_system, source_table, reason, quarantined_row_count as row_count "
            "from {table} order by all",
        )


def quarantined_rows(settings: Settings, limit: int) -> list[dict[str, Any]]:
    """Return the rows that were kept out, at most ``limit`` for each reason."""
    with published(settings) as tables:
        return _rows(
            tables,
            "quality.quarantine",
            f"""
            select source_system, source_table, reason, row_content, batch_id, loaded_at
            from (
                select
                    *,
                    row_number() over (
                        partition by source_system, source_table, reason order by row_content
                    ) as row_number
                from {{table}}
            ) as numbered
            where row_number <= {int(limit)}
            order by source_system, source_table, reason, row_content, batch_id, loaded_at
            """,
        )


def _publication(settings: Settings) -> dict[str, Any] | None:
    publication = publications.current(settings)
    if publication is None:
        return None
    with published(settings) as tables:
        return {
            **_brief(publication, readers_place(settings)),
            "report": str(settings.report_path) if is_report_current(settings) else None,
            "gates": _gates(tables),
            "predictive_models": _predictive_models(tables),
        }


def _gates(tables: Tables) -> list[dict[str, Any]]:
    """Return what each gate said last: one that has seen the same tables before does not say it again."""
    if not tables.exists("quality.validation_results"):
        return []
    return _rows(
        tables,
        "quality.validation_results",
        """
        select
            gate,
            count(*) as checks,
            cast(count_if(not is_passed and severity = 'critical') as bigint) as failed,
            cast(count_if(not is_passed and severity <> 'critical') as bigint) as warned,
            max(validated_at) as validated_at
        from (
            select *, max(validated_at) over (partition by gate) as last_validated_at,
                max(validated_at) over (partition by gate, run_id) as validated_at_of_run
            from {table}
        ) as results
        where validated_at_of_run = last_validated_at
        group by gate
        order by validated_at
        """,
    )


def _predictive_models(tables: Tables) -> list[dict[str, Any]]:
    if not tables.exists("ml.model_runs"):
        return []
    return _rows(
        tables,
        "ml.model_runs",
        """
        select predictive_model, run_id, is_published, verdict
        from (
            select
                *,
                row_number() over (partition by predictive_model order by trained_at desc) as row_number
            from {table}
        ) as numbered
        where row_number = 1
        order by predictive_model
        """,
    )


def _builds(settings: Settings) -> list[dict[str, Any]]:
    recent = history.recent(settings)
    for build in recent:
        if build["status"] == history.RUNNING:
            # Nobody holds the lock, so nobody is running it any more.
            build["status"] = history.KILLED
    return recent


def _previous(settings: Settings) -> dict[str, Any] | None:
    publication = publications.previous(settings)
    if publication is None:
        return None
    # On a cluster both are in the same place.
    return _brief(publication, publications.previous_place(settings))


def _brief(publication: Publication, place: str) -> dict[str, Any]:
    return {
        "path": place,
        "run_id": publication.run_id,
        "published_at": publication.published_at,
        "fingerprint": publication.fingerprint,
        "sources": list(publication.sources),
        "as_of": publication.as_of,
        "tables": len(publication.row_counts),
        "rows": sum(publication.row_counts.values()),
    }


def _rows(tables: Tables, table: str, query: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Return what a query on one table gives; ``{table}`` in it is what the engine calls the table."""
    if not tables.exists(table):
        raise WarehouseError(
            f"The publication holds no table {table}. Run `insight build` to publish it again."
        )
    return tables.query(query.format(table=tables.relation(table)), values).to_pylist()
