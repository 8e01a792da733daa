from dataclasses import replace
from datetime import date

import pytest

from orchestration.builds.fingerprints import build_fingerprint, dbt_code_hash, hash_of_files

pytestmark = pytest.mark.tier1


@pytest.fixture
def project(tmp_path):
    project = tmp_path / "dbt_project"
    (project / "models").mkdir(parents=True)
    (project / "models" / "orders.sql").write_text("select 1")
    return project


def test_the_code_hash_follows_names_and_contents(project):
    hashes = {dbt_code_hash(project)}
    (project / "models" / "orders.sql").write_text("select 2")
    hashes.add(dbt_code_hash(project))
    (project / "models" / "orders.sql").rename(project / "models" / "sales.sql")
    hashes.add(dbt_code_hash(project))
    (project / "models" / "rules.csv").write_text("rule\n1\n")
    hashes.add(dbt_code_hash(project))
    assert len(hashes) == 4


def test_what_tools_write_is_not_code(project):
    before = dbt_code_hash(project)
    for folder in ("target", "logs"):
        (project / folder).mkdir()
        (project / folder / "orders.sql").write_text("compiled")
    (project / "notes.txt").write_text("no code")
    assert dbt_code_hash(project) == before


def test_contents_cannot_move_between_files_unnoticed(tmp_path):
    for name, (first, second) in {"a": ("xy", "z"), "b": ("x", "yz")}.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "1.sql").write_text(first)
        (tmp_path / name / "2.sql").write_text(second)
    assert hash_of_files(tmp_path / "a", {".sql"}) != hash_of_files(tmp_path / "b", {".sql"})


@pytest.mark.parametrize(
    "change",
    [
        {"sources": ("toy", "crm")},
        {"as_of": date(2017, 6, 1)},
        {"batches": ["b1", "b2"]},
        {"code": "other"},
    ],
)
def test_data_code_and_settings_each_change_the_fingerprint(settings, change):
    base = build_fingerprint(settings, ["b1"], "code")
    batches, code = change.pop("batches", ["b1"]), change.pop("code", "code")
    assert build_fingerprint(replace(settings, **change), batches, code) != base


def test_order_and_place_do_not_change_the_fingerprint(settings, tmp_path):
    two = replace(settings, sources=("toy", "crm"))
    moved = replace(settings, sources=("crm", "toy"), warehouse_dir=tmp_path / "elsewhere")
    assert build_fingerprint(two, ["b1", "b2"], "code") == build_fingerprint(moved, ["b2", "b1"], "code")
