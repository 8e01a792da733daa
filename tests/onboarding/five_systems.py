"""Five systems of one company as a newcomer has them, plugged into a copy of the project."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from orchestration.settings import PROJECT_DIR

SYSTEMS = ("crm", "billing", "support", "app", "partner")
FILES = Path(__file__).with_name("five_systems")
# What a project is made of: not what was built or installed in it.
_PARTS = ("orchestration", "dbt_project", "ml", "expectations", "dashboards", "simulation", "docs")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "target", "logs", "*.duckdb")
_INSIGHT = (sys.executable, "-c", "from orchestration.cli.main import main; main()")
_PATIENCE_SECONDS = 900


@dataclass
class NewProject:
    """A copy of the project, and a warehouse of its own.

    Attributes
    ----------
    files
        What it was made of, by path, before anything was plugged in.
    seconds
        How long each command took, by its first words.
    """

    folder: Path
    files: dict[Path, bytes] = field(default_factory=dict, repr=False)
    seconds: dict[str, float] = field(default_factory=dict)

    @classmethod
    def at(cls, folder: Path) -> NewProject:
        """Copy the project."""
        for part in _PARTS:
            shutil.copytree(PROJECT_DIR / part, folder / part, ignore=_LEFT_OUT)
        for name in ("pyproject.toml", "dagster.yaml", ".sqlfluff"):
            shutil.copy(PROJECT_DIR / name, folder / name)
        return cls(folder, {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()})

    @property
    def warehouse(self) -> Path:
        """Where it builds."""
        return self.folder / "warehouse"

    def edited(self) -> list[Path]:
        """Return the files of the project that are not what they were."""
        return [
            path for path, content in self.files.items() if not path.exists() or path.read_bytes() != content
        ]

    def insight(self, *arguments: str, sources: tuple[str, ...] = (), answers: str = "") -> str:
        """Run a command in the copy, and expect it to succeed."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WAREHOUSE_")}
        here = {"WAREHOUSE_DIR": str(self.warehouse), "WAREHOUSE_SOURCES": ",".join(sources)}
        started = time.monotonic()
        result = subprocess.run(
            [*_INSIGHT, *arguments],
            cwd=self.folder,
            env={**kept, **here, "PYTHONPATH": str(self.folder)},
            input=answers,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE_SECONDS,
        )
        self.seconds[" ".join(arguments[:3])] = time.monotonic() - started
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def published(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the publication."""
        return _ask(self.warehouse / "published" / "insight.duckdb", query)

    def built(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the build file."""
        return _ask(self.warehouse / "build.duckdb", query)


def written_lines() -> dict[str, int]:
    """Return how many lines a person wrote for each system: those of the mapping file, blank ones aside."""
    return {
        system: len([line for line in (FILES / f"{system}.yml").read_text().splitlines() if line.strip()])
        for system in SYSTEMS
    }


def _ask(path: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()
