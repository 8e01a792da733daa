"""One new day on top of a year against a full build of the facts, and whether both give the same rows."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from benchmarks.measuring import Result, interleaved
from benchmarks.warehouses import dbt_run, keep_rows, landed, seed, show_raw
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
        raw = "select {} from raw_complete_journey.transactions where transaction_timestamp {} {}"
        keep_rows(connection, raw.format("*", "<", LAST_DAY), _year(settings))
        later = "* replace (_loaded_at + interval 1 day as _loaded_at)"
        keep_rows(connection, raw.format(later, ">=", LAST_DAY), _last_day(settings))
        show_raw(connection, "transactions", [_year(settings)])


def _year(settings: Settings) -> Path:
    return settings.warehouse_dir / "bench_year.parquet"


def _last_day(settings: Settings) -> Path:
    return settings.warehouse_dir / "bench_last_day.parquet"


def _one_day(settings: Settings) -> float:
    with warehouse.writing(settings) as connection:
        for name in FACTS:
            connection.execute(f"delete from core.{name} where occurred_at >= {LAST_DAY}")
        show_raw(connection, "transactions", [_year(settings), _last_day(settings)])
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
