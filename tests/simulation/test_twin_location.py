"""``location: generated:digital_twin``: made when it is needed, landed once, never mixed."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from twin_files import Twin, entry, write_small_twin

from orchestration.cli.main import main
from orchestration.ingestion import landing
from orchestration.ingestion.errors import IngestionError
from orchestration.settings import Settings
from simulation.digital_twin.configuration import Dirt, TwinSettingsError
from simulation.digital_twin.households import Grocery

pytestmark = [pytest.mark.tier1, pytest.mark.slow]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("WAREHOUSE_TWIN_SCALE", "0.01")
    return Settings(
        sources=("complete_journey", "digital_twin"),
        data=None,
        warehouse_dir=tmp_path / "warehouse",
        engine="duckdb",
        as_of=None,
        memory_limit="1GB",
    )


def test_it_is_made_once_lands_whole_and_is_never_mixed_with_another(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines: list[str] = []
    assert {batch.table_name for batch in landing.pending(settings, entry())} == set(entry().tables)
    landed = landing.land(settings, entry(), lines.append)
    assert {batch.table_name for batch in landed} == set(entry().tables)
    assert [batch.extra_columns for batch in landed if batch.table_name == "web_events"][-1] == [
        "context_screen_density"
    ]
    assert any("simulated rows" in line for line in lines)
    folder = settings.warehouse_dir / "generated" / "digital_twin"
    assert (folder.with_name("digital_twin_truth") / "people.parquet").exists()
    made_at = (folder / "crm_contacts.csv").stat().st_mtime_ns
    counts = landing.row_counts(settings, entry())

    assert landing.pending(settings, entry()) == []
    assert landing.land(settings, entry()) == []
    assert (folder / "crm_contacts.csv").stat().st_mtime_ns == made_at

    shutil.rmtree(folder.parent)
    assert landing.land(settings, entry()) == []
    assert landing.row_counts(settings, entry()) == counts

    monkeypatch.setenv("WAREHOUSE_TWIN_SEED", "99")
    with pytest.raises(IngestionError, match="fresh warehouse"):
        landing.land(settings, entry())
    assert landing.row_counts(settings, entry()) == counts
    monkeypatch.delenv("WAREHOUSE_TWIN_SEED")
    assert landing.land(settings, entry()) == []


def test_a_folder_that_the_user_gives_comes_first(
    settings: Settings, clean_twin: Twin, tmp_path: Path
) -> None:
    given = tmp_path / "given"
    shutil.copytree(clean_twin.folder, given / "digital_twin")
    landing.land(replace(settings, data=str(given)), entry())
    assert not (settings.warehouse_dir / "generated").exists()


def test_missing_households_are_named(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "complete_journey").mkdir(parents=True)
    with pytest.raises(IngestionError, match="made around its households"):
        landing.land(replace(settings, data=str(tmp_path / "elsewhere")), entry())


def test_household_numbers_that_it_cannot_take_are_refused(grocery: Grocery, tmp_path: Path) -> None:
    households = replace(grocery.households, number=grocery.households.number + 5_000)
    with pytest.raises(TwinSettingsError, match="4999"):
        write_small_twin(replace(grocery, households=households), tmp_path, Dirt.none())


def test_the_command_writes_the_files_and_the_truth_beside_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WAREHOUSE_DIR", str(tmp_path / "warehouse"))
    monkeypatch.delenv("WAREHOUSE_DATA", raising=False)
    out = tmp_path / "out"
    done = CliRunner().invoke(main, ["twin", "--out", str(out), "--scale", "0.01", "--json"])
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out_truth", "warehouse"]
    for table in entry().tables.values():
        assert list(out.glob(table.path))
    done = CliRunner().invoke(main, ["twin", "--out", str(out), "--scale", "0.01", "--no-truth"])
    assert done.exit_code == 0, done.output
    assert not (tmp_path / "out_truth").exists()
    refused = CliRunner().invoke(main, ["twin", "--out", str(out), "--scale", "900"])
    assert refused.exit_code == 1
    assert "WAREHOUSE_TWIN_SCALE" in refused.output
