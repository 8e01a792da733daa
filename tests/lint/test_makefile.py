"""Folders as people write them: with blanks, quotes and ~."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from orchestration.settings import PROJECT_DIR

pytestmark = pytest.mark.tier0


@pytest.mark.parametrize("name", ["wh", "some where", "o'brien", "a ; b", "q?x"])
def test_clean_removes_what_was_built_and_nothing_else(tmp_path: Path, name: str) -> None:
    warehouse, beside = tmp_path / name, tmp_path / name.split(" ", maxsplit=1)[0] / "mine.txt"
    for kept in ("raw", "ledger"):
        (warehouse / kept).mkdir(parents=True)
    beside.parent.mkdir(exist_ok=True)
    beside.write_text("keep")
    (warehouse / "build.duckdb").write_text("built")
    # Run from elsewhere: nothing of this checkout is removed.
    run = subprocess.run(
        ["make", "-f", str(PROJECT_DIR / "Makefile"), "clean", f"WAREHOUSE={warehouse}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert sorted(path.name for path in warehouse.iterdir() if path.name != "mine.txt") == ["ledger", "raw"]
    assert beside.read_text() == "keep"


def test_a_home_folder_is_meant_by_its_sign(tmp_path: Path) -> None:
    said = subprocess.run(
        ["make", "-f", str(PROJECT_DIR / "Makefile"), "-pn", "help", "WAREHOUSE=~/some where"],
        cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    assert f"WAREHOUSE_DIR := {tmp_path}/some where\n" in said
