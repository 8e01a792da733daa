"""Back-tests of the churn model: at each origin against the simple rule that was best there."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from dashboards.report import formats
from dashboards.report.parts import Figure, table
from dashboards.report.tables import largest, records

# Under these names the metrics of a back-test may arrive; rules are ranked by the first metric.
METRICS = {
    "auc": ("auc", "roc_auc"),
    "average_precision": ("average_precision", "ap"),
    "lift": ("lift_top_decile", "top_decile_lift", "lift_in_top_decile", "lift"),
    "brier": ("brier", "brier_score"),
}
CANONICAL = {name: metric for metric, names in METRICS.items() for name in names}


def by_origin(rows: pd.DataFrame, estimator: str = "") -> pd.DataFrame:
    """Return one row per origin: each metric of the model, and of the rule that was best at that origin.

    The model is the candidate called ``estimator``, or else the one with the best mean AUC.
    """
    known = rows.assign(metric=rows["metric"].map(CANONICAL)).dropna(subset=["metric", "metric_value"])
    auc = known[known["metric"] == "auc"]
    models = auc[~auc["is_baseline"]].groupby("candidate")["metric_value"].mean().sort_values()
    if models.empty:
        return pd.DataFrame()
    model = estimator if estimator in models.index else str(models.index[-1])
    lines = []
    for origin, at_origin in known.groupby("origin_date"):
        measured = {(row.candidate, row.metric): row.metric_value for row in records(at_origin)}
        rules = at_origin[at_origin["is_baseline"] & (at_origin["metric"] == "auc")]
        rule = str(largest(rules, "metric_value")["candidate"]) if len(rules) else ""
        row_count, positive_count = at_origin["row_count"].max(), at_origin["positive_count"].max()
        line: dict[str, object] = {
            "origin_date": origin,
            "rule": rule,
            "row_count": row_count,
            "positive_share": positive_count / row_count if row_count else float("nan"),
        }
        for metric in METRICS:
            line[metric] = measured.get((model, metric), float("nan"))
            line[f"rule_{metric}"] = measured.get((rule, metric), float("nan"))
        lines.append(line)
    return pd.DataFrame(lines)


def takeaway(tests: pd.DataFrame) -> str:
    """Say on how many origins the model beat the best rule, and what that is worth."""
    compared = tests.dropna(subset=["auc", "rule_auc"])
    mean = formats.decimal(tests["auc"].mean(), 3)
    if compared.empty:
        return f"The mean AUC of the model is {mean}; no simple rule was tested beside it."
    won = int((compared["auc"] > compared["rule_auc"]).sum())
    text = (
        f"The model beats the best simple rule on {won} of {formats.plural(len(compared), 'back-test')} "
        f"(mean AUC {mean} against {formats.decimal(compared['rule_auc'].mean(), 3)})"
    )
    lift = tests["lift"].mean()
    if pd.isna(lift):
        return f"{text}."
    times = formats.decimal(lift, 1)
    return f"{text}; the tenth that it ranks highest holds {times} times as many leavers as the average."


def figure(tests: pd.DataFrame, run: pd.Series, runs: pd.DataFrame) -> Figure:
    """Return the back-tests of a run as a table; ``runs`` are all runs, by the time of training."""
    lines = [
        (
            formats.day(row.origin_date),
            formats.words(row.rule) or formats.NOTHING,
            formats.count(row.row_count),
            formats.share(row.positive_share, 1),
            *_pair(row.auc, row.rule_auc, 3),
            *_pair(row.average_precision, row.rule_average_precision, 3),
            *_pair(row.lift, row.rule_lift, 2),
            *_pair(row.brier, row.rule_brier, 4),
        )
        for row in records(tests)
    ]
    columns = [
        "As of", "Best rule there", "Customers", "Left",
        "AUC", "AUC, rule", "Average precision", "AP, rule", "Lift, top tenth", "Lift, rule", "Brier",
        "Brier, rule",
    ]  # fmt: skip
    state = "It is published" if run["is_published"] else "It is not published"
    notes = [
        f"{state}: {run['verdict'] or 'no verdict recorded'}. Trained {formats.moment(run['trained_at'])} on "
        f"{formats.plural(run['training_row_count'], 'row')} of "
        f"{run['source_systems'] or 'unknown sources'}{', ' + run['estimator'] if run['estimator'] else ''}."
    ]
    last = runs.iloc[-1]
    if last["run_id"] != run["run_id"]:
        notes.append(
            f"A later run was not published ({last['verdict']}); the scores of this one stay in use."
        )
    return Figure(
        takeaway(tests),
        table(columns, lines, numbers_from=2, css="backtests"),
        "Rolling origins: trained on what was known at each date, tested on what came after it. AUC, "
        "average precision and lift: higher is better; Brier: lower is better. “Best rule” is the simple "
        "rule with the highest AUC at that origin. Source: ml.model_backtests.",
        notes,
    )


def _pair(model: float, rule: float, places: int) -> tuple[Markup | str, str]:
    value = formats.decimal(model, places)
    return (value if value == formats.NOTHING else Markup("<b>{}</b>").format(value)), formats.decimal(
        rule, places
    )
