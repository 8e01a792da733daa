"""When people shop: orders by day of the week and hour of the day."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from dashboards.report import colours, drawing, formats
from dashboards.report.drawing import Drawing
from dashboards.report.parts import Figure, Section, legend
from dashboards.report.source import Source
from dashboards.report.tables import records

KEY = "hours"
TITLE = "When people shop"

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def section(source: Source) -> Section:
    """Return the week of a source by the hour."""
    rows = source.rows("marts.fct_sales_by_hour")
    if rows.empty or not rows["order_count"].sum():
        return Section(KEY, TITLE, missing="No orders with a time of day are published for this source.")
    week = by_hour(rows)
    return Section(
        KEY,
        TITLE,
        [
            Figure(
                takeaway(week),
                _key(week) + drawing.for_both_widths(lambda width: _drawn(rows, week, source, width)),
                f"Orders by weekday and hour over the whole history, local time ({source.time_zone}); hours "
                "without orders are left out at both ends of the day. Source: marts.fct_sales_by_hour.",
            )
        ],
    )


def by_hour(rows: pd.DataFrame) -> pd.DataFrame:
    """Return orders by weekday (1 to 7) and hour, from the first hour with an order to the last."""
    wide = rows.pivot_table(
        index="weekday_number", columns="hour_of_day", values="order_count", aggfunc="sum"
    )
    sold = wide.columns[wide.sum() > 0]
    hours = range(int(sold.min()), int(sold.max()) + 1)
    return wide.reindex(index=range(1, 8), columns=hours).fillna(0.0)


def takeaway(week: pd.DataFrame) -> str:
    """Say when most orders come, and how much the weekend holds."""
    total = week.to_numpy().sum()
    number = int(week.to_numpy().argmax())
    weekday, hour = week.index[number // len(week.columns)], week.columns[number % len(week.columns)]
    weekend = week.loc[[6, 7]].to_numpy().sum() / total
    days = week.sum(axis=1)
    return (
        f"The busiest hour is {WEEKDAYS[int(weekday) - 1]} {int(hour)}–{int(hour) + 1} h; "
        f"{WEEKDAYS[int(days.to_numpy().argmax())]} is the strongest day with "
        f"{formats.share(days.max() / total)} of orders, the weekend holds {formats.share(weekend)}."
    )


def _key(week: pd.DataFrame) -> Markup:
    steps = (0.0, 0.25, 0.5, 0.75, 1.0)
    most = week.to_numpy().max()
    names = [formats.count(step * most) for step in steps]
    names[-1] += " orders"
    return legend([(colours.sequential(step), name) for step, name in zip(steps, names, strict=True)])


def _drawn(rows: pd.DataFrame, week: pd.DataFrame, source: Source, width: float) -> Markup:
    # A phone is higher than wide: there the hours run down.
    is_down = width <= drawing.NARROW
    left, top = (34.0, 22.0) if is_down else (86.0, 22.0)
    across, down = (7, len(week.columns)) if is_down else (len(week.columns), 7)
    cell_width = (width - left) / across
    cell_height = 20.0 if is_down else 30.0
    picture = Drawing(
        width, top + down * cell_height + 4, "Orders by weekday and hour; darker cells hold more orders"
    )
    most = week.to_numpy().max()
    sales = {(row.weekday_number, row.hour_of_day): row.sales_amount for row in records(rows)}
    for at, name in enumerate(WEEKDAYS):
        if is_down:
            picture.text(left + (at + 0.5) * cell_width, 14, name[:3], text_anchor="middle")
        else:
            picture.text(left - 8, top + (at + 0.5) * cell_height + 4, name, text_anchor="end")
    for at, hour in enumerate(map(int, week.columns)):
        if is_down:
            picture.text(left - 6, top + (at + 0.5) * cell_height + 4, f"{hour}", text_anchor="end")
        else:
            picture.text(left + (at + 0.5) * cell_width, 14, f"{hour}", text_anchor="middle")
        for weekday in range(1, 8):
            orders = float(week.to_numpy()[weekday - 1, at])
            column, row = (weekday - 1, at) if is_down else (at, weekday - 1)
            amount = formats.money(sales.get((weekday, hour), 0.0), source.currency)
            picture.shape(
                "rect",
                f"{WEEKDAYS[weekday - 1]} {hour}–{hour + 1} h: {formats.plural(orders, 'order')}, {amount}",
                x=left + column * cell_width + 1,
                y=top + row * cell_height + 1,
                width=cell_width - 2,
                height=cell_height - 2,
                rx=2,
                fill=colours.sequential(orders / most) if orders else colours.EMPTY,
            )
    return picture.markup()
