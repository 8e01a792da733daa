"""Ten times the households: time in proportion, memory within bounds."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import Finished, Result, last_number, run_python
from benchmarks.warehouses import dbt_run, landed, multiply_households, seed

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
        return run_python("benchmarks.scale", str(folder), str(times))
    finally:
        shutil.rmtree(folder)


if __name__ == "__main__":
    settings = landed(Path(sys.argv[1]))
    if int(sys.argv[2]) > 1:
        multiply_households(settings, int(sys.argv[2]))
    seed(settings)
    print(dbt_run(settings, "--full-refresh")["elapsed_time"])
