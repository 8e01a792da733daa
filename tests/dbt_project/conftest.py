"""One parse and one build of the slice, shared by all tests of this folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import planted_faults
import pytest
import raw_slice
from dbt_runs import DbtRuns

from tests.support.made_once import made_once

DBT_PROJECT_DIR = Path(__file__).resolve().parents[2] / "dbt_project"


@pytest.fixture(scope="session")
def dbt_project_dir() -> Path:
    return DBT_PROJECT_DIR


@pytest.fixture(scope="session")
def dbt(tmp_path_factory: pytest.TempPathFactory) -> DbtRuns:
    return DbtRuns(DBT_PROJECT_DIR, tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="session")
def raw_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The slice as it should arrive."""
    path = tmp_path_factory.mktemp("raw") / "build.duckdb"
    raw_slice.create(path)
    return path


@pytest.fixture(scope="session")
def warehouse_of(
    raw_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[Callable[[Path], None]], Path]:
    """A new warehouse whose raw tables are the slice, changed by a function of the file's path."""

    def copy_changed(change: Callable[[Path], None]) -> Path:
        folder = tmp_path_factory.mktemp("warehouse")
        shutil.copyfile(raw_file, folder / "build.duckdb")
        change(folder / "build.duckdb")
        return folder

    return copy_changed


@pytest.fixture(scope="session")
def built(dbt: DbtRuns, raw_file: Path, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The warehouse built from the slice with faults planted; its data tests have passed."""

    def build(folder: Path) -> Path:
        path = folder / raw_file.name
        shutil.copyfile(raw_file, path)
        planted_faults.plant(path)
        dbt.run(folder, "build", "--exclude-resource-type", "unit_test")
        return path

    # One for each process: dbt opens it for writing, whatever it is asked to do.
    folder = tmp_path_factory.mktemp("warehouse")
    shutil.copyfile(made_once(shared / "slice", build), folder / raw_file.name)
    return folder


@pytest.fixture(scope="session")
def query(built: Path) -> Callable[[str], pd.DataFrame]:
    """Ask the built warehouse."""

    def ask(sql: str) -> pd.DataFrame:
        with duckdb.connect(str(built / "build.duckdb"), read_only=True) as connection:
            return connection.execute(sql).df()

    return ask
