"""Connected components of nine million links: against scipy, Splink, and with one per cent of new links.

All sides go from a table of links between texts to a table of nodes and their components, each named by one
of its nodes. Ours are the statements that dbt runs for the macros ``contract_components`` and
``extend_components``: they are taken from the log of one run and run again. Every side is a process of its
own; its time begins when its libraries are loaded. Splink's clustering is measured on an eighth of the links.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from benchmarks.measuring import Result, interleaved, last_number, run_python, seconds
from benchmarks.warehouses import dbt_executable, settings_at
from orchestration import warehouse
from orchestration.settings import Settings
from orchestration.transformation.command import Dbt

RECORDS = 4_800_000
MODULE = "benchmarks.identity_components"
CONTRACT = {
    "edges_relation": "bench.links",
    "node_a": "record",
    "node_b": "identifier",
    "target_relation": "bench.components",
    "scratch_prefix": "bench.full",
}
EXTEND = {
    "components_relation": "bench.components",
    "new_edges_relation": "bench.new_links",
    "node_a": "record",
    "node_b": "identifier",
    "scratch_prefix": "bench.extended",
}
# Chains of five to twenty-five records, each sharing an e-mail address with the next: ten to fifty hops. Two
# neighbours may share a telephone, and very many a device: the largest component has some 300,000 nodes.
LINKS = """
with records as (
    select
        number,
        number // 25 as chain,
        'source_' || number % 3 || ':' || lpad(number::varchar, 8, '0') as record
    from range({records}) as numbers (number)
)
select record, 'email ' || md5(number::varchar)[:12] || '@example.com' as identifier from records
union all
select record, 'email ' || md5((number + 1)::varchar)[:12] || '@example.com' from records
where number % 25 < 4 + hash(chain, 1) % 21
union all
select record, 'phone +49' || lpad((number // 2)::varchar, 9, '0') from records
where hash(number // 2, 2) % 3 = 0
union all
select record, 'device ' || case when hash(chain, 3) % 16 = 0 then 0 else 1 + hash(chain, 4) % 2000 end
from records
where number % 25 = 0 and hash(chain, 3) % 8 = 0
"""


def measure() -> list[Result]:
    """Compute the components of a made-up graph, then with one link in a hundred added last.

    Raises
    ------
    RuntimeError
        If two sides do not find the same components.
    """
    folder = Path(tempfile.mkdtemp(prefix="bench_"))
    try:
        settings = settings_at(folder / "all")
        links = _fill(settings, RECORDS)
        _capture(settings, "full", "contract_components", CONTRACT)
        full, scipy = _Side(settings, "full"), _Side(settings, "scipy")
        ours, theirs = interleaved(full.run, scipy.run, rounds=3)
        _keep_full(settings, "bench.by_scipy")
        extension = _extension(settings)
        eighth = settings_at(folder / "eighth")
        few_links = _fill(eighth, RECORDS // 8)
        _capture(eighth, "full", "contract_components", CONTRACT)
        few, clustering = interleaved(_Side(eighth, "full").run, _Side(eighth, "splink").run, rounds=1)
        _keep_full(eighth, "bench.by_splink")
    finally:
        shutil.rmtree(folder)
    millions = f"{links / 1e6:.1f} M links"
    memory, their_memory = full.peak_memory_bytes / 1e9, scipy.peak_memory_bytes / 1e9
    return [
        Result(
            "components", ours / theirs, 0.75, ours, theirs, "s",
            f"components of {millions}, table to table / scipy",
        ),
        Result(
            "components, memory", memory / their_memory, 0.75, memory, their_memory, "GB",
            f"most memory held for components of {millions} / scipy",
        ),
        Result(
            "components, Splink", few / clustering, 1 / 3, few, clustering, "s",
            f"components of {few_links / 1e6:.1f} M links / Splink's clustering on the same engine",
        ),
        Result(
            "components, new links", extension / ours, 1 / 15, extension, ours, "s",
            "one per cent of links added / full; components identical",
        ),
    ]  # fmt: skip


class _Side:
    """One side, run in a process of its own.

    Attributes
    ----------
    peak_memory_bytes
        The most memory that a run has held.
    """

    def __init__(self, settings: Settings, what: str):
        self._arguments = (what, str(settings.warehouse_dir))
        self.peak_memory_bytes = 0

    def run(self) -> float:
        """Return how long it took, in seconds."""
        finished = run_python(MODULE, *self._arguments)
        self.peak_memory_bytes = max(self.peak_memory_bytes, finished.peak_memory_bytes)
        return last_number(finished)


def _fill(settings: Settings, records: int) -> int:
    """Make the links and return how many there are."""
    with warehouse.writing(settings) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute("create schema bench")
        connection.execute(f"create table bench.links as {LINKS.format(records=records)}")
        is_new = "hash(record, identifier) % 100 = 0"
        connection.execute(f"create table bench.new_links as from bench.links where {is_new}")
        connection.execute(f"create table bench.old_links as from bench.links where not ({is_new})")
        connection.execute(
            "create table bench.nodes as "
            "select record as node from bench.links union select identifier from bench.links"
        )
        return int(connection.execute("select count(*) from bench.links").fetchall()[0][0])


def _capture(settings: Settings, name: str, macro: str, arguments: dict[str, str]) -> None:
    """Run a macro by dbt, and keep the statements that it had the engine run."""
    dbt = Dbt(settings)
    target = settings.warehouse_dir / "bench_target"
    logs = settings.warehouse_dir / f"log_of_{name}"
    shutil.rmtree(logs, ignore_errors=True)
    subprocess.run(
        [
            *(str(dbt_executable()), "--log-format-file", "json", "--log-level-file", "debug"),
            *("--log-path", str(logs), "run-operation", macro, "--args", json.dumps(arguments)),
        ],
        cwd=dbt.project_dir,
        env=dbt.environment(target),
        capture_output=True,
        check=True,
    )
    events = [json.loads(line) for line in (logs / "dbt.log").read_text().splitlines()]
    statements = [
        event["data"]["sql"]
        for event in events
        if event["info"]["name"] == "SQLQuery" and event["data"]["conn_name"] == f"macro_{macro}"
    ]
    (settings.warehouse_dir / f"{name}.json").write_text(json.dumps(statements))


def _extension(settings: Settings) -> float:
    """Return how long one link in a hundred takes, once all others are known."""
    before = {**CONTRACT, "edges_relation": "bench.old_links", "target_relation": "bench.before"}
    _capture(settings, "before", "contract_components", before)
    _restore_before(settings)
    _capture(settings, "extend", "extend_components", EXTEND)
    side, durations = _Side(settings, "extend"), []
    for _ in range(3):
        _restore_before(settings)
        durations.append(side.run())
        _require_the_same_components(settings, "bench.components", exactly=True)
    return statistics.median(durations)


def _restore_before(settings: Settings) -> None:
    with warehouse.writing(settings) as connection:
        connection.execute("create or replace table bench.components as from bench.before")
        connection.execute("checkpoint")


def _keep_full(settings: Settings, other_table: str) -> None:
    """Put our components aside, and hold those of another side against them."""
    with warehouse.writing(settings) as connection:
        connection.execute("alter table bench.components rename to full_components")
    _require_the_same_components(settings, other_table)


def _require_the_same_components(settings: Settings, table: str, exactly: bool = False) -> None:
    """Hold a table against the full computation: the same groups, or also the same names of them."""
    with warehouse.writing(settings) as connection:
        nodes, pairs, ours, theirs, differing = connection.execute(
            "select count(*), count(distinct (ours.component, theirs.component)), "
            "count(distinct ours.component), count(distinct theirs.component), "
            "count(case when ours.component <> theirs.component then 1 end) "
            f"from bench.full_components as ours inner join {table} as theirs using (node)"
        ).fetchall()[0]
        [(expected,)] = connection.execute("select count(*) from bench.nodes").fetchall()
    if nodes != expected or not pairs == ours == theirs or (exactly and differing):
        raise RuntimeError(f"{table}: not the components of the full computation")


@contextmanager
def _writing(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the warehouse as dbt does; opening and closing are no part of any side's time."""
    with warehouse.writing(settings) as connection:
        connection.execute("set preserve_insertion_order = false")
        yield connection


def _run_statements(settings: Settings, name: str) -> float:
    statements = json.loads((settings.warehouse_dir / f"{name}.json").read_text())

    with _writing(settings) as connection:
        return seconds(lambda: [connection.execute(statement).fetchall() for statement in statements])


def _run_scipy(settings: Settings) -> float:
    import numpy as np
    import pyarrow as pa
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    def run() -> None:
        links = connection.execute("select record, identifier from bench.links").fetch_arrow_table()
        ends = pa.chunked_array(links["record"].chunks + links["identifier"].chunks).dictionary_encode()
        ends = ends.combine_chunks()
        del links
        numbers, nodes = ends.indices.to_numpy(), ends.dictionary
        ones = np.ones(len(numbers) // 2, dtype=np.int8)
        a, b = numbers[: len(ones)], numbers[len(ones) :]
        graph = coo_matrix((ones, (a, b)), shape=(len(nodes), len(nodes)))
        _, labels = connected_components(graph, directed=False)
        # Any node names its component: the last one is at hand.
        names = np.empty(labels.max() + 1, dtype=np.int64)
        names[labels] = np.arange(len(labels))
        rows = pa.table({"node": nodes, "component": nodes.take(names[labels])})  # noqa: F841
        connection.execute("create or replace table bench.by_scipy as from rows")

    with _writing(settings) as connection:
        return seconds(run)


def _run_splink(settings: Settings) -> float:
    from splink import DuckDBAPI
    from splink.clustering import cluster_pairwise_predictions_at_threshold

    def run() -> None:
        clusters = cluster_pairwise_predictions_at_threshold(
            "bench.nodes",
            "bench.links",
            DuckDBAPI(connection),
            node_id_column_name="node",
            edge_id_column_name_left="record",
            edge_id_column_name_right="identifier",
        )
        connection.execute(
            "create or replace table bench.by_splink as "
            f"select node, cluster_id as component from {clusters.physical_name}"
        )

    with _writing(settings) as connection:
        return seconds(run)


if __name__ == "__main__":
    side, place = sys.argv[1], settings_at(Path(sys.argv[2]))
    if side == "scipy":
        print(_run_scipy(place))
    elif side == "splink":
        print(_run_splink(place))
    else:
        print(_run_statements(place, side))
