"""What holds for all tests: their order, and that no property hangs on how busy a machine is."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

# How long one example takes says more about what else the machine does than about the code.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of what is made once, also where several processes share the tests among them."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest: at the end, one worker would do it while the others wait."""
    items.sort(key=_weight, reverse=True)


def _weight(item: pytest.Item) -> tuple[int, bool]:
    builds = item.get_closest_marker("builds")
    return (builds.args[0] if builds else 0, item.get_closest_marker("tier3") is not None)
