"""How good a ranking and a probability are.

Every metric takes labels of shape (n_rows,), 1.0 or 0.0, and risks of the same shape. A metric of the ranking
looks at the order of the risks only, so it suits a rule; a metric of the probability needs risks between 0
and 1.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.stats import spearmanr
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

TOP_SHARE = 0.1


@dataclass(frozen=True)
class Metric:
    """A metric and how to read it.

    Attributes
    ----------
    looks_at
        Whether it judges the order of the risks, or the probabilities or amounts themselves.
    better
        Which of two values is the better one; ``None`` for a description that cannot be won.
    measure
        Labels and risks, both of shape (n_rows,), to the value.
    """

    looks_at: Literal["ranking", "probability"]
    better: Literal["higher", "lower"] | None
    measure: Callable[[np.ndarray, np.ndarray], float]

    def beats(self, value: float, other: float) -> bool:
        """Whether ``value`` is strictly better than ``other``."""
        return value > other if self.better == "higher" else value < other

    def best(self, values: list[float]) -> float:
        """Return the best of ``values``."""
        return max(values) if self.better == "higher" else min(values)


def lift_top_decile(labels: np.ndarray, risks: np.ndarray) -> float:
    """Return how many times the average share of positives the tenth of customers with the highest risk has.

    Customers who tie at the edge of the tenth count with their mean label: what a random order among them
    gives on average. Rules tie often, and no order of rows may favour them.

    Parameters
    ----------
    labels, risks
        Shape (n_rows,).

    Examples
    --------
    >>> labels = np.array([1.0, 1.0] + 18 * [0.0])
    >>> lift_top_decile(labels, np.arange(20.0, 0.0, -1.0))
    10.0
    >>> lift_top_decile(labels, np.zeros(20))
    1.0
    """
    count = max(1, round(len(labels) * TOP_SHARE))
    edge = np.sort(risks)[-count]
    above = risks > edge
    tied = risks == edge
    positives = labels[above].sum() + (count - above.sum()) * labels[tied].mean()
    return float(positives / count / labels.mean())


def spearman(labels: np.ndarray, predictions: np.ndarray) -> float:
    """Return the rank correlation of predictions and labels; 0 where either is constant (Spearman 1904)."""
    if len(np.unique(labels)) < 2 or len(np.unique(predictions)) < 2:
        return 0.0
    return float(spearmanr(labels, predictions).statistic)


METRICS: dict[str, Metric] = {
    "roc_auc": Metric("ranking", "higher", roc_auc_score),
    "average_precision": Metric("ranking", "higher", average_precision_score),
    # Brier (1950): mean squared distance between probability and label; lower is better.
    "brier": Metric("probability", "lower", brier_score_loss),
    "lift_top_decile": Metric("ranking", "higher", lift_top_decile),
    "mean_predicted": Metric("probability", None, lambda labels, risks: float(risks.mean())),
    "rmse": Metric(
        "probability", "lower", lambda labels, amounts: float(np.sqrt(((labels - amounts) ** 2).mean()))
    ),
    "mae": Metric("probability", "lower", lambda labels, amounts: float(np.abs(labels - amounts).mean())),
    "spearman": Metric("ranking", "higher", spearman),
    "mean_observed": Metric("probability", None, lambda labels, amounts: float(labels.mean())),
    "positive_share": Metric("probability", None, lambda labels, risks: float(labels.mean())),
}
