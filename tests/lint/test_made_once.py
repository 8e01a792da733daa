"""What several workers need is made by the first of them; the others wait for it and get the same."""

from __future__ import annotations

import os
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import pytest

from tests.support.made_once import made_once

pytestmark = pytest.mark.tier1


def _make(folder: Path) -> tuple[str, int]:
    # Long enough for the others to come meanwhile.
    time.sleep(0.3)
    with (folder / "makers.txt").open("a") as file:
        file.write(f"{os.getpid()}\n")
    return "made by", os.getpid()


def _ask(folder: Path) -> tuple[str, int]:
    return made_once(folder, _make)


def test_processes_that_ask_at_once_get_what_one_of_them_made(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4, mp_context=get_context("fork")) as pool:
        answers = list(pool.map(_ask, [tmp_path / "thing"] * 4))
    (maker,) = (tmp_path / "thing" / "makers.txt").read_text().split()
    assert set(answers) == {("made by", int(maker))}
    assert made_once(tmp_path / "thing", _make) == answers[0]


def test_what_failed_is_not_taken_for_made(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        raise RuntimeError("no luck")

    for _ in range(2):
        with pytest.raises(RuntimeError, match="no luck"):
            made_once(tmp_path / "thing", fail)
