"""dbt, called within this process: one parse serves all runs of a test session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner

SETTINGS = {
    "DO_NOT_TRACK": "1",
    "WAREHOUSE_AS_OF": "",
    "WAREHOUSE_ENGINE": "duckdb",
    "WAREHOUSE_MEMORY": "1GB",
    "WAREHOUSE_SOURCES": "complete_journey",
}


class DbtFailedError(AssertionError):
    """A run did not succeed; the message lists what failed and why."""


class DbtRuns:
    """A dbt project, parsed once, and run against any number of warehouses.

    Attributes
    ----------
    manifest
        What dbt knows about the project.
    """

    def __init__(self, project_dir: Path, scratch_dir: Path):
        self._arguments = [
            "--quiet",
            "--no-use-colors",
            "--project-dir",
            str(project_dir),
            "--profiles-dir",
            str(project_dir),
            "--target-path",
            str(scratch_dir / "target"),
            "--log-path",
            str(scratch_dir / "logs"),
        ]
        with _environment(scratch_dir, ""):
            self.manifest = self._invoke(None, ["parse"]).result

    def run(self, warehouse_dir: Path, *arguments: str, as_of: str = "") -> dict[str, str]:
        """Run one dbt command and return the status of each node by its id.

        Raises
        ------
        DbtFailedError
            If a node failed or was skipped.
        """
        with _environment(warehouse_dir, as_of):
            outcome = self._invoke(self.manifest, list(arguments))
        statuses = {result.node.unique_id: str(result.status) for result in outcome.result}
        if not outcome.success:
            messages = [
                f"{result.node.unique_id}: {result.status} {result.message or ''}"
                for result in outcome.result
                if str(result.status) in {"error", "fail", "runtime error"}
            ]
            raise DbtFailedError("\n".join(messages))
        return statuses

    def full_refresh_sql(self, warehouse_dir: Path, *names: str) -> dict[str, str]:
        """Return the SQL that a full refresh would run, by model, in an order in which it can be run."""
        with _environment(warehouse_dir, ""):
            outcome = self._invoke(self.manifest, ["compile", "--full-refresh", "--select", *names])
        compiled = {result.node.name: result.node for result in outcome.result}
        return {name: compiled[name].compiled_code for name in names}

    def _invoke(self, manifest, arguments):
        try:
            outcome = dbtRunner(manifest=manifest).invoke([*arguments, *self._arguments])
        finally:
            # The file is free for the test's own connection only once dbt has let go of it.
            DuckDBConnectionManager.close_all_connections()
        if outcome.exception is not None:
            raise outcome.exception
        return outcome


@contextmanager
def _environment(warehouse_dir: Path, as_of: str) -> Iterator[None]:
    settings = {**SETTINGS, "WAREHOUSE_DIR": str(warehouse_dir), "WAREHOUSE_AS_OF": as_of}
    before = {name: os.environ.get(name) for name in settings}
    os.environ.update(settings)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
