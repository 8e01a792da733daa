"""What a kind of question has to say for itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
import pandas as pd

from ml.declaration import Declaration, Rule

# Share of the outcomes that the interval of a score should hold.
COVERAGE = 0.8


class Task(Protocol):
    """A kind of question: its labels, its predictions, its bars and its intervals.

    Attributes
    ----------
    unit
        Unit of a score, where the declaration names none.
    labels
        What a label may be, in words.
    """

    unit: str
    labels: str

    def accepts(self, known: pd.Series) -> bool:
        """Whether the labels that are known, as floats, are what the task takes."""

    def problems(self, training: np.ndarray, test: np.ndarray) -> Iterator[str]:
        """Yield why an origin cannot be judged with these labels, both of shape (n_rows,)."""

    def predict(self, estimator: Any, features: np.ndarray) -> np.ndarray:
        """Return the predictions of a fitted estimator for features of shape (n_rows, n_features)."""

    def rule_predictions(
        self, rule: Rule, training: pd.DataFrame, labels: np.ndarray, rows: pd.DataFrame
    ) -> np.ndarray:
        """Return what a rule predicts for ``rows``, in the unit of the label, calibrated on ``training``."""

    def refuse_leaks(
        self, declaration: Declaration, features: pd.DataFrame, labels: np.ndarray, date: pd.Timestamp
    ) -> None:
        """Raise `ml.leakage.LeakageError` if one feature alone tells the labels as of ``date``."""

    def interval(
        self, scores: np.ndarray, predictions: np.ndarray, labels: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return lower and upper bound of each score, from predictions and labels of all back-tests.

        Parameters
        ----------
        scores
            Shape (n_scored,).
        predictions, labels
            Shape (n_tested,): what was predicted on past dates, and what came of it.
        """
