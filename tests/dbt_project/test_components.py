"""Connected components in SQL, in full and extended: the same partition as a slow and obvious union-find."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt_runs import SETTINGS, DbtFailedError, DbtRuns
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

Edge = tuple[str, str]
Components = dict[str, str]

pytestmark = pytest.mark.tier2

PROJECT = """
name: insight
version: "1.0"
profile: insight
macro-paths: ["macros"]
models:
  insight:
    +schema: identity
    +persist_docs: {relation: true, columns: true}
    +contract: {enforced: true}
"""
MODELS = """
models:
  - name: components
    description: "The components; one row per node."
    columns:
      - {name: node, data_type: string, description: "A node."}
      - {name: component, data_type: string, description: "The smallest record of its component."}
  - name: broken_promise
    description: "Promises a column that components do not have; one row per node."
    columns:
      - {name: node, data_type: string, description: "A node."}
      - {name: cluster, data_type: string, description: "Nothing."}
"""
MODEL = "{{ config(materialized='connected_components') }}\nselect node_a, node_b from graph.edges\n"

# The order of texts is not that of the numbers in them; some names are such as few would choose.
NAMES = st.sampled_from([*(f"n{number}" for number in range(20)), "", " ", "é", "O'Neil", "N1", "日本"])
EDGES = st.lists(st.tuples(NAMES, NAMES), max_size=30)
# Every example is a run of dbt: it holds several graphs, which have no node in common.
FEW = settings(
    max_examples=10, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


class Engine:
    """The macros, called on graphs that are given as lists of edges."""

    def __init__(self, project_dir: Path, warehouse_dir: Path):
        self._dbt = DbtRuns(project_dir, warehouse_dir)
        self._runner = dbtRunner(manifest=self._dbt.manifest)
        self._warehouse_dir = warehouse_dir
        self._options = [
            *("--project-dir", str(project_dir)),
            *("--profiles-dir", str(project_dir)),
            *("--target-path", str(warehouse_dir / "target")),
            *("--log-path", str(warehouse_dir / "logs")),
        ]

    def full(self, edges: Sequence[Edge], **arguments: object) -> Components:
        """Return the component of each node."""
        self.write(edges=edges)
        self._call(
            "contract_components",
            edges_relation="graph.edges",
            node_a="node_a",
            node_b="node_b",
            target_relation="graph.components",
            **arguments,
        )
        return self.read("graph.components")

    def extended(
        self, known: Components, new: Sequence[Edge], vanished: Sequence[Edge], edges: Sequence[Edge]
    ) -> Components:
        """Return components after edges have come and gone; ``edges`` are those that are there then."""
        self.write(new_edges=new, edges=edges)
        self._write("components", ["node", "component"], known.items())
        self._write("touched", ["node"], [edge[:1] for edge in vanished])
        also = {"touched_nodes_relation": "graph.touched", "edges_relation": "graph.edges"}
        self._call(
            "extend_components",
            components_relation="graph.components",
            new_edges_relation="graph.new_edges",
            node_a="node_a",
            node_b="node_b",
            **(also if vanished else {}),
        )
        return self.read("graph.components")

    def write(self, **tables: Sequence[Edge]) -> None:
        for name, edges in tables.items():
            self._write(name, ["node_a", "node_b"], edges)

    def _write(self, table: str, columns: list[str], rows: Iterable[Sequence[str]]) -> None:
        frame = pd.DataFrame(list(rows), columns=columns, dtype="str")
        with self.connection() as connection:
            connection.register("frame", frame)
            connection.execute("create schema if not exists graph")
            connection.execute(f"create or replace table graph.{table} as from frame")

    def read(self, table: str) -> Components:
        with self.connection() as connection:
            rows = connection.execute(f"select node, component from {table}").fetchall()
        assert len(dict(rows)) == len(rows)
        return dict(rows)

    def run_models(self, *names: str) -> dict[str, str]:
        return self._dbt.run(self._warehouse_dir, "run", "--select", *names)

    @contextmanager
    def connection(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with duckdb.connect(str(self._warehouse_dir / "build.duckdb")) as connection:
            yield connection

    def _call(self, macro: str, **arguments: object) -> None:
        given_arguments = json.dumps({"scratch_prefix": "graph.work", **arguments})
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {**SETTINGS, "WAREHOUSE_DIR": str(self._warehouse_dir)}.items():
                patch.setenv(name, value)
            try:
                outcome = self._runner.invoke(
                    ["--quiet", "run-operation", macro, "--args", given_arguments, *self._options]
                )
            finally:
                DuckDBConnectionManager.close_all_connections()
        if not outcome.success:
            raise DbtFailedError(outcome.exception or outcome.result.results[0].message)


@pytest.fixture(scope="module")
def engine(dbt_project_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Engine:
    """A project of two models with the macros of the real one: a run of it takes a quarter of a second."""
    project_dir = tmp_path_factory.mktemp("components")
    (project_dir / "models").mkdir()
    (project_dir / "macros").symlink_to(dbt_project_dir / "macros")
    (project_dir / "profiles.yml").symlink_to(dbt_project_dir / "profiles.yml")
    (project_dir / "dbt_project.yml").write_text(PROJECT)
    (project_dir / "models" / "models.yml").write_text(MODELS)
    (project_dir / "models" / "components.sql").write_text(MODEL)
    (project_dir / "models" / "broken_promise.sql").write_text(MODEL)
    return Engine(project_dir, tmp_path_factory.mktemp("components_warehouse"))


def union_find(edges: Iterable[Edge]) -> Components:
    """Return, for each node, the smallest of its component's nodes that are the first end of an edge."""
    edges = list(edges)
    parents: dict[str, str] = {}

    def root(node: str) -> str:
        parents.setdefault(node, node)
        while parents[node] != node:
            parents[node] = parents[parents[node]]
            node = parents[node]
        return node

    for a, b in edges:
        parents[root(a)] = root(b)
    names: dict[str, str] = {}
    for record in sorted({a for a, _ in edges}):
        names.setdefault(root(record), record)
    return {node: names[root(node)] for node in list(parents)}


