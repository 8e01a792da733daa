"""Rolling-origin back-tests: what would have been predicted on a past day, from what was known on that day.

Method: Tashman (2000), Out-of-sample tests of forecasting accuracy; label windows that reach over the origin
are purged from training (see `ml.examples.Examples.labelled_by`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pandas as pd

from ml.declaration import MODEL, Declaration
from ml.estimators import build_estimator, one_thread
from ml.examples import Examples
from ml.rules import rule_risks
from ml.tasks import TASKS


@dataclass(frozen=True)
class Origin:
    """One back-test.

    Attributes
    ----------
    date
        The day on which the prediction would have been made.
    training_row_count
        Rows whose label was known on that day and that were learnt from.
    rows
        The customers predicted: keys, slices and label, one row per customer.
    rankings
        Shape (n_rows, n_candidates): what each candidate orders by; comparable within a column only.
    probabilities
        Shape (n_rows, n_candidates): predicted probability or amount by candidate.
    """

    date: pd.Timestamp
    training_row_count: int
    rows: pd.DataFrame
    rankings: pd.DataFrame
    probabilities: pd.DataFrame


@dataclass(frozen=True)
class Backtest:
    """All back-tests of one predictive model.

    Attributes
    ----------
    origins
        Usable origins, oldest first.
    left_out
        Why an origin could not be used, by date; oldest first.
    """

    origins: list[Origin]
    left_out: dict[pd.Timestamp, str] = field(default_factory=dict)


def origin_dates(examples: Examples, count: int) -> list[pd.Timestamp]:
    """Return the dates to predict from: the latest with complete labels, and back by the horizon.

    A date is complete if no row as of it lacks its label. Each further origin is the latest complete date
    whose label windows all end by the origin after it, so that no two test windows overlap, whatever horizons
    the sources have.

    Parameters
    ----------
    examples
        Checked examples.
    count
        Number of origins wanted.

    Returns
    -------
    list of pandas.Timestamp
        At most ``count`` dates, oldest first.
    """
    by_date = pd.DataFrame(
        {
            "as_of_date": examples.rows["as_of_date"],
            "is_labelled": examples.rows[examples.label].notna(),
            "known_on": examples.label_known_on,
        }
    ).groupby("as_of_date")
    known_on = by_date["known_on"].max()[by_date["is_labelled"].all()]
    dates: list[pd.Timestamp] = []
    for date in reversed(known_on.index):
        if len(dates) < count and (not dates or known_on[date] <= dates[-1]):
            dates.append(date)
    return dates[::-1]


def thin_out(rows: pd.DataFrame, days: int) -> pd.DataFrame:
    """Keep as-of dates that lie at least ``days`` days apart, for each source counted back from its latest.

    Parameters
    ----------
    rows
        Rows with ``source_system`` and ``as_of_date``.
    days
        Least distance in days; 1 keeps all.
    """
    keys = rows[["source_system", "as_of_date"]].drop_duplicates()
    kept = []
    for source, dates in keys.groupby("source_system")["as_of_date"]:
        last = None
        for date in dates.sort_values(ascending=False):
            if last is None or (last - date).days >= days:
                kept.append((source, date))
                last = date
    is_kept = pd.MultiIndex.from_frame(rows[["source_system", "as_of_date"]]).isin(kept)
    return rows[is_kept]


def backtest(declaration: Declaration, examples: Examples, report: Callable[[str], None]) -> Backtest:
    """Replay the past on every origin.

    Parameters
    ----------
    declaration
        Estimator, rules and plan.
    examples
        Checked examples.
    report
        Receives one line per origin.

    Raises
    ------
    ml.leakage.LeakageError
        If a feature alone tells the label on an origin.
    """
    result = Backtest([])
    for date in origin_dates(examples, declaration.backtest.origins):
        training = thin_out(examples.labelled_by(date), declaration.backtest.training_grid_days)
        test = examples.at(date)
        task = TASKS[declaration.task]
        task.refuse_leaks(declaration, test[list(examples.features)], test[examples.label].to_numpy(), date)
        if problem := next(_problems(declaration, examples.label, training, test), None):
            result.left_out[date] = problem
            report(f"back-test {date:%Y-%m-%d} left out: {problem}")
            continue
        with one_thread():
            result.origins.append(_predict(declaration, examples, date, training, test))
        report(f"back-test {date:%Y-%m-%d}: {len(training):,} rows learnt, {len(test):,} predicted")
    return result


def _problems(
    declaration: Declaration, label: str, training: pd.DataFrame, test: pd.DataFrame
) -> Iterator[str]:
    plan = declaration.backtest
    if len(training) < plan.minimum_training_rows:
        yield f"{len(training):,} rows to learn from, at least {plan.minimum_training_rows:,} needed"
    if len(test) < plan.minimum_test_rows:
        yield f"{len(test):,} {declaration.grain} to predict, at least {plan.minimum_test_rows:,} needed"
    yield from TASKS[declaration.task].problems(training[label].to_numpy(), test[label].to_numpy())


def _predict(
    declaration: Declaration,
    examples: Examples,
    date: pd.Timestamp,
    training: pd.DataFrame,
    test: pd.DataFrame,
) -> Origin:
    labels = training[examples.label].to_numpy()
    estimator = build_estimator(declaration.estimator, declaration.seed)
    estimator.fit(examples.matrix(training), labels)
    task = TASKS[declaration.task]
    model = task.predict(estimator, examples.matrix(test))
    rankings, probabilities = {MODEL: model}, {MODEL: model}
    for rule in declaration.baseline_rules:
        rankings[rule.name] = rule_risks(rule, training, test)
        probabilities[rule.name] = task.rule_predictions(rule, training, labels, test)
    described = dict.fromkeys([declaration.key_column, *declaration.slices, examples.label])
    return Origin(
        date=date,
        training_row_count=len(training),
        rows=test[list(described)].reset_index(drop=True),
        rankings=pd.DataFrame(rankings),
        probabilities=pd.DataFrame(probabilities),
    )
