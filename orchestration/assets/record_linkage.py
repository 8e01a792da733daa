"""Record linkage as assets: the tables that it writes and dbt reads back."""

import logging
from collections.abc import Iterator

import dagster as dg

from ml.record_linkage.declaration import LinkageDeclaration
from orchestration.assets.landing import team
from orchestration.assets.running import FORCED_TAG, step, unchanged
from orchestration.builds import state
from orchestration.builds.changes import STEP, Artefact
from orchestration.builds.steps import due
from orchestration.modelling.inputs import step_code
from orchestration.modelling.record_linkage import OUTPUT_TABLES, SCHEMA, link_and_store
from orchestration.settings import Settings

logger = logging.getLogger("insight.matching")


def record_linkage(settings: Settings, declaration: LinkageDeclaration) -> dg.AssetsDefinition:
    """Return the multi-asset that learns from all records and links them again."""

    @dg.multi_asset(
        name=declaration.name,
        description=declaration.description,
        specs=[
            dg.AssetSpec(
                key=[SCHEMA, table],
                description=description,
                group_name="identity",
                owners=[team("Data science")],
                kinds={"splink", settings.engine},
                deps=[dg.AssetKey(declaration.input_table.split("."))],
            )
            for table, description in OUTPUT_TABLES.items()
        ],
    )
    def link(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        with step(settings, context) as run_id:
            linkage = due(
                settings,
                Artefact(declaration.name, STEP, step_code()[SCHEMA]),
                [declaration.input_table],
                [f"{SCHEMA}.{table}" for table in OUTPUT_TABLES],
            )
            if linkage is None and FORCED_TAG not in context.run.tags:
                logger.info("%s: has compared the same records before", declaration.name)
                yield from unchanged([SCHEMA, table] for table in OUTPUT_TABLES)
                return
            linked = link_and_store(settings, declaration, run_id)
            state.finish(settings, [linkage] if linkage else [])
        for table in OUTPUT_TABLES:
            yield dg.MaterializeResult(
                asset_key=[SCHEMA, table],
                metadata={
                    "dagster/row_count": linked.row_counts[table],
                    "records": linked.record_count,
                    "joining_links": linked.joining_count,
                    "model": linked.model_id,
                },
            )

    return link
