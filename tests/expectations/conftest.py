from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from expectations.report import GateReport
from expectations.runner import validate
from expectations.suites import Suite
from tests.support.gate_suites import SUITES, url_of


@pytest.fixture(scope="session")
def good_warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("gates") / "good.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute(Path(__file__).with_name("good_batch.sql").read_text(encoding="utf-8"))
    return path


@pytest.fixture(scope="session")
def good_reports(good_warehouse: Path) -> dict[str, GateReport]:
    return {gate: validate(suite, url_of(good_warehouse), "good") for gate, suite in SUITES.items()}


@pytest.fixture(scope="session")
def good_history(good_reports: dict[str, GateReport]) -> pd.DataFrame:
    return pd.concat([report.results for report in good_reports.values()])


@pytest.fixture
def changed(good_warehouse: Path, tmp_path: Path) -> Callable[[str], Path]:
    """A copy of the good batch after some SQL."""

    def change(sql: str) -> Path:
        path = tmp_path / "changed.duckdb"
        shutil.copy(good_warehouse, path)
        with duckdb.connect(str(path), config={"memory_limit": "1GB"}) as connection:
            connection.execute(sql)
        return path

    return change


@pytest.fixture
def publishing() -> Suite:
    return SUITES["publishing"]
