"""Baseline rules: customers ordered by one feature."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import QuantileTransformer

from ml.declaration import Rule
from ml.estimators import QUANTILES


def rule_risks(rule: Rule, training: pd.DataFrame, rows: pd.DataFrame) -> np.ndarray:
    """Return what the rule ranks by: its feature, signed so that more is riskier.

    Parameters
    ----------
    rule
        Feature and direction.
    training
        Rows that lend their median to rows in which the feature is empty.
    rows
        Rows to rank.

    Returns
    -------
    numpy.ndarray
        Shape (n_rows,), in the unit of the feature; comparable within one rule only.
    """
    median = training[rule.feature].median()
    values = rows[rule.feature].fillna(0.0 if pd.isna(median) else median).to_numpy(dtype=np.float64)
    return values if rule.direction == "higher_is_riskier" else -values


def rule_probabilities(
    rule: Rule, training: pd.DataFrame, labels: np.ndarray, rows: pd.DataFrame
) -> np.ndarray:
    """Return the probability that a rule stands for, calibrated on the training rows.

    A rule only orders. To be judged by a metric of probabilities, it gets the best mapping that one feature
    allows: a logistic regression on its normal scores. Without it, the Brier score of a rule would be a straw
    man.

    Parameters
    ----------
    rule
        Feature and direction.
    training
        Rows to calibrate on.
    labels
        Their labels, shape (n_training_rows,), both classes present.
    rows
        Rows to predict.

    Returns
    -------
    numpy.ndarray
        Shape (n_rows,), between 0 and 1.
    """
    calibration = make_pipeline(
        QuantileTransformer(n_quantiles=QUANTILES, output_distribution="normal", random_state=0),
        LogisticRegression(),
    )
    calibration.fit(rule_risks(rule, training, training).reshape(-1, 1), labels)
    return calibration.predict_proba(rule_risks(rule, training, rows).reshape(-1, 1))[:, 1]
