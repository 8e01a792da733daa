"""What a predictive model learns from and scores: one row per customer and as-of date.

The frame is joined in the warehouse. Here it is checked, put into one fixed order and asked for the rows that
were known on a given day.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ml.declaration import Declaration
from ml.errors import LearningError
from ml.tasks import TASKS

# Beside the keys, whatever the grain.
REQUIRED = ["source_system", "horizon_days", "is_latest"]
# The source systems that a row's label and features rest on, separated by commas; where it is not given, the
# label's alone.
SOURCES = "feature_source_systems"
SLICE_PREFIX = "slice_"


class ExamplesError(LearningError):
    """The examples cannot be used; the message names the column and the fix."""


@dataclass(frozen=True)
class Examples:
    """Checked examples in one fixed order.

    Attributes
    ----------
    rows
        One row per customer and as-of date, sorted by both. Features are floats, empty is NaN.
    features
        Names of the feature columns, sorted.
    ignored
        Names of the columns that are neither key, label, slice nor numeric.
    label
        Name of the label column: 1.0, 0.0, or NaN while the horizon is not over.
    """

    rows: pd.DataFrame
    features: tuple[str, ...]
    ignored: tuple[str, ...]
    label: str

    @property
    def label_known_on(self) -> pd.Series:
        """The day on which the label of each row is wholly known: as-of date plus horizon."""
        return self.rows["as_of_date"] + pd.to_timedelta(self.rows["horizon_days"], unit="D")

    @property
    def source_systems(self) -> str:
        """Every source system that any row rests on, in order, separated by commas."""
        return _listed(", ".join(self.rows[SOURCES].unique()))

    def labelled(self) -> pd.DataFrame:
        """Return the rows whose label is known."""
        return self.rows[self.rows[self.label].notna()]

    def labelled_by(self, date: pd.Timestamp) -> pd.DataFrame:
        """Return the rows whose label was wholly known on ``date``: their whole label window lies before it.

        This is what "purging" means for overlapping label windows (López de Prado 2018, *Advances in
        Financial Machine Learning*, chapter 7).
        """
        return self.rows[self.rows[self.label].notna() & (self.label_known_on <= date)]

    def at(self, date: pd.Timestamp) -> pd.DataFrame:
        """Return the labelled rows as of ``date``."""
        return self.rows[self.rows[self.label].notna() & (self.rows["as_of_date"] == date)]

    def latest(self) -> pd.DataFrame:
        """Return the rows to score now."""
        return self.rows[self.rows["is_latest"]]

    def matrix(self, rows: pd.DataFrame) -> np.ndarray:
        """Return the features of ``rows`` as floats of shape (n_rows, n_features)."""
        return rows[list(self.features)].to_numpy(dtype=np.float64)


def check_examples(declaration: Declaration, frame: pd.DataFrame) -> Examples:
    """Check ``frame`` against the declaration and return it in one fixed order of rows and features.

    Parameters
    ----------
    declaration
        Names label, features, rules and slices.
    frame
        One row per key of the grain and ``as_of_date``, with ``source_system``, ``horizon_days`` (days),
        ``is_latest``, the label, the slices and the features, and, if known, ``feature_source_systems``.
        Not changed.

    Raises
    ------
    ExamplesError
        If a column is missing, empty or of the wrong kind, if a key is repeated, or if a feature is infinite.
    """
    label = declaration.label.column
    required = [*declaration.keys, *REQUIRED]
    needed = [*required, label, *declaration.slices, *(declaration.features.columns or ())]
    needed += [rule.feature for rule in declaration.baseline_rules]
    if missing := sorted(set(needed) - set(frame.columns)):
        raise ExamplesError(
            f"Predictive model {declaration.name}: the examples lack {', '.join(missing)}. "
            f"Add to {', '.join(declaration.input_tables)}, or change the declaration."
        )
    _check_keys(declaration, frame)
    features, measured, ignored = _feature_columns(declaration, frame)
    rows = frame[[*required, label]].copy()
    rows["as_of_date"] = pd.to_datetime(rows["as_of_date"])
    rows["is_latest"] = rows["is_latest"].astype(bool)
    rows[label] = _labels(declaration, rows[label])
    values = frame[measured].astype("float64")
    if infinite := values.columns[np.isinf(values.to_numpy()).any(axis=0)].tolist():
        raise ExamplesError(
            f"Predictive model {declaration.name}: {', '.join(infinite)} holds infinite values. "
            "Divide only by what is not zero; leave the value empty instead."
        )
    sources = frame[SOURCES] if SOURCES in frame else frame["source_system"]
    rows[SOURCES] = sources.map({each: _listed(each) for each in sources.unique()})
    slices = frame[[name for name in declaration.slices if name not in rows.columns]]
    rows = pd.concat([rows, slices, values], axis=1).sort_values(list(declaration.keys[::-1]))
    return Examples(rows.reset_index(drop=True), tuple(features), tuple(ignored), label)


def _check_keys(declaration: Declaration, frame: pd.DataFrame) -> None:
    about = f"Predictive model {declaration.name}: {declaration.label.table}"
    keys = list(declaration.keys)
    for column in [*keys, *REQUIRED]:
        if empty := int(frame[column].isna().sum()):
            raise ExamplesError(f"{about}: {column} is empty in {empty:,} rows; fill it in every row.")
    if repeated := int(frame.duplicated(keys).sum()):
        raise ExamplesError(
            f"{about}: {keys[0]} and {keys[1]} repeat in {repeated:,} rows; "
            f"the grain is one row per {keys[0]} and as-of date, also in each feature table."
        )
    if (frame["horizon_days"] <= 0).any():
        raise ExamplesError(f"{about}: horizon_days has to be at least 1 day.")
    latest = frame.loc[frame["is_latest"].astype(bool), declaration.key_column]
    if repeated := int(latest.duplicated().sum()):
        raise ExamplesError(
            f"{about}: is_latest marks {repeated:,} {declaration.grain} twice; mark one row each."
        )


def _feature_columns(declaration: Declaration, frame: pd.DataFrame) -> tuple[list[str], list[str], list[str]]:
    """Return the features, the features and the columns of the rules, and what is neither."""
    other = {*declaration.keys, *REQUIRED, SOURCES, declaration.label.column, *declaration.slices}
    # Sorted, so that the order in which tables are joined changes nothing.
    offered = sorted(column for column in frame.columns if column not in other)
    offered = [column for column in offered if not column.startswith(SLICE_PREFIX)]
    numeric = {column for column in offered if pd.api.types.is_numeric_dtype(frame[column])}
    rules = {rule.feature for rule in declaration.baseline_rules}
    features = set(declaration.features.columns or numeric)
    if unusable := sorted((features | rules) - numeric):
        raise ExamplesError(
            f"Predictive model {declaration.name}: {', '.join(unusable)} is not a numeric feature. "
            "Cast it to double in its feature table."
        )
    measured = features | rules
    return sorted(features), sorted(measured), [name for name in offered if name not in measured]


def _listed(names: str) -> str:
    return ", ".join(sorted({name.strip() for name in names.split(",") if name.strip()}))


def _labels(declaration: Declaration, labels: pd.Series) -> pd.Series:
    try:
        known = labels.astype("float64")
    except (TypeError, ValueError) as error:
        raise _label_error(declaration) from error
    if not TASKS[declaration.task].accepts(known.dropna()):
        raise _label_error(declaration)
    return known


def _label_error(declaration: Declaration) -> ExamplesError:
    return ExamplesError(
        f"Predictive model {declaration.name}: {declaration.label.table}.{declaration.label.column} holds "
        f"something else than {TASKS[declaration.task].labels} (empty while the horizon is not over)."
    )
