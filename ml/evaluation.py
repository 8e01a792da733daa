"""What the back-tests say: metrics by origin, calibration, slices.

All frames are long, one value per row, so that a new metric is a row and never a column.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from ml.backtesting import Backtest
from ml.declaration import BEST_RULE, MODEL, Declaration
from ml.examples import SLICE_PREFIX
from ml.metrics import METRICS

# With fewer customers, a metric of a slice is mostly noise.
MINIMUM_SLICE_ROWS = 50

BACKTEST_COLUMNS = [
    "origin_date", "candidate", "is_baseline", "metric", "metric_value", "row_count", "positive_count",
]  # fmt: skip
CALIBRATION_COLUMNS = ["bin_number", "row_count", "mean_predicted", "observed_share"]
SLICE_COLUMNS = ["slice_name", "slice_value", "metric", "metric_value", "row_count", "positive_count"]


def backtest_metrics(declaration: Declaration, backtest: Backtest) -> pd.DataFrame:
    """Return every metric of every candidate on every origin.

    The candidate ``best_rule`` has, on each origin and for each metric, the best value that any rule with the
    role bar reached: more than any single rule reaches, since nobody knows beforehand which rule will win.

    Returns
    -------
    pandas.DataFrame
        One row per origin, candidate and metric. ``best_rule`` has no ``mean_predicted``.
    """
    records = []
    for origin in backtest.origins:
        labels = origin.rows[declaration.label.column].to_numpy()
        shared = {
            "origin_date": origin.date,
            "row_count": len(labels),
            "positive_count": int((labels > 0).sum()),
        }
        for name in declaration.metrics:
            metric = METRICS[name]
            risks = origin.rankings if metric.looks_at == "ranking" else origin.probabilities
            values = {candidate: metric.measure(labels, risks[candidate].to_numpy()) for candidate in risks}
            if metric.better:
                values[BEST_RULE] = metric.best([values[name] for name in declaration.bar_rules])
            elif name == "positive_share":
                values[BEST_RULE] = values[MODEL]
            records += [
                shared
                | {
                    "candidate": candidate,
                    "is_baseline": candidate != MODEL,
                    "metric": name,
                    "metric_value": float(value),
                }
                for candidate, value in values.items()
            ]
    return pd.DataFrame(records, columns=BACKTEST_COLUMNS)


def calibration_curve(declaration: Declaration, backtest: Backtest) -> pd.DataFrame:
    """Return predicted against observed shares of the model, over the customers of all origins.

    Bins hold equally many customers (reliability diagram; DeGroot and Fienberg 1983). The lowest risk is bin
    1.

    Returns
    -------
    pandas.DataFrame
        One row per bin; fewer than declared if there are fewer customers.
    """
    labels, risks = pooled(declaration, backtest)[:2]
    order = np.argsort(risks, kind="stable")
    bins = [rows for rows in np.array_split(order, declaration.calibration_bins) if len(rows)]
    return pd.DataFrame(
        [
            (number, len(rows), float(risks[rows].mean()), float(labels[rows].mean()))
            for number, rows in enumerate(bins, start=1)
        ],
        columns=CALIBRATION_COLUMNS,
    )


def slice_metrics(declaration: Declaration, backtest: Backtest) -> pd.DataFrame:
    """Return the metrics of the model for each value of each slice, over the customers of all origins.

    A slice with fewer than 50 rows, or with one class only, has its share of positives and no other metric.

    Returns
    -------
    pandas.DataFrame
        One row per slice, value and metric; ``slice_name`` is the column without ``slice_``.
    """
    labels, risks, rows = pooled(declaration, backtest)
    records = []
    for column in declaration.slices if len(labels) else ():
        values = rows[column].astype("string").fillna("unknown")
        for value in sorted(values.unique()):
            chosen = (values == value).to_numpy(dtype=bool)
            positives = int((labels[chosen] > 0).sum())
            is_judged = chosen.sum() >= MINIMUM_SLICE_ROWS and len(np.unique(labels[chosen])) > 1
            for metric in declaration.metrics if is_judged else _if_declared(declaration, "positive_share"):
                measured = METRICS[metric].measure(labels[chosen], risks[chosen])
                name = column.removeprefix(SLICE_PREFIX)
                records.append((name, value, metric, float(measured), int(chosen.sum()), positives))
    return pd.DataFrame(records, columns=SLICE_COLUMNS)


def _if_declared(declaration: Declaration, metric: str) -> Sequence[str]:
    return [name for name in declaration.metrics if name == metric]


def pooled(declaration: Declaration, backtest: Backtest) -> tuple[np.ndarray, np.ndarray, pd.DataFrame]:
    """Return labels and risks of shape (n_rows,), and the rows, over all origins."""
    if not backtest.origins:
        return np.empty(0), np.empty(0), pd.DataFrame()
    rows = pd.concat([origin.rows for origin in backtest.origins], ignore_index=True)
    risks = np.concatenate([origin.probabilities[MODEL].to_numpy() for origin in backtest.origins])
    return rows[declaration.label.column].to_numpy(), risks, rows
