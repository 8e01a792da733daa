from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import sliced_data
from finished_builds import FirstBuilds, Grown
from installations import Installation, new_installation, side_by_side
from networkless import without_network
from readers import reading


@pytest.fixture(scope="session")
def last_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The batch that arrives later: the last day, with everything in it that can be wrong with a row."""
    path = tmp_path_factory.mktemp("last_day") / sliced_data.LAST_DAY_FILE
    sliced_data.write_last_day(path)
    return path


@pytest.fixture(scope="session")
def first_builds(tmp_path_factory: pytest.TempPathFactory, last_day: Path) -> FirstBuilds:
    sliced = new_installation(tmp_path_factory.mktemp("sliced") / "installation")
    networkless = without_network(tmp_path_factory.mktemp("networkless"))
    both_days = new_installation(
        tmp_path_factory.mktemp("both_days") / "installation", **networkless.variables
    )
    both_days.deliver(last_day)
    sliced_answer, both_days_answer = side_by_side(
        sliced.build, lambda: both_days.build(inside=networkless.prefix)
    )
    return FirstBuilds(sliced, sliced_answer, both_days, both_days_answer, networkless)


@pytest.fixture(scope="session")
def sliced(first_builds: FirstBuilds) -> Installation:
    """A finished first build of all days but the last; copy it before changing it."""
    return first_builds.sliced


@pytest.fixture(scope="session")
def both_days(first_builds: FirstBuilds) -> Installation:
    """A finished first build of all days; copy it before changing it."""
    return first_builds.both_days


@pytest.fixture(scope="session")
def grown(sliced: Installation, last_day: Path, tmp_path_factory: pytest.TempPathFactory) -> Grown:
    """The finished build after the last day arrived; copy it before changing it."""
    folder = tmp_path_factory.mktemp("grown")
    installation = sliced.copy_to(folder / "installation")
    installation.deliver(last_day)
    with reading(installation, "hold", folder) as holder, reading(installation, "watch", folder) as watcher:
        answer = installation.build()
    return Grown(installation, answer, holder, watcher)
