"""The step between identity's models: it reads records, writes links, keeps the former ones if it fails."""

from __future__ import annotations

import subprocess
import sys
import time

import dagster as dg
import pandas as pd
import pytest

from ml.record_linkage.declaration import load_linkage
from orchestration.assets.record_linkage import record_linkage
from orchestration.builds import locking
from orchestration.modelling.record_linkage import OUTPUT_TABLES, link_and_store
from orchestration.settings import Settings
from orchestration.warehouse import connections, writing

pytestmark = [pytest.mark.tier1, pytest.mark.slow]

DECLARATION = load_linkage("person_matching")


def _records(settings: Settings, *people: tuple[str, str, str]) -> None:
    """Put records into the build: key, given name, birth date; all of one family at one address."""
    frame = pd.DataFrame(people, columns=["customer_key", "given_name", "birth_date"]).assign(
        source_system="shop", family_name="silva", street_address="12 oak st", city="akron",
        postal_code="44301",
    )  # fmt: skip
    frame["canonical_given_name"] = frame["given_name"]
    for column in ("email", "phone", "national_id", "gender", "birth_place", "occupation", "employer"):
        frame[column] = pd.Series([None] * len(frame), dtype="string")
    with writing(settings) as connection:
        connection.execute("drop table if exists identity.int_customer_records__comparable")
        connections.append(connection, DECLARATION.input_table, frame)


def _links(settings: Settings) -> list[tuple[str, str, str]]:
    with writing(settings) as connection:
        return connection.execute(
            "select customer_key_a, customer_key_b, run_id from matching.record_links "
            "where is_above_threshold order by all"
        ).fetchall()


def test_links_are_those_of_the_present_records(settings: Settings) -> None:
    _records(settings, ("a", "ana", "1980-04-12"), ("b", "anna", "1980-04-12"), ("c", "pedro", "1979-01-30"))
    linked = link_and_store(settings, DECLARATION, "run-1")
    assert _links(settings) == [("a", "b", "run-1")]
    assert (linked.record_count, linked.joining_count) == (3, 1)
    assert set(linked.row_counts) == set(OUTPUT_TABLES)

    # A record is withdrawn, another comes: nothing of the run before stays.
    _records(
        settings, ("b", "anna", "1980-04-12"), ("c", "pedro", "1979-01-30"), ("d", "pedro", "1979-01-30")
    )
    link_and_store(settings, DECLARATION, "run-2")
    assert _links(settings) == [("c", "d", "run-2")]
    with writing(settings) as connection:
        runs = connection.execute("select distinct run_id, linkage from matching.match_models").fetchall()
    assert runs == [("run-2", "person_matching")]

    _records(settings, ("b", "anna", "1980-04-12"))
    link_and_store(settings, DECLARATION, "run-3")
    assert _links(settings) == []


def test_a_run_that_fails_while_writing_leaves_the_former_links(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _records(settings, ("a", "ana", "1980-04-12"), ("b", "anna", "1980-04-12"))
    link_and_store(settings, DECLARATION, "run-1")
    before = _links(settings)
    append = connections.append

    def break_at_the_second_table(connection, table, frame):
        append(connection, table, frame)
        if table == "matching.match_models":
            raise KeyboardInterrupt

    monkeypatch.setattr(connections, "append", break_at_the_second_table)
    with pytest.raises(KeyboardInterrupt):
        link_and_store(settings, DECLARATION, "run-2")
    assert _links(settings) == before


KILLED = """
import sys, time
from pathlib import Path
from ml.record_linkage.declaration import load_linkage
from orchestration.modelling.record_linkage import link_and_store
from orchestration.settings import Settings
from orchestration.warehouse import connections
append = connections.append
def slow(connection, table, frame):
    append(connection, table, frame)
    print("written", flush=True)
    time.sleep(60)
connections.append = slow
settings = Settings(("toy",), None, Path(sys.argv[1]), "duckdb", None, "1GB")
link_and_store(settings, load_linkage("person_matching"), "run-2")
"""


def test_a_killed_run_leaves_the_former_links(settings: Settings) -> None:
    _records(settings, ("a", "ana", "1980-04-12"), ("b", "anna", "1980-04-12"))
    link_and_store(settings, DECLARATION, "run-1")
    before = _links(settings)
    run = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(settings.warehouse_dir)], stdout=subprocess.PIPE, text=True
    )
    assert run.stdout is not None
    assert run.stdout.readline() == "written\n"
    run.kill()
    run.wait()
    time.sleep(0.1)
    assert _links(settings) == before


def test_the_step_is_named_after_its_declaration_and_says_what_it_found(settings: Settings) -> None:
    _records(settings, ("a", "ana", "1980-04-12"), ("b", "anna", "1980-04-12"))
    asset = record_linkage(settings, DECLARATION)
    assert asset.op.name == "person_matching"
    result = dg.materialize([asset])
    assert result.success
    materialized = {event.asset_key.path[-1]: event for event in result.get_asset_materialization_events()}
    assert set(materialized) == set(OUTPUT_TABLES)
    metadata = materialized["record_links"].materialization.metadata
    assert metadata["joining_links"].value == 1
    locking.release(settings)
