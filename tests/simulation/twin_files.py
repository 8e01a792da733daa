"""A small twin on disk, and its files as tables to ask."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import duckdb

from orchestration.ingestion.entries import FilesEntry, FileTable, load_entry
from simulation.digital_twin.configuration import Dirt, TwinSettings
from simulation.digital_twin.generation import generate
from simulation.digital_twin.households import Grocery

SCALE = 0.03


@dataclass(frozen=True)
class Twin:
    """The files of a twin, opened as views named like the tables, and its truth as ``truth_*``."""

    folder: Path
    truth: Path
    rows: dict[str, int]
    views: duckdb.DuckDBPyConnection

    def number(self, sql: str) -> int:
        """Return the one number that a query gives."""
        return int(self.rows_of(sql)[0][0] or 0)

    def rows_of(self, sql: str) -> list[tuple[object, ...]]:
        return self.views.execute(sql).fetchall()


def entry() -> FilesEntry:
    found = load_entry("digital_twin")
    assert isinstance(found, FilesEntry)
    return found


def write_small_twin(grocery: Grocery, folder: Path, dirt: Dirt, scale: float = SCALE, seed: int = 7) -> Twin:
    settings = TwinSettings(scale=scale, seed=seed, dirt=dirt)
    rows = generate(folder / "twin", entry().tables, settings, grocery, truth_folder=folder / "twin_truth")
    return opened(folder / "twin", folder / "twin_truth", rows)


def opened(folder: Path, truth: Path, rows: dict[str, int]) -> Twin:
    views = duckdb.connect()
    for name, table in entry().tables.items():
        if any(folder.glob(table.path)):
            views.execute(f"create view {name} as select * from {scan_of(folder / table.path, table)}")
    for path in truth.glob("*.parquet"):
        views.execute(f"create view truth_{path.stem} as select * from read_parquet('{path}')")
    return Twin(folder, truth, rows, views)


def scan_of(path: Path, table: FileTable) -> str:
    if table.format == "parquet":
        return f"read_parquet('{path}', union_by_name = true, filename = true)"
    if table.format == "csv":
        dialect = (
            f"delim = '{table.delimiter}', quote = '\"', escape = '\"', header = true, all_varchar = true"
        )
        return f"read_csv('{path}', {dialect}, filename = true)"
    return f"read_json('{path}', format = 'newline_delimited', sample_size = -1, filename = true)"
