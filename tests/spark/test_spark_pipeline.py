"""The whole pipeline on a cluster, through all that can go wrong on the way: one story, told in order."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

import pyarrow.parquet as pq
import pytest
import sliced_data
from clusters import Running, differences, kill_process, published, start
from installations import Answer, Installation, new_installation

from orchestration import warehouse
from orchestration.publishing import publications
from orchestration.settings import Settings
from orchestration.warehouse import cluster

pytestmark = [pytest.mark.tier4, pytest.mark.timeout(1800)]

SEED = 2017
# What a predictive model wrote differs in its last digits, and holds its run.
WRITTEN_BY_MODELS = {
    *("ml.model_runs", "ml.model_backtests", "ml.model_calibration", "ml.model_slices"),
    *("ml.scores", "ml.score_reasons", "marts.dim_customers", "ops.publication", "ops.landed_batches"),
}
TOTALS = """
    select
        (select run_id from insight_ops.publication) as run_id,
        (select count(*) from insight_core.fct_order_lines) as line_count,
        (select cast(sum(sales_amount) as string) from insight_core.fct_order_lines) as line_sales,
        (select cast(sum(sales_amount) as string) from insight_core.fct_orders) as order_sales,
        (select count(distinct run_id) from insight_ml.model_runs) as run_count
