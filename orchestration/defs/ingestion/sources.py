"""Every enabled source system: its raw tables, and the gate behind them."""

from __future__ import annotations

from functools import partial

import dagster as dg

from orchestration.assets.gate_checks import gate_check
from orchestration.assets.landing import landing_asset
from orchestration.gates.running import arrival_gate, arrived_rows, run_arrival_gate
from orchestration.ingestion.entries import load_entry
from orchestration.settings import Settings

ARRIVAL = "What arrived is whole and plausible, or nothing is built from it."


@dg.definitions
def sources() -> dg.Definitions:
    """Return assets and arrival gates of the enabled sources."""
    settings = Settings.from_environment()
    entries = [load_entry(source) for source in settings.sources]
    return dg.Definitions(
        assets=[landing_asset(settings, entry) for entry in entries],
        asset_checks=[
            gate_check(
                settings,
                arrival_gate(entry),
                ARRIVAL,
                run=partial(run_arrival_gate, settings, entry),
                rows=partial(arrived_rows, settings, entry),
            )
            for entry in entries
        ],
    )
