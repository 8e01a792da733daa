"""The suites of the gates, and the address by which a gate opens a warehouse file."""

from __future__ import annotations

from pathlib import Path

from expectations.suites import arrival_suite, load_suite

SHOP_CONTRACT = {
    "orders": {
        "rows": {"min": 500},
        "columns": {
            "order_id": {"type": "string", "nullable": False, "required": True},
            "customer": {"type": "string", "nullable": True, "max_null_share": 0.3},
            "amount": {"type": "double", "min": 0, "max": 100},
            "channel": {"type": "string", "one_of": ["web", "store"]},
            "ordered_at": {"type": "timestamp", "min": "2016-01-01"},
            "remark": {"type": "string", "nullable": False, "required": False},
        },
    }
}

SUITES = {suite.gate: suite for suite in (load_suite("training_churn"), load_suite("publishing"))}
SUITES["arrival_shop"] = arrival_suite("shop", SHOP_CONTRACT)


def url_of(path: Path) -> str:
    return f"duckdb:///{path}"
