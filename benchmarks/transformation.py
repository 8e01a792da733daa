"""The run phase of dbt against the same SQL executed without dbt."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

from benchmarks.events import statements_of
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
        components = _statements_of_components(settings)
        ours, other = interleaved(
            lambda: _with_dbt(settings), lambda: _without_dbt(settings, components), rounds=3
        )
    finally:
        shutil.rmtree(folder)
    return Result(
        name="dbt run phase",
        ratio=ours / other,
        goal=1.5,
        ours=ours,
        other=other,
        unit="s",
        note="elapsed time of `dbt run --full-refresh` after parsing / the SQL of all models, raw",
    )


def _with_dbt(settings: Settings) -> float:
    return float(str(dbt_run(settings, "--full-refresh")["elapsed_time"]))


def _statements_of_components(settings: Settings) -> dict[str, list[str]]:
    """Return the statements of the models whose SQL gives the edges of a graph, by their names in dbt.

    Such a table holds the components of the graph: its compiled SQL alone does not make it.
    """
    nodes = _manifest(settings)["nodes"]
    statements = {
        unique_id: statements_of(settings, node["name"])
        for unique_id, node in nodes.items()
        if node["config"].get("materialized") == "connected_components"
    }
    for unique_id, found in statements.items():
        if not found:
            raise RuntimeError(f"{unique_id}: the log of dbt holds no statement of it")
    return statements


def _manifest(settings: Settings) -> dict:
    return json.loads((settings.warehouse_dir / "bench_target" / "manifest.json").read_text())


def _without_dbt(settings: Settings, components: dict[str, list[str]]) -> float:
    target = settings.warehouse_dir / "bench_target"
    manifest = _manifest(settings)
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
                if node["unique_id"] in components:
                    for statement in components[node["unique_id"]]:
                        connection.execute(statement)
                    continue
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
