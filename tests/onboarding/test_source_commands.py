"""The commands as a person types them; what they write is tested beside them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from orchestration.cli import sources
from orchestration.cli.main import main
from orchestration.ingestion.entries import ApiEntry, load_entry
from orchestration.ingestion.landing import land
from orchestration.onboarding import plugging
from orchestration.onboarding.plugging import Project
from orchestration.settings import Settings
from tests.support.web_api import PAGES, serving

pytestmark = pytest.mark.tier1

CONTACTS = "Contact No,Mail,Joined\n7,ann@post.invalid,03/01/2024\n8,bob@post.invalid,04/02/2024\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the commands write, with files to plug in beside it."""
    monkeypatch.setenv("WAREHOUSE_DIR", str(tmp_path / "warehouse"))
    monkeypatch.delenv("WAREHOUSE_SOURCES", raising=False)
    project = Project(tmp_path / "project")
    monkeypatch.setattr(plugging, "Project", lambda: project)
    monkeypatch.setattr(sources, "PROJECT_DIR", project.folder)
    arrivals = project.folder / "exports"
    arrivals.mkdir(parents=True)
    (arrivals / "contacts.csv").write_text(CONTACTS)
    return project.folder


def run(*arguments: str, answers: str | None = None) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["source", *arguments], input=answers)
    return result.exit_code, result.output


@pytest.mark.parametrize("command", ["new", "generate", "inspect"])
def test_every_command_explains_itself_and_speaks_json(command: str) -> None:
    _, output = run(command, "--help")
    assert "--json" in output
    assert len(output.splitlines()) > 5


def test_the_help_shows_how_it_is_typed_and_where_it_goes_on() -> None:
    _, output = run("new", "--help")
    for word in ("insight source new crm exports/crm --yes", "--mapping", "TO_CONFIRM", "insight build"):
        assert word in output


def test_the_columns_are_shown_and_nothing_is_written(folder: Path) -> None:
    code, output = run("inspect", str(folder / "exports"), "--json")
    assert code == 0
    shown = {row["column"]: row for row in json.loads(output)["columns"]}
    assert (shown["Contact No"]["is_key"], shown["Mail"]["reads"]) == (True, "email")
    assert "day first or month first" in shown["Joined"]["open"]
    assert [path.name for path in folder.iterdir()] == ["exports"]


def test_a_source_is_written_and_what_is_open_is_listed(folder: Path) -> None:
    code, output = run("new", "crm", str(folder / "exports"), "--yes", "--owner", "me@post.invalid", "--json")
    assert code == 0, output
    told = json.loads(output)
    assert all((folder / path).exists() for path in told["files"])
    assert "owner" not in told["to_confirm"]
    found = {
        line.partition("TO_CONFIRM ")[2].partition(":")[0]
        for line in (folder / "dbt_project/mappings/crm.yml").read_text().splitlines()
        if line.startswith("# TO_CONFIRM")
    }
    assert found == set(told["to_confirm"])
    entry = (folder / "orchestration/ingestion/sources/crm.yml").read_text()
    assert "location: exports\n" in entry
    assert run("generate", "--check")[0] == 0


def test_answers_are_taken_as_a_mapping_is(folder: Path) -> None:
    # Name, owner, clock, order of dates.
    code, output = run("new", "crm", str(folder / "exports"), answers="The CRM\n\nEurope/Paris\nday_first\n")
    assert code == 0, output
    written = (folder / "dbt_project/mappings/crm.yml").read_text()
    for line in ("name: The CRM", "time_zone: Europe/Paris", "Joined: {reads: date, layout: day_first}"):
        assert line in written
    assert "TO_CONFIRM owner" in written


def test_nobody_who_answers_is_an_error_with_its_fix(folder: Path) -> None:
    code, output = run("new", "crm", str(folder / "exports"), answers="")
    assert code == 1
    assert "nobody answered. Fix: give --mapping with a file, or --yes." in " ".join(output.split())


def test_a_stale_file_fails_the_check_and_is_written_again(folder: Path) -> None:
    run("new", "crm", str(folder / "exports"), "--yes")
    stale = folder / "dbt_project/models/staging/crm/stg_crm__row_counts.sql"
    stale.write_text(stale.read_text() + "-- mine\n")
    code, output = run("generate", "--check", "--json")
    assert code == 1
    assert "stg_crm__row_counts.sql: 1 files do not follow" in json.loads(output)["error"]
    assert json.loads(run("generate", "crm", "--json")[1])["files"] == [str(stale.relative_to(folder))]
    assert run("generate", "--check")[0] == 0


def test_a_source_that_has_no_mapping_is_an_error(folder: Path) -> None:
    code, output = run("generate", "olist")
    assert code == 1
    assert "olist.yml: there is no mapping of 'olist'. Fix: known: none" in " ".join(output.split())


def test_a_web_api_is_plugged_in_by_the_way_that_it_is_asked(folder: Path, tmp_path: Path) -> None:
    mapping = {
        "owner": "me@post.invalid",
        "time_zone": "UTC",
        "currency": "EUR",
        "api": {
            "auth": {"type": "bearer", "token": "${SHOP_TOKEN}"},
            "tables": {
                "orders": {
                    "path": "orders", "rows_at": "result.orders", "pages": PAGES, "cursor": "changed_at",
                    "cursor_parameter": "since",
                },
            },
        },
    }  # fmt: skip
    (tmp_path / "shop.yml").write_text(yaml.safe_dump(mapping))
    with serving() as api, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SHOP_TOKEN", "s3cret")
        api.token = "s3cret"
        api.orders = [
            {"order_id": n, "customer_no": f"c{n}", "total": n + 0.5, "changed_at": f"2024-01-0{n}T10:00:00Z"}
            for n in range(1, 6)
        ]
        code, output = run("new", "shop", api.address, "--mapping", str(tmp_path / "shop.yml"), "--json")
        assert code == 0, output
        entry = load_entry("shop", folder / "orchestration/ingestion/sources")
        assert isinstance(entry, ApiEntry)
        assert (entry.location, entry.auth) == (api.address, mapping["api"]["auth"])
        table = entry.tables["orders"]
        assert (table.mode, table.cursor, table.rows_at, table.pages) == (
            "append", "changed_at", "result.orders", PAGES,
        )  # fmt: skip
        written = (folder / "dbt_project/mappings/shop.yml").read_text()
        assert "changed_at: {reads: time, layout: utc}" in written
        # What was written lands as it is.
        settings = Settings.from_environment({"WAREHOUSE_DIR": str(tmp_path / "warehouse")})
        assert [batch.row_count for batch in land(settings, entry)] == [5]
    assert "s3cret" not in "".join(path.read_text() for path in folder.rglob("*shop*.*"))


@pytest.mark.parametrize(
    ("api", "message"),
    [
        ({}, "no table is named. Fix: write `api: {tables:"),
        ({"tables": {"orders": {"path": "orders", "page": 1}}}, "api.tables.orders.page"),
        ({"tables": {"orders": {"path": "orders", "rows_at": "nowhere"}}}, "the API answers without a row"),
    ],
)
def test_a_web_api_that_cannot_be_asked_is_an_error(
    folder: Path, tmp_path: Path, api: dict[str, Any], message: str
) -> None:
    (tmp_path / "shop.yml").write_text(yaml.safe_dump({"api": api}))
    with serving() as shop:
        shop.orders = [{"order_id": 1, "changed_at": "2024-01-01T10:00:00Z"}]
        code, output = run("new", "shop", shop.address, "--mapping", str(tmp_path / "shop.yml"), "--json")
    assert code == 1
    assert message in json.loads(output)["error"]
