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
from finished_builds import FirstBuilds
from installations import Installation, differences, new_installation
from readers import Reader, reading

pytestmark = [pytest.mark.tier3, pytest.mark.builds(5), pytest.mark.timeout(1800)]

SEED = 2017
# In which part of the time that an undisturbed build took each build is killed.
FIRST_BUILD, REBUILD = [(0.2, 0.8)], [(0.15, 0.55), (0.55, 0.95)]
# A machine that is less busy than it was may end a build before its moment comes; then another one is tried.
ATTEMPTS = 4


@dataclass(frozen=True)
class Survivor:
    """A warehouse whose builds were killed, and which then was built to the end.

    Attributes
    ----------
    kill_count
        How many builds were killed; one that ended before its time cannot be.
    readers
        Who read meanwhile: one that opened the publication again each time and, if there was a publication
        before, one that held it open.
    """

    installation: Installation
    kill_count: int
    final_exit_code: int
    final_message: str
    readers: dict[str, Reader]


@pytest.fixture(scope="module")
def survivors(
    first_builds: FirstBuilds, last_day: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Survivor]:
    folder = tmp_path_factory.mktemp("killed")
    never_built = new_installation(folder / "first_build")
    published_before = first_builds.sliced.copy_to(folder / "rebuild")
    published_before.deliver(last_day)
    chance = random.Random(SEED)
    durations = [first_builds.sliced_answer.seconds, first_builds.both_days_answer.seconds]
    # One after the other: how long the one took says best how long the other will take.
    return {
        "rebuild": _survive(published_before, REBUILD, chance, durations, ["watch", "hold"]),
        "first build": _survive(never_built, FIRST_BUILD, chance, durations, ["watch"]),
    }


def _survive(
    installation: Installation,
    parts: Sequence[tuple[float, float]],
    chance: random.Random,
    durations: list[float],
    modes: Sequence[str],
) -> Survivor:
    with ExitStack() as stack:
        readers = {
            mode: stack.enter_context(reading(installation, mode, installation.folder)) for mode in modes
        }
        kill_count = 0
        # Once a build got through, there is nothing new: what was killed after it is made up for by force.
        forced: tuple[str, ...] = ()
        for _ in range(ATTEMPTS):
            if kill_count == len(parts):
                break
            started = time.monotonic()
            process = installation.start("build", *forced)
            try:
                process.wait(timeout=min(durations) * chance.uniform(*parts[kill_count]))
                durations.append(time.monotonic() - started)
                forced = ("--force",)
            except subprocess.TimeoutExpired:
                # As a machine that takes all processes down, and as an operator who types the number of one.
                (_kill_all if kill_count % 2 == 0 else _kill_the_leader)(process)
                kill_count += 1
        answer = installation.insight("build", "--json", *forced)
        if answer.exit_code == 0 and answer.content["is_new"]:
            durations.append(answer.seconds)
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


@pytest.mark.parametrize("case", ["first build", "rebuild"])
def test_builds_were_killed_while_they_ran(survivors: dict[str, Survivor], case: str) -> None:
    assert survivors[case].kill_count >= 1


@pytest.mark.parametrize("case", ["first build", "rebuild"])
def test_the_next_build_completes(survivors: dict[str, Survivor], case: str) -> None:
    survivor = survivors[case]
    assert survivor.final_exit_code == 0, survivor.final_message
    statuses = [build["status"] for build in reversed(survivor.installation.builds())]
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
    assert len(set(watcher.runs)) == len(watcher.runs)
    # Totals are those before or those after, never anything between.
    assert len({tuple(totals[1:]) for totals in watcher.seen}) == (1 if case == "first build" else 2)


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
        "select count(*) - count(distinct (run_id, predictive_model, subject_id)) from ml.scores"
    ) == [(0,)]
