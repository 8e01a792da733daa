from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from shop import orders_entry

from orchestration.ingestion.entries import SourceEntry, load_entry
from orchestration.settings import Settings


@pytest.fixture
def arrivals(tmp_path: Path) -> Path:
    """The folder that the source delivers to."""
    folder = tmp_path / "arrivals"
    folder.mkdir()
    return folder


@pytest.fixture
def settings(tmp_path: Path, arrivals: Path) -> Settings:
    return Settings(
        sources=("shop",),
        data=str(arrivals),
        warehouse_dir=tmp_path / "warehouse",
        engine="duckdb",
        as_of=None,
        memory_limit="1GB",
    )


@pytest.fixture
def entry_of(tmp_path: Path) -> Callable[[dict[str, Any]], SourceEntry]:
    """Write the content of an entry as YAML and load it."""

    def load(content: dict[str, Any]) -> SourceEntry:
        (tmp_path / "shop.yml").write_text(yaml.safe_dump(content, sort_keys=False))
        return load_entry("shop", tmp_path)

    return load


@pytest.fixture
def entry(entry_of: Callable[[dict[str, Any]], SourceEntry]) -> SourceEntry:
    return entry_of(orders_entry())
