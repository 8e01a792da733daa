"""The one mapping between the types of the two engines; what is not in it has no counterpart."""

from __future__ import annotations

import re

# DuckDB's name: Spark's.
_COUNTERPARTS = {
    "BOOLEAN": "boolean",
    "TINYINT": "tinyint",
    "SMALLINT": "smallint",
    "INTEGER": "int",
    "BIGINT": "bigint",
    "FLOAT": "float",
    "DOUBLE": "double",
    "VARCHAR": "string",
    "BLOB": "binary",
    "DATE": "date",
    # Both hold UTC: the session's time zone is set to it on Spark, and DuckDB's type has none.
    "TIMESTAMP": "timestamp",
}
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


def counterpart(duckdb_type: str) -> str:
    """Return Spark's name of a DuckDB type; without a counterpart its own, which equals none of Spark's."""
    if decimal := _DECIMAL.fullmatch(duckdb_type):
        return f"decimal({decimal[1]},{decimal[2]})"
    return _COUNTERPARTS.get(duckdb_type, duckdb_type)
