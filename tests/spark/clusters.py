"""A warehouse whose tables are on a cluster, and the same data on the embedded engine beside it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from installations import INSIGHT, PER_RUN, WHEN_LOADED, Answer, Installation

from orchestration import warehouse
from orchestration.settings import PROJECT_DIR, Settings
from orchestration.warehouse import cluster


@dataclass
class Running:
    """A command that is running, and what it says while it does."""

    process: subprocess.Popen[bytes]
    folder: Path
    started: float

    def wait_for(self, pattern: str, seconds: float = 300) -> None:
        """Wait until its progress holds ``pattern``."""
        deadline = time.monotonic() + seconds
        while not re.search(pattern, self._read("progress")):
            assert self.process.poll() is None, self._read("progress") + self._read("output")
            assert time.monotonic() < deadline, f"{pattern} never came:\n" + self._read("progress")
            time.sleep(0.1)

    def kill(self) -> None:
        """Kill it and all that it started."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def end(self) -> Answer:
        """Wait for its end."""
        exit_code = self.process.wait(timeout=900)
        return Answer(
            exit_code, self._read("output"), self._read("progress"), time.monotonic() - self.started
        )

    def _read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")


def start(installation: Installation, *arguments: str) -> Running:
    """Start a command, as the leader of a process group of its own."""
    folder = installation.folder
    with (folder / "output").open("wb") as output, (folder / "progress").open("wb") as progress:
        process = subprocess.Popen(
            [*INSIGHT, *arguments],
            cwd=PROJECT_DIR,
            env=installation.environment,
            stdout=output,
            stderr=progress,
            start_new_session=True,
        )
    return Running(process, folder, time.monotonic())


def kill_process(settings: Settings, role: str) -> None:
    """Kill one process of the cluster, by the signal that nothing can catch."""
    [process] = [each for each in cluster.processes(settings) if each.role == role]
    os.kill(process.pid, signal.SIGKILL)


def published(installation: Installation, query: str) -> list[dict[str, Any]]:
    """Ask the publication on the cluster."""
    with warehouse.published(installation.settings) as tables:
        return tables.query(query).to_pylist()


def differences(on_cluster: Installation, embedded: Installation, but: set[str]) -> list[str]:
    """Return the published tables that are not the same on both engines, left out those in ``but``.

    Left out too: when something was loaded. Floating-point numbers are compared to nine digits.
    """
    found = []
    with duckdb.connect() as connection, warehouse.published(on_cluster.settings) as tables:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute(f"attach '{embedded.settings.published_path}' as embedded (read_only)")
        names = {
            f"{schema}.{table}"
            for schema, table in connection.execute(
                "select schema_name, table_name from duckdb_tables() where database_name = 'embedded'"
            ).fetchall()
        }
        shown = {
            f"{schema}.{table}"
            for schema in {name.partition(".")[0] for name in names}
            for table in tables.names(f"insight_{schema}")
        }
        found += sorted(names ^ shown)
        for name in sorted((names & shown) - but - PER_RUN):
            connection.register("rows", tables.query(f"select * from insight_{name}"))
            difference = _difference(connection, f"embedded.{name}")
            connection.unregister("rows")
            if difference:
                found.append(f"{name}: {difference}")
    return found


def _difference(connection: duckdb.DuckDBPyConnection, name: str) -> str | None:
    sides = []
    for relation in (name, "rows"):
        described = connection.execute(
            f"select column_name, column_type from (describe {relation})"
        ).fetchall()
        sides.append({column: kind for column, kind in described if column not in WHEN_LOADED})
    if sides[0] != sides[1]:
        return f"{set(sides[0].items()) ^ set(sides[1].items())}"
    columns = ", ".join(
        f'round("{column}", 9)' if kind == "DOUBLE" else f'"{column}"' for column, kind in sides[0].items()
    )
    counts = [
        connection.execute(
            f"select count(*) from (select {columns} from {left} except all select {columns} from {right})"
        ).fetchall()[0][0]
        for left, right in [(name, "rows"), ("rows", name)]
    ]
    return f"{counts[0]} rows only embedded, {counts[1]} only on the cluster" if any(counts) else None


def rows_of(path: Path) -> pa.Table:
    """Return the rows of a Parquet file."""
    with duckdb.connect() as connection:
        return connection.execute(f"from read_parquet('{path}')").to_arrow_table()
