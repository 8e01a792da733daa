from __future__ import annotations

import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from orchestration import warehouse
from orchestration.settings import Settings
from orchestration.warehouse import cluster

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), *(str(HERE.parent / name) for name in ("pipeline", "ingestion"))]

PORTS = ("PORT", "CONNECT_PORT", "MASTER_PORT", "MASTER_UI_PORT", "SERVER_UI_PORT")


@pytest.fixture(scope="session")
def cluster_variables(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Start a cluster for all tests, on ports that are free; return what names it."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in PORTS]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        ports = [each.getsockname()[1] for each in sockets]
    variables = {f"WAREHOUSE_SPARK_{name}": str(port) for name, port in zip(PORTS, ports, strict=True)}
    folder = tmp_path_factory.mktemp("cluster")
    settings = Settings.from_environment({**variables, "WAREHOUSE_DIR": str(folder)})
    cluster.start(settings)
    try:
        yield {**variables, "WAREHOUSE_ENGINE": "spark"}
    finally:
        cluster.stop(settings)


@pytest.fixture(scope="session")
def cluster_settings(cluster_variables: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings that `cluster start` and `stop` go by."""
    folder = next(
        path for path in tmp_path_factory.getbasetemp().iterdir() if path.name.startswith("cluster")
    )
    return Settings.from_environment({**cluster_variables, "WAREHOUSE_DIR": str(folder)})


@pytest.fixture(scope="module")
def empty_catalogue(cluster_settings: Settings) -> None:
    """Each module begins with a catalogue that holds nothing: databases are called after layers."""
    with warehouse.spark_tables(cluster_settings) as tables:
        for database in tables.databases():
            if database != "default":
                tables.execute(f"drop database {database} cascade")
