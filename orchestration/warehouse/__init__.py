"""The warehouse: the only room that knows engines and opens connections."""

from orchestration.warehouse.connections import (
    PUBLICATION,
    READERS_PREFIX,
    Connection,
    EngineError,
    append,
    build_file_id,
    copying,
    in_memory,
    published,
    reading,
    require_engine,
    spark_session,
    spark_tables,
    table_exists,
    tables,
    validated,
    writing,
)
from orchestration.warehouse.engines import by_engine, is_on_cluster, readers_place
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
    "by_engine",
    "copying",
    "in_memory",
    "is_on_cluster",
    "published",
    "readers_place",
    "reading",
    "require_engine",
    "spark_session",
    "spark_tables",
    "table_exists",
    "tables",
    "validated",
    "writing",
]
