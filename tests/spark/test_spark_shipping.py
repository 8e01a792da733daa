"""What landed is shipped to the cluster: each batch once, whatever happens in between."""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import yaml
from shop import COLUMNS, deliver, orders, orders_entry

from orchestration import warehouse
from orchestration.ingestion import shipping
from orchestration.ingestion.entries import SourceEntry, load_entry
from orchestration.ingestion.landing import land, row_counts, withdraw
from orchestration.ledger import landing_log
from orchestration.settings import Settings
from orchestration.warehouse import WarehouseError

pytestmark = [pytest.mark.tier4, pytest.mark.timeout(600)]

ORDERS = "raw_shop.orders"
LAND_AND_SHIP = """
import sys
from pathlib import Path
from orchestration.ingestion.entries import load_entry
from orchestration.ingestion.landing import land
from orchestration.ingestion.shipping import ship
from orchestration.settings import Settings
settings, entry = Settings.from_environment(), load_entry("shop", Path(sys.argv[1]))
print("start", flush=True)
land(settings, entry)
ship(settings, entry)
"""


@pytest.fixture
def settings(cluster_variables: dict[str, str], cluster_settings: Settings, tmp_path: Path) -> Settings:
    with warehouse.spark_tables(cluster_settings) as tables:
        tables.execute("drop database if exists raw_shop cascade")
    (tmp_path / "arrivals").mkdir()
    folder = {"WAREHOUSE_DIR": str(tmp_path / "warehouse"), "WAREHOUSE_DATA": str(tmp_path / "arrivals")}
    return Settings.from_environment({**cluster_variables, **folder})


@pytest.fixture
def entry_of(tmp_path: Path) -> Callable[..., SourceEntry]:
    def load(**table: Any) -> SourceEntry:
        (tmp_path / "shop.yml").write_text(yaml.safe_dump(orders_entry(**table), sort_keys=False))
        return load_entry("shop", tmp_path)

    return load


def _arrive(settings: Settings, entry: SourceEntry) -> list[str]:
    """Land and ship; return what shipping says."""
    lines: list[str] = []
    land(settings, entry)
    shipping.ship(settings, entry, lines.append)
    return lines


def _on_cluster(settings: Settings, query: str) -> list[dict[str, Any]]:
    with warehouse.spark_tables(settings) as tables:
        return tables.query(query).to_pylist()


def _waiting(settings: Settings) -> int:
    """Return how many rows are still in the build file."""
    with warehouse.writing(settings) as connection:
        return connection.execute(f"select count(*) from {ORDERS}").fetchall()[0][0]


def test_what_landed_is_shipped_once_and_leaves_the_build_file(
    settings: Settings, entry_of: Callable[..., SourceEntry]
) -> None:
    entry, arrivals = entry_of(), Path(settings.data)
    deliver(arrivals, "orders_1.parquet", orders(1, 2, 3))
    assert "3 rows shipped" in _arrive(settings, entry)[0]
    assert _arrive(settings, entry) == []
    # Of a type that only one engine knows, and a column that comes later.
    coupons = pa.array([[b"a"], None], pa.list_(pa.binary()))
    deliver(arrivals, "orders_2.parquet", orders(4, 5, coupons=coupons, at=pa.array([1, 2], pa.time64("us"))))
    assert "2 rows shipped" in _arrive(settings, entry)[0]
    assert _waiting(settings) == 0
    assert row_counts(settings, entry) == {"orders": 5}
    rows = _on_cluster(settings, f"select * from {ORDERS} order by order_id")
    assert [row["order_id"] for row in rows] == [1, 2, 3, 4, 5]
    assert rows[0]["ordered_at"] == dt.datetime(1970, 1, 1, 0, 0, 1)
    assert [row["at"] for row in rows] == [None, None, None, "00:00:00.000001", "00:00:00.000002"]
    types = {row["col_name"]: row["data_type"] for row in _on_cluster(settings, f"describe {ORDERS}")}
    assert [types[name] for name in (*COLUMNS, "_loaded_at", "_batch_id")] == [
        "bigint", "string", "double", "timestamp", "timestamp", "string",
    ]  # fmt: skip
    assert not (settings.warehouse_dir / "stage" / "landing").exists()


@pytest.mark.parametrize("stopped", ["write_batch", "mark_shipped"])
def test_stopped_on_the_way_nothing_is_doubled(
    settings: Settings,
    entry_of: Callable[..., SourceEntry],
    monkeypatch: pytest.MonkeyPatch,
    stopped: str,
) -> None:
    from orchestration.warehouse.spark import SparkTables

    entry = entry_of()
    deliver(Path(settings.data), "orders_1.parquet", orders(1, 2, 3))
    where = SparkTables if stopped == "write_batch" else landing_log
    original = getattr(where, stopped)

    def stop(*arguments: Any, **named: Any) -> None:
        original(*arguments, **named)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(where, stopped, stop)
        with pytest.raises(KeyboardInterrupt):
            _arrive(settings, entry)
    assert _waiting(settings) == 3, "what may not be on the cluster stays"
    _arrive(settings, entry)
    assert (_waiting(settings), len(_on_cluster(settings, f"select * from {ORDERS}"))) == (0, 3)


