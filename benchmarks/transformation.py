"""The run phase of dbt against the same SQL executed without dbt."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from benchmarks.measuring import Result, interleaved, seconds
from benchmarks.warehouses import dbt_run, landed, seed
from orchestration import warehouse
from orchestration.settings import Settings


def measure() -> Result:
    """Run all models of the default source with dbt, then their compiled SQL in the same order."""
    folder = Path(tempfile.mkdtemp(prefix="bench_"))
    try:
        settings = landed(folder)
        seed(settings)
        dbt_run(settings, "--full-refresh")
        ours, other = interleaved(lambda: _with_dbt(settings), lambda: _without_dbt(settings), rounds=3)
    finally:
        shutil.rmtree(folder)
    return Result(
        name="dbt run phase",
        ratio=ours / other,
        goal=1.5,
        ours=ours,
        other=other,
        unit="s",
        note="elapsed time of `dbt run --full-refresh` after parsing / the compiled SQL of all models, raw",
    )


def _with_dbt(settings: Settings) -> float:
    return float(str(dbt_run(settings, "--full-refresh")["elapsed_time"]))


def _without_dbt(settings: Settings) -> float:
    target = settings.warehouse_dir / "bench_target"
    manifest = json.loads((target / "manifest.json").read_text())
    finished = json.loads((target / "run_results.json").read_text())["results"]
    nodes = [
        manifest["nodes"][result["unique_id"]]
        for result in finished
        if result["unique_id"].startswith("model.")
    ]
    compiled = {result["unique_id"]: result["compiled_code"] for result in finished}

    def execute() -> None:
        with warehouse.writing(settings) as connection:
            for node in _in_order(nodes):
                kind = "view" if node["config"]["materialized"] == "view" else "table"
                name = f"{node['schema']}.{node['name']}"
                connection.execute(f"create or replace {kind} {name} as {compiled[node['unique_id']]}")

    return seconds(execute)


def _in_order(nodes: list[dict]) -> list[dict]:
    waiting = {node["unique_id"]: node for node in nodes}
    ordered: list[dict] = []
    while waiting:
        ready = [
            node
            for node in waiting.values()
            if not any(parent in waiting for parent in node["depends_on"]["nodes"])
        ]
        ordered += ready
        for node in ready:
            del waiting[node["unique_id"]]
    return ordered
