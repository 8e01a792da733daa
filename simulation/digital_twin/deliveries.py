"""How rows are delivered: in batches by quarter where there are many, and with the faults of deliveries."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulation.digital_twin.blocks import Rows
from simulation.digital_twin.clock import moment
from simulation.digital_twin.configuration import TwinSettings
from simulation.digital_twin.dirt import delivered_rows
from simulation.digital_twin.randomness import Dice

# What comes in deliveries by quarter, by when it was received.
_QUARTERLY = ("web_events", "app_events", "mini_program_events", "email_events", "ad_touches")
_QUARTERS = np.array([moment(day) for day in ("2017-04-01", "2017-07-01", "2017-10-01")])
_TWICE, _LAST = 1, 3
_DENSITIES = pa.array(["1x", "2x", "3x"])


def delivered(settings: TwinSettings, table: str, rows: Rows) -> dict[str, pa.Table]:
    """Return a table's rows as they stand in its files, by batch; one without a name where there is one."""
    dirt = settings.dirt
    order = delivered_rows(Dice(settings.seed, "delivery"), table, rows, dirt)
    if table not in _QUARTERLY:
        return {"": rows.table.take(pa.array(order))}
    quarter = np.searchsorted(_QUARTERS, rows.written[order], side="right")
    parts = [rows.table.take(pa.array(order[quarter == number])) for number in range(_LAST + 1)]
    batches = {f"_2017q{number + 1}": part for number, part in enumerate(parts)}
    if table == "web_events" and dirt.new_column:
        density = _DENSITIES.take(pa.array(np.arange(len(parts[_LAST])) % len(_DENSITIES)))
        batches[f"_2017q{_LAST + 1}"] = parts[_LAST].append_column("context_screen_density", density)
    if table == "app_events" and dirt.vanished_column:
        batches[f"_2017q{_LAST + 1}"] = parts[_LAST].drop_columns(["device_model"])
    if table == "app_events" and dirt.batch_twice:
        # A part of it, in another order: as much as a publishing gate lets pass.
        backwards = np.arange(len(parts[_TWICE]))[::-1][: len(parts[_TWICE]) // 6]
        batches[f"_2017q{_TWICE + 1}_again"] = parts[_TWICE].take(pa.array(backwards))
    return batches
