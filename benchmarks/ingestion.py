"""Landing against a plain ``create table as select`` of the same files."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.measuring import Result, interleaved, last_number, run_python, seconds
from benchmarks.warehouses import SOURCE, landed, settings_at
from orchestration import warehouse
from orchestration.ingestion.entries import load_entry
from orchestration.ingestion.locations import source_folder


def measure() -> Result:
    """Land all eight tables of the default source, and create them plainly, three times each."""
    ours, other = interleaved(lambda: _run("ours"), lambda: _run("other"), rounds=3)
    return Result(
        name="ingestion",
        ratio=ours / other,
        goal=2.0,
        ours=ours,
        other=other,
        unit="s",
        note="landing of complete_journey (22.6 M rows) / plain create table as select of the same files",
    )


def _run(side: str) -> float:
    return last_number(run_python("benchmarks.ingestion", side))


def _create_plainly(folder: Path) -> None:
    settings = settings_at(folder)
    entry = load_entry(SOURCE)
    files = source_folder(settings, entry)
    with warehouse.writing(settings) as connection:
        connection.execute("create schema raw")
        for name, table in entry.tables.items():
            connection.execute(
                f"create table raw.{name} as select * from read_parquet('{files / table.path}')"
            )


if __name__ == "__main__":
    scratch = Path(tempfile.mkdtemp(prefix="bench_"))
    try:
        print(seconds(lambda: landed(scratch) if sys.argv[1] == "ours" else _create_plainly(scratch)))
    finally:
        shutil.rmtree(scratch)
