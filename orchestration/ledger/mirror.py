"""Copies of the ledger in the build file, for whoever reads there: publications, and people with SQL.

A copy is written whole, and nothing is decided by it: the ledger is what counts.
"""

from __future__ import annotations

import pyarrow as pa
from sqlalchemy import Table, select

from orchestration.ledger import store
from orchestration.ledger.tables import gate_results, landed_batches
from orchestration.settings import Settings
from orchestration.warehouse import Connection

LANDED_BATCHES = "ops.landed_batches"
GATE_RESULTS = "quality.validation_results"

_TEXT, _WHOLE, _NUMBER = pa.string(), pa.int64(), pa.float64()
_LANDED = {
    **dict.fromkeys(("source_system", "table_name", "batch_id", "file_name", "content_hash"), _TEXT),
    "row_count": _WHOLE,
    **dict.fromkeys(("column_names", "extra_columns"), pa.list_(_TEXT)),
    "mode": _TEXT,
    "is_replacement": pa.bool_(),
    "loaded_at": pa.timestamp("us"),
    "landed_in_seconds": _NUMBER,
    "accepted_at": pa.timestamp("us"),
}
_RESULTS = {
    **dict.fromkeys(
        (
            "run_id",
            "gate",
            "schema_name",
            "table_name",
            "column_name",
            "expectation",
            "kwargs",
            "why",
            "severity",
        ),
        _TEXT,
    ),
    "is_passed": pa.bool_(),
    "observed_value": _TEXT,
    "observed_number": _NUMBER,
    **dict.fromkeys(("unexpected_count", "element_count"), _WHOLE),
    **dict.fromkeys(("unexpected_share", "expected_min", "expected_max"), _NUMBER),
    "message": _TEXT,
    "validated_at": pa.timestamp("us", "UTC"),
}
_MIRRORED = {
    LANDED_BATCHES: (landed_batches, _LANDED, "landing_id"),
    GATE_RESULTS: (gate_results, _RESULTS, "result_id"),
}


def mirror(settings: Settings, connection: Connection) -> None:
    """Write the copies into the build file that ``connection`` has open."""
    for name, (table, types, order) in _MIRRORED.items():
        rows = _rows(settings, table, types, order)
        connection.register("_mirrored", rows)
        try:
            connection.execute(f"create schema if not exists {name.partition('.')[0]}")
            connection.execute(f"create or replace table {name} as select * from _mirrored")
        finally:
            connection.unregister("_mirrored")


def _rows(settings: Settings, table: Table, types: dict[str, pa.DataType], order: str) -> pa.Table:
    with store.writing(settings) as ledger:
        found = (
            ledger.execute(select(*(table.c[name] for name in types)).order_by(table.c[order]))
            .mappings()
            .all()
        )
    schema = pa.schema(list(types.items()))
    return pa.Table.from_pylist([dict(row) for row in found], schema=schema)
