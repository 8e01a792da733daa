"""One new day on top of a year against a full build of the facts, and whether both give the same rows."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from benchmarks.measuring import Result, interleaved
from benchmarks.warehouses import dbt_run, landed, seed
from orchestration import warehouse
from orchestration.settings import Settings

FACTS = ["fct_order_lines", "fct_orders"]
LAST_DAY = "timestamp '2017-12-31 05:00:00'"


def measure() -> Result:
    """Build the facts without the last day, land it, build again; compare with a full refresh.

    Raises
    ------
    RuntimeError
        If the two differ in any row.
    """
    folder = Path(tempfile.mkdtemp(prefix="bench_"))
    try:
        settings = landed(folder)
        seed(settings)
        _split_off_last_day(settings)
        dbt_run(settings, "--full-refresh", "--select", "+fct_orders")
        ours, other = interleaved(lambda: _one_day(settings), lambda: _full(settings), rounds=3)
    finally:
        shutil.rmtree(folder)
    return Result(
        name="one new day",
        ratio=ours / other,
        goal=0.1,
        ours=ours,
        other=other,
        unit="s",
        note="fct_order_lines and fct_orders with one new day on a year / full refresh; rows identical",
    )


def _split_off_last_day(settings: Settings) -> None:
    with warehouse.writing(settings) as connection:
        raw = "raw_complete_journey.transactions"
        connection.execute(
            f"create table raw_complete_journey.last_day as select * from {raw} "
            f"where transaction_timestamp >= {LAST_DAY}"
        )
        connection.execute(
            "update raw_complete_journey.last_day set _loaded_at = _loaded_at + interval 1 day"
        )
        _remove_last_day(connection, [raw])


def _remove_last_day(connection: warehouse.Connection, tables: list[str]) -> None:
    for table in tables:
        column = "transaction_timestamp" if table.startswith("raw_") else "occurred_at"
        connection.execute(f"delete from {table} where {column} >= {LAST_DAY}")
    connection.execute("checkpoint")


def _one_day(settings: Settings) -> float:
    facts = [f"core.{name}" for name in FACTS]
    with warehouse.writing(settings) as connection:
        _remove_last_day(connection, ["raw_complete_journey.transactions", *facts])
        connection.execute("insert into raw_complete_journey.transactions from raw_complete_journey.last_day")
        connection.execute("checkpoint")
    elapsed = _elapsed(dbt_run(settings, "--select", *FACTS))
    with warehouse.writing(settings) as connection:
        for name in FACTS:
            connection.execute(f"create or replace table core.bench_{name} as from core.{name}")
    return elapsed


def _full(settings: Settings) -> float:
    elapsed = _elapsed(dbt_run(settings, "--full-refresh", "--select", *FACTS))
    with warehouse.writing(settings) as connection:
        for name in FACTS:
            differing = connection.execute(
                f"select count(*) from ((from core.{name} except all from core.bench_{name}) union all "
                f"(from core.bench_{name} except all from core.{name}))"
            ).fetchall()[0][0]
            if differing:
                raise RuntimeError(f"{name}: {differing} rows differ between one new day and a full refresh")
    return elapsed


def _elapsed(results: dict) -> float:
    return sum(
        result["execution_time"] for result in results["results"] if result["unique_id"].startswith("model.")
    )
