"""Why a score is what it is: what each feature adds to the probability or takes from it.

The contributions of all features and the score of the average customer sum to the score, exactly.

* Trees: exact Shapley values of the log-odds (Lundberg et al. 2020, From local explanations to global
  understanding with explainable AI for trees), relative to the training rows.
* Logistic regression: coefficient times the distance of the normal score from its mean over the training
  rows, which is the Shapley value of the log-odds of a linear model.
* From log-odds to probability: every contribution of a part is scaled by the same slope, that of the chord of
  the logistic curve between the average customer and this one (the rescale rule of Chen, Lundberg and Lee
  2022, Explaining a series of models by propagating Shapley values).
* A soft vote is the mean of its parts, so its contributions are the mean of theirs.

A contribution describes the estimator, not the world: it is no claim that changing the feature would change
what the customer does. Features that say nearly the same share their effect.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import expit
from sklearn.ensemble import (
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    VotingClassifier,
)
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import Pipeline

REASON_COLUMNS = ["as_of_date", "reason_rank", "feature_name", "feature_value", "contribution"]


@dataclass(frozen=True)
class Explanation:
    """What each feature adds to each score.

    Attributes
    ----------
    contributions
        Shape (n_rows, n_features), in the unit of the score; negative lowers it.
    baseline
        Score of the average row, in the unit of the score.
    """

    contributions: np.ndarray
    baseline: float


def explain(estimator: Any, training: np.ndarray, features: np.ndarray) -> Explanation:
    """Split the scores of a fitted estimator into contributions of its features.

    Parameters
    ----------
    estimator
        A fitted estimator of `ml.estimators`.
    training
        Shape (n_training_rows, n_features): what the average customer is the average of.
    features
        Shape (n_rows, n_features): what was scored; empty is NaN.

    Raises
    ------
    TypeError
        If there is no exact explanation for this kind of estimator.
    """
    if isinstance(estimator, VotingClassifier) and estimator.voting == "soft" and estimator.weights is None:
        parts = [explain(part, training, features) for part in estimator.estimators_]
        return Explanation(
            np.mean([part.contributions for part in parts], axis=0),
            float(np.mean([part.baseline for part in parts])),
        )
    if isinstance(estimator, Pipeline):
        # What comes before the last step works column by column: a contribution still belongs to its feature.
        prepare = estimator[:-1].transform
        return explain(estimator[-1], prepare(training), prepare(features))
    if isinstance(estimator, HistGradientBoostingClassifier):
        return _to_probability(*_tree_log_odds(estimator, features))
    if isinstance(estimator, HistGradientBoostingRegressor):
        return Explanation(*_tree_log_odds(estimator, features))
    if isinstance(estimator, Ridge):
        return Explanation(*_linear_log_odds(estimator, training, features))
    if isinstance(estimator, LogisticRegression):
        return _to_probability(*_linear_log_odds(estimator, training, features))
    raise TypeError(
        f"{type(estimator).__name__} has no exact explanation; add one to ml.reasons before it is declared."
    )


def main_reasons(
    rows: pd.DataFrame,
    names: tuple[str, ...],
    explanation: Explanation,
    count: int,
    themes: Mapping[str, Sequence[str]] | None = None,
    *,
    key_column: str = "customer_id",
) -> pd.DataFrame:
    """Return what moved each score most, whichever way, one reason per theme.

    Parameters
    ----------
    rows
        What was scored: ``key_column``, ``as_of_date`` and the features.
    names
        Feature names in the order of the contributions.
    explanation
        Contributions of the same rows.
    count
        Reasons per row.
    key_column
        The column that tells rows apart.
    themes
        Features that say nearly the same, by theme: their contributions are summed, and the feature that
        moved the score most in the direction of the sum speaks for all. Any other feature is its own theme.

    Returns
    -------
    pandas.DataFrame
        One row per customer and rank; rank 1 moved the score most. ``contribution`` is that of the theme, in
        probability, positive raises the score; ``feature_value`` in the unit of the feature, NaN if empty.
    """
    sums, spokesmen = _by_theme(explanation.contributions, names, themes or {})
    # Rounded, so that noise in the last bit does not decide between equals; then the feature name does.
    ranked = np.argsort(-np.abs(sums).round(12), axis=1, kind="stable")[:, :count]
    chosen = np.take_along_axis(spokesmen, ranked, axis=1)
    per_row = chosen.shape[1]
    values = rows[list(names)].to_numpy(dtype=np.float64)
    return pd.DataFrame(
        {
            key_column: np.repeat(rows[key_column].to_numpy(), per_row),
            "as_of_date": np.repeat(rows["as_of_date"].to_numpy(), per_row),
            "reason_rank": np.tile(np.arange(1, per_row + 1), len(rows)),
            "feature_name": np.array(names, dtype=object)[chosen].ravel(),
            "feature_value": np.take_along_axis(values, chosen, axis=1).ravel(),
            "contribution": np.take_along_axis(sums, ranked, axis=1).ravel(),
        },
        columns=[key_column, *REASON_COLUMNS],
    )


def _by_theme(
    contributions: np.ndarray, names: tuple[str, ...], themes: Mapping[str, Sequence[str]]
) -> tuple[np.ndarray, np.ndarray]:
    """Sum contributions by theme, and name the feature that speaks for each; both (n_rows, n_themes)."""
    theme_of = {feature: theme for theme, features in themes.items() for feature in features}
    members: dict[str, list[int]] = {}
    for position, name in enumerate(names):
        members.setdefault(theme_of.get(name, name), []).append(position)
    sums, spokesmen = [], []
    for positions in members.values():
        own = contributions[:, positions]
        total = own.sum(axis=1)
        in_direction = (own * np.sign(total)[:, np.newaxis]).round(12)
        sums.append(total)
        spokesmen.append(np.array(positions)[in_direction.argmax(axis=1)])
    return np.column_stack(sums), np.column_stack(spokesmen)


def _tree_log_odds(trees: Any, features: np.ndarray) -> tuple[np.ndarray, float]:
    # Takes seconds to import; who only trains or evaluates does not pay for it.
    import shap

    explainer = shap.TreeExplainer(trees, feature_perturbation="tree_path_dependent")
    contributions = explainer.shap_values(features)
    return np.asarray(contributions), float(np.ravel(explainer.expected_value)[0])


def _linear_log_odds(
    regression: LogisticRegression | Ridge, training: np.ndarray, features: np.ndarray
) -> tuple[np.ndarray, float]:
    coefficients = np.ravel(regression.coef_)
    average = training.mean(axis=0)
    baseline = float(np.ravel(regression.intercept_)[0] + coefficients @ average)
    return coefficients * (features - average), baseline


def _to_probability(log_odds: np.ndarray, baseline: float) -> Explanation:
    total = log_odds.sum(axis=1)
    start = expit(baseline)
    # Where customer and average customer (nearly) coincide, the chord becomes the tangent.
    is_flat = np.abs(total) < 1e-9
    chord = (expit(baseline + total) - start) / np.where(is_flat, 1.0, total)
    slope = np.where(is_flat, start * (1 - start), chord)
    return Explanation(log_odds * slope[:, np.newaxis], float(start))
