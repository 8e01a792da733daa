"""A predictive model as assets: the tables that it writes and dbt reads back."""

from collections.abc import Iterator

import dagster as dg

from ml.declaration import Declaration
from orchestration.assets.landing import team
from orchestration.assets.running import step
from orchestration.modelling.predictive_models import OUTPUT_TABLES, example_count, train_and_store
from orchestration.settings import Settings


def training_set_key(declaration: Declaration) -> dg.AssetKey:
    """Return the key of what a predictive model learns from."""
    return dg.AssetKey(["ml", f"{declaration.name}_training_set"])


def training_set(settings: Settings, declaration: Declaration) -> dg.AssetsDefinition:
    """Return the asset that the training gate stands behind: label and features, all of them built."""

    @dg.asset(
        key=training_set_key(declaration),
        deps=[dg.AssetKey(table.split(".")) for table in declaration.input_tables],
        group_name="ml",
        description=f"Label and features of {declaration.name}, side by side; what the training gate judges.",
        owners=[team(declaration.owner)],
        kinds={settings.engine},
    )
    def count_examples(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with step(settings, context):
            rows = example_count(settings, declaration)
        return dg.MaterializeResult(metadata={"dagster/row_count": rows})

    return count_examples


def predictive_model(settings: Settings, declaration: Declaration) -> dg.AssetsDefinition:
    """Return the multi-asset that trains, evaluates and scores with one predictive model."""

    @dg.multi_asset(
        name=declaration.name,
        description=f"{declaration.question} {declaration.description}",
        specs=[
            dg.AssetSpec(
                key=["ml", table],
                description=description,
                group_name="ml",
                owners=[team(declaration.owner)],
                kinds={"scikitlearn", settings.engine},
                deps=[training_set_key(declaration)],
            )
            for table, description in OUTPUT_TABLES.items()
        ],
    )
    def train(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        with step(settings, context) as run_id:
            trained = train_and_store(settings, declaration, run_id)
        for table in OUTPUT_TABLES:
            # A table without new rows is not skipped: what reads it goes on with the scores of the last good
            # run.
            yield dg.MaterializeResult(
                asset_key=["ml", table],
                metadata={
                    "new_rows": trained.row_counts.get(table, 0),
                    "is_published": trained.is_published,
                    "verdict": trained.verdict,
                },
            )

    return train
