"""The dbt project."""

from __future__ import annotations

import dagster as dg

from orchestration.assets.dbt_models import dbt_models, load_manifest
from orchestration.modelling.inputs import read_by_python, step_code
from orchestration.settings import Settings
from orchestration.transformation.command import Dbt
from orchestration.transformation.stages import stages


@dg.definitions
def models() -> dg.Definitions:
    """Return every model, seed and test of the project, stage by stage."""
    dbt = Dbt(Settings.from_environment())
    manifest, reads = load_manifest(dbt), read_by_python()
    return dg.Definitions(
        assets=[dbt_models(dbt, manifest, stage, reads, step_code) for stage in stages(manifest, reads)]
    )
