"""Ten times the households: time in proportion, memory within bounds."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import Finished, Result, last_number, run_python
from benchmarks.warehouses import dbt_run, landed, multiply_households, seed, settings_at

TIMES = 10
GIGABYTE = 1_000_000_000


def measure() -> list[Result]:
    """Build all models for the households as they are and for ten copies of each (14.7 M order lines)."""
    once, tenfold = _run(1), _run(TIMES)
    seconds_once, seconds_tenfold = last_number(once), last_number(tenfold)
    return [
        Result(
            name="rows x 10, time",
            ratio=seconds_tenfold / seconds_once,
            goal=11.0,
            ours=seconds_tenfold,
            other=seconds_once,
            unit="s",
            note="run phase of all models on 14.7 M order lines / on 1.47 M",
        ),
        Result(
            name="rows x 10, memory",
            ratio=tenfold.peak_memory_bytes / GIGABYTE / 4,
            goal=1.0,
            ours=tenfold.peak_memory_bytes / GIGABYTE,
            other=4.0,
            unit="GB",
            note="peak memory of that build, all processes / the bound of 4 GB",
        ),
    ]


def _run(times: int) -> Finished:
    folder = Path(tempfile.mkdtemp(prefix="bench_"))
    try:
        # In a process of its own: what landing and copying leave in memory is not the build's.
        run_python("benchmarks.scale", "prepare", str(folder), str(times))
        return run_python("benchmarks.scale", "build", str(folder))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    step, directory = sys.argv[1], Path(sys.argv[2])
    if step == "prepare":
        prepared = landed(directory)
        if int(sys.argv[3]) > 1:
            multiply_households(prepared, int(sys.argv[3]))
        seed(prepared)
    else:
        print(dbt_run(settings_at(directory), "--full-refresh")["elapsed_time"])
