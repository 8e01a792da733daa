"""The simulated channels give the same facts, whatever batches their rows come in."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import dbt_runs
import duckdb
import pytest
from dbt_runs import DbtRuns
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from orchestration.ingestion.entries import load_entry
from orchestration.ingestion.landing import land
from orchestration.settings import Settings

pytestmark = pytest.mark.tier3

SOURCE = "digital_twin"
RAW = f"raw_{SOURCE}"
FIRST_LOAD = dt.datetime(2026, 1, 1)
# Core without what neither a batch can change nor the twin fills.
SELECTION = ("--select", f"path:models/staging/{SOURCE}", "path:models/core", "path:seeds")


@pytest.fixture(scope="module")
def twin_dbt(dbt_project_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DbtRuns]:
    """The project parsed with the simulated source enabled, and no other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(dbt_runs.SETTINGS, "WAREHOUSE_SOURCES", SOURCE)
        yield DbtRuns(dbt_project_dir, tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="module")
def landed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The raw rows of a small twin, in a file of their own."""
    folder = tmp_path_factory.mktemp("landed")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAREHOUSE_TWIN_SCALE", "0.01")
        land(
            Settings.from_environment({"WAREHOUSE_DIR": str(folder), "WAREHOUSE_SOURCES": SOURCE}),
            load_entry(SOURCE),
        )
    return folder / "build.duckdb"


@pytest.fixture(scope="module")
def empty_warehouse(twin_dbt: DbtRuns, landed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All raw tables, without rows, and the seeds."""
    folder = tmp_path_factory.mktemp("empty")
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        connection.execute(f"attach '{landed}' as landed (read_only)")
        connection.execute(f"create schema {RAW}")
        for table in load_entry(SOURCE).tables:
            connection.execute(f"create table {RAW}.{table} as from landed.{RAW}.{table} limit 0")
    twin_dbt.run(folder, "seed")
    return folder


def deliver(folder: Path, landed: Path, number: int, condition: str) -> None:
    """Land the rows that meet a condition, in which ``{row}`` stands for a row's values; lists come whole."""
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        connection.execute(f"attach '{landed}' as landed (read_only)")
        for table, terms in load_entry(SOURCE).tables.items():
            columns = ", ".join(f'"{column}"' for column in terms.columns)
            chosen = "true" if terms.mode == "replace" else condition.format(row=columns)
            if terms.mode == "replace":
                connection.execute(f"delete from {RAW}.{table}")
            connection.execute(
                f"insert into {RAW}.{table} by name select {columns}, "
                f"timestamp '{FIRST_LOAD + dt.timedelta(days=number)}' as _loaded_at, "
                f"'batch {number}' as _batch_id from landed.{RAW}.{table} where {chosen}"
            )


def facts(folder: Path) -> dict[str, list[tuple[object, ...]]]:
    """The rows of every table of core, but for when they were loaded."""
    with duckdb.connect(str(folder / "build.duckdb"), read_only=True) as connection:
        tables = connection.execute(
            "select table_name, string_agg('\"' || column_name || '\"', ', ' order by column_index) "
            "from duckdb_columns() where schema_name = 'core' and column_name not like '%loaded_at' "
            "and table_name in (select table_name from duckdb_tables() where schema_name = 'core') "
            "group by table_name order by table_name"
        ).fetchall()
        return {
            table: connection.execute(f"select {columns} from core.{table} order by all").fetchall()
            for table, columns in tables
        }


Build = Callable[..., Path]


@pytest.fixture(scope="module")
def build(
    twin_dbt: DbtRuns, landed: Path, empty_warehouse: Path, tmp_path_factory: pytest.TempPathFactory
) -> Build:
    """Build a new warehouse from deliveries, one after the other; each is a condition on the rows."""

    def run(*deliveries: str) -> Path:
        folder = tmp_path_factory.mktemp("twin")
        shutil.copyfile(empty_warehouse / "build.duckdb", folder / "build.duckdb")
        for number, condition in enumerate(deliveries):
            deliver(folder, landed, number, condition)
            twin_dbt.run(folder, "run", *SELECTION)
        return folder

    return run


@pytest.fixture(scope="module")
def at_once(build: Build) -> Path:
    """All rows in one delivery."""
    return build("true")


def test_unit_tests_of_the_twin_pass(twin_dbt: DbtRuns, at_once: Path) -> None:
    statuses = twin_dbt.run(at_once, "test", "--select", f"path:models/staging/{SOURCE},test_type:unit")
    told = {name: status for name, status in statuses.items() if name.startswith("unit_test.")}
    assert len(told) >= 20
    assert set(told.values()) == {"pass"}


@given(seed=st.integers(0, 1_000_000), first_share=st.integers(20, 80), repeated_share=st.integers(5, 40))
@settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_any_two_batches_give_the_facts_of_one(
    build: Build, at_once: Path, *, seed: int, first_share: int, repeated_share: int
) -> None:
    """Rows are dealt at random, so each batch has rows from before and after the other; some come in both."""
    draw = f"hash({{row}}, {seed}) % 100"
    batches = (f"{draw} < {first_share}", f"{draw} >= {max(first_share - repeated_share, 0)}")
    expected, found = facts(at_once), facts(build(*batches))
    assert found.keys() == expected.keys()
    differing = {
        table: sorted(set(found[table]) ^ set(rows), key=repr)[:2]
        for table, rows in expected.items()
        if found[table] != rows
    }
    assert differing == {}
