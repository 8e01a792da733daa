"""The publication, its gate and its report."""

from __future__ import annotations

import dagster as dg

from orchestration.assets.dbt_models import load_manifest, published_keys
from orchestration.assets.gate_checks import gate_check
from orchestration.assets.publication import CANDIDATE_KEY, candidate, published_report, published_warehouse
from orchestration.gates.running import publishing_gate
from orchestration.settings import Settings
from orchestration.transformation.command import Dbt

PUBLISHING = "The build is whole and plausible, or readers keep the last publication."


@dg.definitions
def publication() -> dg.Definitions:
    """Return the published file and the report, behind the publishing gate."""
    settings = Settings.from_environment()
    built = published_keys(load_manifest(Dbt(settings)))
    return dg.Definitions(
        assets=[candidate(settings, built), published_warehouse(settings), published_report(settings)],
        asset_checks=[gate_check(settings, publishing_gate(), PUBLISHING, at=CANDIDATE_KEY)],
    )
