"""The dbt project."""

from __future__ import annotations

import dagster as dg

from orchestration.assets.dbt_models import (
    AFTER_PYTHON,
    BEFORE_PYTHON,
    BETWEEN_PYTHON,
    dbt_models,
    load_manifest,
)
from orchestration.settings import Settings
from orchestration.transformation.command import Dbt


@dg.definitions
def models() -> dg.Definitions:
    """Return every model, seed and test of the project."""
    dbt = Dbt(Settings.from_environment())
    manifest = load_manifest(dbt)
    return dg.Definitions(
        assets=[
            dbt_models(dbt, manifest, "models_before_matching", BEFORE_PYTHON),
            dbt_models(dbt, manifest, "models_before_scores", BETWEEN_PYTHON),
            dbt_models(dbt, manifest, "models_after_scores", AFTER_PYTHON),
        ]
    )
