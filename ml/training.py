"""Train, judge and score: the one entry point of this package.

>>> from ml.declaration import load_declaration
>>> declaration = load_declaration("churn")
>>> declaration.label.column
'churn_label'
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

import numpy as np
import pandas as pd

from ml.backtesting import backtest, thin_out
from ml.declaration import Declaration
from ml.estimators import build_estimator, one_thread
from ml.evaluation import backtest_metrics, calibration_curve, pooled, slice_metrics
from ml.examples import SOURCES, Examples, check_examples
from ml.reasons import explain, main_reasons
from ml.tasks import TASKS
from ml.verdict import judge

logger = logging.getLogger("insight.training")


@dataclass(frozen=True)
class TrainingResult:
    """What one training run gives back.

    Attributes
    ----------
    is_publishable
        Whether the scores may be published.
    verdict
        Why, in plain words.
    frames
        Rows to append, by table of the schema ``ml``: ``model_runs``, ``model_backtests``,
        ``model_calibration``, ``model_slices``, and, only if publishable, ``scores`` and ``score_reasons``.
    """

    is_publishable: bool
    verdict: str
    frames: dict[str, pd.DataFrame]


def train(
    declaration: Declaration,
    examples: pd.DataFrame,
    run_id: str,
    report: Callable[[str], None] = logger.info,
    trained_at: datetime | None = None,
) -> TrainingResult:
    """Back-test a predictive model, judge it, and if it is good enough, fit it on everything and score.

    The same examples give the same result, whatever the order of rows and columns and the number of cores.

    Parameters
    ----------
    declaration
        What to learn and when to publish.
    examples
        One row per customer and as-of date; see `ml.examples.check_examples`.
    run_id
        Identifies the run in every row.
    report
        Receives one line per step.
    trained_at
        When the run took place, timezone-aware; now if not given.

    Raises
    ------
    ml.examples.ExamplesError
        If the examples cannot be used.
    ml.leakage.LeakageError
        If a feature knows the label.
    """
    checked = check_examples(declaration, examples)
    if checked.ignored:
        report(f"not learnt from, because not declared or not numeric: {', '.join(checked.ignored)}")
    tested = backtest(declaration, checked, report)
    metrics = backtest_metrics(declaration, tested)
    latest = checked.latest()
    verdict = judge(declaration, tested, metrics, len(latest))
    report(verdict.text)
    training = thin_out(checked.labelled(), declaration.backtest.training_grid_days)
    run = {
        "trained_at": pd.Timestamp(trained_at or datetime.now(UTC)).tz_convert("UTC").tz_localize(None),
        "is_published": verdict.is_publishable,
        "verdict": verdict.text,
        "as_of_date": (latest if len(latest) else checked.rows)["as_of_date"].max(),
        "training_row_count": len(training),
        "origin_count": len(tested.origins),
        "estimator": declaration.estimator,
        "features": ", ".join(checked.features),
        "source_systems": checked.source_systems,
    }
    frames = {
        "model_runs": pd.DataFrame([run]),
        "model_backtests": metrics,
        "model_calibration": calibration_curve(declaration, tested),
        "model_slices": slice_metrics(declaration, tested),
    }
    if verdict.is_publishable:
        labels, predictions, _ = pooled(declaration, tested)
        frames |= _score(declaration, checked, training, latest, Tested(predictions, labels))
        report(f"{len(training):,} rows learnt, {len(latest):,} customers scored")
    for frame in frames.values():
        frame.insert(0, "run_id", run_id)
        frame.insert(1, "predictive_model", declaration.name)
    return TrainingResult(verdict.is_publishable, verdict.text, frames)


class Tested(NamedTuple):
    """What was predicted on past dates and what came of it, both of shape (n_rows,)."""

    predictions: np.ndarray
    labels: np.ndarray


def _score(
    declaration: Declaration,
    examples: Examples,
    training: pd.DataFrame,
    latest: pd.DataFrame,
    tested: Tested,
) -> dict[str, pd.DataFrame]:
    task = TASKS[declaration.task]
    learnt, scored = examples.matrix(training), examples.matrix(latest)
    scores = latest[list(declaration.keys)].reset_index(drop=True)
    with one_thread():
        estimator = build_estimator(declaration.estimator, declaration.seed)
        estimator.fit(learnt, training[examples.label].to_numpy())
        scores["score"] = task.predict(estimator, scored)
        lower, upper = task.interval(scores["score"].to_numpy(), tested.predictions, tested.labels)
        explanation = explain(estimator, learnt, scored)
    reasons = main_reasons(
        latest,
        examples.features,
        explanation,
        declaration.reasons_per_customer,
        declaration.reason_themes,
        key_column=declaration.key_column,
    )
    scores = scores.assign(
        score_lower=lower,
        score_upper=upper,
        score_unit=declaration.unit or task.unit,
        source_systems=latest[SOURCES].to_numpy(),
    )
    return {
        name: frame.rename(columns={declaration.key_column: "subject_id"}).assign(grain=declaration.grain)
        for name, frame in {"scores": scores, "score_reasons": reasons}.items()
    }