def side_by_side(graphs: Sequence[Sequence[Edge]]) -> list[Edge]:
    """Return one graph that holds them all, each with node names of its own."""
    return [
        (f"{name}|{number}", f"{other}|{number}")
        for number, edges in enumerate(graphs)
        for name, other in edges
    ]


@FEW
@given(graphs=st.lists(EDGES, min_size=1, max_size=20), randomness=st.randoms(use_true_random=False))
def test_any_graph_in_any_order_and_under_any_names(
    engine: Engine, graphs: list[list[Edge]], randomness: random.Random
):
    edges = side_by_side(graphs)
    nodes = sorted({node for edge in edges for node in edge})
    numbers = randomness.sample(range(10**6), len(nodes))
    renamed = {node: f"renamed {number}" for node, number in zip(nodes, numbers, strict=True)}
    turned = [
        (renamed[b], renamed[a]) if randomness.random() < 0.5 else (renamed[a], renamed[b]) for a, b in edges
    ]
    both = [*edges, *turned, *turned[: len(turned) // 3]]
    randomness.shuffle(both)

    found = engine.full(both)

    assert found == union_find(both)
    same = {frozenset(renamed[other] for other in found if found[other] == found[node]) for node in nodes}
    assert same == {
        frozenset(other for other in found if found[other] == found[renamed[node]]) for node in nodes
    }


@FEW
@given(graphs=st.lists(st.tuples(EDGES, EDGES, EDGES), min_size=1, max_size=20))
def test_extended_equals_full(engine: Engine, graphs: list[tuple[list[Edge], list[Edge], list[Edge]]]):
    kept, vanished, new = (side_by_side([graph[part] for graph in graphs]) for part in range(3))
    vanished = [edge for edge in vanished if edge not in kept]
    # Without an end of an edge that has vanished, the other end stands for it.
    either_end = [edge[::-1] if number % 2 else edge for number, edge in enumerate(vanished)]

    grown = engine.extended(union_find(kept), new, [], [])
    changed = engine.extended(union_find([*kept, *vanished]), new, either_end, [*kept, *new])

    assert grown == changed == union_find([*kept, *new])


def test_long_chains_hubs_and_diamonds(engine: Engine):
    def chain(name: str, numbers: Sequence[int]) -> list[Edge]:
        labels = [f"{name} {number:06}" for number in numbers]
        return list(itertools.pairwise(labels))

    shuffled = random.Random(5).sample(range(20_000), 20_000)
    edges = [
        *chain("ascending", range(20_000)),
        *chain("descending", range(1_000, 0, -1)),
        *chain("shuffled", shuffled),
        *((f"ray {number}", "star") for number in range(5_000)),
        *(("hub", f"spoke {number}") for number in range(5_000)),
        *((f"point {a}", f"point {b}") for a, b in [(1, 2), (1, 3), (2, 4), (3, 4)]),
        ("lone", "lone"),
    ]

    found = engine.full(edges)

    assert found == union_find(edges)
    # One more edge joins the two long chains; without one in the middle, a chain falls into two.
    bridge, middle = ("ascending 019999", "shuffled 000007"), ("ascending 010000", "ascending 010001")
    now = [*(edge for edge in edges if edge != middle), bridge]
    assert engine.extended(found, [bridge], [], []) == union_find([*edges, bridge])
    assert engine.extended(found, [bridge], [middle], now) == union_find(now)


def test_no_edge_at_all(engine: Engine):
    assert engine.full([]) == {}
    assert engine.extended({}, [("b", "a")], [], []) == {"a": "b", "b": "b"}
    assert engine.extended({"a": "b", "b": "b"}, [], [("b", "a")], []) == {}


def test_what_others_share_lends_its_name_once_it_is_a_record_itself(engine: Engine):
    edges = [("b", "a"), ("c", "a")]
    assert engine.full(edges) == dict.fromkeys("abc", "b")
    assert engine.extended(union_find(edges), [("a", "d")], [], []) == dict.fromkeys("abcd", "a")
    assert engine.full([*edges, ("a", "d")]) == dict.fromkeys("abcd", "a")


def test_nodes_whose_numbers_are_equal_are_told_apart(engine: Engine):
    bits = 10
    edges = [(f"g{number}", f"b{number}") for number in range(40)]
    with engine.connection() as connection:
        numbers = connection.execute(
            f"select count(distinct hash('g' || number) >> {64 - bits}) from range(40) as numbers (number)"
        ).fetchall()
    assert numbers[0][0] < len(edges)

    with pytest.raises(DbtFailedError, match="Too few bits"):
        engine.full(edges, id_bits=5)
    assert engine.full(edges, id_bits=bits) == union_find(edges)


def test_the_materialization_makes_a_table_like_any_other(engine: Engine):
    edges = [("b", "a"), ("c", "b"), ("d", "d")]
    engine.write(edges=edges)
    engine.run_models("components")
    assert engine.read("identity.components") == union_find(edges)

    engine.write(edges=[*edges, ("d", "a")])
    engine.run_models("components")
    assert engine.read("identity.components") == union_find([*edges, ("d", "a")])

    with engine.connection() as connection:
        comments = connection.execute(
            "select comment from duckdb_columns() where schema_name = 'identity' order by column_index"
        ).fetchall()
        tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
    assert comments == [("A node.",), ("The smallest record of its component.",)]
    assert {table for table in tables if table[0] != "graph"} == {("identity", "components")}


def test_the_materialization_keeps_to_the_contract(engine: Engine):
    engine.write(edges=[("b", "a")])
    with pytest.raises(DbtFailedError, match="contract"):
        engine.run_models("broken_promise")
