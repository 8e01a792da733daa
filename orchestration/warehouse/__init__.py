"""The warehouse: the only room that knows engines and opens connections."""

from orchestration.warehouse.connections import (
    PUBLICATION,
    READERS_PREFIX,
    Connection,
    EngineError,
    append,
    build_file_id,
    copying,
    published,
    reading,
    require_engine,
    spark_session,
    spark_tables,
    table_exists,
    tables,
    writing,
)
from orchestration.warehouse.tables import Tables, WarehouseError

__all__ = [
    "PUBLICATION",
    "READERS_PREFIX",
    "Connection",
    "EngineError",
    "Tables",
    "WarehouseError",
    "append",
    "build_file_id",
    "copying",
    "published",
    "reading",
    "require_engine",
    "spark_session",
    "spark_tables",
    "table_exists",
    "tables",
    "writing",
]
