"""Feeds predictive models from the build and keeps what they give back.

Joins features and labels as declared, and appends frames as rows. What is learnt, how it is judged and
whether it is published is decided in `ml`.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from orchestration import warehouse
from orchestration.ledger import frames as kept
from orchestration.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from ml.declaration import Declaration

SCHEMA = "ml"
OUTPUT_TABLES = {
    "model_runs": "Training runs with their verdict; one row per run and predictive model.",
    "model_backtests": "Rolling-origin back-tests; one row per run, origin, candidate and metric.",
    "model_calibration": "Predicted against observed shares; one row per run and bin.",
    "model_slices": "Back-test metrics by slice of customers; one row per run, slice, value and metric.",
    "scores": "Published scores; one row per run and customer.",
    "score_reasons": "What moved a score most; one row per run, customer and rank of the reason.",
}

# One source system, or several separated by commas.
_SOURCE_LIST = "source_systems"
_SOURCE_COLUMNS = {"source_system", _SOURCE_LIST}

logger = logging.getLogger("insight.training")


@dataclass(frozen=True)
class Trained:
    """What became of one training run.

    Attributes
    ----------
    is_published
        Whether its scores are published; if not, the scores of the last good run stay.
    verdict
        Why, in plain words.
    row_counts
        Rows written, by table of the schema ``ml``.
    """

    is_published: bool
    verdict: str
    row_counts: dict[str, int]


def example_count(settings: Settings, declaration: Declaration) -> int:
    """Return how many examples, labelled or not, the build holds for a predictive model."""
    with warehouse.tables(settings) as tables:
        return tables.count(declaration.label.table)


def output_counts(settings: Settings) -> dict[str, int]:
    """Return how many rows each shared table holds, of all models and runs."""
    with warehouse.tables(settings) as tables:
        return {
            table: tables.count(f"{SCHEMA}.{table}") if tables.exists(f"{SCHEMA}.{table}") else 0
            for table in OUTPUT_TABLES
        }


def train_and_store(settings: Settings, declaration: Declaration, run_id: str) -> Trained:
    """Train one predictive model on what the build holds and append its frames to the ``ml`` tables.

    A run that is repeated replaces its own rows.
    """
    from ml.training import train

    started = time.perf_counter()
    # By now dbt has made the tables, with the types that its models expect.
    restore_runs(settings)
    examples = read_examples(settings, declaration)
    logger.info("%s: %s examples, %d columns", declaration.name, f"{len(examples):,}", examples.shape[1])
    result = train(declaration, examples, run_id)
    frames = {f"ml.{name}": frame for name, frame in result.frames.items()}
    kept.keep(settings, run_id, declaration.name, frames)
    with warehouse.tables(settings) as tables:
        tables.replace(frames, {"run_id": run_id, "predictive_model": declaration.name})
    logger.log(
        logging.INFO if result.is_publishable else logging.WARNING,
        "%s: %s (%.1f s)",
        declaration.name,
        "published" if result.is_publishable else "NOT published, the scores of the last good run stay",
        time.perf_counter() - started,
    )
    counts = {table: len(frame) for table, frame in result.frames.items()}
    return Trained(result.is_publishable, result.verdict, counts)


def restore_runs(settings: Settings) -> int:
    """Fill the ``ml`` tables of the build with the runs that the ledger keeps and they lack; say how many.

    A build file that was lost, or another cluster, gets scores, verdicts and evaluations back as they were.
    """
    wanted = kept.kept_runs(settings)
    if not wanted:
        return 0
    with warehouse.tables(settings) as tables:
        there: set[tuple[str, str]] = set()
        if tables.exists(kept.VERDICTS):
            found = tables.query(f"select predictive_model, run_id from {tables.relation(kept.VERDICTS)}")
            there = {(row["predictive_model"], row["run_id"]) for row in found.to_pylist()}
        for predictive_model, run_id in sorted(wanted - there):
            keys = {"run_id": run_id, "predictive_model": predictive_model}
            tables.replace(dict(kept.frames_of(settings, predictive_model, run_id)), keys)
    restored = len(wanted - there)
    if restored:
        logger.info("%d runs of predictive models put back from the ledger", restored)
    return restored


def read_examples(settings: Settings, declaration: Declaration) -> pd.DataFrame:
    """Return labels and features side by side; a column that several tables have comes from the first.

    Each table says which source systems a row rests on; together they are ``feature_source_systems``.
    """
    from ml.examples import SOURCES

    with warehouse.tables(settings) as tables:
        chosen: dict[str, str] = {}
        sources = []
        for table in declaration.input_tables:
            for column in tables.columns(table):
                if column in _SOURCE_COLUMNS:
                    sources.append(f"{table}.{column}")
                if column != _SOURCE_LIST:
                    chosen.setdefault(column, f"{table}.{column}")
        if sources:
            chosen[SOURCES] = f"concat_ws(', ', {', '.join(sources)}) as {SOURCES}"
        label, *features = declaration.input_tables
        keys = ", ".join(declaration.keys)
        joins = "".join(f" left join {table} using ({keys})" for table in features)
        return tables.frame(f"select {', '.join(chosen.values())} from {label}{joins}")
