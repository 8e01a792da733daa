"""Both engines on data that grows: ``python -m benchmarks.engines`` writes ``benchmarks/engines.json``.

A sixteenth, a quarter and all of the default source, households and promoted products alike, built again on
DuckDB and on a local Spark cluster of two workers with one core each. It takes half an hour: no part of
``make bench``.
"""

from __future__ import annotations

import json
import shutil
import socket
import sys
import tempfile
import urllib.request
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.warehouses import SOURCE, dbt_run, landed, seed
from orchestration import warehouse
from orchestration.settings import SPARK, Settings, SparkSettings
from orchestration.warehouse import cluster

RESULTS_PATH = Path(__file__).with_name("engines.json")
# Rows in multiples of the smallest part, and the part: one household in so many.
PARTS = {1: 16, 4: 4, 16: 1}
CUT = {
    "transactions": "household_id",
    "demographics": "household_id",
    "campaigns": "household_id",
    "coupon_redemptions": "household_id",
    "promotions": "product_id",
}


def measure(console: Console) -> list[dict[str, object]]:
    """Build each part on both engines; return one row per part."""
    folder = Path(tempfile.mkdtemp(prefix="bench_"))
    rows: list[dict[str, object]] = []
    local = landed(folder / "whole")
    remote = replace(
        local, engine=SPARK, warehouse_dir=folder / "spark", spark=SparkSettings(**_free_ports())
    )
    try:
        cluster.start(remote)
        for times, part in PARTS.items():
            part_of = _cut(local, folder / f"part_{times}", part)
            console.print(f"rows x {times}: DuckDB ...")
            seed(part_of)
            on_duckdb = dbt_run(part_of, "--full-refresh")["elapsed_time"]
            console.print(f"rows x {times}: {on_duckdb:.0f} s; Spark ...")
            _ship(part_of, remote)
            seed(remote)
            before = _tasks(remote)
            on_spark = dbt_run(remote, "--full-refresh")["elapsed_time"]
            tasks = [count - before.get(name, 0) for name, count in _tasks(remote).items()]
            rows.append(
                {
                    "rows": times,
                    "order_lines": _count(part_of, "transactions"),
                    "promotions": _count(part_of, "promotions"),
                    "duckdb_seconds": round(float(str(on_duckdb)), 1),
                    "spark_seconds": round(float(str(on_spark)), 1),
                    "tasks_by_worker": sorted(tasks),
                }
            )
            console.print(f"rows x {times}: {on_spark:.0f} s, tasks by worker {tasks}")
            shutil.rmtree(part_of.warehouse_dir)
    finally:
        cluster.stop(remote)
        shutil.rmtree(folder)
    return rows


def _cut(whole: Settings, folder: Path, part: int) -> Settings:
    folder.mkdir()
    settings = replace(whole, warehouse_dir=folder)
    shutil.copyfile(whole.build_path, settings.build_path)
    with warehouse.writing(settings) as connection:
        for table, column in CUT.items():
            connection.execute(f"delete from raw_{SOURCE}.{table} where {column} % {part} <> 0")
    return settings


def _ship(local: Settings, remote: Settings) -> None:
    """Put the raw tables of a build file on the cluster, in place of those that are there."""
    stage = Path(remote.stage_dir)
    stage.mkdir(parents=True, exist_ok=True)
    with warehouse.spark_session(remote) as session, warehouse.writing(local) as connection:
        session.sql(f"create database if not exists raw_{SOURCE}").collect()
        tables = connection.execute(
            f"select table_name from information_schema.tables where table_schema = 'raw_{SOURCE}'"
        ).fetchall()
        for (table,) in tables:
            staged = stage / f"{table}.parquet"
            connection.execute(f"copy raw_{SOURCE}.{table} to '{staged}'")
            name = f"raw_{SOURCE}.{table}"
            frame = session.read.parquet(str(staged))
            columns = ", ".join(
                f"cast({column} as timestamp) as {column}" if type_name == "timestamp_ntz" else column
                for column, type_name in frame.dtypes
            )
            session.sql(f"drop table if exists {name}").collect()
            session.sql(
                f"create table {name} using parquet as select {columns} from parquet.`{staged}`"
            ).collect()
            staged.unlink()


def _tasks(settings: Settings) -> dict[str, int]:
    """Return how many tasks each executor has finished; every worker runs one executor."""
    base = f"http://{cluster.LOOPBACK}:{settings.spark.server_ui_port}/api/v1/applications"
    with urllib.request.urlopen(base, timeout=10) as answer:
        application = json.load(answer)[0]["id"]
    with urllib.request.urlopen(f"{base}/{application}/executors", timeout=10) as answer:
        executors = json.load(answer)
    return {each["id"]: each["completedTasks"] for each in executors if each["id"] != "driver"}


def _count(settings: Settings, table: str) -> int:
    with warehouse.writing(settings) as connection:
        return int(connection.execute(f"select count(*) from raw_{SOURCE}.{table}").fetchall()[0][0])


def _free_ports() -> dict[str, int]:
    names = ("port", "connect_port", "master_port", "master_ui_port", "server_ui_port")
    with ExitStack() as stack:
        sockets = [stack.enter_context(closing(socket.socket())) for _ in names]
        for each in sockets:
            each.bind((cluster.LOOPBACK, 0))
        return {name: each.getsockname()[1] for name, each in zip(names, sockets, strict=True)}


def main() -> int:
    """Measure, write the results and print them."""
    console = Console()
    rows = measure(console)
    RESULTS_PATH.write_text(json.dumps(rows, indent=2) + "\n")
    table = Table(title="A full build on both engines")
    for heading in rows[0]:
        table.add_column(heading.replace("_", " "), justify="right")
    for row in rows:
        table.add_row(*(str(value) for value in row.values()))
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
