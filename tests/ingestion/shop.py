"""A small made-up source: the shop, which delivers orders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
from pyarrow import parquet
from sqlalchemy import select

from orchestration import warehouse
from orchestration.ledger import store as ledger
from orchestration.ledger.tables import landed_batches
from orchestration.settings import Settings

COLUMNS: dict[str, dict[str, Any]] = {
    "order_id": {"type": "bigint", "description": "Order"},
    "customer": {"type": "string", "description": "Customer"},
    "amount": {"type": "double", "description": "Pounds"},
    "ordered_at": {"type": "timestamp", "description": "Moment of the order"},
}


def orders_entry(**table: Any) -> dict[str, Any]:
    """Return the content of the shop's connector entry; ``table`` replaces what it says of ``orders``."""
    orders = {
        "description": "One row per order.",
        "path": "orders*.parquet",
        "format": "parquet",
        "mode": "append",
        "columns": COLUMNS,
    }
    return {
        "source": "shop",
        "description": "A shop.",
        "owner": "shop@example.com",
        "is_simulated": True,
        "connector": "files",
        "tables": {"orders": {**orders, **table}},
    }


def orders(*order_ids: int, **columns: Any) -> pa.Table:
    """Return orders that keep the contract; ``columns`` replaces or adds some, ``None`` takes one away."""
    values: dict[str, Any] = {
        "order_id": pa.array(order_ids, pa.int64()),
        "customer": pa.array([f"customer {order_id % 3}" for order_id in order_ids], pa.string()),
        "amount": pa.array([order_id * 0.25 for order_id in order_ids], pa.float64()),
        "ordered_at": pa.array([order_id * 1_000_000 for order_id in order_ids], pa.timestamp("us")),
    }
    values |= columns
    return pa.table({name: column for name, column in values.items() if column is not None})


def deliver(folder: Path, name: str, table: pa.Table) -> Path:
    parquet.write_table(table, folder / name)
    return folder / name


def rows(settings: Settings, query: str) -> list[tuple[Any, ...]]:
    with warehouse.writing(settings) as connection:
        return connection.execute(query).fetchall()


def logged(settings: Settings) -> list[tuple[str, int, str]]:
    """Return table, row count and raw file of every batch in the ledger, in the order they landed."""
    with ledger.writing(settings) as log:
        found = select(landed_batches.c.table_name, landed_batches.c.row_count, landed_batches.c.raw_file)
        return [tuple(row) for row in log.execute(found.order_by(landed_batches.c.landing_id))]
