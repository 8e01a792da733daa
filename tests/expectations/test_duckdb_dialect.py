from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
import sqlalchemy

from expectations import batches, runner
from expectations.duckdb_dialect import DUCKDB, require_file
from expectations.runner import validate
from expectations.suites import ROW_COUNT, Check, Suite
from tests.support.gate_suites import SUITES, url_of

pytestmark = pytest.mark.tier1

FILLED = "expect_column_values_to_not_be_null"
PRODUCTS = SUITES["publishing"].only("core.dim_products")


def test_great_expectations_still_needs_the_patch(
    good_warehouse: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from great_expectations.execution_engine import sqlalchemy_execution_engine as engine

    stock = tuple(name for name in engine._PERSISTED_CONNECTION_DIALECTS if name != DUCKDB)
    monkeypatch.setattr(engine, "_PERSISTED_CONNECTION_DIALECTS", stock)
    monkeypatch.setattr(batches, "keep_one_connection", lambda: None)
    try:
        passed = validate(PRODUCTS, url_of(good_warehouse), "stock").passed
    except Exception:
        passed = False
    assert not passed, "GX validates on DuckDB unaided: remove keep_one_connection from duckdb_dialect.py."


def test_great_expectations_works_with_the_patch(good_warehouse: Path) -> None:
    report = validate(PRODUCTS, url_of(good_warehouse), "patched")
    assert report.passed, report.summary()


def test_columns_are_looked_up_once(good_warehouse: Path) -> None:
    asked: list[str] = []

    def listen(*event: Any) -> None:
        asked.append(event[2])

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", listen)
    try:
        validate(SUITES["publishing"], url_of(good_warehouse), "counted")
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "before_cursor_execute", listen)
    assert sum("information_schema.columns" in statement for statement in asked) == 1
    assert not [statement for statement in asked if "pg_catalog" in statement]


def test_no_column_type_is_in_the_way(changed: Callable[[str], Path]) -> None:
    path = changed(
        "create table core.odd as select 1::utinyint as a, 1::hugeint as b, [1] as c, {'x': 1} as d, "
        "map {'x': 1} as e, 'x'::enum ('x') as f, uuid() as g, '{}'::json as h, now() as i, "
        "1.5::decimal(9, 2) as j, interval 1 day as k, time '12:00' as l, '1'::bit as m, 'x'::blob as n, "
        "true as o, 1::ubigint as p"
    )
    filled = [Check(expect=FILLED, kwargs={"column": column}, why="w") for column in "abcdefghijklmnop"]
    counted = Check(expect=ROW_COUNT, kwargs={"min_value": 1}, why="w")
    report = validate(Suite(gate="odd", tables={"core.odd": [counted, *filled]}), url_of(path), "odd")
    assert report.passed, report.summary()


def test_the_file_is_free_for_others_afterwards(good_warehouse: Path) -> None:
    validate(PRODUCTS, url_of(good_warehouse), "released")
    # The same process, with other settings: DuckDB refuses while any connection is left.
    duckdb.connect(str(good_warehouse), config={"memory_limit": "512MB"}).close()
    other = "import sys, duckdb; duckdb.connect(sys.argv[1]).execute('create schema other')"
    subprocess.run([sys.executable, "-c", other, str(good_warehouse)], check=True, capture_output=True)


def test_the_file_is_free_after_a_crash(good_warehouse: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(*_: object) -> None:
        raise RuntimeError("crash")

    monkeypatch.setattr(runner, "_validate_table", crash)
    with pytest.raises(RuntimeError, match="crash"):
        validate(PRODUCTS, url_of(good_warehouse), "crashed")
    duckdb.connect(str(good_warehouse), config={"memory_limit": "512MB"}).close()


def test_settings_in_the_url_reach_the_engine(good_warehouse: Path) -> None:
    # Read-only is a setting that shows: nothing can be written, and the gate needs to write nothing.
    assert validate(PRODUCTS, f"{url_of(good_warehouse)}?access_mode=read_only", "read only").passed


def test_a_missing_file_is_not_created(tmp_path: Path) -> None:
    path = tmp_path / "nothing.duckdb"
    with pytest.raises(FileNotFoundError, match="There is no warehouse at"):
        validate(PRODUCTS, url_of(path), "nothing")
    assert not path.exists()
    require_file("postgresql://warehouse/insight")
