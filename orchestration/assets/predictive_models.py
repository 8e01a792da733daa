"""Predictive models as assets: what each learns from, its run, and the tables that all of them write."""

import logging
from collections.abc import Iterator, Sequence

import dagster as dg

from ml.declaration import Declaration
from orchestration.assets.landing import team
from orchestration.assets.running import FORCED_TAG, step, unchanged
from orchestration.builds import state
from orchestration.builds.changes import STEP, Artefact
from orchestration.builds.steps import due
from orchestration.modelling.inputs import training_code
from orchestration.modelling.predictive_models import (
    OUTPUT_TABLES,
    SCHEMA,
    example_count,
    output_counts,
    train_and_store,
)
from orchestration.settings import Settings

logger = logging.getLogger("insight.training")


def training_set_key(declaration: Declaration) -> dg.AssetKey:
    """Return the key of what a predictive model learns from."""
    return dg.AssetKey([SCHEMA, f"{declaration.name}_training_set"])


def run_key(declaration: Declaration) -> dg.AssetKey:
    """Return the key of a predictive model's run: trained, judged, and scored if it is good enough."""
    return dg.AssetKey([SCHEMA, declaration.name])


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
    """Return the asset that trains, evaluates and scores with one predictive model."""

    @dg.asset(
        key=run_key(declaration),
        deps=[training_set_key(declaration)],
        group_name="ml",
        description=f"{declaration.question} {declaration.description}",
        owners=[team(declaration.owner)],
        kinds={"scikitlearn", settings.engine},
    )
    def train(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        with step(settings, context) as run_id:
            training = due(
                settings,
                Artefact(declaration.name, STEP, training_code(declaration)),
                declaration.input_tables,
                [f"{SCHEMA}.{table}" for table in OUTPUT_TABLES],
            )
            if training is None and FORCED_TAG not in context.run.tags:
                logger.info("%s: has learnt from the same examples before", declaration.name)
                return next(unchanged([run_key(declaration).path]))
            trained = train_and_store(settings, declaration, run_id)
            state.finish(settings, [training] if training else [])
        return dg.MaterializeResult(
            metadata={
                "is_published": trained.is_published,
                "verdict": trained.verdict,
                **{f"new_rows/{table}": count for table, count in trained.row_counts.items()},
            }
        )

    return train


def shared_tables(settings: Settings, declarations: Sequence[Declaration]) -> dg.AssetsDefinition:
    """Return the tables that every predictive model adds its rows to, as assets that follow all of them.

    A model whose scores are not published adds none to ``ml.scores``: what reads the table goes on with those
    of its last good run.
    """

    @dg.multi_asset(
        name="predictive_model_tables",
        specs=[
            dg.AssetSpec(
                key=[SCHEMA, table],
                description=description,
                group_name="ml",
                owners=[team(owner) for owner in sorted({each.owner for each in declarations})],
                kinds={settings.engine},
                deps=[run_key(each) for each in declarations],
            )
            for table, description in OUTPUT_TABLES.items()
        ],
    )
    def collect(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult]:
        with step(settings, context):
            counts = output_counts(settings)
        for table, count in counts.items():
            yield dg.MaterializeResult(asset_key=[SCHEMA, table], metadata={"dagster/row_count": count})

    return collect
