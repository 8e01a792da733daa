"""A warehouse, its folder of deliveries, and the command line that works on them: what a person has."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import sliced_data

from orchestration.builds import history
from orchestration.settings import PROJECT_DIR, Settings
from orchestration.warehouse.sql import literal

# The command line as it is installed, found from the source tree too.
INSIGHT = (sys.executable, "-c", "from orchestration.cli.main import main; main()")
# Longest time that any command may take, on a machine that is busy with other things.
PATIENCE_SECONDS = 900


@dataclass(frozen=True)
class Answer:
    """What a command said, and how it ended."""

    exit_code: int
    output: str
    progress: str
    seconds: float

    @property
    def content(self) -> Any:
        """What the command said with ``--json``."""
        return json.loads(self.output)


@dataclass(frozen=True)
class Installation:
    """One warehouse.

    Attributes
    ----------
    folder
        Everything of this warehouse lies below it.
    variables
        Environment variables beside those that say where the warehouse and its data are.
    has_own_data
        Whether the source delivers into a folder of this warehouse; if not, it is the default data.
    """

    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)
    has_own_data: bool = True

    @property
    def data(self) -> Path:
        """Where the source delivers to."""
        return self.folder / "data"

    @property
    def settings(self) -> Settings:
        return Settings.from_environment(self.environment)

    @property
    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("WAREHOUSE_")}
        data = {"WAREHOUSE_DATA": str(self.data)} if self.has_own_data else {}
        sources = {"WAREHOUSE_SOURCES": "complete_journey"}
        return {**kept, **sources, **data, "WAREHOUSE_DIR": str(self.folder / "warehouse"), **self.variables}

    def insight(self, *arguments: str, inside: Sequence[str] = ()) -> Answer:
        """Run one command to its end; ``inside`` is a command that starts it in special conditions."""
        started = time.monotonic()
        result = subprocess.run(
            [*inside, *INSIGHT, *arguments],
            cwd=PROJECT_DIR,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE_SECONDS,
        )
        return Answer(result.returncode, result.stdout, result.stderr, time.monotonic() - started)

    def build(self, *arguments: str, inside: Sequence[str] = ()) -> Answer:
        """Build, and expect it to succeed."""
        answer = self.insight("build", "--json", *arguments, inside=inside)
        assert answer.exit_code == 0, answer.output + answer.progress
        return answer

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command as the leader of a process group of its own, so that all of it can be killed."""
        return subprocess.Popen(
            [*INSIGHT, *arguments],
            cwd=PROJECT_DIR,
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def deliver(self, delivery: Path, name: str | None = None) -> None:
        """Put a file into the folder of deliveries."""
        shutil.copyfile(delivery, self.data / (name or delivery.name))

    def copy_to(self, folder: Path) -> Installation:
        """Return another warehouse that is just like this one."""
        shutil.copytree(self.folder, folder)
        return Installation(folder, self.variables, self.has_own_data)

    def published(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the publication."""
        return ask(self.settings.published_path, query)

    def built(self, query: str) -> list[tuple[Any, ...]]:
        """Ask the build file, which nobody but the pipeline does in real life."""
        return ask(self.settings.build_path, query)

    def builds(self) -> list[dict[str, Any]]:
        """Return all builds that the ledger knows, newest first."""
        return history.recent(self.settings, limit=1_000)

    def row_counts(self, *schemas: str) -> dict[str, int]:
        """Count the rows of all tables of the build, those of raw among them."""
        tables = self.built(
            "select table_schema, table_name from information_schema.tables "
            f"where list_contains({list(schemas)}, table_schema) "
            # Raw tables are views over the files of raw.
            "and (table_type = 'BASE TABLE' or starts_with(table_schema, 'raw_')) order by all"
        )
        return {
            f"{schema}.{table}": self.built(f'select count(*) from "{schema}"."{table}"')[0][0]
            for schema, table in tables
        }


def ask(path: Path, query: str) -> list[tuple[Any, ...]]:
    """Return the rows that a query gives on one file."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(query).fetchall()


def identity_of(path: Path) -> tuple[int, int, str]:
    """Return what changes when a file is written to or replaced: inode, date, and hash of its content."""
    status = path.stat()
    return status.st_ino, status.st_mtime_ns, hashlib.sha256(path.read_bytes()).hexdigest()


def new_installation(folder: Path, **variables: str) -> Installation:
    """Return a warehouse that was never built, with the slice delivered."""
    installation = Installation(folder, variables)
    sliced_data.write_slice(installation.data)
    return installation


def differences(one: Installation, other: Installation) -> list[str]:
    """Return the published tables that differ between two publications in what they say about customers.

    Left out: when something was loaded, and tables that hold a row per run. Sums of floating-point numbers
    depend on their order, so that these are compared to nine digits.
    """
    found = []
    with duckdb.connect() as connection:
        for name, installation in [("one", one), ("other", other)]:
            path = literal(str(installation.settings.published_path))
            connection.execute(f"attach {path} as {name} (read_only)")
        tables = connection.execute(
            "select database_name, schema_name || '.' || table_name from duckdb_tables() "
            "where schema_name in ('core', 'identity', 'marts', 'quality') order by all"
        ).fetchall()
        sides = [{table for database, table in tables if database == name} for name in ("one", "other")]
        found += sorted(sides[0] ^ sides[1])
        for table in sorted((sides[0] & sides[1]) - PER_RUN):
            columns = ", ".join(
                COMPARED.get((table, column))
                or (f'round("{column}", 9) as "{column}"' if data_type == "DOUBLE" else f'"{column}"')
                for column, data_type in connection.execute(
                    f"select column_name, column_type from (describe one.{table})"
                ).fetchall()
                if column not in (WHEN_LOADED_IN_IDENTITY if table.startswith("identity.") else WHEN_LOADED)
            )
            only_in_one, only_in_other = (
                connection.execute(
                    f"select count(*) from (select {columns} from {left}.{table} "
                    f"except all select {columns} from {right}.{table})"
                ).fetchall()[0][0]
                for left, right in [("one", "other"), ("other", "one")]
            )
            if only_in_one or only_in_other:
                found.append(
                    f"{table}: {only_in_one} rows only in one, {only_in_other} only in the other; "
                    f"columns that differ by themselves: {_columns_that_differ(connection, table) or 'none'}"
                )
    return found


def _columns_that_differ(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """Return the columns whose values, as a bag, are not those of the other side: where to look first."""
    return [
        f"{column} ({count})"
        for column, *_ in connection.execute(f"describe one.{table}").fetchall()
        for (count,) in connection.execute(
            f'select count(*) from (select "{column}" from one.{table} '
            f'except all select "{column}" from other.{table})'
        ).fetchall()
        if count
    ]


PER_RUN = {"quality.validation_results"}
# The quarantine shows rows as they were loaded, with the moment.
WHEN_LOADED = {"loaded_at", "first_loaded_at", "row_content", "example_row_content"}
# Identity counts from the landing on.
WHEN_LOADED_IN_IDENTITY = WHEN_LOADED | {"known_at", "joined_at", "valid_from", "valid_to", "changed_at"}
# A change that nothing in the world dates took effect when the warehouse came to know of it.
COMPARED = {("identity.fct_identity_changes", "effective_at"): "nullif(effective_at, changed_at)"}
