"""What sells: departments and categories by size, and what grew or shrank lately."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from dashboards.report import drawing, formats
from dashboards.report.parts import Bar, Figure, Section, bars, side_by_side
from dashboards.report.sections import treemap
from dashboards.report.source import Source
from dashboards.report.tables import records

KEY = "categories"
TITLE = "What sells"

COMPARED_MONTHS = 3
# A category below this share of sales may double without anybody noticing; its growth says little.
MIN_SALES_SHARE = 0.005
SHOWN = 7


def section(source: Source) -> Section:
    """Return sales by category of a source."""
    rows = source.rows("marts.fct_category_sales")
    if rows.empty:
        return Section(KEY, TITLE, missing="No order lines with a category are published for this source.")
    categories = by_category(rows, source)
    period = _period(rows, source)
    figures = [
        Figure(
            takeaway(categories),
            treemap.key()
            + drawing.for_both_widths(lambda width: treemap.draw(categories, source.currency, width)),
            f"Area: net sales over the whole history in {source.currency}, by category within department; "
            f"colour: {period or 'no growth, the history is too short'}. Source: marts.fct_category_sales.",
            _notes(categories),
        )
    ]
    judged = categories[(categories["sales_share"] >= MIN_SALES_SHARE) & categories["growth"].notna()]
    if len(judged) >= 2:
        ranked = judged.sort_values("growth", ascending=False)
        up = ranked[ranked["growth"].round(2) > 0].head(SHOWN)
        down = ranked[ranked["growth"].round(2) < 0].tail(SHOWN).iloc[::-1]
        most = ranked["growth"].abs().max() or 1.0
        figures.append(
            Figure(
                growth_takeaway(ranked),
                side_by_side(
                    ("Growing most", _growth_bars(up, most, source)),
                    ("Shrinking most", _growth_bars(down, most, source)),
                ),
                f"{period[:1].upper()}{period[1:]}; categories with at least "
                f"{formats.share(MIN_SALES_SHARE, 1)} of sales. Not adjusted for the season.",
            )
        )
    return Section(KEY, TITLE, figures)


def by_category(rows: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Return sales, their share and their growth (last months against those before) by category."""
    months = _complete_months(rows, source)
    last = set(months[-COMPARED_MONTHS:])
    before = set(months[-2 * COMPARED_MONTHS : -COMPARED_MONTHS])
    keyed = rows.assign(
        last_amount=rows["sales_amount"].where(rows["order_month"].isin(last), 0.0),
        before_amount=rows["sales_amount"].where(rows["order_month"].isin(before), 0.0),
    )
    sums = keyed.groupby(["department_name", "category_name"])[
        ["sales_amount", "last_amount", "before_amount"]
    ].sum()
    sums = sums.reset_index().sort_values("sales_amount", ascending=False, ignore_index=True)
    is_comparable = len(before) == COMPARED_MONTHS
    growth = (sums["last_amount"] / sums["before_amount"] - 1).where(
        (sums["before_amount"] > 0) & is_comparable
    )
    positive = sums["sales_amount"].clip(lower=0).sum() or 1.0
    return sums.assign(growth=growth, sales_share=sums["sales_amount"] / positive)


def takeaway(categories: pd.DataFrame) -> str:
    """Say which department and which category sell most."""
    departments = categories.groupby("department_name")["sales_share"].sum().sort_values(ascending=False)
    best = categories.iloc[0]
    return (
        f"{departments.index[0]} is the largest department with {formats.share(departments.iloc[0])} of "
        f"sales; the largest category is {best['category_name']} with "
        f"{formats.share(best['sales_share'], 1)}."
    )


def growth_takeaway(ranked: pd.DataFrame) -> str:
    """Say which category grew and which shrank most."""
    top, bottom = ranked.iloc[0], ranked.iloc[-1]
    # What is written as 0 % has not grown.
    growing = int((ranked["growth"].round(2) > 0).sum())
    first = "grew most" if top["growth"] > 0 else "held up best"
    last = "shrank most" if bottom["growth"] < 0 else "grew least"
    return (
        f"{top['category_name']} {first} ({formats.change(top['growth'], 0)}), {bottom['category_name']} "
        f"{last} ({formats.change(bottom['growth'], 0)}); {growing} of {len(ranked)} larger categories grew."
    )


def _complete_months(rows: pd.DataFrame, source: Source) -> list[pd.Timestamp]:
    return sorted(month for month in rows["order_month"].unique() if source.is_complete_month(month))


def _period(rows: pd.DataFrame, source: Source) -> str:
    months = _complete_months(rows, source)
    if len(months) < 2 * COMPARED_MONTHS:
        return ""
    now, before = months[-COMPARED_MONTHS:], months[-2 * COMPARED_MONTHS : -COMPARED_MONTHS]
    return (
        f"growth of {formats.month(now[0])} to {formats.month(now[-1])} against {formats.month(before[0])} "
        f"to {formats.month(before[-1])}"
    )


def _notes(categories: pd.DataFrame) -> list[str]:
    negative = categories[categories["sales_amount"] <= 0]
    if negative.empty:
        return []
    return [
        f"Not drawn, as their sales are not positive: {formats.listing(list(negative['category_name']))}."
    ]


def _growth_bars(rows: pd.DataFrame, most: float, source: Source) -> Markup:
    if rows.empty:
        return Markup("<p>none</p>")

    def bar(row: Any) -> Bar:
        before, now = (
            formats.short_money(value, source.currency) for value in (row.before_amount, row.last_amount)
        )
        return Bar(
            row.category_name, row.growth / most, formats.change(row.growth, 0), "", f"{before} → {now}"
        )

    return bars([bar(row) for row in records(rows)])
