"""Back-tests of the churn model: at each origin against the simple rule that was best there."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from dashboards.report import formats
from dashboards.report.parts import PARTLY_SIMULATED, SIMULATED, Figure, table
from dashboards.report.source import Source, read_sources
from dashboards.report.tables import Tables, largest, records

# What is shown of the metrics that a back-test measures; the first decides which rule is the best.
METRICS = ("roc_auc", "average_precision", "lift_top_decile", "brier")
# The bar to beat: at each origin and for each metric the best value that any of the simple rules reached.
BEST_RULE = "best_rule"


def by_origin(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per origin: each metric of the model and of the bar, and which rule set the bar."""
    known = rows[rows["metric"].isin(METRICS) & rows["metric_value"].notna()]
    if known[~known["is_baseline"]].empty:
        return pd.DataFrame()
    model = known.loc[~known["is_baseline"], "candidate"].iloc[0]
    lines = []
    for origin, at_origin in known.groupby("origin_date"):
        measured = {(row.candidate, row.metric): row.metric_value for row in records(at_origin)}
        rules = at_origin[at_origin["is_baseline"] & (at_origin["metric"] == METRICS[0])]
        bar = measured.get((BEST_RULE, METRICS[0]))
        if bar is not None:
            # Further rules may be measured for comparison only.
            rules = rules[(rules["metric_value"] == bar) & (rules["candidate"] != BEST_RULE)]
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
            line[f"rule_{metric}"] = measured.get(
                (BEST_RULE if bar is not None else rule, metric), float("nan")
            )
        lines.append(line)
    return pd.DataFrame(lines)


def runs_of_churn(tables: Tables) -> pd.DataFrame:
    """Return the runs of the churn model by the time of training."""
    runs = tables.get("ml.model_runs")
    return runs[runs["predictive_model"] == "churn"].sort_values("trained_at")


def scored_customers(source: Source) -> pd.DataFrame:
    """Return the customers of a source that have a churn score, with it."""
    scores = source.tables.get("ml.customer_scores")
    customers = source.rows("marts.dim_customers")
    return customers.merge(scores[scores["churn_score"].notna()], on="customer_id")


def run_in_use(runs: pd.DataFrame) -> pd.Series:
    """Return the run whose scores are published, or the last one if there is none."""
    published = runs[runs["is_published"]]
    return (published if len(published) else runs).iloc[-1]


def learned_from(tables: Tables) -> tuple[str, str]:
    """Return the mark of what the run in use learned from, and a sentence about it; nothing if all is real.

    A source that the publication does not know is not known to be real.
    """
    runs = runs_of_churn(tables)
    if runs.empty:
        return "", ""
    sources = read_sources(tables)
    real = {source.source_system for source in sources if not source.is_simulated}
    labels = {source.source_system: source.label for source in sources}
    learned = [name.strip() for name in str(run_in_use(runs)["source_systems"]).split(",") if name.strip()]
    simulated = [labels.get(name, name) for name in learned if name not in real]
    if not simulated:
        return "", ""
    if len(simulated) == len(learned):
        return SIMULATED, f"This score learned from simulated rows only: {formats.listing(simulated)}."
    from_real = formats.listing([labels[name] for name in learned if name in real])
    return PARTLY_SIMULATED, (
        f"This score learned from the simulated rows of {formats.listing(simulated)} beside the real ones of "
        f"{from_real}: what it says is not a finding about real customers alone."
    )


def takeaway(tests: pd.DataFrame) -> str:
    """Say on how many origins the model beat the best rule, and what that is worth."""
    compared = tests.dropna(subset=["roc_auc", "rule_roc_auc"])
    mean = formats.decimal(tests["roc_auc"].mean(), 3)
    if compared.empty:
        return f"The mean AUC of the model is {mean}; no simple rule was tested beside it."
    won = int((compared["roc_auc"] > compared["rule_roc_auc"]).sum())
    text = (
        f"The model beats the best simple rule on {won} of {formats.plural(len(compared), 'back-test')} "
        f"(mean AUC {mean} against {formats.decimal(compared['rule_roc_auc'].mean(), 3)})"
    )
    lift = tests["lift_top_decile"].mean()
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
            *_pair(row.roc_auc, row.rule_roc_auc, 3),
            *_pair(row.average_precision, row.rule_average_precision, 3),
            *_pair(row.lift_top_decile, row.rule_lift_top_decile, 2),
            *_pair(row.brier, row.rule_brier, 4),
        )
        for row in records(tests)
    ]
    columns = [
        "As of", "Best rule there", "Customers", "Left",
        "AUC", "AUC, rule", "Average precision", "AP, rule", "Lift, top tenth", "Lift, rule", "Brier",
        "Brier, rule",
    ]  # fmt: skip
    estimator = f", {formats.words(run['estimator'])}" if run["estimator"] else ""
    notes = [
        f"{verdict(run)}. Trained {formats.moment(run['trained_at'])} on "
        f"{formats.plural(run['training_row_count'], 'row')} of {run['source_systems'] or 'unknown sources'}"
        f"{estimator}.",
    ]
    last = runs.iloc[-1]
    if last["run_id"] != run["run_id"]:
        notes.append(f"Of a later run: {verdict(last)}. The scores of this one stay in use.")
    return Figure(
        takeaway(tests),
        table(columns, lines, numbers_from=2, css="backtests"),
        "Rolling origins: trained on what was known at each date, tested on what came after it. AUC, average "
        "precision and lift: higher is better; Brier: lower is better. Beside each stands the simple rule "
        "that was best in that metric at that origin; named is the best by AUC. Source: ml.model_backtests.",
        notes,
    )


def verdict(run: pd.Series) -> str:
    """Say whether a run was published, and why or why not."""
    state = "published" if run["is_published"] else "not published"
    reason = str(run["verdict"]) or "no verdict recorded"
    sentence = reason if reason.startswith(state) else f"{state}: {reason}"
    return sentence[:1].upper() + sentence[1:]


def _pair(model: float, rule: float, places: int) -> tuple[Markup | str, str]:
    value = formats.decimal(model, places)
    return (value if value == formats.NOTHING else Markup("<b>{}</b>").format(value)), formats.decimal(
        rule, places
    )
