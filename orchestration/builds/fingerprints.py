"""What a build depends on, as short hashes: whether data, code or settings changed.

Pure functions over files and values. What is done about a difference is decided in `orchestration.builds`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from orchestration.settings import DBT_PROJECT_DIR, PROJECT_DIR, Settings

# Rooms whose files change what a build gives; folders that tools write into are left out.
CODE_ROOMS = ("dbt_project", "expectations", "ml", "orchestration", "simulation")
# What the report looks like: it is drawn again from the publication that is there.
REPORT_ROOM = "dashboards"
CODE_SUFFIXES = {".css", ".csv", ".html", ".js", ".md", ".py", ".sql", ".yml", ".yaml"}
DBT_SUFFIXES = {".csv", ".sql", ".yml"}
WRITTEN_BY_TOOLS = {"__pycache__", "dbt_packages", "logs", "target"}


def hash_of_files(folder: Path, suffixes: Iterable[str], without: Iterable[str] = ()) -> str:
    """Hash names and contents of all files below ``folder`` whose suffix is in ``suffixes``.

    Parameters
    ----------
    without
        Names of folders below it that are left out.
    """
    wanted, left_out = set(suffixes), WRITTEN_BY_TOOLS | set(without)
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        relative = path.relative_to(folder)
        if path.suffix in wanted and not left_out & set(relative.parts) and path.is_file():
            digest.update(relative.as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


def hash_of_values(values: Mapping[str, object]) -> str:
    """Hash named values; the order of the names does not matter."""
    text = "\n".join(f"{name}={values[name]!r}" for name in sorted(values))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def dbt_code_hash(project_dir: Path = DBT_PROJECT_DIR) -> str:
    """Hash of everything that decides what dbt would build, incremental models included."""
    return hash_of_files(project_dir, DBT_SUFFIXES)


def code_hash(project_dir: Path = PROJECT_DIR) -> str:
    """Hash of all code that decides what a publication holds."""
    return hash_of_values({room: hash_of_files(project_dir / room, CODE_SUFFIXES) for room in CODE_ROOMS})


def report_hash(project_dir: Path = PROJECT_DIR) -> str:
    """Hash of all code that decides what the report shows of a publication."""
    return hash_of_files(project_dir / REPORT_ROOM, CODE_SUFFIXES)


def gate_hash(project_dir: Path = PROJECT_DIR) -> str:
    """Hash of all suites, and of the code that runs them."""
    return hash_of_files(project_dir / "expectations", CODE_SUFFIXES)


def build_fingerprint(settings: Settings, batch_ids: Iterable[str], code: str) -> str:
    """Fingerprint of a build: the same data, code and settings give the same publication."""
    return hash_of_values(
        {
            "as_of": settings.as_of,
            "batches": sorted(batch_ids),
            "code": code,
            "engine": settings.engine,
            "sources": sorted(settings.sources),
        }
    )
