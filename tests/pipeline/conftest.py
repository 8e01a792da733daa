from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import sliced_data
from finished_builds import FirstBuilds, Grown
from installations import Installation, new_installation
from networkless import without_network
from readers import reading

from tests.support.made_once import made_once

# Most of a build of the slice is Python at work on one core, and there are two at least. Where tests run side
# by side, builds need not.
AT_ONCE = 1 if "PYTEST_XDIST_WORKER" in os.environ else 2


@pytest.fixture(scope="session")
def workers() -> Iterator[ThreadPoolExecutor]:
    """Run builds side by side."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield pool


@pytest.fixture(scope="session")
def last_day(shared: Path) -> Path:
    """The batch that arrives later: the last day, with everything in it that can be wrong with a row."""

    def write(folder: Path) -> Path:
        path = folder / sliced_data.LAST_DAY_FILE
        sliced_data.write_last_day(path)
        return path

    return made_once(shared / "last_day", write)


@pytest.fixture(scope="session")
def first_builds(shared: Path, last_day: Path) -> FirstBuilds:
    def build(folder: Path) -> FirstBuilds:
        sliced = new_installation(folder / "sliced")
        networkless = without_network(folder / "networkless")
        # A folder as people name them.
        both_days = new_installation(folder / "o'brien's both days", **networkless.variables)
        both_days.deliver(last_day)
        with ThreadPoolExecutor(2) as pool:
            answers = [
                pool.submit(sliced.build),
                pool.submit(both_days.build, inside=networkless.prefix),
            ]
        return FirstBuilds(sliced, answers[0].result(), both_days, answers[1].result(), networkless)

    return made_once(shared / "first_builds", build)


@pytest.fixture(scope="session")
def sliced(first_builds: FirstBuilds) -> Installation:
    """A finished first build of all days but the last; copy it before changing it."""
    return first_builds.sliced


@pytest.fixture(scope="session")
def both_days(first_builds: FirstBuilds) -> Installation:
    """A finished first build of all days; copy it before changing it."""
    return first_builds.both_days


@pytest.fixture(scope="session")
def grown(shared: Path, sliced: Installation, last_day: Path) -> Grown:
    """The finished build after the last day arrived; copy it before changing it."""

    def grow(folder: Path) -> Grown:
        installation = sliced.copy_to(folder / "installation")
        installation.deliver(last_day)
        with (
            reading(installation, "hold", folder) as holder,
            reading(installation, "watch", folder) as watcher,
        ):
            answer = installation.build()
        return Grown(installation, answer, holder, watcher)

    return made_once(shared / "grown", grow)


@pytest.fixture(scope="session")
def both(shared: Path) -> Installation:
    """A finished build of both default sources: the sliced grocery data, and the twin of a part of it."""

    def build(folder: Path) -> Installation:
        installation = new_installation(
            folder / "installation",
            WAREHOUSE_SOURCES="complete_journey,digital_twin",
            WAREHOUSE_TWIN_SCALE="0.05",
        )
        installation.build()
        return installation

    return made_once(shared / "both", build)
