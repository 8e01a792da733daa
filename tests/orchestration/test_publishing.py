import random
import signal
import subprocess
import sys
import time

import pytest
from toy_warehouse import make_build

from orchestration.builds import state
from orchestration.builds.changes import MODEL, Version
from orchestration.publishing import files, publications
from orchestration.publishing.files import read_publication, verify
from orchestration.publishing.publications import PublishingError
from orchestration.warehouse import WarehouseError, reading, writing

pytestmark = pytest.mark.tier3

PUBLISH = """
import sys
from pathlib import Path
from orchestration.builds import state
from orchestration.builds.changes import MODEL, Version
from orchestration.publishing import files, publications
from orchestration.settings import Settings
settings = Settings(("toy",), None, Path(sys.argv[1]), "duckdb", None, "1GB")
print("start", flush=True)
for number in range(1000):
    publications.publish(settings, f"{sys.argv[2]}-{number}", "fingerprint")
    if number % 3 == 2:
        publications.rollback(settings)
"""


def _publish(settings, run_id="run-1", **sizes):
    make_build(settings, run_id, **sizes)
    return publications.publish(settings, run_id, "fingerprint")


def _customers(path):
    with reading(path) as connection:
        return connection.execute("select count(*) from marts.dim_customers").fetchone()[0]


def test_readers_get_what_is_theirs_and_nothing_else(settings):
    publication = _publish(settings)
    with reading(settings.published_path) as connection:
        tables = connection.execute(
            "select table_schema || '.' || table_name, table_type from information_schema.tables order by 1"
        ).fetchall()
        assert connection.execute("select * from ml.latest_runs").fetchone()[0] == "run-1"
    assert {kind for _, kind in tables} == {"BASE TABLE"}
    assert {name for name, _ in tables} == {
        "core.fct_orders", "marts.dim_customers", "ml.latest_runs", "ml.model_runs", "ops.publication",
        "quality.quarantine", "quality.quarantine_reasons",
    }  # fmt: skip
    assert publication.row_counts["core.fct_orders"] == 1000
    assert publication.as_of == "2018-01-01"


def test_descriptions_are_published_too(settings):
    _publish(settings)
    with reading(settings.published_path) as connection:
        table = connection.execute(
            "select comment from duckdb_tables() where table_name = 'dim_customers'"
        ).fetchone()
        column = connection.execute(
            "select comment from duckdb_columns() where column_name = 'customer_id'"
        ).fetchone()
    assert (table[0], column[0]) == ("Who buys; one row per customer's id.", "Identifier.")


def test_rollback_swaps_and_swaps_back(settings):
    _publish(settings, "old", customers=3)
    _publish(settings, "new", customers=5)
    assert publications.rollback(settings).run_id == "old"
    assert (_customers(settings.published_path), _customers(settings.previous_path)) == (3, 5)
    assert publications.rollback(settings).run_id == "new"
    assert (_customers(settings.published_path), _customers(settings.previous_path)) == (5, 3)


def test_without_an_earlier_publication_there_is_no_rollback(settings):
    _publish(settings)
    with pytest.raises(PublishingError, match="no earlier publication"):
        publications.rollback(settings)
    assert _customers(settings.published_path) == 3


def test_a_build_without_tables_is_not_published(settings):
    _publish(settings)
    settings.build_path.unlink()
    with pytest.raises(WarehouseError, match="no build"):
        publications.publish(settings, "run-2", "fingerprint")
    with writing(settings) as connection:
        connection.execute("create schema raw_toy")
    with pytest.raises(PublishingError, match="holds no table"):
        publications.publish(settings, "run-2", "fingerprint")
    assert read_publication(settings.published_path).run_id == "run-1"


def test_a_truncated_publication_is_noticed(settings):
    _publish(settings)
    settings.published_path.chmod(0o644)
    with settings.published_path.open("r+b") as file:
        file.truncate(4096)
    with pytest.raises(WarehouseError, match="cannot be read"):
        verify(settings.published_path)


def test_a_reader_keeps_its_publication_while_the_next_one_arrives(settings):
    _publish(settings, "old", customers=3)
    with reading(settings.published_path) as reader:
        _publish_elsewhere = subprocess.run(
            [
                sys.executable,
                "-c",
                PUBLISH.replace("range(1000)", "range(1)"),
                str(settings.warehouse_dir),
                "new",
            ],
            check=False,
            capture_output=True,
        )
        assert _publish_elsewhere.returncode == 0, _publish_elsewhere.stderr
        assert reader.execute("select run_id from ops.publication").fetchone() == ("old",)
        assert reader.execute("select count(*) from core.fct_orders").fetchone() == (1000,)
    assert read_publication(settings.published_path).run_id == "new-0"


