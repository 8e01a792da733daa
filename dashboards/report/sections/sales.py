"""Sales over time: each day, the mean of seven days, and the weeks that the data cut short."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from dashboards.report import colours, drawing, formats
from dashboards.report.drawing import Drawing, Scale
from dashboards.report.parts import Figure, Section, legend
from dashboards.report.source import ONE_DAY, Source
from dashboards.report.tables import records

KEY = "sales"
TITLE = "Sales over time"


def section(source: Source) -> Section:
    """Return sales over time of a source."""
    if not source.has_sales:
        return Section(KEY, TITLE, missing="No orders have been published for this source.")
    days, weeks = daily_sales(source), weekly_sales(source)
    last = weeks.iloc[-1]
    notes = []
    if not last["is_complete"]:
        notes.append(f"The shaded last week has {int(last['day_count'])} of 7 days: it is not a drop.")
    closed = int((days == 0).sum())
    if closed:
        notes.append(f"Days without any sale ({formats.count(closed)}, the shop was closed) count as zero.")
    key = legend([(colours.PALE, "each day"), (colours.ACCENT, "mean of the last seven days")])
    picture = drawing.for_both_widths(lambda width: _drawn(source, days, weeks, width))
    return Section(
        KEY,
        TITLE,
        [
            Figure(
                takeaway(source, weeks),
                key + picture,
                f"Net sales per day in {source.currency}, {formats.day(source.first_day)} to "
                f"{formats.day(source.last_day)}; weeks run Monday to Sunday. Source: marts.fct_sales_daily.",
                notes,
            )
        ],
    )


def daily_sales(source: Source) -> pd.Series:
    """Return sales by day, with the days on which nothing was sold."""
    rows = source.rows("marts.fct_sales_daily")
    by_day = rows.groupby("order_date")["sales_amount"].sum()
    return by_day.reindex(pd.date_range(source.first_day, source.last_day, freq="D"), fill_value=0.0)


def weekly_sales(source: Source) -> pd.DataFrame:
    """Return sales by week from Monday, with the number of days that the data cover."""
    days = daily_sales(source)
    starts = pd.DatetimeIndex(days.index).to_period("W-SUN").start_time
    weeks = days.groupby(starts).agg(["sum", "size"]).set_axis(["sales_amount", "day_count"], axis=1)
    return weeks.assign(is_complete=weeks["day_count"] == 7)


def takeaway(source: Source, weeks: pd.DataFrame) -> str:
    """Say which whole week sold most and least, and how far they lie from the usual one."""
    whole = weeks.loc[weeks["is_complete"], "sales_amount"]
    if whole.empty:
        return "There is no complete week of sales yet."
    # A week in which the shop was closed is no weak week.
    best, worst, usual = (
        whole.idxmax(),
        (whole[whole != 0] if whole.any() else whole).idxmin(),
        whole.median(),
    )

    def amount(value: float) -> str:
        return formats.short_money(value, source.currency)

    above = f" ({formats.change(whole[best] / usual - 1, 0)})" if usual > 0 else ""
    return (
        f"A usual week brings {amount(usual)}; the best one, from {formats.day(best)}, brought "
        f"{amount(whole[best])}{above}, the weakest, from {formats.day(worst)}, {amount(whole[worst])}."
    )


def _drawn(source: Source, days: pd.Series, weeks: pd.DataFrame, width: float) -> Markup:
    height, left, right, bottom = 300.0, 58.0, 12.0, 270.0
    picture = Drawing(width, height, "Sales by day with a mean of seven days")
    top_value = float(days.max()) or 1.0
    low_value = min(0.0, float(days.min()))
    start, end = days.index[0], days.index[-1] + ONE_DAY
    x = Scale(0, (end - start).days, left, width - right)
    y = Scale(low_value, top_value * 1.05, bottom, 14)
    for tick in drawing.ticks(low_value, top_value):
        picture.line(left, y(tick), width - right, y(tick), stroke=colours.GRID)
        picture.text(
            left - 8, y(tick) + 4, formats.axis_money(tick, top_value, source.currency), text_anchor="end"
        )
    for month in drawing.month_ticks(start, end - ONE_DAY, int(width / 70)):
        at = x((month - start).days)
        picture.line(at, bottom, at, bottom + 5, stroke=colours.MUTED)
        label = drawing.axis_label(month)
        picture.text(min(at, width - drawing.text_width(label, 13)), bottom + 19, label)
    last = weeks.iloc[-1]
    if not last["is_complete"]:
        from_x = x(max((weeks.index[-1] - start).days, 0))
        picture.shape(
            "rect", x=from_x, y=14, width=width - right - from_x, height=bottom - 14, fill="#e9e4da"
        )
        picture.text(width - right, 10, "week not complete", text_anchor="end", class_="small")
    thin = max((width - left - right) / len(days) * 0.7, 0.4)
    for at, value in enumerate(days):
        picture.line(
            x(at + 0.5), y(0), x(at + 0.5), y(value), stroke=colours.PALE, stroke_width=f"{thin:.2f}"
        )
    mean = days.rolling(7).mean().dropna()
    points = [(x((date - start).days + 0.5), y(value)) for date, value in mean.items()]
    if points:
        picture.path(points, stroke=colours.ACCENT, stroke_width=2.4, stroke_linejoin="round")
    for week in records(weeks):
        begins = max((week.Index - start).days, 0)
        words = "" if week.is_complete else f", {week.day_count} of 7 days"
        picture.shape(
            "rect",
            f"Week from {formats.day(week.Index)}: "
            f"{formats.money(week.sales_amount, source.currency)}{words}",
            x=x(begins),
            y=14,
            width=x(begins + week.day_count) - x(begins),
            height=bottom - 14,
            class_="hit",
        )
    return picture.markup()
