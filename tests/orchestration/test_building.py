"""Whether there is anything to do, and what a failed build leaves behind; the job only says that it ran."""

import pytest
from sqlalchemy import update
from toy_warehouse import make_build

from orchestration import building
from orchestration.building import BuildFailedError, build
from orchestration.builds import history, state
from orchestration.ingestion import entries
from orchestration.ingestion.entries import FilesEntry
from orchestration.ingestion.landing import land
from orchestration.ledger import store as ledger
from orchestration.ledger.tables import builds
from orchestration.publishing import files, publications, report

pytestmark = pytest.mark.tier3

ENTRY = FilesEntry(
    source="toy",
    description="A shop.",
    owner="Data engineering",
    is_simulated=True,
    connector="files",
    tables={
        "orders": {
            "description": "Orders.",
            "mode": "replace",
            "path": "orders.csv",
            "format": "csv",
            "columns": {"order_id": {"type": "bigint", "description": "Identifier."}},
        }
    },
)


@pytest.fixture
def job(settings, monkeypatch, tmp_path):
    """Stand for the Dagster job: it lands, builds and publishes, and counts how often."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "orders.csv").write_text("order_id\n1\n")
    runs = []

    def run(settings, run_id, wishes):
        runs.append(run_id)
        land(settings, ENTRY)
        history.start_models(settings, run_id)
        make_build(settings, run_id)
        history.mark_built(settings, run_id)
        _, fingerprint = history.publishable(settings)
        publications.publish(settings, run_id, fingerprint)
        history.finish(settings, run_id, history.COMPLETE)
        write_report(settings)

    def write_report(settings):
        settings.report_path.write_text("<html></html>" + report._mark(settings))

    monkeypatch.setattr(building, "_run_job", run)
    monkeypatch.setattr(building, "write_report", write_report)
    monkeypatch.setattr(entries, "load_entry", lambda name: ENTRY)
    return runs


def test_a_second_build_finds_nothing_new(settings, job):
    first = build(settings)
    again = build(settings)
    assert (first.is_new, again.is_new, len(job)) == (True, False, 1)
    assert again.run_id == first.run_id
    assert build(settings, is_forced=True).is_new


def test_a_new_file_is_something_new(settings, job, tmp_path):
    build(settings)
    (tmp_path / "data" / "orders.csv").write_text("order_id\n1\n2\n")
    assert build(settings).is_new


def test_changed_code_is_something_new(settings, job, monkeypatch):
    build(settings)
    monkeypatch.setattr(history, "code_hash", lambda: "other code")
    assert build(settings).is_new


def test_a_rollback_to_the_same_data_and_code_stays(settings, job):
    build(settings)
    build(settings, is_forced=True)
    publications.rollback(settings)
    # Same data, code and settings: the older publication shows all there is.
    assert not build(settings).is_new


def test_a_broken_publication_is_built_again(settings, job):
    build(settings)
    settings.published_path.chmod(0o644)
    settings.published_path.write_bytes(b"not a database")
    assert build(settings).is_new
    assert files.verify(settings.published_path)


def test_a_missing_report_is_drawn_without_building(settings, job):
    build(settings)
    settings.report_path.unlink()
    assert not build(settings).is_new
    assert report.is_report_current(settings)


def test_killed_after_publishing_the_build_counts_as_complete(settings, job):
    run_id = build(settings).run_id
    with ledger.writing(settings) as log:
        log.execute(update(builds).values(status="running", finished_at=None))
    build(settings)
    newest = history.recent(settings)[0]
    assert (newest["run_id"], newest["status"]) == (run_id, history.COMPLETE)


def test_a_failed_build_is_recorded_and_the_publication_stays(settings, job, monkeypatch):
    run_id = build(settings).run_id

    def fail(*arguments):
        raise BuildFailedError("arrival_toy_gate is red; nothing after it ran.\nDetails.")

    monkeypatch.setattr(building, "_run_job", fail)
    with pytest.raises(BuildFailedError):
        build(settings, is_forced=True)
    newest = history.recent(settings)[0]
    assert (newest["status"], newest["message"]) == (
        history.FAILED,
        "arrival_toy_gate is red; nothing after it ran.",
    )
    assert files.verify(settings.published_path).run_id == run_id


def test_another_look_of_the_report_is_drawn_without_building(settings, job, monkeypatch):
    build(settings)
    monkeypatch.setattr(report, "report_hash", lambda: "other code")
    assert not report.is_report_current(settings)
    assert not build(settings).is_new
    assert report.is_report_current(settings)
    assert len(job) == 1


def test_code_that_changes_nothing_that_readers_see_is_asked_about_once(settings, job, monkeypatch):
    first = build(settings)
    monkeypatch.setattr(history, "code_hash", lambda: "other code")
    state.note_shown(settings, history.fingerprint_of(settings), first.run_id)
    assert not build(settings).is_new
