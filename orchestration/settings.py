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
``WAREHOUSE_SPARK_JAVA_OPTIONS``    Java's own choice    ``make cluster``: options of each of its processes
==================================  ===================  ====================================================
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Literal, TypeVar
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

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


def _names(value: object) -> object:
    return (
        tuple(name.strip() for name in value.split(",") if name.strip()) if isinstance(value, str) else value
    )


_Port = Annotated[int, Field(gt=0, lt=65536, description="write a whole number")]
_JavaMemory = Annotated[str, Field(pattern=r"^\d+[mg]$", description="write it as, for example, 2g")]


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
    java_options
        Options of every Java process of a local cluster, as ``java`` takes them; ``None`` leaves it to Java.
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
    java_options: str | None = None

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
        return cls(**_read(_SparkVariables, environment).model_dump())

    def as_environment(self) -> dict[str, str]:
        """Return these settings as environment variables."""
        return {
            _spark_variable(name): "" if value is None else str(value) for name, value in vars(self).items()
        }


class _FromMapping(BaseSettings):
    """Takes the variables that it is given, never those of the process."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Leave out the environment of the process: `_read` hands over the one that is meant."""
        return (init_settings,)


class _Variables(_FromMapping):
    """What the environment may say. The description of a field is what to write instead of a wrong value."""

    model_config = SettingsConfigDict(
        env_prefix="WAREHOUSE_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    sources: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_names)] = Field(
        DEFAULT_SOURCES, description="write names, separated by commas"
    )
    data: str | None = None
    dir: Path = PROJECT_DIR / "warehouse"
    engine: Annotated[Literal["duckdb", "spark"], Field(description=f"use one of {', '.join(ENGINES)}")] = (
        "duckdb"
    )
    as_of: date | None = Field(None, description="write it as YYYY-MM-DD")
    memory: str = Field(
        "2GB", pattern=r"^(?i)\d+(\.\d+)?\s?[KMGT]i?B$", description="write it as, for example, 2GB"
    )
    ledger: str | None = None


class _SparkVariables(_FromMapping):
    """What the environment may say about a cluster."""

    model_config = SettingsConfigDict(
        env_prefix="WAREHOUSE_SPARK_", env_ignore_empty=True, extra="ignore", frozen=True
    )

    host: str = SparkSettings.host
    port: _Port = SparkSettings.port
    connect_port: _Port = SparkSettings.connect_port
    connect_url: str | None = SparkSettings.connect_url
    stage: str | None = SparkSettings.stage
    table_format: Literal["parquet", "delta", "iceberg"] = Field(
        "parquet", description=f"use one of {', '.join(TABLE_FORMATS)}"
    )
    master_port: _Port = SparkSettings.master_port
    master_ui_port: _Port = SparkSettings.master_ui_port
    server_ui_port: _Port = SparkSettings.server_ui_port
    workers: _Port = SparkSettings.workers
    worker_memory: _JavaMemory = SparkSettings.worker_memory
    server_memory: _JavaMemory = SparkSettings.server_memory
    java_options: str | None = SparkSettings.java_options


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
        given = _read(_Variables, env)
        known = known_sources()
        if unknown := [source for source in given.sources if source not in known]:
            raise SettingsError(
                f"WAREHOUSE_SOURCES names {', '.join(unknown)}, which has no connector entry. "
                f"Known sources: {', '.join(known)}. To add one, see docs/add-a-source.md."
            )
        if wrong := sorted(set("?#%;") & set(str(given.dir))):
            # Addresses of databases are made of it, where these are no part of a name.
            raise SettingsError(
                f"WAREHOUSE_DIR is {str(given.dir)!r}; name a folder without {' '.join(wrong)} in its path."
            )
        return cls(
            sources=given.sources,
            data=given.data,
            warehouse_dir=given.dir.resolve(),
            engine=given.engine,
            as_of=given.as_of,
            memory_limit=given.memory,
            spark=SparkSettings.from_environment(env),
            ledger=given.ledger,
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


_Given = TypeVar("_Given", bound=BaseSettings)


def _read(variables: type[_Given], environment: Mapping[str, str]) -> _Given:
    """Read variables from a given environment instead of the process's own.

    Raises
    ------
    SettingsError
        If a value cannot be used; names the variable, the value and what to write.
    """
    source = EnvSettingsSource(variables)
    source.env_vars = {name.lower(): value for name, value in environment.items() if value}
    try:
        return variables.model_validate(source())
    except ValidationError as error:
        problem = error.errors()[0]
        field = str(problem["loc"][0])
        name = f"{variables.model_config['env_prefix']}{field.upper()}"
        fix = variables.model_fields[field].description or problem["msg"]
        raise SettingsError(f"{name} is {problem['input']!r}; {fix}.") from error


def known_sources() -> list[str]:
    """Return the names of all source systems that have a connector entry, sorted."""
    return sorted(path.stem for path in SOURCE_ENTRIES_DIR.glob("*.yml"))
