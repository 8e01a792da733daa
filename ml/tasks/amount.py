"""How much: labels are numbers, a score is the expected amount in the unit of the label."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from sklearn.isotonic import IsotonicRegression

from ml.declaration import Declaration, Rule
from ml.leakage import assert_no_feature_follows_the_label
from ml.rules import rule_risks
from ml.tasks.task import COVERAGE


class Amount:
    """A number: money, days, items."""

    unit = "amount"
    labels = "finite numbers or empty"

    def accepts(self, known: pd.Series) -> bool:
        """Whether every label is finite."""
        return bool(np.isfinite(known).all())

    def problems(self, training: np.ndarray, test: np.ndarray) -> Iterator[str]:
        """Yield if all labels are equal."""
        if len(np.unique(training)) < 2:
            yield "only one value to learn from"
        if len(np.unique(test)) < 2:
            yield "only one value to predict"

    def predict(self, estimator: Any, features: np.ndarray) -> np.ndarray:
        """Return the expected amount."""
        amounts: np.ndarray = estimator.predict(features)
        return amounts

    def rule_predictions(
        self, rule: Rule, training: pd.DataFrame, labels: np.ndarray, rows: pd.DataFrame
    ) -> np.ndarray:
        """Return the amount that a rule stands for: the best monotone mapping of its feature."""
        mapping = IsotonicRegression(out_of_bounds="clip")
        mapping.fit(rule_risks(rule, training, training), labels)
        amounts: np.ndarray = mapping.predict(rule_risks(rule, training, rows))
        return amounts

    def refuse_leaks(
        self, declaration: Declaration, features: pd.DataFrame, labels: np.ndarray, date: pd.Timestamp
    ) -> None:
        """Raise if one feature follows the label almost perfectly."""
        assert_no_feature_follows_the_label(features, labels, date, declaration.single_feature_auc_limit)

    def interval(
        self, scores: np.ndarray, predictions: np.ndarray, labels: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return where the outcome will be: split-conformal bounds from the residuals of all back-tests.

        References
        ----------
        Lei et al. (2018), Distribution-free predictive inference for regression.
        """
        residuals = labels - predictions
        tail = (1 - COVERAGE) / 2
        low, high = np.quantile(residuals, [tail, 1 - tail], method="inverted_cdf")
        return scores + min(low, 0.0), scores + max(high, 0.0)
