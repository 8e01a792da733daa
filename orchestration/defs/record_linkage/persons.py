"""Persons: records that are alike beyond chance."""

from __future__ import annotations

import dagster as dg

from ml.record_linkage.declaration import load_linkage
from orchestration.assets.record_linkage import record_linkage
from orchestration.modelling.record_linkage import LINKAGE
from orchestration.settings import Settings


@dg.definitions
def persons() -> dg.Definitions:
    """Return the step that links records of persons."""
    return dg.Definitions(assets=[record_linkage(Settings.from_environment(), load_linkage(LINKAGE))])
