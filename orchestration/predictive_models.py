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
from orchestration.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from ml.declaration import Declaration

OUTPUT_TABLES = {
    "model_runs": "Training runs with their verdict; one row per run and predictive model.",
    "model_backtests": "Rolling-origin back-tests; one row per run, origin, candidate and metric.",
    "model_calibration": "Predicted against observed shares; one row per run and bin.",
    "model_slices": "Back-test metrics by slice of customers; one row per run, slice, value and metric.",
    "scores": "Published scores; one row per run and customer.",
    "score_reasons": "What moved a score most; one row per run, customer and rank of the reason.",
}

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
    with warehouse.writing(settings) as connection:
        return int(connection.execute(f"select count(*) from {declaration.label.table}").fetchall()[0][0])


def train_and_store(settings: Settings, declaration: Declaration, run_id: str) -> Trained:
    """Train one predictive model on what the build holds and append its frames to the ``ml`` tables.

    A run that is repeated replaces its own rows.
    """
    from ml.training import train

    started = time.perf_counter()
    examples = _examples(settings, declaration)
    logger.info("%s: %s examples, %d columns", declaration.name, f"{len(examples):,}", examples.shape[1])
    result = train(declaration, examples, run_id)
    with warehouse.writing(settings) as connection:
        connection.execute("begin transaction")
        for name, frame in result.frames.items():
            table = f"ml.{name}"
            if warehouse.table_exists(connection, table):
                connection.execute(
                    f"delete from {table} where run_id = ? and predictive_model = ?",
                    [run_id, declaration.name],
                )
            warehouse.append(connection, table, frame)
        connection.execute("commit")
    logger.log(
        logging.INFO if result.is_publishable else logging.WARNING,
        "%s: %s (%.1f s)",
        declaration.name,
        "published" if result.is_publishable else "NOT published, the scores of the last good run stay",
        time.perf_counter() - started,
    )
    counts = {table: len(frame) for table, frame in result.frames.items()}
    return Trained(result.is_publishable, result.verdict, counts)


def _examples(settings: Settings, declaration: Declaration) -> pd.DataFrame:
    """Return labels and features side by side; a column that several tables have comes from the first."""
    with warehouse.writing(settings) as connection:
        chosen: dict[str, str] = {}
        for table in declaration.input_tables:
            for (column,) in connection.execute(
                "select column_name from information_schema.columns "
                "where table_catalog = current_database() and table_schema || '.' || table_name = ? "
                "order by ordinal_position",
                [table],
            ).fetchall():
                chosen.setdefault(column, f'{table}."{column}"')
        label, *features = declaration.input_tables
        joins = "".join(f" left join {table} using (customer_id, as_of_date)" for table in features)
        return connection.execute(f"select {', '.join(chosen.values())} from {label}{joins}").df()
