"""Quarantine and data notes: what was kept out and why, and what was kept although it looks odd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd
from markupsafe import Markup

from dashboards.report import formats
from dashboards.report.parts import Figure, Section, table
from dashboards.report.source import by_reality, read_sources
from dashboards.report.tables import Tables, largest, records

KEY = "quarantine"
TITLE = "Quarantine and data notes"

_NO_REASONS = pd.DataFrame({"source_table": [], "reason": [], "quarantined_row_count": []})


def section(tables: Tables) -> Section:
    """Return what was quarantined and noted, real and simulated sources apart."""
    sources = read_sources(tables)
    names = {source.source_system: source.label for source in sources}
    summaries, reasons, notes = (
        dict(by_reality(tables.get(f"quality.{table}"), sources))
        for table in ("quarantine_summary", "quarantine_reasons", "data_notes")
    )
    figures = []
    # An empty mark is the real part, which comes first.
    for mark in sorted({*summaries, *reasons, *notes}):
        drawn = []
        if mark in summaries:
            drawn.append(_landed(summaries[mark], reasons.get(mark, _NO_REASONS), names))
        if mark in reasons:
            drawn.append(_reasons(reasons[mark], names))
        if mark in notes:
            drawn.append(_notes(notes[mark], names))
        figures += [replace(figure, mark=mark) for figure in drawn]
    if not figures:
        return Section(
            KEY, TITLE, missing="Not published yet: no table says what landed and what was kept out."
        )
    return Section(KEY, TITLE, figures)


def takeaway(summary: pd.DataFrame, reasons: pd.DataFrame) -> str:
    """Say how many of the landed rows are kept out, and for which reason most."""
    landed, out = summary["landed_row_count"].sum(), summary["quarantined_row_count"].sum()
    if not out:
        return f"All {formats.count(landed)} landed rows were accepted."
    share = formats.share(out / landed, 2)
    text = f"{formats.count(out)} of {formats.count(landed)} landed rows ({share}) are kept out"
    if reasons.empty:
        return f"{text}."
    top = largest(reasons, "quarantined_row_count")
    return (
        f"{text}, most of them for “{formats.words(top['reason'])}” in {formats.words(top['source_table'])}."
    )


def notes_takeaway(notes: pd.DataFrame) -> str:
    """Say which oddity is the most frequent."""
    found = notes[notes["row_count"] > 0]
    if found.empty:
        return "None of the known oddities was found."
    top = largest(found, "row_count")
    return (
        f"{formats.plural(len(found), 'kind')} of oddities {'is' if len(found) == 1 else 'are'} kept and "
        f"counted; the most frequent: {formats.count(top['row_count'])} {top['note']}."
    )


def _landed(summary: pd.DataFrame, reasons: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    ordered = summary.sort_values(["source_system", "landed_row_count"], ascending=[True, False])
    lines = [
        (
            names.get(row.source_system, row.source_system),
            formats.words(row.source_table),
            formats.count(row.landed_row_count),
            formats.count(row.accepted_row_count),
            formats.count(row.quarantined_row_count),
            formats.share(row.quarantined_share, 2),
        )
        for row in records(ordered)
    ]
    return Figure(
        takeaway(summary, reasons),
        table(("Source", "Table", "Landed", "Accepted", "Quarantined", "Share"), lines, numbers_from=2),
        "Rows by table of the source, over all batches; landed = accepted + quarantined, nothing vanishes. "
        "Source: quality.quarantine_summary.",
    )


def _reasons(reasons: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    ordered = reasons.sort_values("quarantined_row_count", ascending=False)
    lines = [
        (
            names.get(row.source_system, row.source_system),
            formats.words(row.source_table),
            formats.words(row.reason),
            formats.count(row.quarantined_row_count),
        )
        for row in records(ordered)
    ]
    return Figure(
        f"{formats.plural(reasons['reason'].nunique(), 'reason')} kept rows out.",
        table(("Source", "Table", "Reason", "Rows"), lines, numbers_from=3),
        "Quarantined rows by table and reason; `insight quarantine` shows the rows themselves. Source: "
        "quality.quarantine_reasons.",
    )


def _notes(notes: pd.DataFrame, names: Mapping[str, str]) -> Figure:
    found = notes[notes["row_count"] > 0].sort_values(["source_system", "row_count"], ascending=[True, False])
    absent = sorted(set(notes["note"]) - set(found["note"]))
    lines = [
        (names.get(row.source_system, row.source_system), row.note, formats.count(row.row_count))
        for row in records(found)
    ]
    return Figure(
        notes_takeaway(notes),
        table(
            ("Source", "Kept, because dropping it would change what was sold", "Rows"), lines, numbers_from=2
        )
        if lines
        else Markup(""),
        "Accepted rows that look odd. Source: quality.data_notes.",
        [f"Looked for and not found: {formats.listing(absent)}."] if absent else (),
    )
