"""The ledger: opened, migrated, refused with a reason; and what it gives back when the build file is lost."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import insert, inspect, text

from expectations.report import RESULT_COLUMNS
from orchestration.builds import changes, history, state
from orchestration.gates import running
from orchestration.ledger import frames, gate_log, store
from orchestration.ledger.store import LedgerError
from orchestration.ledger.tables import builds, metadata
from orchestration.modelling.predictive_models import restore_runs
from orchestration.settings import Settings
from orchestration.warehouse import WarehouseError, tables, writing

pytestmark = pytest.mark.tier1


def test_the_newest_migration_is_the_revision_that_the_code_knows():
    configuration = Config()
    configuration.set_main_option("script_location", str(store.MIGRATIONS))
    assert ScriptDirectory.from_config(configuration).get_current_head() == store.REVISION


def test_migrations_make_the_tables_that_the_code_describes(settings: Settings):
    with store.writing(settings) as ledger:
        there = inspect(ledger)
        for table in metadata.sorted_tables:
            found = {column["name"]: str(column["type"]) for column in there.get_columns(table.name)}
            assert found == {column.name: str(column.type) for column in table.columns}, table.name
            assert there.get_pk_constraint(table.name)["constrained_columns"] == [
                column.name for column in table.primary_key
            ]


CHECK = {
    "run_id": "first", "gate": "training", "expectation": "expect", "severity": "critical",
    "is_passed": False, "observed_number": 0.25, "element_count": 7,
    "validated_at": pd.Timestamp("2018-01-01 05:00:01", tz="UTC"),
}  # fmt: skip


def _fill(settings: Settings, rows: int, error: type[Exception] | None = None) -> None:
    """Write builds of half a kilobyte each into a ledger that may not grow, and raise if asked to."""
    blank = {"started_at": pd.Timestamp(0), "sources": "", "code_hash": "", "dbt_code_hash": ""}
    with store.writing(settings) as ledger:
        pages = ledger.execute(text("pragma page_count")).scalar()
        ledger.execute(text(f"pragma max_page_count = {pages}"))
        for number in range(rows):
            ledger.execute(insert(builds).values(run_id=f"{number}", status="x" * 500, **blank))
        if error:
            raise error


def test_a_block_that_raises_leaves_nothing(settings: Settings):
    history.begin(settings, "kept")
    with pytest.raises(ZeroDivisionError):
        _fill(settings, 1, ZeroDivisionError)
    assert [build["run_id"] for build in history.recent(settings)] == ["kept"]


def test_reading_makes_no_ledger(settings: Settings):
    assert history.recent(settings) == []
    assert not settings.ledger_path.exists()


def test_a_ledger_of_a_newer_version_is_refused(settings: Settings):
    with store.writing(settings) as ledger:
        ledger.execute(text("update alembic_version set version_num = '9999'"))
    for opened in (store.writing, store.reading):
        with pytest.raises(LedgerError, match=r"newer version.*9999.*Use that version"), opened(settings):
            pass


@pytest.mark.parametrize(
    ("content", "words"), [(b"no database at all" * 100, "is damaged.*backup"), (b"", None)]
)
def test_a_damaged_ledger_is_said_so(settings: Settings, content: bytes, words: str | None):
    settings.ledger_path.parent.mkdir(parents=True)
    settings.ledger_path.write_bytes(content)
    if words is None:  # an empty file is an empty ledger
        history.begin(settings, "run")
        return
    with pytest.raises(LedgerError, match=words):
        history.begin(settings, "run")


def test_a_read_only_ledger_is_said_so(settings: Settings, monkeypatch: pytest.MonkeyPatch):
    history.begin(settings, "run")
    read_only = replace(settings, ledger=f"sqlite:///file:{settings.ledger_path}?mode=ro&uri=true")
    with pytest.raises(LedgerError, match=r"is read-only.*Let this user write"):
        history.begin(read_only, "another")


def test_a_full_disk_is_said_so(settings: Settings):
    history.begin(settings, "run")
    with pytest.raises(LedgerError, match=r"cannot be written \(database or disk is full\).*Free some space"):
        _fill(settings, 10_000)
    assert [build["run_id"] for build in history.recent(settings)] == ["run"]


def test_an_address_without_its_driver_is_said_so(settings: Settings):
    elsewhere = replace(settings, ledger="nosuchdatabase://ann:secret@ledger.example/insight")
    with pytest.raises(LedgerError, match="driver is not installed") as caught, store.writing(elsewhere):
        pass
    assert "secret" not in str(caught.value)


def test_a_build_file_that_is_removed_while_a_build_runs_is_said_so(settings: Settings):
    history.begin(settings, "run")
    history.begin(settings, "run")
    settings.build_path.unlink()
    with pytest.raises(WarehouseError, match=r"was removed or replaced while the build ran.*Build again"):
        history.begin(settings, "run")


def test_a_new_build_file_is_built_from_scratch(settings: Settings):
    built = changes.wanted([changes.Artefact("model.toy.orders", changes.MODEL, "code", (), "core.orders")])
    history.begin(settings, "first")
    assert state.recorded(settings) == ({}, "first build of this warehouse")
    history.start_models(settings, "first")
    state.finish(settings, built.values())
    history.mark_built(settings, "first")
    history.finish(settings, "first", history.COMPLETE)
    assert history.publishable(settings)[0] == "first"
    history.begin(settings, "second")
    assert state.recorded(settings)[0] == built
    history.start_models(settings, "second")
    history.mark_built(settings, "second")
    history.finish(settings, "second", history.COMPLETE)
    settings.build_path.unlink()
    with pytest.raises(WarehouseError, match="no whole build"):
        history.publishable(settings)
    history.begin(settings, "third")
    assert state.recorded(settings) == ({}, "first build of this warehouse")


def _frames(run_id: str) -> dict[str, pd.DataFrame]:
    keys = {"run_id": [run_id], "predictive_model": ["churn"]}
    return {
        "ml.scores": pd.DataFrame({**keys, "customer_id": ["a"], "score": [0.25]}),
        "ml.model_runs": pd.DataFrame(
            {**keys, "is_published": [True], "trained_at": [pd.Timestamp("2018-01-01")]}
        ),
    }


def test_scores_and_verdicts_come_back_when_the_build_file_is_lost(settings: Settings):
    for run_id in ("one", "two"):
        frames.keep(settings, run_id, "churn", _frames(run_id))
        with tables(settings) as opened:
            opened.replace(_frames(run_id), {"run_id": run_id, "predictive_model": "churn"})
    queries = [f"select * from {table} order by run_id" for table in ("ml.scores", "ml.model_runs")]
    with tables(settings) as opened:
        before = [opened.query(query) for query in queries]
    assert restore_runs(settings) == 0
    settings.build_path.unlink()
    assert restore_runs(settings) == 2
    with tables(settings) as opened:
        assert [opened.query(query) for query in queries] == before
    assert restore_runs(settings) == 0


def test_a_run_that_did_not_end_does_not_count(settings: Settings):
    whole = _frames("whole")
    frames.keep(settings, "whole", "churn", whole)
    frames.keep(settings, "killed", "churn", {"ml.scores": _frames("killed")["ml.scores"]})
    assert frames.kept_runs(settings) == {("churn", "whole")}
    assert restore_runs(settings) == 1
    with writing(settings) as connection:
        assert connection.execute("select run_id from ml.scores").fetchall() == [("whole",)]


def test_a_frame_that_cannot_be_written_is_said_so(settings: Settings, tmp_path: Path):
    if os.geteuid() == 0:
        # Nothing is forbidden to root: a file stands where the folder should be.
        settings.kept_frames_dir.parent.mkdir(parents=True)
        settings.kept_frames_dir.write_text("in the way")
    else:
        settings.kept_frames_dir.mkdir(parents=True, mode=0o500)
    with pytest.raises(LedgerError, match=r"cannot be written.*yesterday's scores stay"):
        frames.keep(settings, "run", "churn", _frames("run"))


def test_what_a_gate_found_is_what_the_next_one_is_compared_with(settings: Settings):
    found = pd.DataFrame([{**dict.fromkeys(RESULT_COLUMNS), **CHECK}], columns=list(RESULT_COLUMNS)).astype(
        RESULT_COLUMNS
    )
    for run_id in ("first", "second"):
        history.begin(settings, run_id)
    with store.writing(settings) as ledger:
        gate_log.write(ledger, running._as_rows(found))
    pd.testing.assert_frame_equal(running._history(settings, "training", "second"), found)
    assert running._history(settings, "another", "second") is None
    with store.writing(settings) as ledger:
        assert not gate_log.has_passed(ledger, "training", "first")
        assert not gate_log.has_passed(ledger, "training", "second")
