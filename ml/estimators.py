"""The estimators that a declaration can name.

Each takes a float array or frame of shape (n_rows, n_features), in which empty values are NaN, and predicts
the probability of the label.

The hyper-parameters were chosen on the grocery data (four-week churn) by origins in April and May 2017,
before the first origin of the back-tests. They are cautious on purpose, strong shrinkage and shallow trees: a
few thousand customers, seen week after week, tell less than their row count suggests.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    VotingClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import QuantileTransformer
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

# Points that describe the distribution of a feature; a backtest plan asks for at least as many training rows.
QUANTILES = 200


class EmptyColumnsFilled(TransformerMixin, BaseEstimator):
    """Fills with zero the columns that are wholly empty at fit; all other empty values stay.

    A feature that a source never fills is such a column, and scikit-learn (1.9) fails to bin it. A constant
    column, on the other hand, is never split on.

    Attributes
    ----------
    is_empty_ : numpy.ndarray
        Shape (n_features,), whether a column had no value at fit.
    """

    def fit(self, X: np.ndarray, y: Any = None) -> EmptyColumnsFilled:  # noqa: N803
        """Find the wholly empty columns of ``X``, shape (n_rows, n_features)."""
        self.is_empty_ = np.isnan(X).all(axis=0)
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:  # noqa: N803
        """Return ``X``, shape (n_rows, n_features), with zeros in the columns that were empty at fit."""
        return np.where(self.is_empty_, 0.0, X)


def boosted_trees(seed: int) -> Pipeline:
    """Return gradient-boosted trees on binned features; empty values have a branch of their own.

    Parameters
    ----------
    seed
        Seed of the features drawn for each split.

    References
    ----------
    Ke et al. (2017), LightGBM: a highly efficient gradient boosting decision tree.
    """
    return make_pipeline(
        EmptyColumnsFilled(),
        HistGradientBoostingClassifier(
            learning_rate=0.04,
            max_iter=120,
            max_leaf_nodes=6,
            min_samples_leaf=80,
            l2_regularization=10.0,
            max_features=0.15,
            early_stopping=False,
            random_state=seed,
        ),
    )


def logistic(seed: int) -> Pipeline:
    """Return a ridge-penalised logistic regression on normal scores.

    Counts, amounts and gaps are skewed; only their order within the population is used, mapped to a normal
    distribution. An empty value counts as the median.

    Parameters
    ----------
    seed
        Seed of the rows drawn to estimate quantiles.
    """
    return make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        QuantileTransformer(n_quantiles=QUANTILES, output_distribution="normal", random_state=seed),
        LogisticRegression(C=0.001, max_iter=2000),
    )


def boosted_and_logistic(seed: int) -> VotingClassifier:
    """Return the mean of the probabilities of `boosted_trees` and `logistic`.

    Trees find thresholds and interactions, the regression extrapolates smoothly. Their errors differ: on
    average over the origins, the vote ranks better than either.
    """
    return VotingClassifier(
        [("boosted_trees", boosted_trees(seed)), ("logistic", logistic(seed))], voting="soft"
    )


def boosted_amounts(seed: int) -> Pipeline:
    """Return gradient-boosted trees for amounts; empty values have a branch of their own.

    Parameters
    ----------
    seed
        Seed of the features drawn for each split.
    """
    return make_pipeline(
        EmptyColumnsFilled(),
        HistGradientBoostingRegressor(
            learning_rate=0.05,
            max_iter=120,
            max_leaf_nodes=8,
            min_samples_leaf=40,
            l2_regularization=10.0,
            max_features=0.3,
            early_stopping=False,
            random_state=seed,
        ),
    )


def ridge(seed: int) -> Pipeline:
    """Return a ridge regression on normal scores; an empty value counts as the median.

    Parameters
    ----------
    seed
        Seed of the rows drawn to estimate quantiles.
    """
    return make_pipeline(
        SimpleImputer(strategy="median", keep_empty_features=True),
        QuantileTransformer(n_quantiles=QUANTILES, output_distribution="normal", random_state=seed),
        Ridge(alpha=10.0),
    )


ESTIMATORS: dict[str, Callable[[int], Any]] = {
    "boosted_and_logistic": boosted_and_logistic,
    "boosted_trees": boosted_trees,
    "logistic": logistic,
    "boosted_amounts": boosted_amounts,
    "ridge": ridge,
}


def build_estimator(name: str, seed: int) -> Any:
    """Return a fresh, unfitted estimator.

    Raises
    ------
    KeyError
        If no estimator has this name.
    """
    if name not in ESTIMATORS:
        raise KeyError(f"There is no estimator {name!r}. Known: {', '.join(sorted(ESTIMATORS))}.")
    return ESTIMATORS[name](seed)


def one_thread() -> AbstractContextManager[Any]:
    """Fit and predict on one thread while the block runs.

    Sums of floats depend on how they are split among threads, and so would every score. A second thread
    saves little: populations are small, and threads that wait for a core which another process holds cost far
    more than they save.
    """
    limits: AbstractContextManager[Any] = threadpool_limits(limits=1)
    return limits
