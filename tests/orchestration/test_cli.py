import json
import os
import shutil
import subprocess
import sys
import time

import pytest
from click.testing import CliRunner
from toy_warehouse import make_build, record_build

from orchestration.builds import locking
from orchestration.cli.answering import _message
from orchestration.cli.main import main
from orchestration.ingestion.errors import IngestionError
from orchestration.publishing import files, publications, release, report
from orchestration.settings import Settings

pytestmark = pytest.mark.tier3

COMMANDS = [
    "build", "docs", "erd", "explain", "match-quality", "preview-rules", "publish", "quarantine", "report",
    "rollback", "status", "twin", "why",
]  # fmt: skip


@pytest.fixture
def environment(settings, monkeypatch):
    """Make the command line work on the toy warehouse, without gates and without a real report."""
    monkeypatch.setenv("WAREHOUSE_DIR", str(settings.warehouse_dir))
    monkeypatch.delenv("WAREHOUSE_SOURCES", raising=False)
    monkeypatch.setattr(release, "publishing_gate", lambda: None)
    monkeypatch.setattr(release, "require_green", lambda *arguments: None)
    monkeypatch.setattr(report, "write_report", _write_report)
    return settings


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """Publish twice, so that there is something to roll back to."""
    folder = tmp_path_factory.mktemp("template") / "warehouse"
    template = Settings(("toy",), None, folder, "duckdb", None, "1GB")
    for run_id, customers in [("old", 3), ("new", 5)]:
        make_build(template, run_id, customers=customers)
        record_build(template, run_id)
        publications.publish(template, run_id, run_id)
    return folder


@pytest.fixture
def published(environment, template):
    shutil.copytree(template, environment.warehouse_dir)
    return environment


def _write_report(settings):
    settings.report_path.write_text("<html></html>" + report._mark(settings))
    return settings.report_path


def _invoke(*arguments):
    result = CliRunner().invoke(main, arguments)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def _json(*arguments):
    result = _invoke(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself_and_speaks_json(command):
    output = _invoke(command, "--help").output
    assert "--json" in output
    assert len(output.splitlines()) > 5


def test_all_commands_are_tested_here():
    # The cluster has commands of its own, and tests that need one; those of sources are tested with them.
    assert sorted(set(main.commands) - {"cluster", "match", "source"}) == COMMANDS


def test_status_shows_publication_models_and_builds(published):
    status = _json("status")
    assert status["publication"]["run_id"] == "new"
    assert status["publication"]["as_of"] == "2018-01-01"
    assert status["publication"]["predictive_models"][0]["is_published"] is True
    assert status["previous"]["run_id"] == "old"
    assert [(build["run_id"], build["status"]) for build in status["builds"]] == [
        ("new", "complete"),
        ("old", "complete"),
    ]
    assert "new" in _invoke("status").output


def test_status_calls_a_killed_build_killed(published):
    record_build(published, "killed", status="running")
    assert _json("status")["builds"][0]["status"] == "killed"


def test_status_of_an_empty_warehouse(environment):
    assert _json("status")["publication"] is None
    assert "Run `insight build`" in _invoke("status").output


def test_publish_takes_the_last_whole_build(published):
    make_build(published, "newest", customers=9)
    record_build(published, "newest")
    assert _json("publish")["run_id"] == "newest"
    assert files.read_publication(published.previous_path).run_id == "new"


def test_publish_refuses_a_broken_build(published):
    record_build(published, "broken", status="failed")
    result = _invoke("publish", "--json")
    assert result.exit_code == 1
    assert "no whole build" in json.loads(result.stdout)["error"]
    assert files.read_publication(published.published_path).run_id == "new"


def test_rollback_goes_back_and_draws_the_report(published):
    assert _json("rollback")["run_id"] == "old"
    assert report.is_report_current(published)


def test_quarantine_counts_and_shows_rows(published):
    counts = [{"source_system": "toy", "source_table": "customers", "reason": "no id", "row_count": 7}]
    assert _json("quarantine") == counts
    assert "0 is not in the range" in _invoke("quarantine", "--rows", "--limit", "0").output
    rows = _json("quarantine", "--rows", "--limit", "2")
    assert [row["row_content"] for row in rows] == ['{"id": null, "n": 0}', '{"id": null, "n": 1}']
    assert "no id" in _invoke("quarantine").output


def test_report_is_drawn_for_the_current_publication(published):
    assert not report.is_report_current(published)
    assert _json("report")["report"] == str(published.report_path)
    assert report.is_report_current(published)


@pytest.mark.parametrize("command", ["build", "publish", "rollback", "report"])
def test_a_busy_warehouse_is_an_error_that_says_what_to_do(published, command):
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from filelock import FileLock; lock = FileLock(sys.argv[1]); lock.acquire(); "
            "print('held', flush=True); time.sleep(60)",
            str(published.lock_path),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert holder.stdout.readline() == "held\n"
        result = _invoke(command, "--json")
        assert result.exit_code == 1
        assert "Another build is using" in json.loads(result.stdout)["error"]
        assert _json("status")["building"]
    finally:
        holder.kill()
        holder.wait()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("WAREHOUSE_SOURCES", "nobody", "has no connector entry"),
        ("WAREHOUSE_DIR", "what?", "without ?"),
        ("WAREHOUSE_AS_OF", "yesterday", "YYYY-MM-DD"),
        ("WAREHOUSE_ENGINE", "abacus", "duckdb"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(environment, monkeypatch, name, value, message):
    monkeypatch.setenv(name, value)
    result = _invoke("status", "--json")
    assert result.exit_code == 1
    assert name in json.loads(result.stdout)["error"]
    assert message in json.loads(result.stdout)["error"]


def test_what_nobody_foresaw_leaves_its_traceback_in_the_log(published, monkeypatch):
    def fail(settings):
        raise ZeroDivisionError("by design")

    monkeypatch.setattr(publications, "rollback", fail)
    result = _invoke("rollback")
    assert result.exit_code == 1
    assert "Unexpected ZeroDivisionError: by design" in result.stderr
    assert "Traceback (most" not in result.output
    log = max(published.logs_dir.glob("rollback-*.log"))
    assert "Traceback (most recent call last)" in log.read_text()
    assert locking.current_holder(published) is None


def test_help_and_status_answer_at_once(published):
    """Nothing heavy is imported: neither dagster, dbt, Great Expectations nor scikit-learn."""
    code = (
        "import sys; from orchestration.cli.main import main\n"
        "try: main(['status', '--json'])\n"
        "except SystemExit: pass\n"
        "heavy = {'dagster', 'dbt', 'great_expectations', 'sklearn'} & set(sys.modules)\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)"
    )
    started = time.monotonic()
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert json.loads(result.stdout)["publication"]["run_id"] == "new"
    assert time.monotonic() - started < 10


def test_settings_survive_the_environment(settings):
    assert Settings.from_environment(
        {**settings.as_environment(), "WAREHOUSE_SOURCES": "complete_journey"}
    ) == Settings(("complete_journey",), settings.data, settings.warehouse_dir, "duckdb", None, "1GB")


def test_a_fault_in_a_declaration_is_told_however_deep_it_is_wrapped():
    """Definitions are loaded by Dagster, which wraps whatever a declaration says of itself."""

    def load():
        try:
            raise IngestionError("shop.yml", "orders.key is empty.", "Name the key.")
        except IngestionError as error:
            raise ValueError("Error while loading a component tree") from error

    with pytest.raises(ValueError, match="component tree") as raised:
        load()
    assert _message(raised.value, None) == "shop.yml: orders.key is empty. Fix: Name the key."
