"""What a newcomer reads first is there, and true."""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml

from orchestration.settings import PROJECT_DIR

pytestmark = pytest.mark.tier0

PAGES = sorted([*PROJECT_DIR.glob("*.md"), *(PROJECT_DIR / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def test_the_changelog_has_the_version() -> None:
    version = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text())["project"]["version"]
    changelog = (PROJECT_DIR / "CHANGELOG.md").read_text()
    assert f"## [{version}]" in changelog
    assert changelog.index("## [Unreleased]") < changelog.index(f"## [{version}]")


def test_the_licence_is_the_one_that_is_claimed() -> None:
    claimed = tomllib.loads((PROJECT_DIR / "pyproject.toml").read_text())["project"]["license"]
    licence = (PROJECT_DIR / "LICENSE").read_text()
    assert claimed == "Apache-2.0"
    assert "Apache License" in licence
    assert "Version 2.0, January 2004" in licence


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT_DIR)))
def test_links_lead_somewhere(page) -> None:
    targets = [target for target in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_what_has_owners_exists_and_every_layer_has_some() -> None:
    lines = (PROJECT_DIR / ".github" / "CODEOWNERS").read_text().splitlines()
    owned = [line.split() for line in lines if line and not line.startswith("#")]
    assert [path for path, *_ in owned if path != "*" and not (PROJECT_DIR / path.strip("/")).exists()] == []
    groups = yaml.safe_load((PROJECT_DIR / "dbt_project/models/staging/_groups.yml").read_text())["groups"]
    teams = {f"@{group['owner']['name'].lower().replace(' ', '-')}" for group in groups}
    assert {team for _, *named in owned for team in named} == teams
