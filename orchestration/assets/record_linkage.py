"""Record linkage as assets: the tables that it writes and dbt reads back."""

from collections.abc import Iterator

import dagster as dg

from ml.record_linkage.declaration import LinkageDeclaration
from orchestration.assets.landing import team
from orchestration.assets.running import step
from orchestration.modelling.record_linkage import OUTPUT_TABLES, SCHEMA, link_and_store
from orchestration.settings import Settings


def record_linkage(settings: Settings, declaration: LinkageDeclaration) -> dg.AssetsDefinition:
    """Return the multi-asset that learns from all records and links them anew."""

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
            linked = link_and_store(settings, declaration, run_id)
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
