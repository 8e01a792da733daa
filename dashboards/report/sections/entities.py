"""What the warehouse holds: rows by entity and source, and whether anybody made them up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from markupsafe import Markup

from dashboards.report import formats
from dashboards.report.parts import SIMULATED, Figure, Section, stamp
from dashboards.report.source import read_sources
from dashboards.report.tables import Tables, records

KEY = "entities"
TITLE = "What the warehouse holds"

# More names than that make no sentence; the table has them.
MOST_NAMED = 5


@dataclass(frozen=True)
class _Column:
    key: str
    name: str
    is_real: bool


def section(tables: Tables) -> Section:
    """Return the entities of the warehouse by source, real ones first."""
    counts = tables.get("quality.entity_counts")
    counts = counts[counts["row_count"] > 0]
    if counts.empty:
        return Section(KEY, TITLE, missing="Not published yet: no table says how many rows each entity has.")
    found = set(counts["source_system"])
    columns = [
        _Column(source.source_system, source.name, not source.is_simulated)
        for source in read_sources(tables)
        if source.source_system in found
    ]
    # What the publication does not call real is not shown as real.
    columns += [
        _Column(key, key, is_real=False) for key in sorted(found - {column.key for column in columns})
    ]
    real = {column.key for column in columns if column.is_real}
    hatched = (
        "Hatched columns are simulated: a generator made their rows up, and they are not added to real ones. "
        if len(real) < len(columns)
        else ""
    )
    return Section(
        KEY,
        TITLE,
        [
            Figure(
                takeaway(counts, real),
                _table(counts, columns),
                f"Rows by entity and source. {hatched}Empty: the source has none. Source: "
                "quality.entity_counts.",
                # Columns of both kinds stand beside each other, each with its own mark.
                mark="" if real else SIMULATED,
            )
        ],
    )


def takeaway(counts: pd.DataFrame, real: set[str]) -> str:
    """Say how many entities hold real rows, and which only simulated ones.

    Parameters
    ----------
    counts
        Rows by entity and source.
    real
        The source systems whose rows are real.
    """
    entities = set(counts["entity"])
    with_real = set(counts.loc[counts["source_system"].isin(real), "entity"])
    only = sorted(entities - with_real)
    if not set(counts["source_system"]) - real:
        return f"{formats.plural(len(entities), 'entity', 'entities')} hold rows, all of them real."
    text = f"{len(with_real)} of {formats.plural(len(entities), 'entity', 'entities')} hold real rows"
    if not only:
        return f"{text}; the simulated rows stand beside them."
    named = f": {formats.listing(only)}" if len(only) <= MOST_NAMED else ""
    return f"{text}; {len(only)} hold simulated rows only{named}."


def _table(counts: pd.DataFrame, columns: Sequence[_Column]) -> Markup:
    found = {(row.entity, row.source_system): row.row_count for row in records(counts)}
    head = Markup("").join(
        Markup('<th scope="col" class="number{}">{} {}</th>').format(
            "" if column.is_real else " simulated",
            column.name,
            Markup('<span class="badge real">real</span>') if column.is_real else stamp(SIMULATED),
        )
        for column in columns
    )
    body = Markup("").join(
        Markup("<tr><td>{}</td>{}</tr>").format(
            entity,
            Markup("").join(
                Markup('<td class="number{}">{}</td>').format(
                    "" if column.is_real else " simulated",
                    formats.count(found[entity, column.key]) if (entity, column.key) in found else "",
                )
                for column in columns
            ),
        )
        for entity in sorted(set(counts["entity"]))
    )
    return Markup(
        '<div class="scroll"><table class="entities"><thead><tr><th scope="col">Entity</th>{}</tr></thead>'
        "<tbody>{}</tbody></table></div>"
    ).format(head, body)
