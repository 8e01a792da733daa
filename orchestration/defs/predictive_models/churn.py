"""Churn: who will buy nothing in the weeks to come."""

from __future__ import annotations

import dagster as dg

from ml.declaration import load_declaration
from orchestration.assets.gate_checks import gate_check
from orchestration.assets.predictive_models import predictive_model, training_set, training_set_key
from orchestration.gates.running import training_gate
from orchestration.settings import Settings

TRAINING = "Features and labels are plausible, or nothing is learnt from them."


@dg.definitions
def churn() -> dg.Definitions:
    """Return the churn model, what it learns from, and the training gate between the two."""
    settings = Settings.from_environment()
    declaration = load_declaration("churn")
    return dg.Definitions(
        assets=[training_set(settings, declaration), predictive_model(settings, declaration)],
        asset_checks=[gate_check(settings, training_gate(), TRAINING, at=training_set_key(declaration))],
    )
