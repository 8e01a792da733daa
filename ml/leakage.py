"""Guards against features that know the future.

That each feature reads only what was known at its as-of date is proven in SQL, by rebuilding it from data cut
off at that date. What arrives here is checked for the trace that a leak leaves: no single number about a
customer's past orders customers almost perfectly by what they do next.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from ml.errors import LearningError

# With fewer customers of a class, a harmless feature can order them perfectly by chance.
MINIMUM_CLASS_COUNT = 20


class LeakageError(LearningError):
    """A feature knows the label; the message names feature, date and fix."""


def single_feature_aucs(features: pd.DataFrame, labels: np.ndarray) -> pd.Series:
    """Return how well each feature alone orders the rows by label, whatever its direction.

    The AUC is the rank statistic of Mann and Whitney (1947). Empty values are ranked first and ranked last,
    and the better of both counts: a value that is filled only for those who come back is a leak as well.

    Parameters
    ----------
    features
        Shape (n_rows, n_features), empty is NaN.
    labels
        Shape (n_rows,), 1.0 or 0.0, both present.

    Returns
    -------
    pandas.Series
        AUC by feature, between 0.5 and 1.
    """
    is_positive = labels == 1.0
    positives, negatives = int(is_positive.sum()), int((~is_positive).sum())
    best = np.full(features.shape[1], 0.5)
    for empty in ("top", "bottom"):
        ranks = features.rank(na_option=empty).to_numpy()
        pairs_won = ranks[is_positive].sum(axis=0) - positives * (positives + 1) / 2
        auc = pairs_won / (positives * negatives)
        best = np.maximum(best, np.maximum(auc, 1 - auc))
    return pd.Series(best, index=features.columns)


def assert_no_feature_follows_the_label(
    features: pd.DataFrame, labels: np.ndarray, date: pd.Timestamp, limit: float
) -> None:
    """Raise if one feature alone follows the amounts of the rows as of ``date``.

    Parameters
    ----------
    features
        Shape (n_rows, n_features).
    labels
        Shape (n_rows,), amounts.
    date
        As-of date, for the message.
    limit
        Highest plausible rank correlation of a single feature.

    Raises
    ------
    LeakageError
        If the absolute rank correlation (Spearman 1904) of a feature is above ``limit``.
    """
    if len(labels) < 2 * MINIMUM_CLASS_COUNT or len(np.unique(labels)) < 2:
        return
    ranks = pd.Series(labels, index=features.index).rank()
    followed = features.rank().corrwith(ranks).abs()
    suspects = followed[followed > limit].sort_values(ascending=False)
    if len(suspects):
        named = ", ".join(f"{name} (rank correlation {value:.3f})" for name, value in suspects.items())
        raise LeakageError(
            f"As of {date:%Y-%m-%d}, one column alone tells the amounts to come: {named}; plausible is at "
            f"most {limit}. Its SQL reads beyond the as-of date: keep occurred_at < as_of_date and "
            "known_at <= as_of_date, and no column of the label window."
        )


def assert_no_feature_knows_the_label(
    features: pd.DataFrame, labels: np.ndarray, date: pd.Timestamp, limit: float
) -> None:
    """Raise if one feature alone tells the label of the customers as of ``date``.

    Sees leaks that are monotone in the label; a future that is spread thinly over several features passes.
    Dates with fewer than 20 customers of either class are not judged.

    Parameters
    ----------
    features
        Shape (n_rows, n_features), the customers as of ``date``.
    labels
        Shape (n_rows,), 1.0 or 0.0.
    date
        As-of date, for the message.
    limit
        Highest plausible AUC of a single feature.

    Raises
    ------
    LeakageError
        If the AUC of a feature, or of its mirror image, is above ``limit``.
    """
    positives = int(labels.sum())
    if min(positives, len(labels) - positives) < MINIMUM_CLASS_COUNT:
        return
    aucs = single_feature_aucs(features, labels)
    suspects = aucs[aucs > limit].sort_values(ascending=False)
    if len(suspects):
        named = ", ".join(f"{name} (AUC {auc:.3f})" for name, auc in suspects.items())
        raise LeakageError(
            f"As of {date:%Y-%m-%d}, one column alone tells what customers do next: {named}; plausible is at "
            f"most {limit}. Its SQL reads beyond the as-of date: keep occurred_at < as_of_date and "
            "known_at <= as_of_date, and no column of the label window."
        )
