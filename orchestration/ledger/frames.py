"""What predictive models found, run by run: the ledger's part that is too large for rows.

One Parquet file for each table and run, ``<table>/<predictive model>/<run>.parquet``. The tables of the build
are filled from here where they lack a run, so that losing the build loses no score and no verdict.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from orchestration.files import settle
from orchestration.ledger.store import LedgerError
from orchestration.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

# The table that is written last: a run without it did not end, and does not count.
VERDICTS = "ml.model_runs"


def keep(settings: Settings, run_id: str, predictive_model: str, frames: Mapping[str, pd.DataFrame]) -> None:
    """Keep the frames of one run of a predictive model, by ``schema.table``; a repeated run replaces its own.

    Raises
    ------
    LedgerError
        If a file cannot be written; the run does not count then.
    """
    for table in sorted(frames, key=lambda name: name == VERDICTS):
        path = _path(settings, table, predictive_model, run_id)
        unfinished = path.with_suffix(".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            frames[table].to_parquet(unfinished, index=False)
            settle(unfinished, path)
        except OSError as error:
            raise LedgerError(
                f"{path} cannot be written: {error.strerror or error}. Free space, or grant the right to "
                "write there, then build again; yesterday's scores stay."
            ) from error


def kept_runs(settings: Settings) -> set[tuple[str, str]]:
    """Return predictive model and run id of every run that ended."""
    return {
        (path.parent.name, path.stem) for path in (settings.kept_frames_dir / VERDICTS).glob("*/*.parquet")
    }


def frames_of(settings: Settings, predictive_model: str, run_id: str) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield table and frame of all that is kept of one run, the verdict last."""
    import pandas as pd

    tables = [folder.name for folder in settings.kept_frames_dir.glob("*")]
    for table in sorted(tables, key=lambda name: name == VERDICTS):
        path = _path(settings, table, predictive_model, run_id)
        if path.exists():
            yield table, pd.read_parquet(path)


def _path(settings: Settings, table: str, predictive_model: str, run_id: str) -> Path:
    return settings.kept_frames_dir / table / predictive_model / f"{run_id}.parquet"
