"""Every declared predictive model: what it learns from, the gate before it, its run, the shared tables."""

from __future__ import annotations

import dagster as dg

from ml.declaration import declared_names, load_declaration
from orchestration.assets.gate_checks import gate_check
from orchestration.assets.predictive_models import (
    predictive_model,
    shared_tables,
    training_set,
    training_set_key,
)
from orchestration.gates.running import training_gate
from orchestration.settings import Settings

TRAINING = "Features and labels are plausible, or nothing is learnt from them."


@dg.definitions
def declared() -> dg.Definitions:
    """Return assets and training gates of all files in `ml/predictive_models`."""
    settings = Settings.from_environment()
    declarations = [load_declaration(name) for name in declared_names()]
    return dg.Definitions(
        assets=[
            *(training_set(settings, each) for each in declarations),
            *(predictive_model(settings, each) for each in declarations),
            shared_tables(settings, declarations),
        ],
        asset_checks=[
            gate_check(settings, training_gate(each), TRAINING, at=training_set_key(each))
            for each in declarations
        ],
    )
