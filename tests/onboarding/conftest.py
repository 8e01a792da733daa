from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from orchestration import warehouse
from orchestration.onboarding.inspection import inspect
from orchestration.onboarding.places import found_files
from orchestration.onboarding.plugging import Plugged, Project, plugged
from orchestration.onboarding.profiles import TableProfile

Look = Callable[..., dict[str, TableProfile]]


@pytest.fixture
def look(tmp_path: Path) -> Look:
    """Write files, each from the text of its lines, and look at them."""

    def write_and_look(**files: str) -> dict[str, TableProfile]:
        folder = tmp_path / "arrivals"
        folder.mkdir(exist_ok=True)
        for name, text in files.items():
            (folder / f"{name}.csv").write_text(text, encoding="utf-8")
        with warehouse.in_memory() as connection:
            return inspect(connection, found_files(connection, [folder]))

    return write_and_look


@pytest.fixture
def plug(look: Look) -> Callable[..., Plugged]:
    """Plug in files as the source ``shop``; ``given`` is what a person says of it."""

    def write_and_plug(given: dict[str, Any] | None = None, **files: str) -> Plugged:
        connector = {"connector": "files", "location": "arrivals"}
        return plugged("shop", look(**files), connector, given or {}, "shop_mapping.yml")

    return write_and_plug


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")
