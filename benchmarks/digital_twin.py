"""Generation of the digital twin: rows a second against the goal, and memory as the twin grows."""

from __future__ import annotations

import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measuring import Result, run_python
from benchmarks.warehouses import settings_at
from orchestration.ingestion.connectors.generated import grocery_folder, write_twin
from orchestration.ingestion.entries import load_entry
from simulation.digital_twin.configuration import TwinSettings

ROWS_A_SECOND = 500_000
ROUNDS = 3
SMALL, LARGE = 1.0, 8.0


def measure() -> list[Result]:
    """Generate the default twin three times, and one that is eight times as large."""
    small = [_run(SMALL) for _ in range(ROUNDS)]
    large = _run(LARGE)
    seconds = statistics.median(each[0] for each in small)
    rows = small[0][1]
    memory = statistics.median(each[2] for each in small)
    allowed = rows / ROWS_A_SECOND
    return [
        Result(
            name="digital twin: speed",
            ratio=seconds / allowed,
            goal=1.0,
            ours=seconds,
            other=allowed,
            unit="s",
            note=f"{rows / 1e6:.2f} M rows drawn and written / the same at {ROWS_A_SECOND:,} rows a second",
        ),
        Result(
            name="digital twin: memory",
            ratio=large[2] / memory,
            goal=1.3,
            ours=large[2],
            other=memory,
            unit="MB",
            note=f"peak at scale {LARGE:g} ({large[1] / 1e6:.0f} M rows in {large[0]:.0f} s) / at {SMALL:g}",
        ),
    ]


def _run(scale: float) -> tuple[float, int, float]:
    """Return seconds, rows and megabytes of one generation in a process of its own."""
    finished = run_python("benchmarks.digital_twin", str(scale))
    seconds, rows = json.loads(finished.last_line)
    return seconds, rows, finished.peak_memory_bytes / 1e6


def _generate(scale: float, folder: Path) -> tuple[float, int]:
    entry, grocery = load_entry("digital_twin"), grocery_folder(settings_at(folder))
    started = time.perf_counter()
    rows = write_twin(
        folder / "twin", entry, TwinSettings(scale=scale), grocery, has_truth=False, report=lambda line: None
    )
    return time.perf_counter() - started, sum(rows.values())


if __name__ == "__main__":
    scratch = Path(tempfile.mkdtemp(prefix="bench_"))
    try:
        print(json.dumps(_generate(float(sys.argv[1]), scratch)))
    finally:
        shutil.rmtree(scratch)
