"""Which engine runs is asked in one room; everybody else is handed what differs."""

from __future__ import annotations

import re

import pytest

from orchestration.settings import PROJECT_DIR

pytestmark = pytest.mark.tier0

ASKS = re.compile(r"is_on_spark|settings\.engine\s*(==|!=|in)|==\s*SPARK\b|==\s*[\"'](spark|duckdb)[\"']")


def test_no_other_room_compares_names_of_engines() -> None:
    asking = [
        str(path.relative_to(PROJECT_DIR))
        for path in sorted((PROJECT_DIR / "orchestration").rglob("*.py"))
        if ASKS.search(path.read_text(encoding="utf-8"))
    ]
    assert asking == ["orchestration/warehouse/engines.py"]
