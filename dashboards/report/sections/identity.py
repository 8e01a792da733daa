"""How records became customers: by which rules, how sure that is, and how right where it was measured."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from dashboards.report import formats
from dashboards.report.parts import (
    PARTLY_SIMULATED,
    SIMULATED,
    Bar,
    Figure,
    Section,
    bars,
    side_by_side,
    table,
)
from dashboards.report.source import read_sources
from dashboards.report.tables import Tables, largest, records

KEY = "identity"
TITLE = "How records became customers"

# Customers below that confidence are worth a look.
DOUBTFUL = 0.9
_CHANGES = {
    "created": "created",
    "merged": "merged into an older one",
    "split": "split off",
    "moved": "moved",
}
_MEASURES = {
    "pairwise_precision": "Pairs found that are right",
    "pairwise_recall": "Right pairs that are found",
    "pairwise_f1": "F1 of pairs",
    "bcubed_precision": "B-cubed precision",
    "bcubed_recall": "B-cubed recall",
    "bcubed_f1": "B-cubed F1",
}
_COUNTS = {
    "over_merged_clusters": "Customers of several people",
    "under_merged_persons": "People in several customers",
}


def section(tables: Tables) -> Section:
    """Return what rules have joined, how sure the result is, what has changed, and what was measured."""
    rules = tables.get("identity.fct_identity_rule_counts")
    if not rules["joined_record_count"].sum():
        return Section(
            KEY,
            TITLE,
            missing="No rule has joined any records: every customer is one record, or none is published.",
        )
    mark = _mark(tables)
    figures = [_rules(rules, mark)]
    bands = tables.get("identity.fct_confidence_bands")
    if len(bands[bands["band_number"] > 0]):
        figures.append(_confidence(bands, tables.get("identity.fct_identity_changes"), mark))
    measured = latest(tables.get("quality.match_quality"))
    if len(measured):
        figures.append(_quality(measured, tables.get("quality.match_calibration"), mark))
    return Section(KEY, TITLE, figures)


def latest(measures: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the last measurement."""
    if measures.empty:
        return measures
    last = measures.sort_values("measured_at", kind="stable")["run_id"].iloc[-1]
    return measures[measures["run_id"] == last]


def rules_takeaway(rules: pd.DataFrame) -> str:
    """Say how many records joined another one, and which rule joined most.

    Parameters
    ----------
    rules
        Rows by rule, with the sums of all sources.
    """
    total = rules["joined_record_count"].sum()
    best = largest(rules, "joined_record_count")
    return (
        f"{formats.plural(total, 'record')} joined another one; “{best['rule_name']}” joined the most, "
        f"{formats.share(best['joined_record_count'] / total)}."
    )


def confidence_takeaway(bands: pd.DataFrame) -> str:
    """Say how sure customers of several records are, and how many are doubtful.

    Parameters
    ----------
    bands
        Rows by band of confidence, with the sums of all sources; without customers of a single record.
    """
    count = bands["customer_count"].sum()
    mean = (bands["mean_confidence"] * bands["customer_count"]).sum() / count
    doubtful = bands.loc[bands["upper_limit"] <= DOUBTFUL, "customer_count"].sum()
    text = (
        f"{formats.plural(count, 'customer')} of several records are one person with a mean probability of "
        f"{formats.decimal(mean, 3)}"
    )
    if not doubtful:
        return f"{text}; none is below {formats.share(DOUBTFUL)}."
    return f"{text}; {formats.count(doubtful)} are below {formats.share(DOUBTFUL)}."


def quality_takeaway(values: pd.DataFrame) -> str:
    """Say how much of what was found is right, and how much of what is right was found.

    Parameters
    ----------
    values
        Measures by name, with the columns ``full`` and ``deterministic``.
    """
    full = values["full"]
    text = (
        f"{formats.share(full['pairwise_precision'], 1)} of the pairs of records that were brought together "
        f"are one person, and {formats.share(full['pairwise_recall'], 1)} of the pairs that are one were "
        "found"
    )
    deterministic = values["deterministic"]["pairwise_recall"]
    if pd.isna(deterministic) or deterministic >= full["pairwise_recall"]:
        return f"{text}."
    return f"{text}; {formats.share(deterministic, 1)} without probabilistic matches."


