"""Who is who: how many records make how many customers, and how much of what is known is simulated."""

from __future__ import annotations

import pandas as pd

from dashboards.report import formats
from dashboards.report.parts import PARTLY_SIMULATED, SIMULATED, Figure, Section, table
from dashboards.report.source import Source, read_sources
from dashboards.report.tables import Tables, records

KEY = "identities"
TITLE = "Who is who"


def section(tables: Tables) -> Section:
    """Return records against customers and the provenance of what is known, by home source."""
    sources = read_sources(tables)
    figures = []
    for source in sources:
        customers, known = source.rows("marts.dim_customers"), source.rows("marts.fct_golden_coverage")
        if customers["record_count"].notna().any():
            figures.append(_customers(customers, source))
        if len(known):
            figures.append(_known(known, source, sources))
    if not figures:
        return Section(KEY, TITLE, missing="Not published yet: no table says which records are one customer.")
    return Section(KEY, TITLE, figures)


def takeaway(customers: pd.DataFrame, source: Source) -> str:
    """Say how many records the customers of a source have in all systems, and who has simulated ones."""
    record_count, count = customers["record_count"].sum(), len(customers)
    text = (
        f"{formats.plural(record_count, 'record')} of all systems are "
        f"{formats.plural(count, 'customer')} of {source.label}, {formats.decimal(record_count / count)} each"
    )
    if source.is_simulated or not customers["has_simulated_records"].any():
        return f"{text}."
    simulated = int(customers["has_simulated_records"].sum())
    return f"{text}; {formats.count(simulated)} of them have records that a generator made up."


def known_takeaway(known: pd.DataFrame, source: Source) -> str:
    """Say how many attributes are known, and of how many of them a simulated source says most."""
    attributes = known["attribute_name"].nunique()
    text = f"{formats.plural(attributes, 'attribute')} of the customers of {source.label} are known"
    if not known["is_simulated"].any():
        return f"{text}, all of them from real sources."
    made_up = known[known["is_simulated"]].groupby("attribute_name")["customer_count"].sum()
    counted = known.groupby("attribute_name")["customer_count"].sum()
    mostly = int((made_up > counted.reindex(made_up.index) / 2).sum())
    return f"{text}; most of what is said about {mostly} of them is simulated."


def _customers(customers: pd.DataFrame, source: Source) -> Figure:
    rows = [
        (
            systems,
            formats.count(len(part)),
            formats.count(part["record_count"].sum()),
            formats.count(part["record_count"].max()),
        )
        for systems, part in sorted(customers.groupby("source_systems"), key=lambda pair: -len(pair[1]))
    ]
    return Figure(
        takeaway(customers, source),
        table(("Known to", "Customers", "Records", "Most records of one"), rows),
        f"Customers whose home is {source.label}, by the source systems that know them. Sales, features and "
        "scores rest on the records of the home source only. Source: marts.dim_customers.",
        mark=_mark(source, bool(customers["has_simulated_records"].any())),
    )


def _known(known: pd.DataFrame, source: Source, sources: list[Source]) -> Figure:
    labels = {each.source_system: each.label for each in sources}
    ordered = known.sort_values(["attribute_name", "value_source_system"])
    rows = [
        (
            formats.words(row.attribute_name),
            labels.get(row.value_source_system, row.value_source_system),
            "simulated" if row.is_simulated else "real",
            formats.count(row.customer_count),
            formats.share(row.customer_share),
        )
        for row in records(ordered)
    ]
    return Figure(
        known_takeaway(known, source),
        table(("Attribute", "Said by", "Which is", "Customers", "Share"), rows, numbers_from=3),
        f"Golden values of the customers whose home is {source.label}, by the source that says them; a real "
        "source goes before a simulated one. Where each single value comes from: identity.fct_golden_values. "
        "Source: marts.fct_golden_coverage.",
        mark=_mark(source, bool(known["is_simulated"].any())),
    )


def _mark(source: Source, has_simulated: bool) -> str:
    if source.is_simulated:
        return SIMULATED
    return PARTLY_SIMULATED if has_simulated else ""
