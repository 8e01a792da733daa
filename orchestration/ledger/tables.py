"""What the ledger keeps: its tables, as SQLAlchemy describes them. How they came to be is in `migrations`."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Float,
    Integer,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

# One row per batch in raw, in the order they landed. `accepted_at` stays empty until an arrival gate has let
# the batch through.
landed_batches = Table(
    "landed_batches",
    metadata,
    Column("landing_id", Integer, primary_key=True, autoincrement=True),
    Column("source_system", String, nullable=False),
    Column("table_name", String, nullable=False),
    Column("batch_id", String, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("content_hash", String, nullable=False),
    Column("row_count", BigInteger, nullable=False),
    Column("column_names", JSON, nullable=False),
    Column("extra_columns", JSON, nullable=False),
    Column("mode", String, nullable=False),
    Column("is_replacement", Boolean, nullable=False),
    Column("loaded_at", DateTime, nullable=False),
    Column("landed_in_seconds", Float, nullable=False),
    Column("accepted_at", DateTime),
    Column("raw_file", Text, nullable=False),
)

# One row per batch whose rows were counted on a cluster, by the address of the cluster.
shipments = Table(
    "shipments",
    metadata,
    Column("address", String, primary_key=True),
    Column("raw_file", String, primary_key=True),
    Column("shipped_at", DateTime, nullable=False),
)

# One row per run that built, or tried to. What the columns mean is said in `orchestration.builds.history`.
builds = Table(
    "builds",
    metadata,
    Column("run_id", String, primary_key=True),
    Column("status", String, nullable=False),
    Column("started_at", DateTime, nullable=False),
    Column("finished_at", DateTime),
    Column("sources", Text, nullable=False),
    Column("as_of", String),
    Column("code_hash", String, nullable=False),
    Column("dbt_code_hash", String, nullable=False),
    Column("build_file", String),
    Column("full_refresh_reason", Text),
    Column("fingerprint", String),
    Column("built_at", DateTime),
    Column("dbt_started_at", DateTime),
    Column("message", Text),
)

# One row per check of one validation: what later validations are compared with. The columns are those of
# `expectations.report.RESULT_COLUMNS`.
gate_results = Table(
    "gate_results",
    metadata,
    Column("result_id", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String, nullable=False, index=True),
    Column("gate", String, nullable=False, index=True),
    Column("schema_name", String),
    Column("table_name", String),
    Column("column_name", String),
    Column("expectation", String),
    Column("kwargs", Text),
    Column("why", Text),
    Column("severity", String),
    Column("is_passed", Boolean, nullable=False),
    Column("observed_value", Text),
    Column("observed_number", Float),
    Column("unexpected_count", BigInteger),
    Column("element_count", BigInteger),
    Column("unexpected_share", Float),
    Column("expected_min", Float),
    Column("expected_max", Float),
    Column("message", Text),
    Column("validated_at", DateTime, nullable=False),
)