def _rules(rules: pd.DataFrame, mark: str) -> Figure:
    names = ["joined_record_count", "accepted_edge_count", "rejected_edge_count"]
    summed = rules.groupby(["priority", "rule_name"], as_index=False)[names].sum()
    most = summed["joined_record_count"].max() or 1.0
    listed = bars(
        [
            Bar(row.rule_name, row.joined_record_count / most, formats.count(row.joined_record_count))
            for row in records(summed)
        ]
    )
    considered = table(
        ("Rule", "Links that hold", "Rejected"),
        [
            (row.rule_name, formats.count(row.accepted_edge_count), formats.count(row.rejected_edge_count))
            for row in records(summed)
        ],
    )
    return Figure(
        rules_takeaway(summed),
        side_by_side(("Records joined, by the rule", listed), ("Links considered", considered)),
        "Rules in the order in which they apply, the strongest first. A record counts for the link by which "
        "it joined. A link that holds needs no second record; why one was rejected: "
        "identity.bdg_identity_edges. Source: identity.fct_identity_rule_counts.",
        mark=mark,
    )


def _confidence(bands: pd.DataFrame, changes: pd.DataFrame, mark: str) -> Figure:
    several = bands[bands["band_number"] > 0]
    weighed = several.assign(weight=several["mean_confidence"] * several["customer_count"])
    summed = weighed.groupby(["band_number", "lower_limit", "upper_limit"], as_index=False)[
        ["customer_count", "weight"]
    ].sum()
    summed["mean_confidence"] = summed["weight"] / summed["customer_count"]
    most = summed["customer_count"].max() or 1.0
    listed = bars(
        [
            Bar(
                f"{formats.decimal(row.lower_limit, 3)} to {formats.decimal(row.upper_limit, 3)}",
                row.customer_count / most,
                formats.count(row.customer_count),
            )
            for row in records(summed)
        ]
    )
    blocks = [("Customers by confidence", listed)]
    counted = changes["change_type"].value_counts()
    if len(counted):
        rows = [(name, formats.count(counted.get(kind, 0))) for kind, name in _CHANGES.items()]
        blocks.append(("What has happened to customers", table(("Change", "How often"), rows)))
    single = bands.loc[bands["band_number"] == 0, "customer_count"].sum()
    return Figure(
        confidence_takeaway(summed),
        side_by_side(*blocks),
        "Confidence: probability that all records of a customer are one person, from the probabilities of "
        "the rules that join them; the weakest bridges count most. "
        f"{formats.plural(single, 'customer')} of a single record are left out. "
        " Source: identity.fct_confidence_bands, identity.fct_identity_changes.",
        mark=mark,
    )


def _quality(measured: pd.DataFrame, calibration: pd.DataFrame, mark: str) -> Figure:
    values = measured.pivot_table(index="metric", columns="scope", values="metric_value", aggfunc="first")
    values = values.reindex(columns=["full", "deterministic"])
    known = [name for name in (*_MEASURES, *_COUNTS) if name in values.index]
    rows = [
        (
            (_MEASURES | _COUNTS)[name],
            *(
                formats.count(values[scope][name])
                if name in _COUNTS
                else formats.decimal(values[scope][name], 4)
                for scope in ("full", "deterministic")
            ),
        )
        for name in known
    ]
    blocks = [("Measures", table(("Measure", "All rules", "Shared identifiers alone"), rows))]
    bins = calibration[calibration["run_id"] == measured["run_id"].iloc[0]].sort_values("bin_number")
    if len(bins):
        blocks.append(("Said and observed", _calibration(bins)))
    return Figure(
        quality_takeaway(values.reindex([*_MEASURES])),
        side_by_side(*blocks),
        f"Against labelled truth “{measured['truth'].iloc[0]}”, measured "
        f"{formats.moment(measured['measured_at'].max())}. "
        "Customers with several labelled records are as sure as they say if both shares are alike. Source: "
        "quality.match_quality, quality.match_calibration.",
        mark=mark,
    )


def _calibration(bins: pd.DataFrame) -> Markup:
    return table(
        ("Mean confidence", "Are one person", "Customers"),
        [
            (
                formats.share(row.mean_confidence, 1),
                formats.share(row.observed_share, 1),
                formats.count(row.cluster_count),
            )
            for row in records(bins)
        ],
        numbers_from=0,
    )


def _mark(tables: Tables) -> str:
    are_simulated = {source.is_simulated for source in read_sources(tables)}
    if are_simulated == {True}:
        return SIMULATED
    return PARTLY_SIMULATED if True in are_simulated else ""
