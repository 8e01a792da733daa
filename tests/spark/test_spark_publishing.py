"""Publications on a cluster: swapped in at once, always whole, taken back. Small tables stand for a build."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from orchestration import warehouse
from orchestration.publishing import publications
from orchestration.publishing.publications import Publication, PublishingError
from orchestration.settings import Settings
from orchestration.warehouse import WarehouseError

pytestmark = [pytest.mark.tier4, pytest.mark.timeout(600)]

PUBLISH = """
import sys
from pathlib import Path
from orchestration.publishing import publications
from orchestration.settings import Settings
settings = Settings.from_environment()
print("start", flush=True)
for number in range(1000):
    publications.publish(settings, f"{sys.argv[1]}-{number}", "fingerprint")
    publications.rollback(settings)
"""
# What must be the same whichever release it is, and in which release a reader is.
TOTALS = """
    select
        (select count(*) from insight_marts.dim_customers) as customers,
        (select max(run) from insight_marts.dim_customers) as run,
        (select count(*) from insight_core.fct_orders) as orders,
        (select max(run) from insight_core.fct_orders) as order_run,
        (select max(run_id) from insight_ops.publication) as run_id
"""


@pytest.fixture(scope="module")
def settings(
    empty_catalogue: None, cluster_variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Settings:
    folder = tmp_path_factory.mktemp("publishing")
    return Settings.from_environment({**cluster_variables, "WAREHOUSE_DIR": str(folder)})


def _build(settings: Settings, run: str, customers: int = 3, columns: str = "") -> None:
    """Make what dbt would: tables, a view, a step in between, a layer that is nobody's business."""
    of_customers = f"select id as customer_id, '{run}' as run{columns} from range({customers})"
    with warehouse.spark_tables(settings) as tables:
        for schema in ("core", "marts", "features"):
            tables.execute(f"create database if not exists {schema}")
        for table, query in {
            "core.fct_orders": f"select id as order_id, '{run}' as run from range({customers * 10})",
            "marts.dim_customers": of_customers,
            "features.feat_customers__value": "select 1 as customer_id",
        }.items():
            tables.drop(table)
            tables.execute(f"create table {table} using parquet comment 'About ''{run}''.' as {query}")
        tables.execute("create or replace view core.int_orders__unioned as select * from core.fct_orders")
        tables.execute(
            "create or replace view marts.order_count as select count(*) as orders from core.fct_orders"
        )
    with warehouse.writing(settings) as connection:
        connection.execute("create schema if not exists ops")
        connection.execute(
            "create or replace table ops.landed_batches as "
            f"select '{run}' as batch_id, ['a', 'b'] as column_names, "
            "timestamp '2018-01-01 03:04:05' as loaded_at"
        )


def _publish(settings: Settings, run: str, customers: int = 3, columns: str = "") -> Publication:
    _build(settings, run, customers, columns)
    return publications.publish(settings, run, "fingerprint")


def _read(settings: Settings, query: str) -> list[dict[str, object]]:
    with warehouse.published(settings) as tables:
        return tables.query(query).to_pylist()


@pytest.fixture(scope="module")
def first(settings: Settings) -> Publication:
    with pytest.raises(PublishingError, match="holds no table"):
        publications.publish(settings, "none", "fingerprint")
    assert publications.current(settings) is None
    with pytest.raises(WarehouseError, match="Nothing is published"), warehouse.published(settings):
        pass
    return _publish(settings, "first")


def test_readers_get_what_is_theirs_and_nothing_else(settings: Settings, first: Publication) -> None:
    with warehouse.published(settings) as tables:
        shown = {
            f"{schema}.{name}"
            for schema in ("core", "features", "marts", "ops", "staging")
            for name in tables.names(f"insight_{schema}")
        }
        columns = tables.query("describe table insight_ops.landed_batches").to_pylist()
        batches = tables.query("select * from insight_ops.landed_batches").to_pylist()
    assert shown == {
        "core.fct_orders", "marts.dim_customers", "marts.order_count", "ops.landed_batches",
        "ops.publication",
    }  # fmt: skip
    assert first.row_counts == {
        "core.fct_orders": 30, "marts.dim_customers": 3, "marts.order_count": 1, "ops.landed_batches": 1,
    }  # fmt: skip
    assert [column["data_type"] for column in columns] == ["string", "array<string>", "timestamp"]
    assert (batches[0]["column_names"], str(batches[0]["loaded_at"])) == (["a", "b"], "2018-01-01 03:04:05")