"""


@pytest.fixture(scope="module")
def chance() -> random.Random:
    return random.Random(SEED)


@pytest.fixture(scope="module")
def warehouses(
    empty_catalogue: None, cluster_variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Installation, Installation]:
    """A warehouse on the cluster and one on the embedded engine, with the same delivery waiting."""
    folder = tmp_path_factory.mktemp("pipeline")
    on_cluster = new_installation(folder / "on_cluster", **cluster_variables)
    return on_cluster, new_installation(folder / "embedded")


@pytest.fixture(scope="module")
def workers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


@dataclass(frozen=True)
class FirstBuild:
    """How the first build went, after one killed while landing, one that lost its server, one killed in dbt.

    Before all of them there were files of a table that the catalogue knows nothing of.

    Attributes
    ----------
    without_server
        What the build said that lost its server.
    before
        What was published before the last one; nothing.
    answer
        What the last one said, which lost a worker.
    """

    without_server: Answer
    before: object
    answer: Answer


@pytest.fixture(scope="module")
def embedded(warehouses: tuple[Installation, Installation], workers: ThreadPoolExecutor) -> Future[Answer]:
    """The same build on the embedded engine, meanwhile."""
    return workers.submit(warehouses[1].build)


@pytest.fixture(scope="module")
def first_build(
    warehouses: tuple[Installation, Installation],
    cluster_settings: Settings,
    chance: random.Random,
    embedded: Future[Answer],
) -> FirstBuild:
    installation, _ = warehouses
    # What a server leaves that is killed after it wrote files and before its catalogue knew of the table.
    leftovers = cluster_settings.cluster_dir / "tables" / "core.db" / "fct_orders"
    leftovers.mkdir(parents=True)
    (leftovers / "part-00000.snappy.parquet").write_bytes(b"half a file")
    _kill(installation, "rows shipped", chance.uniform(0, 4))
    lost = start(installation, "build")
    lost.wait_for(r"\[10/")
    kill_process(cluster_settings, "server")
    without_server = lost.end()
    cluster.start(cluster_settings)
    _kill(installation, r"\[ 1/", chance.uniform(0, 20))
    before = publications.current(installation.settings)
    running = start(installation, "build", "--json")
    running.wait_for(r"\[15/")
    kill_process(cluster_settings, "worker-2")
    answer = running.end()
    cluster.start(cluster_settings)
    return FirstBuild(without_server, before, answer)


def _kill(installation: Installation, after: str, seconds: float) -> Running:
    running = start(installation, "build")
    running.wait_for(after)
    time.sleep(seconds)
    running.kill()
    return running


def test_a_lost_server_is_said_in_plain_words(first_build: FirstBuild) -> None:
    assert first_build.without_server.exit_code == 1
    said = first_build.without_server.progress
    assert "went away in the middle" in said
    assert "make cluster" in said
    assert "Traceback" not in said


def test_after_all_that_the_build_completes_without_one_of_its_workers(
    first_build: FirstBuild, cluster_settings: Settings
) -> None:
    assert first_build.before is None
    assert first_build.answer.exit_code == 0, first_build.answer.output + first_build.answer.progress
    assert first_build.answer.content["is_new"]
    assert len(cluster.alive_workers(cluster_settings)) == 2, "what was lost is started again"


def test_raw_tables_hold_what_was_delivered_once(
    first_build: FirstBuild, warehouses: tuple[Installation, Installation]
) -> None:
    installation, _ = warehouses
    delivered = {path.stem: pq.read_metadata(path).num_rows for path in installation.data.glob("*.parquet")}
    with warehouse.spark_tables(installation.settings, is_writer=False) as tables:
        assert tables.counts({name: f"raw_complete_journey.{name}" for name in delivered}) == delivered


def test_the_publication_is_that_of_the_embedded_engine(
    first_build: FirstBuild, warehouses: tuple[Installation, Installation], embedded: Future[Answer]
) -> None:
    assert embedded.result().exit_code == 0
    assert differences(*warehouses, but=WRITTEN_BY_MODELS) == []


def test_gates_and_models_said_what_they_say_on_the_embedded_engine(
    first_build: FirstBuild, warehouses: tuple[Installation, Installation], embedded: Future[Answer]
) -> None:
    answers = [each.insight("status", "--json") for each in warehouses]
    publications = [answer.content["publication"] for answer in answers]
    assert all(publication["report"] for publication in publications)
    gates, models = (
        [[{key: row[key] for key in keys} for row in publication[part]] for publication in publications]
        for part, keys in (
            ("gates", ("gate", "checks", "failed")),
            ("predictive_models", ("predictive_model", "is_published")),
        )
    )
    assert gates[0] == gates[1]
    assert {row["gate"] for row in gates[0]} == {"arrival_complete_journey", "training_churn", "publishing"}
    assert models[0] == models[1] == [{"predictive_model": "churn", "is_published": True}]
    quarantines = [each.insight("quarantine", "--json").content for each in warehouses]
    assert quarantines[0] == quarantines[1]


@pytest.fixture(scope="module")
def second_look(first_build: FirstBuild, warehouses: tuple[Installation, Installation]) -> Answer:
    return warehouses[0].build()


def test_with_nothing_new_a_build_says_so(first_build: FirstBuild, second_look: Answer) -> None:
    assert not second_look.content["is_new"]
    assert second_look.content["run_id"] == first_build.answer.content["run_id"]


@dataclass
class Witness:
    """What a reader saw that asked over and over, in one session."""

    seen: list[tuple[object, ...]] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@contextmanager
def _watching(installation: Installation) -> Iterator[Witness]:
    witness, stop = Witness(), threading.Event()

    def watch() -> None:
        with warehouse.spark_session(installation.settings) as session:
            while not stop.is_set():
                try:
                    witness.seen += [tuple(row.values()) for row in session.sql(TOTALS).toArrow().to_pylist()]
                except Exception as error:
                    witness.errors.append(str(error)[:300])
                time.sleep(0.5)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield witness
        time.sleep(3)
    finally:
        stop.set()
        thread.join()


@dataclass(frozen=True)
class SecondBuild:
    """How the build of the second delivery went, and what a reader saw from its publishing on."""

    answer: Answer
    witness: Witness


@pytest.fixture(scope="module")
def second_build(
    second_look: Answer,
    warehouses: tuple[Installation, Installation],
    workers: ThreadPoolExecutor,
    tmp_path_factory: pytest.TempPathFactory,
) -> SecondBuild:
    last_day = tmp_path_factory.mktemp("last_day") / sliced_data.LAST_DAY_FILE
    sliced_data.write_last_day(last_day)
    for each in warehouses:
        each.deliver(last_day)
    embedded = workers.submit(warehouses[1].build)
    running = start(warehouses[0], "build", "--json")
    running.wait_for("Gate training passed", seconds=600)
    with _watching(warehouses[0]) as witness:
        answer = running.end()
    assert embedded.result().exit_code == 0
    return SecondBuild(answer, witness)


def test_a_second_delivery_is_taken_in_without_building_all_again(
    second_build: SecondBuild, warehouses: tuple[Installation, Installation]
) -> None:
    assert second_build.answer.exit_code == 0, second_build.answer.output + second_build.answer.progress
    [build, *_] = warehouses[0].insight("status", "--json").content["builds"]
    assert (build["status"], build["full_refresh_reason"]) == ("complete", None)
    assert differences(*warehouses, but=WRITTEN_BY_MODELS) == []


def test_a_reader_sees_the_one_publication_or_the_other(
    second_build: SecondBuild, first_build: FirstBuild
) -> None:
    assert second_build.witness.errors == []
    runs = [first_build.answer.content["run_id"], second_build.answer.content["run_id"]]
    seen = list(dict.fromkeys(second_build.witness.seen))
    assert [run for run, *_ in seen] == runs
    assert all(line_sales == order_sales for _, _, line_sales, order_sales, _ in seen)


def test_rollback_goes_back_and_forth(
    second_build: SecondBuild, first_build: FirstBuild, warehouses: tuple[Installation, Installation]
) -> None:
    installation = warehouses[0]
    for build in (first_build.answer, second_build.answer):
        answer = installation.insight("rollback", "--json")
        assert answer.exit_code == 0, answer.output
        assert answer.content["run_id"] == build.content["run_id"]
        assert published(installation, "select run_id from insight_ops.publication") == [
            {"run_id": build.content["run_id"]}
        ]


def test_a_server_lost_while_publishing_takes_nothing_along(
    second_build: SecondBuild, warehouses: tuple[Installation, Installation], cluster_settings: Settings
) -> None:
    installation = warehouses[0]
    before = published(installation, TOTALS)
    running = start(installation, "publish")
    time.sleep(8)
    kill_process(cluster_settings, "server")
    assert running.end().exit_code == 1
    assert "No Spark server answers" in installation.insight("status").progress
    cluster.start(cluster_settings)
    assert publications.verify_current(installation.settings).run_id == second_build.answer.content["run_id"]
    assert published(installation, TOTALS) == before
    answer = installation.insight("publish", "--json")
    assert answer.exit_code == 0, answer.output + answer.progress
    assert published(installation, TOTALS) == before