def test_killed_at_random_moments_nothing_is_doubled_or_lost(
    settings: Settings, entry_of: Callable[..., SourceEntry], tmp_path: Path
) -> None:
    chance = random.Random(2017)
    entry, delivered = entry_of(), 0
    for attempt in range(3):
        delivered += 20_000
        deliver(
            Path(settings.data), f"orders_{attempt}.parquet", orders(*range(delivered - 20_000, delivered))
        )
        process = subprocess.Popen(
            [sys.executable, "-c", LAND_AND_SHIP, str(tmp_path)],
            env={**os.environ, **settings.as_environment()},
            stdout=subprocess.PIPE,
        )
        process.stdout.readline()
        time.sleep(chance.uniform(0.5, 4))
        process.send_signal(signal.SIGKILL)
        process.wait()
    _arrive(settings, entry)
    [found] = _on_cluster(settings, f"select count(*) as n, count(distinct order_id) as ids from {ORDERS}")
    assert found == {"n": delivered, "ids": delivered}
    assert _waiting(settings) == 0


def test_a_replaced_table_holds_the_last_delivery_even_of_other_types(
    settings: Settings, entry_of: Callable[..., SourceEntry]
) -> None:
    arrivals = Path(settings.data)
    deliver(arrivals, "orders.parquet", orders(1, 2, 3))
    _arrive(settings, entry_of(mode="replace", path="orders.parquet"))
    deliver(arrivals, "orders.parquet", orders(4, 5))
    columns = {**COLUMNS, "amount": {"type": "string", "description": "Pounds"}}
    amounts = pa.array(["4 pounds", "5 pounds"])
    deliver(arrivals, "orders.parquet", orders(4, 5, amount=amounts))
    _arrive(settings, entry_of(mode="replace", path="orders.parquet", columns=columns))
    rows = _on_cluster(settings, f"select order_id, amount from {ORDERS} order by order_id")
    assert rows == [{"order_id": 4, "amount": "4 pounds"}, {"order_id": 5, "amount": "5 pounds"}]


def test_what_a_red_gate_held_back_is_taken_out_on_the_cluster_too(
    settings: Settings, entry_of: Callable[..., SourceEntry]
) -> None:
    entry, arrivals = entry_of(), Path(settings.data)
    bad = deliver(arrivals, "orders_1.parquet", orders(1, 2, 3))
    _arrive(settings, entry)
    assert withdraw(settings, entry, ["orders"]) == ["shop.orders: 3 rows taken out, to be delivered again"]
    with warehouse.spark_tables(settings) as tables:
        assert not tables.exists(ORDERS)
    bad.unlink()
    deliver(arrivals, "orders_1.parquet", orders(1, 2))
    _arrive(settings, entry)
    assert len(_on_cluster(settings, f"select * from {ORDERS}")) == 2


def test_files_that_a_broken_run_left_do_not_block(
    settings: Settings, cluster_settings: Settings, entry_of: Callable[..., SourceEntry]
) -> None:
    deliver(Path(settings.data), "orders_1.parquet", orders(1, 2, 3))
    entry = entry_of()
    _arrive(settings, entry)
    folder = cluster_settings.cluster_dir / "tables" / "raw_shop.db" / "orders"
    left = {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*.parquet")}
    with warehouse.spark_tables(settings) as tables:
        tables.drop(ORDERS)
    for path, content in left.items():
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_bytes(content)
    # The log knows that the rows were sent, and they are not there any more: that is said, not hidden.
    with pytest.raises(WarehouseError, match=r"lacks rows that were sent there before \(orders_1.parquet\)"):
        _arrive(settings, entry)
    (settings.build_path).unlink()
    (settings.warehouse_dir / "file_stamps.json").unlink()
    _arrive(settings, entry)
    assert len(_on_cluster(settings, f"select * from {ORDERS}")) == 3


def test_the_other_engine_does_not_take_shipped_rows_for_its_own(
    settings: Settings, entry_of: Callable[..., SourceEntry]
) -> None:
    deliver(Path(settings.data), "orders_1.parquet", orders(1, 2, 3))
    entry = entry_of()
    _arrive(settings, entry)
    embedded = Settings.from_environment({**settings.as_environment(), "WAREHOUSE_ENGINE": "duckdb"})
    with pytest.raises(WarehouseError, match="was built on Spark"):
        land(embedded, entry)
