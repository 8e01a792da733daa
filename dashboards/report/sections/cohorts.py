"""Cohort retention: of those who first bought in a month, how many bought again in each month after it."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from dashboards.report import colours, formats
from dashboards.report.parts import Figure, Section
from dashboards.report.source import Source
from dashboards.report.tables import records

KEY = "cohorts"
TITLE = "Do customers come back?"

# Whoever bought before the history starts looks like a newcomer on their first visit in it. After a quarter
# most regulars of a shop have been seen, so that later cohorts are mostly newcomers.
CENSORED_MONTHS = 3
SMALL_COHORT = 30


def section(source: Source) -> Section:
    """Return the retention grid of a source."""
    rows = source.rows("marts.fct_cohort_retention")
    if rows.empty:
        return Section(KEY, TITLE, missing="No customer with a known identity has bought anything yet.")
    first = rows["cohort_month"].min()
    cut_off = first + pd.DateOffset(months=CENSORED_MONTHS)
    sizes = rows.groupby("cohort_month")["cohort_customer_count"].max()
    early = sizes[sizes.index < cut_off].sum() / sizes.sum()
    return Section(
        KEY,
        TITLE,
        [
            Figure(
                takeaway(rows, source),
                _grid(rows, source),
                "Share of a cohort that bought in the n-th month after the month of its first order; one "
                "row per month of first order, month 0 is always 100 %. Source: marts.fct_cohort_retention.",
                [
                    f"° The history starts in {formats.month(first)}: {formats.share(early)} of all "
                    f"customers show up as “first order” in its first {CENSORED_MONTHS} months, most of them "
                    "old customers. Judge newcomers by the rows without °.",
                    "Hatched cells are months that have not ended or that the data cut short; numbers in "
                    f"italics are cohorts of fewer than {SMALL_COHORT} customers.",
                ],
            )
        ],
    )


def takeaway(rows: pd.DataFrame, source: Source) -> str:
    """Say how many newcomers buy again in the month after their first order, and after half a year."""
    cut_off = rows["cohort_month"].min() + pd.DateOffset(months=CENSORED_MONTHS)
    later = rows[(rows["cohort_month"] >= cut_off) & _is_complete(rows, source)]
    is_early_only = later[later["months_since_first_order"] == 1].empty
    judged = rows[_is_complete(rows, source)] if is_early_only else later
    shares = {month: _retention(judged, month) for month in (1, 6)}
    if shares[1] is None:
        return "No cohort has a complete month after its first one yet."
    who = "customers" if is_early_only else f"newcomers since {formats.month(cut_off)}"
    half = f" and {formats.share(shares[6])} six months later" if shares[6] is not None else ""
    return (
        f"Of the {who}, {formats.share(shares[1])} bought again in the month after their first order{half}."
    )


def active_months(rows: pd.DataFrame) -> pd.Series:
    """Return the calendar month that each row of the retention mart is about."""
    return rows["cohort_month"].dt.to_period("M") + rows["months_since_first_order"].astype(int)


def _retention(rows: pd.DataFrame, month: int) -> float | None:
    at = rows[rows["months_since_first_order"] == month]
    size = at["cohort_customer_count"].sum()
    return float(at["active_customer_count"].sum() / size) if size else None


def _is_complete(rows: pd.DataFrame, source: Source) -> pd.Series:
    following = active_months(rows) + 1
    return rows["is_complete_month"] & (following.dt.to_timestamp() <= source.end)


def _grid(rows: pd.DataFrame, source: Source) -> Markup:
    complete = rows.assign(is_complete=_is_complete(rows, source))
    is_judged = complete["is_complete"] & (complete["months_since_first_order"] > 0)
    most = float(complete.loc[is_judged, "retention_share"].max()) if is_judged.any() else 1.0
    cells = {(row.cohort_month, int(row.months_since_first_order)): row for row in records(complete)}
    width = int(rows["months_since_first_order"].max()) + 1
    first, last = rows["cohort_month"].min(), rows["cohort_month"].max()
    head = Markup("").join(Markup("<th>{}</th>").format(at) for at in range(width))
    lines = []
    end = source.end - pd.offsets.MonthBegin(1)
    for cohort in pd.date_range(first, max(first, last), freq="MS"):
        start = cells.get((cohort, 0))
        if start is None:
            continue
        marked = "°" if cohort < first + pd.DateOffset(months=CENSORED_MONTHS) else ""
        known = (end.year - cohort.year) * 12 + end.month - cohort.month
        line = Markup("").join(_cell(cells.get((cohort, at)), at <= known, most) for at in range(width))
        small = " class=small-cohort" if start.cohort_customer_count < SMALL_COHORT else ""
        lines.append(
            Markup('<tr{}><th scope="row">{}{}</th><td class="size">{}</td>{}</tr>').format(
                small, formats.month(cohort), marked, formats.count(start.cohort_customer_count), line
            )
        )
    return Markup(
        '<div class="scroll"><table class="grid cohorts"><thead><tr><th scope="col">First order</th>'
        '<th scope="col">Customers</th>{}</tr></thead><tbody>{}</tbody></table></div>'
    ).format(head, Markup("").join(lines))


def _cell(row: Any, is_known: bool, most: float) -> Markup:
    if row is None:
        # Within the data no row means that nobody of the cohort bought; beyond it, nobody can know.
        return (
            Markup('<td style="background:{}">0</td>').format(colours.sequential(0))
            if is_known
            else Markup("<td></td>")
        )
    share = row.retention_share
    tip = (
        f"{formats.count(row.active_customer_count)} of "
        f"{formats.plural(row.cohort_customer_count, 'customer')}"
    )
    value = f"{share * 100:.0f}"
    if not row.is_complete:
        return Markup('<td class="incomplete" title="{}; month not complete">{}</td>').format(tip, value)
    # Month 0 is 100 % by definition: as the darkest colour it would drown the differences that matter.
    is_first = row.months_since_first_order == 0
    colour = colours.GRID if is_first else colours.sequential(share / (most or 1.0))
    return Markup('<td style="background:{};color:{}" title="{}">{}</td>').format(
        colour, colours.text_on(colour), tip, value
    )
