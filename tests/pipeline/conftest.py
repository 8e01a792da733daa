from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest
from filelock import FileLock

sys.path.insert(0, str(Path(__file__).parent))

import sliced_data
from finished_builds import FirstBuilds, Grown
from installations import Installation, new_installation
from networkless import without_network
from readers import reading

T = TypeVar("T")

# Most of a build of the slice is Python at work on one core, and there are two at least. Where tests run side
# by side, builds need not.
AT_ONCE = 1 if "PYTEST_XDIST_WORKER" in os.environ else 2


@pytest.fixture(scope="session")
def workers() -> Iterator[ThreadPoolExecutor]:
    """Run builds side by side."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield pool


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what is made once, also where several processes share the tests among them."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


def _once(folder: Path, make: Callable[[Path], T]) -> T:
    """Return what ``make`` made in ``folder``: the first one who asks makes it, the others wait."""
    made = folder.with_suffix(".pickle")
    with FileLock(folder.with_suffix(".lock")):
        if not made.exists():
            folder.mkdir()
            made.write_bytes(pickle.dumps(make(folder)))
        result: T = pickle.loads(made.read_bytes())
        return result


@pytest.fixture(scope="session")
def last_day(shared: Path) -> Path:
    """The batch that arrives later: the last day, with everything in it that can be wrong with a row."""

    def write(folder: Path) -> Path:
        path = folder / sliced_data.LAST_DAY_FILE
        sliced_data.write_last_day(path)
        return path

    return _once(shared / "last_day", write)


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

    return _once(shared / "first_builds", build)


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

    return _once(shared / "grown", grow)


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

    return _once(shared / "both", build)
