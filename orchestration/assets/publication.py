"""The publication and its report as assets."""

import logging
from collections.abc import Sequence
from datetime import timedelta

import dagster as dg

from orchestration.assets.landing import team
from orchestration.assets.running import ACCEPT_LEVELS_TAG, FORCED_TAG, step
from orchestration.builds import history
from orchestration.publishing.release import release
from orchestration.publishing.report import write_report
from orchestration.settings import Settings
from orchestration.warehouse import readers_place

logger = logging.getLogger("insight.publishing")

CANDIDATE_KEY = dg.AssetKey(["published", "candidate"])
INSIGHT_KEY = dg.AssetKey(["published", "insight"])
REPORT_KEY = dg.AssetKey(["published", "report"])

# Readers expect yesterday's data in the morning: the schedule runs at five.
BY_SIX = dg.FreshnessPolicy.cron(deadline_cron="0 6 * * *", lower_bound_delta=timedelta(hours=2))


def candidate(settings: Settings, built: Sequence[dg.AssetKey]) -> dg.AssetsDefinition:
    """Return the asset that the publishing gate stands behind: a build through all models and tests."""

    @dg.asset(
        key=CANDIDATE_KEY,
        deps=list(built),
        group_name="publishing",
        description="The build, once every model in it is built and tested; what the publishing gate judges.",
        owners=[team("Data engineering")],
        kinds={settings.engine},
    )
    def mark_candidate(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with step(settings, context) as run_id:
            history.mark_built(settings, run_id)
        return dg.MaterializeResult(metadata={"models": len(built)})

    return mark_candidate


def published_warehouse(settings: Settings) -> dg.AssetsDefinition:
    """Return the asset that copies the build and swaps it in."""

    @dg.asset(
        key=INSIGHT_KEY,
        deps=[CANDIDATE_KEY],
        group_name="publishing",
        description="What BI, dashboards and people open, swapped in whole.",
        owners=[team("Data engineering")],
        kinds={settings.engine},
        freshness_policy=BY_SIX,
    )
    def insight(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with step(settings, context):
            publication = release(
                settings,
                accept_new_levels=ACCEPT_LEVELS_TAG in context.run.tags,
                is_forced=FORCED_TAG in context.run.tags,
            )
        return dg.MaterializeResult(
            metadata={
                "tables": len(publication.row_counts),
                "rows": sum(publication.row_counts.values()),
                "as_of": publication.as_of or "",
                "fingerprint": publication.fingerprint,
                "place": readers_place(settings),
            }
        )

    return insight


def published_report(settings: Settings) -> dg.AssetsDefinition:
    """Return the asset that draws the report of the publication."""

    @dg.asset(
        key=REPORT_KEY,
        deps=[INSIGHT_KEY],
        group_name="publishing",
        description="The publication at a glance: one self-contained page that opens offline.",
        owners=[team("Analytics engineering")],
        kinds={"html"},
        freshness_policy=BY_SIX,
    )
    def report(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with step(settings, context):
            path = write_report(settings)
        return dg.MaterializeResult(metadata={"path": dg.MetadataValue.path(path)})

    return report
