"""Warehouses to measure: landed, built, cut off by a day, ten times as large."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from orchestration import warehouse
from orchestration.ingestion.entries import load_entry
from orchestration.ingestion.landing import land
from orchestration.settings import Settings
from orchestration.transformation.command import Dbt
from orchestration.warehouse.sql import literal

SOURCE = "complete_journey"


def settings_at(folder: Path) -> Settings:
    """Return the default settings with a warehouse of its own in ``folder``."""
    return replace(
        Settings.from_environment({}), sources=(SOURCE,), data=None, warehouse_dir=folder.resolve()
    )


def landed(folder: Path) -> Settings:
    """Land the default source in ``folder``, unless it is there already."""
    settings = settings_at(folder)
    land(settings, load_entry(SOURCE))
    return settings


def dbt_run(settings: Settings, *arguments: str) -> dict[str, object]:
    """Run ``dbt run`` and return what it wrote about the run (``run_results.json``).

    Raises
    ------
    RuntimeError
        If a model fails.
    """
    dbt = Dbt(settings)
    target = settings.warehouse_dir / "bench_target"
    finished = subprocess.run(
        [str(Path(dbt_executable())), "run", *arguments],
        cwd=dbt.project_dir,
        env=dbt.environment(target),
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise RuntimeError(
            f"dbt run {' '.join(arguments)} failed:\n{(finished.stdout + finished.stderr)[-3000:]}"
        )
    return json.loads((target / "run_results.json").read_text())


def dbt_executable() -> Path:
    """Return the ``dbt`` of this environment."""
    return Path(sys.executable).parent / "dbt"


def seed(settings: Settings) -> None:
    """Load the project's seeds.

    Raises
    ------
    RuntimeError
        If dbt fails.
    """
    dbt = Dbt(settings)
    finished = subprocess.run(
        [str(dbt_executable()), "seed"],
        cwd=dbt.project_dir,
        env=dbt.environment(settings.warehouse_dir / "bench_target"),
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise RuntimeError(f"dbt seed failed:\n{(finished.stdout + finished.stderr)[-3000:]}")


def multiply_households(settings: Settings, times: int) -> None:
    """Replicate every household ``times`` over, with its baskets, demographics, campaigns and redemptions.

    Copies get keys of their own: numbers are raised by a constant beyond all that exist.
    """
    household_step, basket_step = 10_000, 100_000_000_000
    copied = {
        "transactions": {"household_id": household_step, "basket_id": basket_step},
        "demographics": {"household_id": household_step},
        "campaigns": {"household_id": household_step},
        "coupon_redemptions": {"household_id": household_step},
    }
    with warehouse.writing(settings) as connection:
        for table, steps in copied.items():
            raised = ", ".join(f"{column} + {step} * copy as {column}" for column, step in steps.items())
            copies = settings.warehouse_dir / f"bench_{table}.parquet"
            keep_rows(
                connection,
                f"select rows.* replace ({raised}) "
                f"from raw_{SOURCE}.{table} as rows cross join range(0, {times}) as copies (copy)",
                copies,
            )
            show_raw(connection, table, [copies])


def keep_rows(connection: warehouse.Connection, query: str, path: Path) -> None:
    """Write the rows of a query as a file of raw."""
    connection.execute(f"copy ({query}) to {literal(str(path))} (format parquet)")


def show_raw(connection: warehouse.Connection, table: str, paths: Sequence[Path]) -> None:
    """Let a raw table of the default source hold these files, as landing does."""
    listed = ", ".join(literal(str(path)) for path in paths)
    connection.execute(
        f"create or replace view raw_{SOURCE}.{table} as "
        f"select * from read_parquet([{listed}], union_by_name = true, hive_partitioning = false)"
    )


def rows_of(settings: Settings, tables: Sequence[str]) -> dict[str, int]:
    """Return the number of rows of each table."""
    with warehouse.writing(settings) as connection:
        return {
            table: connection.execute(f"select count(*) from {table}").fetchall()[0][0] for table in tables
        }
