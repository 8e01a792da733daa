"""The command that writes the files of the digital twin."""

from __future__ import annotations

import os
import time
from pathlib import Path

import click

from orchestration.cli.answering import FILE, FOLDER, answering
from orchestration.settings import Settings


@click.command()
@click.option("--out", "folder", required=True, type=FOLDER, help="Folder to write to.")
@click.option("--scale", type=float, help="1 is all households and about 1.9 M rows; up to 40.")
@click.option("--seed", type=int, help="Same seed, same rows.")
@click.option("--dirt", type=FILE, help="YAML file: how much of each kind of dirt.")
@click.option("--truth/--no-truth", "has_truth", default=True, show_default=True, help="Write who is whom.")
@answering
def twin(
    settings: Settings,
    is_json: bool,
    log_path: Path,
    *,
    folder: Path,
    scale: float | None,
    seed: int | None,
    dirt: Path | None,
    has_truth: bool,
) -> None:
    """Write the files of the digital twin, to use them elsewhere.

    A build makes them by itself when digital_twin is among WAREHOUSE_SOURCES. What is not given here comes
    from WAREHOUSE_TWIN_SCALE, _SEED and _DIRT. The truth (person behind each record, hidden traits, true
    effects) goes into FOLDER_truth, beside the files and never among them. All rows are simulated: see
    docs/sources/digital_twin.md.
    """
    from orchestration.cli import terminal
    from orchestration.ingestion.connectors.generated import grocery_folder, write_twin
    from orchestration.ingestion.entries import load_entry
    from simulation.digital_twin.configuration import TwinSettings

    given = {"SCALE": scale, "SEED": seed, "DIRT": dirt}
    chosen = {f"WAREHOUSE_TWIN_{name}": str(value) for name, value in given.items() if value is not None}
    wanted = TwinSettings.from_environment({**os.environ, **chosen})
    started = time.monotonic()
    with terminal.progress(log_path) as logger:
        rows = write_twin(
            folder,
            load_entry("digital_twin"),
            wanted,
            grocery_folder(settings),
            has_truth=has_truth,
            report=logger.info,
        )
    answer = {
        "folder": str(folder),
        "rows": sum(rows.values()),
        "seconds": round(time.monotonic() - started, 1),
    }
    if is_json:
        terminal.show_json({**answer, "files": rows})
    else:
        terminal.show_table("Files", [{"file": name, "rows": count} for name, count in rows.items()])
        terminal.show_values("Written.", answer)
