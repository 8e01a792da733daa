"""A source system as assets: each of its raw tables."""

import logging
from collections.abc import Iterator
from datetime import timedelta

import dagster as dg

from orchestration.assets.running import step
from orchestration.builds import history
from orchestration.ingestion.entries import SourceEntry
from orchestration.ingestion.landing import land, row_counts
from orchestration.ingestion.shipping import ship
from orchestration.settings import Settings

logger = logging.getLogger("insight.landing")

# The daily schedule looks at every source; one that nobody looked at for two days is no longer watched.
LOOKED_AT_WITHIN = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(days=2), warn_window=timedelta(days=1, hours=6)
)


def landing_asset(settings: Settings, entry: SourceEntry) -> dg.AssetsDefinition:
    """Return the multi-asset that lands all tables of a source, on the cluster if there is one."""

    @dg.multi_asset(
        name=f"land_{entry.source}",
        description=entry.description,
        specs=[
            dg.AssetSpec(
                key=raw_key(entry.source, table_name),
                description=table.description,
                group_name="ingestion",
                owners=[team(entry.owner)],
                kinds={settings.engine, "simulated" if entry.is_simulated else "real"},
                freshness_policy=LOOKED_AT_WITHIN,
                metadata={"mode": table.mode, "columns": len(table.columns)},
            )
            for table_name, table in entry.tables.items()
        ],
    )
    def land_source(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        with step(settings, context) as run_id:
            landed = land(settings, entry, logger.info, history.started_at(settings, run_id))
            ship(settings, entry, logger.info)
            held = row_counts(settings, entry)
        for table_name in entry.tables:
            new = [batch for batch in landed if batch.table_name == table_name]
            yield dg.MaterializeResult(
                asset_key=raw_key(entry.source, table_name),
                metadata={
                    "dagster/row_count": held[table_name],
                    "new_rows": sum(batch.row_count for batch in new),
                    "new_batches": len(new),
                },
            )

    return land_source


def raw_key(source: str, table_name: str) -> dg.AssetKey:
    """Return the key of a raw table: dbt's source of the same name."""
    return dg.AssetKey([f"raw_{source}", table_name])


def team(owner: str) -> str:
    """Return an owner as Dagster writes teams: ``Data engineering`` is ``team:data-engineering``."""
    return "team:" + "-".join(owner.lower().split())