def test_rollback_goes_back_and_forth(settings: Settings, first: Publication) -> None:
    _publish(settings, "second", customers=5)
    current, previous = publications.current(settings), publications.previous(settings)
    assert (current.run_id, previous.run_id) == ("second", "first")
    for run, customers in [("first", 3), ("second", 5)]:
        assert publications.rollback(settings).run_id == run
        assert publications.verify_current(settings).run_id == run
        assert _read(settings, "select count(*) as n from insight_marts.dim_customers") == [{"n": customers}]
    [row] = _read(settings, "explain select sum(customer_id) from insight_marts.dim_customers")
    assert str(row["plan"]).count("FileScan") == 1, "a plan reads the release that is shown, and no other"


def test_tables_may_change_shape_and_go(settings: Settings, first: Publication) -> None:
    _build(settings, "reshaped", 4, ", cast(id as string) as name, cast('7' as decimal(5, 2)) as amount")
    with warehouse.spark_tables(settings) as tables:
        tables.execute("drop view marts.order_count")
    with warehouse.spark_session(settings) as session:
        began = session.sql("select count(*) as n, max(run) as run from insight_core.fct_orders")
        publications.publish(settings, "reshaped", "fingerprint")
        # Whoever has read a table before goes on reading, in the same session.
        assert session.table("insight_marts.dim_customers").count() == 4
        assert began.toArrow().num_rows == 1
    with warehouse.published(settings) as tables:
        assert not tables.exists("marts.order_count")
        assert tables.columns("marts.dim_customers") == ["customer_id", "run", "name", "amount"]
    described = _read(settings, "describe table extended insight_marts.dim_customers")
    assert "About 'reshaped'." in [row["data_type"] for row in described if row["col_name"] == "Comment"]
    publications.rollback(settings)
    [row] = _read(settings, "select * from insight_marts.dim_customers limit 1")
    assert {*row} == {"customer_id", "run"}
    assert _read(settings, "select orders from insight_marts.order_count") == [{"orders": 50}]


@dataclass
class Witness:
    """What a reader saw that asked over and over, in one session."""

    seen: list[dict[str, object]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@contextmanager
def _watching(settings: Settings) -> Iterator[Witness]:
    witness, stop = Witness(), threading.Event()

    def watch() -> None:
        with warehouse.spark_session(settings) as session:
            while not stop.is_set():
                try:
                    witness.seen += session.sql(TOTALS).toArrow().to_pylist()
                except Exception as error:
                    witness.errors.append(str(error)[:300])

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield witness
        # Time to see what was published last.
        time.sleep(2)
    finally:
        stop.set()
        thread.join()


def test_a_reader_never_sees_a_mixture(settings: Settings, first: Publication) -> None:
    with _watching(settings) as witness:
        for customers in (6, 7):
            _publish(settings, f"customers {customers}", customers)
        publications.rollback(settings)
    assert not witness.errors
    assert {row["run"] for row in witness.seen} >= {"customers 6", "customers 7"}
    assert all(row["run"] == row["order_run"] == row["run_id"] for row in witness.seen)
    assert all(row["orders"] == 10 * row["customers"] for row in witness.seen)


def test_killed_at_random_moments_the_publication_is_always_whole(
    settings: Settings, first: Publication
) -> None:
    chance = random.Random(20171231)
    _publish(settings, "before the kills")
    with _watching(settings) as witness:
        for attempt in range(3):
            process = subprocess.Popen(
                [sys.executable, "-c", PUBLISH, f"attempt {attempt}"],
                env=_environment(settings),
                stdout=subprocess.PIPE,
                text=True,
            )
            process.stdout.readline()
            time.sleep(chance.uniform(0, 8))
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert publications.verify_current(settings).row_counts["core.fct_orders"] == 30
            publications.clean_up(settings)
            publications.verify_current(settings)
            assert _release_count(settings) == 2
    assert not witness.errors
    assert {(row["customers"], row["orders"]) for row in witness.seen} == {(3, 30)}


def _environment(settings: Settings) -> dict[str, str]:
    return {**os.environ, **settings.as_environment()}


def _release_count(settings: Settings) -> int:
    with warehouse.published(settings) as tables:
        return len([name for name in tables.databases() if name.startswith("insight_core_r")])


def test_a_table_that_lost_rows_is_noticed(settings: Settings, first: Publication) -> None:
    with warehouse.spark_tables(settings) as tables:
        release = max(name for name in tables.databases() if name.startswith("insight_core_r"))
        shown = tables.query("select release from insight_ops.publication")["release"][0].as_py()
        assert release
        tables.execute(f"truncate table insight_core_{shown}.fct_orders")
    with pytest.raises(PublishingError, match="has 0 rows; the build has 30"):
        publications.verify_current(settings)
