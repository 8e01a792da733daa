"""The first ledger: landed batches, what was shipped, builds, results of gates."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "landed_batches",
        sa.Column("landing_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("source_system", sa.String, nullable=False),
        sa.Column("table_name", sa.String, nullable=False),
        sa.Column("batch_id", sa.String, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("content_hash", sa.String, nullable=False),
        sa.Column("row_count", sa.BigInteger, nullable=False),
        sa.Column("column_names", sa.JSON, nullable=False),
        sa.Column("extra_columns", sa.JSON, nullable=False),
        sa.Column("mode", sa.String, nullable=False),
        sa.Column("is_replacement", sa.Boolean, nullable=False),
        sa.Column("loaded_at", sa.DateTime, nullable=False),
        sa.Column("landed_in_seconds", sa.Float, nullable=False),
        sa.Column("accepted_at", sa.DateTime),
        sa.Column("raw_file", sa.Text, nullable=False),
    )
    op.create_table(
        "shipments",
        sa.Column("address", sa.String, primary_key=True),
        sa.Column("raw_file", sa.String, primary_key=True),
        sa.Column("shipped_at", sa.DateTime, nullable=False),
    )
    op.create_table(
        "builds",
        sa.Column("run_id", sa.String, primary_key=True),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("started_at", sa.DateTime, nullable=False),
        sa.Column("finished_at", sa.DateTime),
        sa.Column("sources", sa.Text, nullable=False),
        sa.Column("as_of", sa.String),
        sa.Column("code_hash", sa.String, nullable=False),
        sa.Column("dbt_code_hash", sa.String, nullable=False),
        sa.Column("build_file", sa.String),
        sa.Column("full_refresh_reason", sa.Text),
        sa.Column("fingerprint", sa.String),
        sa.Column("built_at", sa.DateTime),
        sa.Column("dbt_started_at", sa.DateTime),
        sa.Column("message", sa.Text),
    )
    op.create_table(
        "gate_results",
        sa.Column("result_id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("run_id", sa.String, nullable=False, index=True),
        sa.Column("gate", sa.String, nullable=False, index=True),
        sa.Column("schema_name", sa.String),
        sa.Column("table_name", sa.String),
        sa.Column("column_name", sa.String),
        sa.Column("expectation", sa.String),
        sa.Column("kwargs", sa.Text),
        sa.Column("why", sa.Text),
        sa.Column("severity", sa.String),
        sa.Column("is_passed", sa.Boolean, nullable=False),
        sa.Column("observed_value", sa.Text),
        sa.Column("observed_number", sa.Float),
        sa.Column("unexpected_count", sa.BigInteger),
        sa.Column("element_count", sa.BigInteger),
        sa.Column("unexpected_share", sa.Float),
        sa.Column("expected_min", sa.Float),
        sa.Column("expected_max", sa.Float),
        sa.Column("message", sa.Text),
        sa.Column("validated_at", sa.DateTime, nullable=False),
    )
