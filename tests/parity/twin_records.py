"""The digital twin of a few households, as raw rows in two deliveries that overlap and are out of order."""

from __future__ import annotations

import datetime as dt
import os
import tempfile
from pathlib import Path
from unittest import mock

import duckdb

from orchestration.ingestion.entries import load_entry
from orchestration.ingestion.landing import land
from orchestration.settings import Settings

SOURCE = "digital_twin"
SCHEMA = f"raw_{SOURCE}"
SCALE = "0.03"
# Of ten rows, so many come first; the next one comes in both deliveries, the others in the second.
FIRST_TENTHS, IN_BOTH = 6, 1


def write(
    first: Path, second: Path, loaded_at: tuple[dt.datetime, dt.datetime], batches: tuple[str, str]
) -> None:
    """Add the twin's raw tables to the files of both deliveries.

    Lists come whole each time. Of everything else, each delivery has rows of all times: most of what the
    second one holds happened before the last row of the first.
    """
    entry = load_entry(SOURCE)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment({"WAREHOUSE_DIR": folder, "WAREHOUSE_SOURCES": SOURCE})
        with mock.patch.dict(os.environ, {"WAREHOUSE_TWIN_SCALE": SCALE}):
            land(settings, entry)
        for number, path in enumerate((first, second)):
            with duckdb.connect(str(path)) as connection:
                connection.execute(f"attach '{settings.build_path}' as landed (read_only)")
                connection.execute(f"create schema {SCHEMA}")
                for name, table in entry.tables.items():
                    columns = ", ".join(f'"{column}"' for column in table.columns)
                    share = f"hash({columns}) % 10"
                    chosen = {
                        (0, "append"): f"{share} < {FIRST_TENTHS + IN_BOTH}",
                        (1, "append"): f"{share} >= {FIRST_TENTHS}",
                    }.get((number, table.mode), "true")
                    connection.execute(
                        f"create table {SCHEMA}.{name} as select {columns}, "
                        f"timestamp '{loaded_at[number]}' as _loaded_at, '{batches[number]}' as _batch_id "
                        f"from landed.{SCHEMA}.{name} where {chosen}"
                    )
                connection.execute("detach landed")