def test_killed_at_random_points_the_publication_is_always_whole(settings):
    chance = random.Random(20171231)
    _publish(settings, "first")
    with reading(settings.published_path) as reader:
        for attempt in range(8):
            process = subprocess.Popen(
                [sys.executable, "-c", PUBLISH, str(settings.warehouse_dir), str(attempt)],
                stdout=subprocess.PIPE,
                text=True,
            )
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.6))
            process.send_signal(signal.SIGKILL)
            process.wait()
            assert verify(settings.published_path).row_counts["core.fct_orders"] == 1000
            publications.clean_up(settings)
            left = {
                path.name
                for path in [*settings.published_dir.iterdir(), *settings.previous_path.parent.iterdir()]
            }
            assert left == {"insight.duckdb"}
            if attempt:
                assert verify(settings.previous_path).row_counts["core.fct_orders"] == 1000
        assert reader.execute("select run_id from ops.publication").fetchone() == ("first",)


@pytest.mark.parametrize("call", ["link", "replace", "fsync"])
@pytest.mark.parametrize("times", [1, 2, 3])
def test_stopped_before_any_change_on_disk_both_publications_stay_whole(settings, monkeypatch, call, times):
    """What random kills may miss: every system call that changes what readers see, one after the other."""
    _publish(settings, "old", customers=3)
    _publish(settings, "new", customers=5)
    original = getattr(files.os, call)
    calls = []

    def stop(*arguments):
        calls.append(arguments)
        if len(calls) == times:
            raise KeyboardInterrupt
        return original(*arguments)

    monkeypatch.setattr(files.os, call, stop)
    for change in (publications.rollback, lambda of: publications.publish(of, "newest", "fingerprint")):
        calls.clear()
        try:
            change(settings)
        except KeyboardInterrupt:
            monkeypatch.setattr(files.os, call, original)
            assert verify(settings.published_path)
            publications.clean_up(settings)
            assert verify(settings.published_path).run_id != verify(settings.previous_path).run_id
            monkeypatch.setattr(files.os, call, stop)


def _record(settings, **versions):
    state.finish(
        settings,
        [
            Version(f"model.toy.{table}", MODEL, table.replace("__", "."), "", "", version, "")
            for table, version in versions.items()
        ],
    )


def test_only_what_changed_is_copied_row_by_row(settings):
    """What has the same version is not read again: here it differs all the same, which shows it."""
    make_build(settings, "old", customers=3)
    _record(settings, core__fct_orders="1", marts__dim_customers="1")
    publications.publish(settings, "old", "fingerprint")
    make_build(settings, "new", customers=5)
    with writing(settings) as connection:
        connection.execute("update core.fct_orders set note = 'other'")
        connection.execute("create or replace table core.fct_more as select 1 as one")
        connection.execute("drop table quality.quarantine_reasons")
        connection.execute("comment on table core.fct_orders is 'New words.'")
    _record(settings, core__fct_orders="1", marts__dim_customers="2")
    publication = publications.publish(settings, "new", "fingerprint")
    with reading(settings.published_path) as connection:
        notes = connection.execute("select count(*) from core.fct_orders where note = 'other'").fetchone()
        assert notes == (0,)
        assert connection.execute("select count(*) from marts.dim_customers").fetchone() == (5,)
        words = "select comment from duckdb_tables() where table_name = 'fct_orders'"
        assert connection.execute(words).fetchone() == ("New words.",)
    assert "core.fct_more" in publication.row_counts
    assert "quality.quarantine_reasons" not in publication.row_counts
    assert _customers(settings.previous_path) == 3
    publications.publish(settings, "whole", "fingerprint", is_whole=True)
    with reading(settings.published_path) as connection:
        notes = connection.execute("select count(*) from core.fct_orders where note = 'other'").fetchone()
        assert notes == (1000,)


def test_a_kept_table_that_lost_rows_is_not_published(settings):
    make_build(settings)
    _record(settings, core__fct_orders="1")
    publications.publish(settings, "old", "fingerprint")
    with writing(settings) as connection:
        connection.execute("delete from core.fct_orders where order_id < 10")
    with pytest.raises(PublishingError, match=r"core\.fct_orders has 1,000 rows; the build has 990"):
        publications.publish(settings, "new", "fingerprint")
    assert read_publication(settings.published_path).run_id == "old"


def test_another_build_file_is_copied_whole(settings):
    make_build(settings)
    _record(settings, core__fct_orders="1")
    publications.publish(settings, "old", "fingerprint")
    settings.build_path.unlink()
    make_build(settings)
    _record(settings, core__fct_orders="1")
    with writing(settings) as connection:
        connection.execute("update core.fct_orders set note = 'other'")
    publications.publish(settings, "new", "fingerprint")
    with reading(settings.published_path) as connection:
        notes = connection.execute("select count(*) from core.fct_orders where note = 'other'").fetchone()
    assert notes == (1000,)


def test_what_readers_have_is_not_published_again(settings):
    make_build(settings)
    _record(settings, core__fct_orders="1")
    assert publications.showing_the_build(settings) is None
    publications.publish(settings, "old", "fingerprint")
    assert publications.showing_the_build(settings).run_id == "old"
    _record(settings, core__fct_orders="2")
    assert publications.showing_the_build(settings) is None
