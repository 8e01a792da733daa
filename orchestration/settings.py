"""Where things live and which sources are on; every setting comes from the environment and has a default.

====================  ==================================  ===============================================
variable              default                             meaning
====================  ==================================  ===============================================
``WAREHOUSE_SOURCES`` ``complete_journey``                comma-separated list of enabled source systems
``WAREHOUSE_DATA``    where each source says it is        folder (or SQL URL) to read instead
``WAREHOUSE_DIR``     ``warehouse`` beside this project   build file, publication, gate results
``WAREHOUSE_ENGINE``  ``duckdb``                          which dbt target builds the models
``WAREHOUSE_AS_OF``   last day the sources know           "today" for every model, ``YYYY-MM-DD``
``WAREHOUSE_MEMORY``  ``2GB``                             memory limit of the embedded engine
====================  ==================================  ===============================================
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path

PROJECT_DIR = Path(__file__).resolve().parents[1]
DBT_PROJECT_DIR = PROJECT_DIR / "dbt_project"
SOURCE_ENTRIES_DIR = PROJECT_DIR / "orchestration" / "ingestion" / "sources"

# Nothing leaves the machine: every library that would report usage is told not to, before it is imported.
NO_TELEMETRY = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DBT_VERSION_CHECK": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "DAGSTER_DISABLE_TELEMETRY": "yes",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
}


class SettingsError(ValueError):
    """A setting cannot be used; the message names the setting, its value and the fix."""


@dataclass(frozen=True)
class Settings:
    """Everything that differs between two installations.

    Attributes
    ----------
    sources
        Names of the enabled source systems, in the order given.
    data
        Folder or SQL address that overrides every enabled source's own location, or ``None``.
    warehouse_dir
        Folder of the build file, the publication and the gate results.
    engine
        Name of the dbt target.
    as_of
        "Today" for every model, or ``None`` for the last day that the enabled sources know.
    memory_limit
        Memory limit of the embedded engine, e.g. ``"2GB"``.
    """

    sources: tuple[str, ...]
    data: str | None
    warehouse_dir: Path
    engine: str
    as_of: date | None
    memory_limit: str

    @property
    def build_path(self) -> Path:
        """The file that is being built; only the pipeline opens it."""
        return self.warehouse_dir / "build.duckdb"

    @property
    def published_dir(self) -> Path:
        """Folder of the publication that readers open."""
        return self.warehouse_dir / "published"

    @property
    def published_path(self) -> Path:
        """The published warehouse: swapped in whole, opened read-only."""
        return self.published_dir / "insight.duckdb"

    @property
    def previous_path(self) -> Path:
        """The publication before the current one, kept for rollback."""
        return self.warehouse_dir / "previous" / "insight.duckdb"

    @property
    def report_path(self) -> Path:
        """The self-contained report of the publication."""
        return self.published_dir / "report.html"

    @property
    def gates_dir(self) -> Path:
        """Great Expectations data docs."""
        return self.warehouse_dir / "gates"

    @property
    def lock_path(self) -> Path:
        """Held, as an operating-system lock, by the one process that builds or publishes."""
        return self.warehouse_dir / "build.lock"

    @property
    def logs_dir(self) -> Path:
        """One log file per build."""
        return self.warehouse_dir / "logs"

    @property
    def docs_dir(self) -> Path:
        """The generated documentation."""
        return self.warehouse_dir / "docs"

    @property
    def dagster_home(self) -> Path:
        """Run history and configuration of Dagster."""
        return self.warehouse_dir / ".dagster"

    @property
    def dbt_target_dir(self) -> Path:
        """What dbt compiles for these settings: two warehouses never share a manifest."""
        return self.warehouse_dir / "dbt"

    @property
    def build_url(self) -> str:
        """SQLAlchemy address of the build file."""
        return f"duckdb:///{self.build_path}"

    @classmethod
    def from_environment(cls, environment: dict[str, str] | None = None) -> Settings:
        """Read the settings from ``environment`` (default: the process's own).

        Raises
        ------
        SettingsError
            If a value cannot be used.
        """
        env = dict(os.environ if environment is None else environment)
        sources = tuple(s.strip() for s in env.get("WAREHOUSE_SOURCES", "").split(",") if s.strip())
        sources = sources or ("complete_journey",)
        known = known_sources()
        if unknown := [source for source in sources if source not in known]:
            raise SettingsError(
                f"WAREHOUSE_SOURCES names {', '.join(unknown)}, which has no connector entry. "
                f"Known sources: {', '.join(known)}. To add one, see docs/add-a-source.md."
            )
        engine = env.get("WAREHOUSE_ENGINE") or "duckdb"
        if engine != "duckdb":
            raise SettingsError(f"WAREHOUSE_ENGINE is {engine!r}; this version builds on 'duckdb' only.")
        as_of_text = env.get("WAREHOUSE_AS_OF") or None
        try:
            as_of = date.fromisoformat(as_of_text) if as_of_text else None
        except ValueError as error:
            raise SettingsError(f"WAREHOUSE_AS_OF is {as_of_text!r}; write it as YYYY-MM-DD.") from error
        memory_limit = env.get("WAREHOUSE_MEMORY") or "2GB"
        if not re.fullmatch(r"\d+(\.\d+)?\s?[KMGT]i?B", memory_limit, flags=re.IGNORECASE):
            raise SettingsError(f"WAREHOUSE_MEMORY is {memory_limit!r}; write it as, for example, 2GB.")
        return cls(
            sources=sources,
            data=env.get("WAREHOUSE_DATA") or None,
            warehouse_dir=Path(env.get("WAREHOUSE_DIR") or PROJECT_DIR / "warehouse").resolve(),
            engine=engine,
            as_of=as_of,
            memory_limit=memory_limit,
        )

    def as_environment(self) -> dict[str, str]:
        """Return these settings as environment variables, for the processes that we start."""
        return {
            **NO_TELEMETRY,
            "WAREHOUSE_SOURCES": ",".join(self.sources),
            "WAREHOUSE_DATA": self.data or "",
            "WAREHOUSE_DIR": str(self.warehouse_dir),
            "WAREHOUSE_ENGINE": self.engine,
            "WAREHOUSE_AS_OF": self.as_of.isoformat() if self.as_of else "",
            "WAREHOUSE_MEMORY": self.memory_limit,
        }


def known_sources() -> list[str]:
    """Return the names of all source systems that have a connector entry, sorted."""
    return sorted(path.stem for path in SOURCE_ENTRIES_DIR.glob("*.yml"))
