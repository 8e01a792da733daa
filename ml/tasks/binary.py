"""Whether something will happen: labels are 1 or 0, a score is a probability."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm

from ml.declaration import Declaration, Rule
from ml.leakage import assert_no_feature_knows_the_label
from ml.rules import rule_probabilities
from ml.tasks.task import COVERAGE

_INTERVAL_BINS = 20


class Binary:
    """A yes or a no."""

    unit = "probability"
    labels = "0, 1 or empty"

    def accepts(self, known: pd.Series) -> bool:
        """Whether every label is 0 or 1."""
        return bool(known.isin([0.0, 1.0]).all())

    def problems(self, training: np.ndarray, test: np.ndarray) -> Iterator[str]:
        """Yield if there is only one class."""
        if len(np.unique(training)) < 2:
            yield "only one class to learn from"
        if len(np.unique(test)) < 2:
            yield "only one class to predict"

    def predict(self, estimator: Any, features: np.ndarray) -> np.ndarray:
        """Return the probability of a yes."""
        probabilities: np.ndarray = estimator.predict_proba(features)[:, 1]
        return probabilities

    def rule_predictions(
        self, rule: Rule, training: pd.DataFrame, labels: np.ndarray, rows: pd.DataFrame
    ) -> np.ndarray:
        """Return the probability that a rule stands for."""
        return rule_probabilities(rule, training, labels, rows)

    def refuse_leaks(
        self, declaration: Declaration, features: pd.DataFrame, labels: np.ndarray, date: pd.Timestamp
    ) -> None:
        """Raise if one feature orders the rows by label almost perfectly."""
        assert_no_feature_knows_the_label(features, labels, date, declaration.single_feature_auc_limit)

    def interval(
        self, scores: np.ndarray, predictions: np.ndarray, labels: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return how sure the probability itself is: Wilson's interval of the share that was seen near it.

        Back-tested customers are put in twenty bins of equal size by what was predicted for them (Wilson
        1927, Probable inference, the law of succession, and statistical inference).
        """
        order = np.argsort(predictions, kind="stable")
        bins = [rows for rows in np.array_split(order, _INTERVAL_BINS) if len(rows)]
        counts = np.array([len(rows) for rows in bins], dtype=float)
        shares = np.array([labels[rows].mean() for rows in bins])
        z = float(norm.ppf((1 + COVERAGE) / 2))
        centre = (shares + z**2 / (2 * counts)) / (1 + z**2 / counts)
        half = z * np.sqrt(shares * (1 - shares) / counts + z**2 / (4 * counts**2)) / (1 + z**2 / counts)
        edges = np.array([predictions[rows].max() for rows in bins[:-1]])
        bin_of = np.searchsorted(edges, scores, side="left")
        # A score that lies beside what was seen near it is no surer than that.
        return np.minimum(scores, (centre - half)[bin_of]), np.maximum(scores, (centre + half)[bin_of])
