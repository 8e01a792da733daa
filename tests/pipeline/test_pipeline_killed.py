"""Builds that are killed at random moments, by the signal that nothing can catch, while readers read."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from finished_builds import FirstBuilds, Grown
from installations import Installation, differences, new_installation, side_by_side
from readers import Reader, reading

pytestmark = [pytest.mark.tier3, pytest.mark.timeout(1800)]

SEED = 2017
# Each build is killed somewhere in one of these parts of the time that an undisturbed build took.
FIRST_BUILD, REBUILD = [(0.15, 0.6), (0.6, 0.98)], [(0.3, 0.7), (0.7, 0.98)]


@dataclass(frozen=True)
class Survivor:
    """A warehouse whose builds were killed, and which then was built to the end.

    Attributes
    ----------
    kill_count
        How many builds were killed; one that ended before its time cannot be.
    readers
        Who read meanwhile: one that opened the publication anew each time and, if there was a publication
        before, one that held it open.
    """

    installation: Installation
    kill_count: int
    final_exit_code: int
    final_message: str
    readers: dict[str, Reader]


@pytest.fixture(scope="module")
def survivors(
    first_builds: FirstBuilds, grown: Grown, last_day: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Survivor]:
    folder = tmp_path_factory.mktemp("killed")
    never_built = new_installation(folder / "first_build")
    published_before = first_builds.sliced.copy_to(folder / "rebuild")
    published_before.deliver(last_day)
    chance = random.Random(SEED)

    def moments(parts: Sequence[tuple[float, float]], duration: float) -> list[float]:
        return [duration * chance.uniform(*part) for part in parts]

    cases = {
        "first build": (never_built, moments(FIRST_BUILD, first_builds.sliced_answer.seconds), ["watch"]),
        "rebuild": (published_before, moments(REBUILD, grown.answer.seconds), ["watch", "hold"]),
    }
    results = side_by_side(*(lambda case=case: _survive(*case) for case in cases.values()))
    return dict(zip(cases, results, strict=True))


def _survive(installation: Installation, moments: list[float], modes: list[str]) -> Survivor:
    with ExitStack() as stack:
        readers = {
            mode: stack.enter_context(reading(installation, mode, installation.folder)) for mode in modes
        }
        kill_count = 0
        for number, moment in enumerate(moments):
            process = installation.start("build")
            try:
                process.wait(timeout=moment)
            except subprocess.TimeoutExpired:
                # As an operator who types the number of one process, and as a machine that takes them all.
                (_kill_the_leader if number % 2 == 0 else _kill_all)(process)
                kill_count += 1
        answer = installation.insight("build", "--json")
        # Readers shall have time to see what was published last.
        time.sleep(1)
    return Survivor(installation, kill_count, answer.exit_code, answer.output + answer.progress, readers)


def _kill_all(process: subprocess.Popen[bytes]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _kill_the_leader(process: subprocess.Popen[bytes]) -> None:
    """Kill the process that was started alone; what it started has to end by itself."""
    process.kill()
    process.wait()
    deadline = time.monotonic() + 30
    while orphans := _processes_of_session(process.pid):
        assert time.monotonic() < deadline, f"left behind: {orphans}"
        time.sleep(0.1)


def _processes_of_session(session: int) -> list[int]:
    found = []
    for pid in psutil.pids():
        try:
            if os.getsid(pid) == session and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.append(pid)
        except (psutil.NoSuchProcess, ProcessLookupError):
            continue
    return found


def test_most_builds_were_killed_while_they_ran(survivors: dict[str, Survivor]) -> None:
    assert sum(survivor.kill_count for survivor in survivors.values()) >= 3


@pytest.mark.parametrize("case", ["first build", "rebuild"])
def test_the_next_build_completes(survivors: dict[str, Survivor], case: str) -> None:
    survivor = survivors[case]
    assert survivor.final_exit_code == 0, survivor.final_message
    statuses = [
        status
        for (status,) in survivor.installation.built("select status from ops.builds order by started_at")
    ]
    assert statuses[-1] == "complete"
    assert set(statuses[:-1]) <= {"killed", "complete"}


@pytest.mark.parametrize("case", ["first build", "rebuild"])
def test_the_published_file_was_whole_all_the_time(survivors: dict[str, Survivor], case: str) -> None:
    watcher = survivors[case].readers["watch"]
    assert watcher.errors == []
    assert watcher.missing_after_first == 0
    assert watcher.reads > 5
    published = survivors[case].installation.published("select run_id from ops.publication")[0][0]
    assert watcher.runs[-1] == published
    # Totals of one publication never change: no run is seen twice with different ones.
    assert len(set(watcher.runs)) == len(watcher.runs) == (1 if case == "first build" else 2)


def test_who_held_the_publication_open_never_noticed(
    survivors: dict[str, Survivor], sliced: Installation
) -> None:
    holder = survivors["rebuild"].readers["hold"]
    assert holder.errors == []
    assert holder.reads > 20
    assert holder.runs == [sliced.published("select run_id from ops.publication")[0][0]]


@pytest.mark.parametrize("case", ["first build", "rebuild"])
def test_nothing_is_doubled_and_nothing_is_lost(
    survivors: dict[str, Survivor], first_builds: FirstBuilds, case: str
) -> None:
    survivor = survivors[case].installation
    undisturbed = first_builds.sliced if case == "first build" else first_builds.both_days
    assert differences(survivor, undisturbed) == []
    raw = "raw_complete_journey"
    assert survivor.row_counts(raw) == undisturbed.row_counts(raw)
    assert survivor.built("select count(*) - count(distinct batch_id) from ops.landed_batches") == [(0,)]
    assert survivor.published(
        "select count(*) - count(distinct (run_id, predictive_model, customer_id)) from ml.scores"
    ) == [(0,)]
