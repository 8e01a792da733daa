"""``make bench``: run the benchmarks, print the table and write ``benchmarks/results.json``.

Names given on the command line select benchmarks; without any, all are run.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks import (
    digital_twin,
    events,
    gates,
    identity_components,
    ingestion,
    one_day,
    record_linkage,
    scale,
    transformation,
)
from benchmarks.measuring import Result

RESULTS_PATH = Path(__file__).with_name("results.json")
BENCHMARKS: dict[str, Callable[[], Result | list[Result]]] = {
    "ingestion": ingestion.measure,
    "transformation": transformation.measure,
    "gates": gates.measure,
    "one_day": one_day.measure,
    "events": events.measure,
    "identity_components": identity_components.measure,
    "scale": scale.measure,
    "digital_twin": digital_twin.measure,
    "record_linkage": record_linkage.measure,
}


def main(names: list[str]) -> int:
    """Run the benchmarks and return 0 if every goal is met, else 1.

    What fails raises, so that the process ends with an error too. Results are kept after each benchmark.
    """
    console = Console()
    if unknown := [name for name in names if name not in BENCHMARKS]:
        console.print(f"No benchmark called {', '.join(unknown)}. There are: {', '.join(BENCHMARKS)}.")
        return 2
    results: list[Result] = []
    for name in names or BENCHMARKS:
        console.print(f"{time.strftime('%H:%M:%S')} {name}: measuring")
        started_at = time.monotonic()
        measured = BENCHMARKS[name]()
        results += measured if isinstance(measured, list) else [measured]
        console.print(
            f"{time.strftime('%H:%M:%S')} {name}: measured in {time.monotonic() - started_at:.0f} s"
        )
        _keep(results)
    console.print(_table(results))
    return 0 if all(result.is_met for result in results) else 1


def _keep(results: list[Result]) -> None:
    """Write the results, in place of earlier ones of the same name; what was not measured now stays."""
    earlier = json.loads(RESULTS_PATH.read_text()) if RESULTS_PATH.exists() else []
    rows = {row["name"]: row for row in [*earlier, *(result.as_row() for result in results)]}
    RESULTS_PATH.write_text(json.dumps(list(rows.values()), indent=2) + "\n")


def _table(results: list[Result]) -> Table:
    table = Table(title="Benchmarks: medians of runs in turn, as ratios")
    for heading in ("what", "ratio", "goal", "met", "ours", "other", "note"):
        table.add_column(heading, justify="left" if heading in {"what", "note", "met"} else "right")
    for result in results:
        table.add_row(
            result.name,
            f"{result.ratio:.2f}",
            f"{result.goal:.2f}",
            "yes" if result.is_met else "NO",
            f"{result.ours:.2f} {result.unit}",
            f"{result.other:.2f} {result.unit}",
            result.note,
        )
    return table


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
