"""``make parity``: build the same raw rows on DuckDB and on a Spark cluster, and compare every model.

Two deliveries arrive one after the other; after each, the project is built on both engines and all relations
are compared value by value: seeds, models, and what they read. At the end the incremental models are built on
Spark once more, over files that a broken run leaves behind, and must hold what they held before.

The cluster is the run's own, on free ports, and is stopped whatever happens. Exit code 0: no difference.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import link_rows
import pyarrow as pa
import pyarrow.compute as pc
import score_rows
import two_deliveries
from parity_report import JSON_NAME, PAGE_NAME, Report, Stage, Step
from rich.console import Console
from row_comparison import Relation, compare
from two_engines import BuildFailedError, Built, DuckDbEngine, SparkEngine

from orchestration.settings import EMBEDDED, SPARK, Settings
from orchestration.warehouse import cluster

# Unit tests try the SQL on made-up rows; they are run once, when the models that they are about exist.
_BUILD = ("build", "--exclude-resource-type", "unit_test")
# Data tests say the same of equal rows: that they run on both engines is seen on the second delivery.
_BUILD_MODELS = (*_BUILD, "--exclude-resource-type", "test")
# Much is planned and little computed: the compiler that optimises least is done soonest, and where there is
# room for all that it makes, nothing is compiled twice.
_JAVA_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:ReservedCodeCacheSize=256m -XX:+UseParallelGC"
_UNIT_TESTS = ("test", "--select", "test_type:unit")
# Besides the incremental models, one that is made again by every run.
_ALSO_LEFT_BEHIND = "dim_products"
# Nobody has decided anything yet, and none of the sources here tells where people are born or work.
_EMPTY_AS_SHIPPED = {
    "seeds.identity_overrides",
    "core.int_person_traits__unioned",
    "identity.int_person_traits__pivoted",
    # Nobody scores leads and sessions yet; the same query over customers is compared with its rows.
    "ml.lead_scores",
    "ml.session_scores",
}


def main() -> int:
    """Run, print and write the report; return the exit code."""
    # A run that is asked to end still stops its cluster.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    # Said when it is imported, about a way of reading that is not used here.
    warnings.filterwarnings("ignore", message="PySpark does not yet fully support pandas")
    console = Console(highlight=False)
    folder = Settings.from_environment().warehouse_dir / "parity"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    started = time.monotonic()
    try:
        with ExitStack() as stack:
            settings = {engine: _settings(folder, engine) for engine in (EMBEDDED, SPARK)}
            progress = Progress(console)
            with progress.doing("starting the cluster"):
                stack.enter_context(_running_cluster(settings[SPARK]))
                run = Run(progress, DuckDbEngine(settings[EMBEDDED]), SparkEngine(settings[SPARK]))
            report = run.all_stages(folder)
    except (BuildFailedError, cluster.ClusterError) as error:
        console.print(str(error), style="red", markup=False)
        return 1
    report.write(folder)
    report.show(console)
    minutes, seconds = divmod(round(time.monotonic() - started), 60)
    console.print(f"{minutes} min {seconds} s; in full in {folder / JSON_NAME} and {folder / PAGE_NAME}")
    return 0 if report.is_equal else 1


class Progress:
    """Shows what is being done, and a line for what is done."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._started = time.monotonic()
        self._what = ""
        self._status = console.status("")

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Show that ``what`` is being done, and then that it is."""
        self._what = what
        self._status.update(what)
        started = time.monotonic()
        with self._status:
            yield
        self._line(f"{what}: {time.monotonic() - started:.1f} s")

    def node(self, index: int, total: int, name: str) -> None:
        """Show how far dbt is."""
        self._status.update(f"{self._what}: {index} of {total}, {name}")
        # Where lines cannot be overwritten, one now and then says that it goes on.
        if not self._console.is_terminal and index % 50 == 0:
            self._line(f"{self._what}: {index} of {total}")

    def _line(self, text: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        self._console.print(f"{minutes:3d}:{seconds:02d}  {text}", markup=False)


class Run:
    """One parity run, on two engines that hold nothing yet."""

    def __init__(self, progress: Progress, duckdb_engine: DuckDbEngine, spark_engine: SparkEngine) -> None:
        self._progress = progress
        self._duckdb = duckdb_engine
        self._spark = spark_engine
        self._engines = (duckdb_engine, spark_engine)
        self._report = Report(
            two_deliveries.SOURCES, {engine.name: engine.version for engine in self._engines}
        )

    def all_stages(self, folder: Path) -> Report:
        """Deliver, build and compare everything; return what was found."""
        first, second = two_deliveries.write(folder)
        self._deliver("first delivery", "built", first.tables(), _BUILD_MODELS)
        held = self._compare("first delivery")
        self._expect(
            _lines_of(held, two_deliveries.EMPTIED_MONTH) == 1, "The first delivery has no lone line"
        )
        self._dbt("unit tests", *_UNIT_TESTS)
        customers = held["marts.dim_customers"].rows["customer_id"].to_pylist()
        scores = score_rows.tables(sorted(customers)[::2])
        links = link_rows.tables(held[link_rows.INPUT_TABLE].rows)
        self._each("scores and links written", lambda engine: engine.append({**scores, **links}))

        self._deliver("second delivery", "built and tested", second.tables(), _BUILD)
        held = self._compare("second delivery")
        self._expect(_lines_of(held, two_deliveries.EMPTIED_MONTH) == 0, "No month lost its only line")
        self._expect(_lines_of(held, two_deliveries.KEPT_MONTH) == 1, "No month lost one line of two")
        for name, relation in held.items():
            if name in _EMPTY_AS_SHIPPED:
                continue
            self._expect(relation.rows.num_rows > 0, f"{name} is empty, so that comparing it proves nothing")

        self._rebuild_from_leftovers(held)
        return self._report

    def _deliver(self, name: str, done: str, tables: dict[str, pa.Table], arguments: tuple[str, ...]) -> None:
        self._each(f"{name} landed", lambda engine: engine.append(tables), name)
        self._dbt(f"{name} {done}", *arguments, delivery=name)

    def _compare(self, name: str) -> dict[str, Relation]:
        """Compare all relations of both engines; return DuckDB's, those that exist."""
        keys = _keys(self._duckdb.dbt.manifest())
        missing = keys.keys() ^ _keys(self._spark.dbt.manifest()).keys()
        self._expect(not missing, f"Only one engine has the models {', '.join(sorted(missing))}")
        relations: list[dict[str, Relation | None]] = []
        self._each(f"{name} read", lambda engine: relations.append(engine.read(list(keys))), name)
        started = time.monotonic()
        with self._progress.doing(f"{name} compared"):
            comparisons = [compare(each, relations[0][each], relations[1][each], keys[each]) for each in keys]
        # Comparing is the work of neither engine.
        self._report.steps.append(Step(f"{name} compared", {"": time.monotonic() - started}, delivery=name))
        self._report.stages.append(Stage(name, (self._duckdb.name, self._spark.name), tuple(comparisons)))
        return {each: relation for each, relation in relations[0].items() if relation is not None}

    def _rebuild_from_leftovers(self, held: dict[str, Relation]) -> None:
        """Build some tables on Spark from scratch, over files of tables that the catalogue does not know."""
        nodes = self._spark.dbt.manifest()["nodes"].values()
        chosen = {
            _relation_name(node): node["name"]
            for node in nodes
            if node["config"]["materialized"] == "incremental" or node["name"] == _ALSO_LEFT_BEHIND
        }
        keys = _keys(self._spark.dbt.manifest())
        before = self._spark.read(list(chosen))
        with self._progress.doing("Spark: tables left behind as by a broken run"):
            for relation in chosen:
                self._spark.leave_behind(relation)
        arguments = ("run", "--full-refresh", "--select", *chosen.values())
        built = self._dbt_on(self._spark, "full refresh over leftovers", *arguments)
        self._report.steps.append(_step("full refresh over leftovers", {self._spark.name: built}))
        after = self._spark.read(list(chosen))
        sides = ("Spark incrementally", "Spark from scratch")
        comparisons = [compare(each, before[each], after[each], keys[each], sides) for each in chosen]
        self._report.stages.append(Stage("full refresh over leftovers", sides, tuple(comparisons)))

    def _dbt(self, name: str, *arguments: str, delivery: str = "") -> None:
        built = {engine.name: self._dbt_on(engine, name, *arguments) for engine in self._engines}
        if delivery:
            self._report.model_count = built[self._spark.name].node_counts["model"]
        self._report.steps.append(_step(name, built, delivery))

    def _dbt_on(self, engine: DuckDbEngine | SparkEngine, name: str, *arguments: str) -> Built:
        with self._progress.doing(f"{engine.name}: {name}"):
            return engine.dbt.run(*arguments, told=self._progress.node)

    def _each(
        self, name: str, action: Callable[[DuckDbEngine | SparkEngine], Any], delivery: str = ""
    ) -> None:
        seconds = {}
        for engine in self._engines:
            started = time.monotonic()
            with self._progress.doing(f"{engine.name}: {name}"):
                action(engine)
            seconds[engine.name] = time.monotonic() - started
        self._report.steps.append(Step(name, seconds, delivery=delivery))

    def _expect(self, is_met: bool, complaint: str) -> None:
        if not is_met:
            self._report.unmet.append(complaint)


