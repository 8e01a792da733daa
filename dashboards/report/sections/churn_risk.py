"""Churn risk: how the scores are spread, and which valuable customers are likely to leave and why."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
from markupsafe import Markup

from dashboards.report import colours, drawing, formats
from dashboards.report.drawing import Drawing, Scale
from dashboards.report.parts import Figure, Section, legend, table
from dashboards.report.sections.churn_backtests import learned_from, runs_of_churn, scored_customers, verdict
from dashboards.report.source import Source
from dashboards.report.tables import records

KEY = "churn-risk"
TITLE = "Who is likely to leave"

SHOWN = 10
_BINS = 20
_BANDS = {"low": colours.PALE, "medium": "#e3b34c", "high": "#8a3b52"}


def section(source: Source) -> Section:
    """Return the churn scores of a source, marked if the model learned from simulated rows."""
    scored = scored_customers(source)
    if scored.empty:
        return Section(KEY, TITLE, missing=_why_missing(source))
    mark, why = learned_from(source.tables)
    return Section(
        KEY,
        TITLE,
        [
            replace(figure, mark=mark, notes=[*figure.notes, *([why] if why else [])])
            for figure in (_distribution(scored, source), _most_at_risk(scored, source))
        ],
    )


def distribution_takeaway(scored: pd.DataFrame, source: Source) -> str:
    """Say how many customers are at high risk and what share of the expected leavers they hold."""
    high = scored[scored["churn_band"] == "high"]
    expected = scored["churn_score"].sum()
    held = high["churn_score"].sum() / expected if expected else float("nan")
    worth = formats.short_money(high["sales_amount"].sum(), source.currency)
    return (
        f"{formats.plural(len(high), 'customer')} at high risk hold {formats.share(held)} of the "
        f"{formats.count(expected)} expected leavers; they have spent {worth} so far."
    )


def most_at_risk(scored: pd.DataFrame) -> pd.DataFrame:
    """Return the customers at high risk who have spent most."""
    return scored[scored["churn_band"] == "high"].sort_values("sales_amount", ascending=False).head(SHOWN)


def at_risk_takeaway(shown: pd.DataFrame, scored: pd.DataFrame, source: Source) -> str:
    """Say how much of the spending at high risk the customers in the table hold."""
    if shown.empty:
        return "No customer is at high risk."
    high = scored.loc[scored["churn_band"] == "high", "sales_amount"].sum()
    held = shown["sales_amount"].sum()
    share = f", {formats.share(held / high)} of what all customers at high risk spent" if high > 0 else ""
    spent = formats.short_money(held, source.currency)
    return f"The {len(shown)} most valuable customers at high risk have spent {spent}{share}."


def _why_missing(source: Source) -> str:
    runs = runs_of_churn(source.tables)
    if runs.empty:
        return "Not published yet: no churn model has been trained on this warehouse."
    last = runs.iloc[-1]
    if not runs["is_published"].any():
        return f"No scores yet. {verdict(last)}."
    return "Not published: the churn model has no scores for customers of this source."


def _distribution(scored: pd.DataFrame, source: Source) -> Figure:
    bands = scored["churn_band"].value_counts()
    key = legend(
        [
            (colour, f"{band} risk: {formats.plural(bands.get(band, 0), 'customer')}")
            for band, colour in _BANDS.items()
        ]
    )
    as_of = formats.day(scored["churn_as_of_date"].max())
    return Figure(
        distribution_takeaway(scored, source),
        key + drawing.for_both_widths(lambda width: _histogram(scored, width)),
        f"Customers by churn probability, scored as of {as_of}; bands by rank: the highest tenth is high, "
        "the next fifth medium. Source: marts.dim_customers, ml.customer_scores.",
    )


def _histogram(scored: pd.DataFrame, width: float) -> Markup:
    left, right, bottom, height = 50.0, 10.0, 180.0, 218.0
    picture = Drawing(width, height, "Customers by churn probability")
    edges = np.linspace(0, 1, _BINS + 1)
    counts = {
        band: np.histogram(scored.loc[scored["churn_band"] == band, "churn_score"], edges)[0]
        for band in _BANDS
    }
    totals = sum(counts.values(), np.zeros(_BINS))
    x, y = Scale(0, 1, left, width - right), Scale(0, float(totals.max()) * 1.05 or 1.0, bottom, 8)
    for tick in drawing.ticks(0, y.high, 4):
        picture.line(left, y(tick), width - right, y(tick))
        picture.text(left - 8, y(tick) + 4, formats.count(tick), text_anchor="end")
    for tick in drawing.ticks(0, 1, 5):
        anchor = "end" if tick > 0.99 else "middle"
        picture.text(x(tick), bottom + 17, formats.share(tick), text_anchor=anchor)
    picture.text((left + width - right) / 2, bottom + 34, "churn probability", text_anchor="middle")
    base = np.zeros(_BINS)
    for band, numbers in counts.items():
        for at, number in enumerate(numbers):
            if number:
                picture.shape(
                    "rect",
                    f"{formats.share(edges[at])} to {formats.share(edges[at + 1])}: "
                    f"{formats.plural(number, 'customer')} at {band} risk",
                    x=x(edges[at]) + 1,
                    y=y(base[at] + number),
                    width=x(edges[1]) - x(0) - 2,
                    height=y(base[at]) - y(base[at] + number),
                    fill=_BANDS[band],
                )
        base = base + numbers
    return picture.markup()


def _most_at_risk(scored: pd.DataFrame, source: Source) -> Figure:
    shown = most_at_risk(scored)
    rows = [
        (
            row.customer_id,
            formats.words(row.rfm_segment),
            Markup('<ol class="reasons">{}</ol>').format(
                Markup("").join(
                    Markup("<li>{}</li>").format(reason.replace(".00 ", " "))
                    for reason in (row.churn_reason_1, row.churn_reason_2, row.churn_reason_3)
                    if reason
                )
            ),
            formats.share(row.churn_score),
            formats.money(row.sales_amount, source.currency),
            formats.count(row.recency_days),
        )
        for row in records(shown)
    ]
    columns = (
        "Customer",
        "Segment",
        "Main reasons",
        "Churn probability",
        "Sales so far",
        "Days since last order",
    )
    return Figure(
        at_risk_takeaway(shown, scored, source),
        table(columns, rows, numbers_from=3, css="at-risk"),
        f"The {len(shown)} customers at high risk who have spent most, in {source.currency} over the whole "
        "history. Ids are pseudonyms of the warehouse; reasons are what moved the score of this customer "
        "most, up (raises) or down (lowers). Source: marts.dim_customers, ml.customer_scores.",
    )
