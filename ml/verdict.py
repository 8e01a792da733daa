"""Whether a predictive model is good enough to be published, and why, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from ml.backtesting import Backtest
from ml.declaration import BEST_RULE, MODEL, Declaration
from ml.metrics import METRICS

WORDS = {
    "roc_auc": "AUC",
    "average_precision": "average precision",
    "brier": "Brier score",
    "lift_top_decile": "lift in the top decile",
    "rmse": "RMSE",
    "mae": "MAE",
    "spearman": "rank correlation",
}


@dataclass(frozen=True)
class Verdict:
    """Whether scores are published.

    Attributes
    ----------
    is_publishable
        Whether the model beats the best rule, in every deciding metric and on every origin.
    text
        Why, in one or two sentences.
    """

    is_publishable: bool
    text: str


def judge(declaration: Declaration, backtest: Backtest, metrics: pd.DataFrame, scored_count: int) -> Verdict:
    """Judge the model by its back-tests.

    Parameters
    ----------
    declaration
        The publish rule.
    backtest
        Which origins could be used.
    metrics
        Frame of `ml.evaluation.backtest_metrics`.
    scored_count
        Number of customers to score now.
    """
    needed = declaration.backtest.minimum_origins
    if len(backtest.origins) < needed:
        reasons = [f"{date:%Y-%m-%d}: {problem}" for date, problem in backtest.left_out.items()]
        tried = len(backtest.origins) + len(backtest.left_out)
        if tried < declaration.backtest.origins:
            reasons.append(f"the labels reach back over {tried} non-overlapping horizons only")
        usable = len(backtest.origins)
        return Verdict(
            False, f"not published: {usable} usable origins, at least {needed} needed ({'; '.join(reasons)})"
        )
    if not scored_count:
        return Verdict(False, "not published: no customer to score, is_latest marks no row")
    decisive = declaration.publish.beats_best_rule_in
    comparison = f"; means: {_means(declaration, metrics)}" + "".join(
        _against_references(declaration, metrics)
    )
    if lost := [text for name in decisive for text in _lost_origins(declaration, metrics, name)]:
        text = f"not published: does not beat the best rule everywhere ({'; '.join(lost)})"
        return Verdict(False, text + comparison)
    count = len(backtest.origins)
    by = " and ".join(WORDS[name] for name in decisive)
    return Verdict(True, f"published: beats the best rule in {by} on {count} of {count} origins" + comparison)


def _lost_origins(declaration: Declaration, metrics: pd.DataFrame, name: str) -> Iterator[str]:
    for date, values in _by_origin(metrics, name).items():
        if not METRICS[name].beats(values[MODEL], values[BEST_RULE]):
            winner = next(rule for rule in declaration.bar_rules if values[rule] == values[BEST_RULE])
            model, rule = f"{values[MODEL]:.3f}", f"{values[BEST_RULE]:.3f}"
            yield f"{date:%Y-%m-%d}: {WORDS[name]} {model}, rule {winner} {rule}"


def _against_references(declaration: Declaration, metrics: pd.DataFrame) -> Iterator[str]:
    """Yield how often the model beats what it need not beat: it is said where one would look for it."""
    for rule in declaration.baseline_rules:
        for name in declaration.publish.beats_best_rule_in if rule.role == "reference" else ():
            origins = _by_origin(metrics, name).values()
            won = sum(METRICS[name].beats(values[MODEL], values[rule.name]) for values in origins)
            yield f"; for comparison, beats {rule.name} in {WORDS[name]} on {won} of {len(origins)}"


def _by_origin(metrics: pd.DataFrame, name: str) -> dict[pd.Timestamp, dict[str, float]]:
    chosen = metrics[metrics["metric"] == name]
    return {
        pd.Timestamp(str(date)): dict(zip(rows["candidate"], rows["metric_value"], strict=True))
        for date, rows in chosen.groupby("origin_date")
    }


def _means(declaration: Declaration, metrics: pd.DataFrame) -> str:
    means = metrics.groupby(["candidate", "metric"])["metric_value"].mean().to_dict()
    return ", ".join(
        f"{WORDS[name]} {means[MODEL, name]:.3f} (best rule {means[BEST_RULE, name]:.3f})"
        for name in declaration.metrics
        if METRICS[name].better
    )
