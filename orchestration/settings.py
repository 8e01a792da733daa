"""Where things live and which sources are on; every setting comes from the environment and has a default.

====================  ==================================  ===============================================
variable              default                             meaning
====================  ==================================  ===============================================
``WAREHOUSE_SOURCES`` ``complete_journey,digital_twin``   comma-separated list of enabled source systems
``WAREHOUSE_DATA``    where each source says it is        folder (or SQL URL) to read instead
``WAREHOUSE_DIR``     ``warehouse`` beside this project   build file, publication, gate results
``WAREHOUSE_ENGINE``  ``duckdb``                          which dbt target builds the models
``WAREHOUSE_AS_OF``   last day the sources know           "today" for every model, ``YYYY-MM-DD``
``WAREHOUSE_MEMORY``  ``2GB``                             memory limit of the embedded engine
``WAREHOUSE_LEDGER``  a SQLite file in ``WAREHOUSE_DIR``  address of the ledger, as SQLAlchemy writes it
====================  ==================================  ===============================================

Of the simulated source: ``WAREHOUSE_TWIN_SCALE`` (1), ``WAREHOUSE_TWIN_SEED`` and ``WAREHOUSE_TWIN_DIRT``
(a YAML file of rates); see docs/sources/digital_twin.md.

With ``WAREHOUSE_ENGINE=spark``, and for ``make cluster``:

==================================  ===================  ====================================================
variable                            default              meaning
==================================  ===================  ====================================================
``WAREHOUSE_SPARK_HOST``            ``127.0.0.1``        host of the cluster's server
``WAREHOUSE_SPARK_PORT``            ``10000``            where it answers SQL over thrift (dbt)
``WAREHOUSE_SPARK_CONNECT_PORT``    ``15002``            where it answers Spark Connect (Python)
``WAREHOUSE_SPARK_CONNECT_URL``     from the two above   whole Spark Connect address, with token where needed
``WAREHOUSE_SPARK_STAGE``           in the warehouse     folder that this machine and the cluster both see
``WAREHOUSE_SPARK_TABLE_FORMAT``    ``parquet``          ``delta`` or ``iceberg`` where the cluster has it
``WAREHOUSE_SPARK_MASTER_PORT``     ``17077``            ``make cluster``: the master
``WAREHOUSE_SPARK_MASTER_UI_PORT``  ``18080``            ``make cluster``: the master's page
``WAREHOUSE_SPARK_SERVER_UI_PORT``  ``14040``            ``make cluster``: the server's page, or the next
``WAREHOUSE_SPARK_WORKERS``         ``2``                ``make cluster``: workers, of one core each
``WAREHOUSE_SPARK_WORKER_MEMORY``   ``2g``               ``make cluster``: memory of each worker
``WAREHOUSE_SPARK_SERVER_MEMORY``   ``2g``               ``make cluster``: memory of the server
==================================  ===================  ====================================================
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from orchestration.errors import ExpectedError

PROJECT_DIR = Path(__file__).resolve().parents[1]
DBT_PROJECT_DIR = PROJECT_DIR / "dbt_project"
SOURCE_ENTRIES_DIR = PROJECT_DIR / "orchestration" / "ingestion" / "sources"
# What a newcomer sees: real purchases, and the channels that are simulated around them.
DEFAULT_SOURCES = ("complete_journey", "digital_twin")

# Nothing leaves the machine: every library that would report usage is told not to, before it is imported.
NO_TELEMETRY = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "DBT_VERSION_CHECK": "false",
    "GX_ANALYTICS_ENABLED": "false",
    "DAGSTER_DISABLE_TELEMETRY": "yes",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
}


EMBEDDED, SPARK = "duckdb", "spark"
ENGINES = (EMBEDDED, SPARK)
TABLE_FORMATS = ("parquet", "delta", "iceberg")
_CONNECT_PORT = 15002


class SettingsError(ExpectedError):
    """A setting cannot be used; the message names the setting, its value and the fix."""


@dataclass(frozen=True)
class SparkSettings:
    """Where the cluster is; for a local one, also how large.

    Attributes
    ----------
    host
        Host of the server that answers SQL and Spark Connect.
    port
        Its thrift port.
    connect_port
        Its Spark Connect port.
    connect_url
        Spark Connect address, ``sc://host:port``, if it is not made of the above; ``None`` otherwise.
    stage
        Folder through which files reach the cluster, or ``None`` for one in the warehouse's own folder.
    table_format
        Format of the tables: ``parquet``, or ``delta`` or ``iceberg`` where the cluster has it.
    master_port, master_ui_port, server_ui_port
        Ports of a local cluster's master, of its page, and of the server's page.
    workers
        Number of workers of a local cluster.
    worker_memory, server_memory
        Memory of each worker and of the server of a local cluster, as Java writes it, e.g. ``2g``.
    """

    host: str = "127.0.0.1"
    port: int = 10000
    connect_port: int = _CONNECT_PORT
    connect_url: str | None = None
    stage: str | None = None
    table_format: str = "parquet"
    master_port: int = 17077
    master_ui_port: int = 18080
    server_ui_port: int = 14040
    workers: int = 2
    worker_memory: str = "2g"
    server_memory: str = "2g"

    @property
    def connect_address(self) -> str:
        """The Spark Connect address."""
        return self.connect_url or f"sc://{self.host}:{self.connect_port}"

    @property
    def server(self) -> tuple[str, int]:
        """Host and port of Spark Connect: the address without what it may hold beside them, a token say."""
        address = urlsplit(self.connect_address.replace("sc://", "//", 1))
        return address.hostname or "", address.port or _CONNECT_PORT

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> SparkSettings:
        """Read the settings from ``environment``.

        Raises
        ------
        SettingsError
            If a value cannot be used.
        """
        chosen: dict[str, object] = {}
        for name in ("host", "connect_url", "stage", "table_format", "worker_memory", "server_memory"):
            if value := environment.get(_spark_variable(name)):
                chosen[name] = value
        for name in ("port", "connect_port", "master_port", "master_ui_port", "server_ui_port", "workers"):
            if value := environment.get(_spark_variable(name)):
                if not value.isdigit() or not 0 < int(value) < _PORTS:
                    raise SettingsError(f"{_spark_variable(name)} is {value!r}; write a whole number.")
                chosen[name] = int(value)
        if chosen.get("table_format", TABLE_FORMATS[0]) not in TABLE_FORMATS:
            raise SettingsError(
                f"{_spark_variable('table_format')} is {chosen['table_format']!r}; "
                f"use one of {', '.join(TABLE_FORMATS)}."
            )
        for name in ("worker_memory", "server_memory"):
            if name in chosen and not re.fullmatch(r"\d+[mg]", str(chosen[name])):
                raise SettingsError(
                    f"{_spark_variable(name)} is {chosen[name]!r}; write it as, for example, 2g."
                )
        return cls(**chosen)  # type: ignore[arg-type]

    def as_environment(self) -> dict[str, str]:
        """Return these settings as environment variables."""
        return {
            _spark_variable(name): "" if value is None else str(value) for name, value in vars(self).items()
        }


_PORTS = 65536


def _spark_variable(name: str) -> str:
    return f"WAREHOUSE_SPARK_{name.upper()}"


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
    spark
        Where the cluster is, if there is one.
    ledger
        Address of the ledger, or ``None`` for a SQLite file in the warehouse's folder.
    """

    sources: tuple[str, ...]
    data: str | None
    warehouse_dir: Path
    engine: str
    as_of: date | None
    memory_limit: str
    spark: SparkSettings = field(default_factory=SparkSettings)
    ledger: str | None = None

    @property
    def cluster_dir(self) -> Path:
        """Tables, catalogue, logs and process ids of a local Spark cluster."""
        return self.warehouse_dir / "cluster"

    @property
    def stage_dir(self) -> str:
        """Folder (or address) through which files reach a Spark cluster."""
        return self.spark.stage or str(self.warehouse_dir / "stage")

    @property
    def build_path(self) -> Path:
        """The file that is being built; only the pipeline opens it."""
        return self.warehouse_dir / "build.duckdb"

    @property
    def raw_dir(self) -> Path:
        """What arrived, one immutable file for each batch; as durable as the ledger."""
        return self.warehouse_dir / "raw"

    @property
    def ledger_path(self) -> Path | None:
        """The ledger's file; ``None`` if it is on a server."""
        return None if self.ledger else self.warehouse_dir / "ledger" / "ledger.sqlite"

    @property
    def ledger_address(self) -> str:
        """SQLAlchemy address of the ledger."""
        return self.ledger or f"sqlite:///{self.ledger_path}"

    @property
    def ledger_place(self) -> str:
        """Where the ledger is, for messages: without what must stay secret."""
        if self.ledger is None:
            return str(self.ledger_path)
        address = urlsplit(self.ledger)
        return address._replace(netloc=address.netloc.rpartition("@")[2]).geturl()

    @property
    def kept_frames_dir(self) -> Path:
        """Published scores, verdicts and evaluations, one file for each run; part of the ledger."""
        return self.warehouse_dir / "ledger" / "frames"

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
        sources = sources or DEFAULT_SOURCES
        known = known_sources()
        if unknown := [source for source in sources if source not in known]:
            raise SettingsError(
                f"WAREHOUSE_SOURCES names {', '.join(unknown)}, which has no connector entry. "
                f"Known sources: {', '.join(known)}. To add one, see docs/add-a-source.md."
            )
        engine = env.get("WAREHOUSE_ENGINE") or "duckdb"
        if engine not in ENGINES:
            raise SettingsError(f"WAREHOUSE_ENGINE is {engine!r}; use one of {', '.join(ENGINES)}.")
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
            spark=SparkSettings.from_environment(env),
            ledger=env.get("WAREHOUSE_LEDGER") or None,
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
            "WAREHOUSE_LEDGER": self.ledger or "",
            **self.spark.as_environment(),
        }


def known_sources() -> list[str]:
    """Return the names of all source systems that have a connector entry, sorted."""
    return sorted(path.stem for path in SOURCE_ENTRIES_DIR.glob("*.yml"))
