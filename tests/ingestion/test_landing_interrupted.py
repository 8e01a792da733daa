"""An end at any moment leaves each table as it was or complete, and the next run completes the rest."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pytest
import yaml
from shop import deliver, logged, orders_entry, rows

from orchestration.ingestion.entries import load_entry
from orchestration.ingestion.landing import land
from orchestration.settings import PROJECT_DIR, Settings
from orchestration.warehouse import writing

pytestmark = [pytest.mark.tier1, pytest.mark.slow]

ROWS = 400_000
TABLES = ("orders", "returns", "refunds")
LAND = """
import sys
from pathlib import Path
from orchestration.ingestion.entries import load_entry
from orchestration.ingestion.landing import land
from orchestration.settings import Settings

entries, data, warehouse_dir = map(Path, sys.argv[1:])
settings = Settings(("shop",), str(data), warehouse_dir, "duckdb", None, "1GB")
entry = load_entry("shop", entries)
print("landing", flush=True)
land(settings, entry)
"""


def _write_source(folder: Path, arrivals: Path) -> None:
    content = orders_entry()
    table = content["tables"].pop("orders")
    order_ids = pa.array(range(ROWS))
    for name in TABLES:
        content["tables"][name] = {**table, "path": f"{name}.parquet"}
        texts = pa.array([f"{name} {order_id}" for order_id in range(ROWS)])
        moments = order_ids.cast(pa.timestamp("us"))
        columns = {
            "order_id": order_ids,
            "customer": texts,
            "amount": order_ids.cast(pa.float64()),
            "ordered_at": moments,
        }
        deliver(arrivals, f"{name}.parquet", pa.table(columns))
    (folder / "shop.yml").write_text(yaml.safe_dump(content))


def test_kill_at_random_moments(settings: Settings, tmp_path: Path, arrivals: Path) -> None:
    _write_source(tmp_path, arrivals)
    entry = load_entry("shop", tmp_path)
    started = time.perf_counter()
    land(replace(settings, warehouse_dir=tmp_path / "uninterrupted"), entry)
    seconds = time.perf_counter() - started
    chance = random.Random(20)
    for attempt in range(4):
        trial = replace(settings, warehouse_dir=tmp_path / f"warehouse {attempt}")
        _land_until_killed(trial, tmp_path, after_seconds=chance.uniform(0, seconds))
        _assert_whole_or_absent(trial)
        land(trial, entry)
        for name in TABLES:
            landed = rows(trial, f"select count(*), count(distinct order_id) from raw_shop.{name}")
            assert landed == [(ROWS, ROWS)]
        assert rows(trial, "select count(*) from ops.landed_batches") == [(len(TABLES),)]
        files = {path.relative_to(trial.raw_dir).as_posix() for path in trial.raw_dir.glob("*/*/*")}
        assert files == {file for _, _, file in logged(trial)}, "what a killed landing left behind is gone"


def _land_until_killed(settings: Settings, entries: Path, after_seconds: float) -> None:
    arguments = [str(entries), str(settings.data), str(settings.warehouse_dir)]
    process = subprocess.Popen(
        [sys.executable, "-c", LAND, *arguments], cwd=PROJECT_DIR, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "landing\n"
    time.sleep(after_seconds)
    process.kill()
    process.wait()
    process.stdout.close()


def _assert_whole_or_absent(settings: Settings) -> None:
    """What the ledger says that it has landed is there, whole."""
    with writing(settings) as connection:
        for _, row_count, file in logged(settings):
            count = connection.execute(f"select count(*) from '{settings.raw_dir / file}'").fetchall()
            assert count == [(ROWS,)] == [(row_count,)]