def _step(name: str, built: dict[str, Built], delivery: str = "") -> Step:
    counts = next(iter(built.values())).node_counts
    note = ", ".join(f"{count} {kind.replace('_', ' ')}s" for kind, count in sorted(counts.items()))
    return Step(
        name,
        {engine: each.seconds for engine, each in built.items()},
        note,
        delivery,
        {engine: each.node_seconds for engine, each in built.items()},
    )


def _keys(manifest: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return what tells rows apart, by relation: seeds and models, and the sources that they read.

    That is the primary key, by the test that holds it; without one, a column that is tested to be unique.
    """
    nodes = manifest["nodes"]
    relations = {
        unique_id: _relation_name(node)
        for unique_id, node in [*nodes.items(), *manifest["sources"].items()]
        if node["resource_type"] in {"model", "seed", "source"}
        # Sources that are switched off are known to dbt too, and their tables are not there.
        and node["schema"].removeprefix("raw_") in {node["schema"], *two_deliveries.SOURCES}
        and node.get("config", {}).get("materialized") != "ephemeral"
    }
    keys: dict[str, tuple[str, ...]] = dict.fromkeys(sorted(relations.values()), ())
    for test_name in ("unique", "primary_key"):
        for node in nodes.values():
            attached = relations.get(node.get("attached_node") or "")
            if attached and node.get("test_metadata", {}).get("name") == test_name:
                arguments = node["test_metadata"]["kwargs"]
                keys[attached] = tuple(arguments.get("column_names") or [node["column_name"]])
    return keys


def _relation_name(node: dict[str, Any]) -> str:
    return f"{node['schema']}.{node.get('alias') or node['identifier']}"


def _lines_of(held: dict[str, Relation], month: Any) -> int:
    return int(pc.sum(pc.equal(held["core.fct_order_lines"].rows["order_month"], month)).as_py())


def _settings(folder: Path, engine: str) -> Settings:
    """Return settings of the run's own: nothing that is set outside changes what is compared."""
    for name in [name for name in os.environ if name.startswith("WAREHOUSE_")]:
        del os.environ[name]
    settings = Settings.from_environment(
        {
            "WAREHOUSE_DIR": str(folder / engine),
            "WAREHOUSE_ENGINE": engine,
            "WAREHOUSE_SOURCES": ",".join(two_deliveries.SOURCES),
        }
    )
    ports = ("port", "connect_port", "master_port", "master_ui_port")
    chosen = dict(zip(ports, _free_ports(len(ports)), strict=True))
    return replace(settings, spark=replace(settings.spark, **chosen, java_options=_JAVA_OPTIONS))


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        # All at once, so that none is found twice.
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind((cluster.LOOPBACK, 0))
        return [each.getsockname()[1] for each in sockets]


@contextmanager
def _running_cluster(settings: Settings) -> Iterator[None]:
    cluster.start(settings)
    try:
        yield
    finally:
        cluster.stop(settings)


if __name__ == "__main__":
    sys.exit(main())
