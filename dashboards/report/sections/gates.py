"""Gate results: what was checked on arrival, before training and before publishing, and what failed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from markupsafe import Markup

from dashboards.report import formats
from dashboards.report.parts import SIMULATED, Figure, Section, stamp, table
from dashboards.report.source import Source, read_sources
from dashboards.report.tables import Tables, records

KEY = "gates"
TITLE = "Quality gates"


def section(tables: Tables) -> Section:
    """Return the last results of every gate; what failed in a simulated source is marked."""
    results = latest(tables.get("quality.validation_results"))
    if results.empty:
        return Section(
            KEY,
            TITLE,
            missing="Not published yet: no gate has run here, so nothing vouches for these numbers.",
        )
    failed = results[~results["is_passed"]]
    gates = results.groupby("gate", sort=False)
    # The gate of what arrives has the name of its source.
    simulated = tuple(source.source_system for source in read_sources(tables) if source.is_simulated)
    lines = [
        (
            Markup("{} {}").format(
                formats.words(str(gate)), stamp(SIMULATED if str(gate).endswith(simulated) else "")
            ),
            formats.moment(rows["validated_at"].max()),
            _verdict(rows),
            formats.count(len(rows)),
            formats.count(rows["is_passed"].sum()),
            formats.count((~rows["is_passed"] & _is_critical(rows)).sum()),
            formats.count((~rows["is_passed"] & ~_is_critical(rows)).sum()),
        )
        for gate, rows in gates
    ]
    columns = ("Gate", "Last run", "Verdict", "Checks", "Passed", "Failed, critical", "Failed, warning")
    return Section(
        KEY,
        TITLE,
        [
            Figure(
                takeaway(results),
                table(columns, lines, numbers_from=3) + _failures(failed, read_sources(tables)),
                "Checks of the last run of each gate; a critical check that fails stops what comes after "
                "it, a warning only tells. Source: quality.validation_results.",
            )
        ],
    )


def latest(results: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of the last run of each gate, in the order in which the gates ran."""
    if results.empty:
        return results
    ordered = results.sort_values("validated_at", kind="stable")
    last = ordered.groupby("gate")["run_id"].last()
    return ordered[ordered["run_id"] == ordered["gate"].map(last)]


def takeaway(results: pd.DataFrame) -> str:
    """Say how many checks passed, and what failed."""
    gates = results["gate"].nunique()
    failed = results[~results["is_passed"]]
    passed = formats.count(results["is_passed"].sum())
    text = f"{passed} of {formats.plural(len(results), 'check')} at {formats.plural(gates, 'gate')} passed"
    if failed.empty:
        return f"{text}."
    critical = int(_is_critical(failed).sum())
    warnings = len(failed) - critical
    parts = [
        f"{critical} critical" if critical else "",
        formats.plural(warnings, "warning") if warnings else "",
    ]
    return f"{text}; failed: {formats.listing([part for part in parts if part])}."


def _is_critical(rows: pd.DataFrame) -> pd.Series:
    # A check without a severity is taken seriously.
    return ~rows["severity"].str.lower().isin(["warning", "info"])


def _verdict(rows: pd.DataFrame) -> Markup:
    if (~rows["is_passed"] & _is_critical(rows)).any():
        return Markup('<span class="verdict stopped">✕ stopped</span>')
    if not rows["is_passed"].all():
        return Markup('<span class="verdict warned">! passed with warnings</span>')
    return Markup('<span class="verdict passed">✓ passed</span>')


def _failures(failed: pd.DataFrame, sources: Sequence[Source]) -> Markup:
    if failed.empty:
        return Markup("")
    simulated = {f"raw_{source.source_system}" for source in sources if source.is_simulated}
    items = Markup("").join(
        Markup("<li>{}<b>{}, {}</b>: {}</li>").format(
            stamp(SIMULATED if row.schema_name in simulated else ""),
            formats.words(row.gate),
            row.severity or "critical",
            _sentence(row),
        )
        for row in records(failed)
    )
    return Markup('<h4>What failed</h4><ul class="failures">{}</ul>').format(items)


def _sentence(row: Any) -> str:
    place = ".".join(part for part in (row.schema_name, row.table_name, row.column_name) if part)
    message = row.message or f"{place}: {formats.words(row.expectation)}"
    why = row.why
    # A gate that words its messages says why itself.
    return message if not why or why in message else f"{message.rstrip('.')}. {why}"
