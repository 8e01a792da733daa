"""Key figures: one number each, against the equally long period before where the marts allow it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pandas as pd
from markupsafe import Markup

from dashboards.report import colours, formats
from dashboards.report.drawing import Drawing, Scale
from dashboards.report.parts import SIMULATED, Figure, Section, stamp
from dashboards.report.sections.churn_backtests import learned_from, scored_customers
from dashboards.report.sections.cohorts import active_months
from dashboards.report.source import Source

KEY = "key-figures"
TITLE = "Key figures"
ENGAGED = ("new", "active", "loyal", "won_back")

_TILE = Markup(
    '<div class="tile"><h4>{} {}</h4><p class="figure">{}</p><p class="change {}">{}</p>{}'
    '<p class="note">{}</p></div>'
)


@dataclass(frozen=True)
class Tile:
    """A key figure with its comparison (a relative change, or ``None``), its recent course and its mark."""

    label: str
    value: str
    change: float | None
    versus: str
    note: str
    course: Sequence[float] = ()
    mark: str = ""


def section(source: Source) -> Section:
    """Return the key figures of a source."""
    if not source.has_sales:
        return Section(KEY, TITLE, missing="No orders have been published for this source.")
    tiles = [*_sales_tiles(source), *_customer_tiles(source), _churn_tile(source)]
    if source.is_simulated:
        tiles = [replace(tile, mark=SIMULATED) for tile in tiles]
    days = source.compared_days
    period = (
        f"The last {days // 7} weeks end on {formats.day(source.last_day)} and are set against as many before"
        if days
        else "The history is too short for a comparison"
    )
    return Section(
        KEY,
        TITLE,
        [
            Figure(
                takeaway(source),
                Markup('<div class="tiles">{}</div>').format(Markup("").join(_drawn(tile) for tile in tiles)),
                f"{period}. Small lines: by week, or by month for buying customers. Sales are net of "
                "discounts and returns.",
            )
        ],
    )


def takeaway(source: Source) -> str:
    """Say how sales moved and whether more orders or larger baskets moved them."""
    daily = source.rows("marts.fct_sales_daily")
    days = source.compared_days
    total = formats.short_money(daily["sales_amount"].sum(), source.currency)
    if not days:
        orders_in_all = formats.plural(daily["order_count"].sum(), "order")
        return f"{total} of sales in {orders_in_all}; the history is too short for a comparison."
    now, before = _periods(daily, source, days)
    sales, orders, basket = (
        _ratio(_measure(now, name), _measure(before, name)) for name in ("sales", "orders", "basket")
    )
    moved = "hardly moved" if abs(sales) < 0.01 else "grew" if sales > 0 else "fell"
    by = "" if abs(sales) < 0.01 else f" by {formats.share(abs(sales), 1)}"
    return (
        f"Sales {moved}{by} against the {days // 7} weeks before: orders {formats.change(orders)}, average "
        f"basket {formats.change(basket)}."
    )


def _sales_tiles(source: Source) -> list[Tile]:
    daily = source.rows("marts.fct_sales_daily")
    days = source.compared_days
    now, before = _periods(daily, source, days) if days else (daily, daily.iloc[0:0])
    weeks = f"{days // 7} weeks" if days else "whole history"
    # Whole weeks counted back from the last day: a first week that the data cut short would look like a rise.
    age = source.days_before_end(daily["order_date"]) - 1
    whole_weeks = min((source.end - source.first_day).days // 7, 26)
    course = [daily[age // 7 == week] for week in reversed(range(whole_weeks))]
    since = f"since {formats.day(source.first_day)}"
    everything = {
        "sales": f"{formats.money(daily['sales_amount'].sum(), source.currency)} {since}",
        "orders": f"{formats.count(daily['order_count'].sum())} {since}",
        "basket": f"{formats.money(_measure(daily, 'basket'), source.currency, 2)} over the whole history",
        "new customers": "first order ever seen; early months count the regulars too",
    }
    returned = daily["return_count"].sum()
    if returned:
        everything["orders"] += f"; {formats.plural(returned, 'return')} beside them"
    anonymous = daily["anonymous_sales_amount"].sum()
    if anonymous:
        unknown = anonymous / daily["sales_amount"].sum()
        everything["sales"] += f"; {formats.share(unknown, 0 if unknown >= 0.01 else 2)} by unknown customers"
    tiles = []
    for measure, note in everything.items():
        value = _measure(now, measure)
        tiles.append(
            Tile(
                f"{measure.capitalize() if measure != 'basket' else 'Average basket'}, {weeks}",
                formats.short_money(value, source.currency)
                if measure == "sales"
                else formats.money(value, source.currency, 2)
                if measure == "basket"
                else formats.count(value),
                _ratio(value, _measure(before, measure)) if days else None,
                f"{weeks} before",
                note,
                [_measure(rows, measure) for rows in course],
            )
        )
    return tiles


def _customer_tiles(source: Source) -> list[Tile]:
    customers = source.rows("marts.dim_customers")
    stages = source.rows("marts.fct_lifecycle_stages")
    monthly = source.rows("marts.fct_cohort_retention")
    monthly = monthly.assign(month=active_months(monthly).dt.to_timestamp())
    # A customer belongs to one cohort, so that the cohorts of a month add up to its buying customers.
    buying = (
        monthly.groupby("month")["active_customer_count"].sum() if len(monthly) else pd.Series(dtype=float)
    )
    buying = buying[[source.is_complete_month(month) for month in buying.index]]
    bought = int((customers["order_count"] > 0).sum())
    tiles = []
    if len(customers):
        with_order = formats.count(bought) if bought < len(customers) else "all"
        tiles.append(
            Tile(
                "Customers in all",
                formats.count(len(customers)),
                None,
                "",
                f"{with_order} of them with an order",
            )
        )
    if len(buying):
        last = buying.index[-1]
        tiles.append(
            Tile(
                f"Buying customers, {formats.month(last)}",
                formats.count(buying.iloc[-1]),
                _ratio(buying.iloc[-1], buying.iloc[-2]) if len(buying) > 1 else None,
                formats.month(buying.index[-2]) if len(buying) > 1 else "",
                "customers with an order in the last whole month",
                list(buying),
            )
        )
    if len(stages):
        engaged = (
            stages[stages["lifecycle_stage"].isin(ENGAGED)].groupby("as_of_date")["customer_count"].sum()
        )
        now = engaged.get(source.as_of, 0.0)
        before = engaged.get(source.as_of - pd.Timedelta(days=source.compared_days or 84))
        tiles.append(
            Tile(
                "Active customers now",
                formats.count(now),
                _ratio(now, before) if before else None,
                f"{(source.compared_days or 84) // 7} weeks ago",
                "lifecycle stage new, active, loyal or won back",
                list(engaged.iloc[-26:]),
            )
        )
    return tiles


def _churn_tile(source: Source) -> Tile:
    scored = scored_customers(source)
    label = "At high risk to leave"
    if scored.empty:
        return Tile(label, formats.NOTHING, None, "", "no churn scores published yet")
    high = scored[scored["churn_band"] == "high"]
    worth = formats.short_money(high["sales_amount"].sum(), source.currency)
    return Tile(
        label,
        formats.count(len(high)),
        None,
        "",
        f"of {formats.count(len(scored))} scored customers; they have spent {worth} so far",
        mark=learned_from(source.tables)[0],
    )


def _periods(daily: pd.DataFrame, source: Source, days: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    age = source.days_before_end(daily["order_date"])
    return daily[age <= days], daily[(age > days) & (age <= 2 * days)]


def _measure(daily: pd.DataFrame, measure: str) -> float:
    sales, orders = float(daily["sales_amount"].sum()), float(daily["order_count"].sum())
    if measure == "basket":
        return sales / orders if orders else float("nan")
    return {"sales": sales, "orders": orders, "new customers": float(daily["new_customer_count"].sum())}[
        measure
    ]


def _ratio(now: float, before: float) -> float:
    return now / before - 1 if before else float("nan")


def _drawn(tile: Tile) -> Markup:
    change, direction = "", "flat"
    if tile.change is not None and not pd.isna(tile.change):
        direction = "flat" if abs(tile.change) < 0.0005 else "up" if tile.change > 0 else "down"
        sign = {"flat": "● no change", "up": "▲ up", "down": "▼ down"}[direction]
        size = "" if direction == "flat" else f" {formats.share(abs(tile.change), 1)}"
        change = f"{sign}{size} vs {tile.versus}"
    return _TILE.format(
        tile.label, stamp(tile.mark), tile.value, direction, change, _sparkline(tile.course), tile.note
    )


def _sparkline(values: Sequence[float]) -> Markup:
    if len(values) < 4:
        return Markup('<div class="spark"></div>')
    drawing = Drawing(200, 36, "recent course")
    x = Scale(0, len(values) - 1, 3, 195)
    # Sparklines show the course, not the level: the axis runs from the least to the most.
    y = Scale(min(values), max(values), 32, 4)
    drawing.path(
        [(x(at), y(value)) for at, value in enumerate(values)], stroke=colours.ACCENT, stroke_width=1.6
    )
    drawing.shape("circle", cx=x(len(values) - 1), cy=y(values[-1]), r=3, fill=colours.ACCENT)
    return Markup('<div class="spark">{}</div>').format(drawing.markup())
