"""Activity by channel and week: one small picture per channel, each on its own scale."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from dashboards.report import colours, drawing, formats
from dashboards.report.drawing import Drawing, Scale
from dashboards.report.parts import Figure, legend
from dashboards.report.sections.treemap import Box
from dashboards.report.source import ONE_DAY

SHOWN = 12
# The growth of a channel with fewer touches in the weeks before is chance.
MIN_TOUCHES = 30
COMPARED_WEEKS = (12, 4)
_GAP = 22.0
_AXIS = 46.0


def figure(days: pd.DataFrame) -> Figure:
    """Return the weeks of every channel of a source.

    Parameters
    ----------
    days
        Touches by channel, kind and day of one source, as the section names the channels.
    """
    weeks, is_whole = by_week(days)
    shown = weeks.iloc[:, :SHOWN]
    left_out = list(weeks.columns[SHOWN:])
    notes = []
    if left_out:
        notes.append(f"Not drawn, as they hold fewest touches: {formats.listing(left_out)}.")
    key = legend([(colours.ACCENT, "a whole week"), (colours.PALE, "a week in which the data begin or end")])
    return Figure(
        takeaway(weeks[is_whole.any(axis=1)]),
        (key if not is_whole.to_numpy().all() else Markup(""))
        + drawing.for_both_widths(lambda width: _drawn(shown, is_whole, width)),
        f"Touches per week and channel, {formats.day(days['activity_date'].min())} to "
        f"{formats.day(days['activity_date'].max())}; weeks run Monday to Sunday. Each channel has its own "
        "scale; beside its name stand all of its touches. Source: marts.fct_channel_days.",
        notes,
    )


def by_week(days: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return touches by week from Monday (rows) and channel, and whether the data cover the whole week.

    The data of a channel begin with its first touch; they end where those of the source end.
    """
    start = days["activity_date"].dt.to_period("W-SUN").dt.start_time
    wide = days.assign(week=start).pivot_table(
        index="week", columns="channel", values="activity_count", aggfunc="sum", fill_value=0.0
    )
    every = pd.date_range(wide.index.min(), wide.index.max(), freq="7D")
    ordered = wide.sum().sort_values(ascending=False, kind="stable").index
    weeks = wide.reindex(every, fill_value=0.0)[ordered]
    first_days = days.groupby("channel")["activity_date"].min()
    is_over = every + 6 * ONE_DAY <= days["activity_date"].max()
    is_whole = {channel: is_over & (every >= first_days[channel]) for channel in ordered}
    return weeks, pd.DataFrame(is_whole, index=every)


def takeaway(whole: pd.DataFrame) -> str:
    """Say how much a usual week holds, and which channel grew and which shrank most."""
    if whole.empty:
        return "There is no complete week of activity yet."
    usual = formats.plural(round(whole.sum(axis=1).median()), "touch", "touches")
    text = f"A usual week holds {usual}"
    span = next((weeks for weeks in COMPARED_WEEKS if len(whole) >= 2 * weeks), None)
    if span is None:
        return f"{text}."
    now, before = whole.iloc[-span:].sum(), whole.iloc[-2 * span : -span].sum()
    growth = (now / before - 1)[before >= MIN_TOUCHES].sort_values(ascending=False, kind="stable").round(3)
    against = f"in the last {span} whole weeks against the {span} before"
    if growth.empty:
        return f"{text}."
    if len(growth) == 1:
        return f"{text}; {growth.index[0]} {_moved(growth.iloc[0])} {against}."
    top, bottom = growth.iloc[0], growth.iloc[-1]
    if not growth.round(2).any():
        return f"{text}; no channel moved {against}."
    first = "grew most" if top > 0 else "held up best"
    last = "shrank most" if bottom < 0 else "grew least"
    return (
        f"{text}; {growth.index[0]} {first} ({formats.change(top, 0)}) and {growth.index[-1]} {last} "
        f"({formats.change(bottom, 0)}) {against}."
    )


def _moved(growth: float) -> str:
    if abs(growth) < 0.01:
        return "hardly moved"
    return f"{'grew' if growth > 0 else 'shrank'} by {formats.share(abs(growth))}"


def _drawn(weeks: pd.DataFrame, is_whole: pd.DataFrame, width: float) -> Markup:
    is_narrow = width <= drawing.NARROW
    across = min(len(weeks.columns), 2 if is_narrow else 3)
    panel_width = (width - _GAP * (across - 1)) / across
    panel_height = 130.0 if across > 1 else 170.0
    rows = -(-len(weeks.columns) // across)
    picture = Drawing(width, rows * panel_height, "Touches per week, one picture per channel")
    for at, channel in enumerate(weeks.columns):
        corner = ((at % across) * (panel_width + _GAP), (at // across) * panel_height)
        _draw_panel(picture, weeks[channel], is_whole[channel], Box(*corner, panel_width, panel_height))
    return picture.markup()


def _draw_panel(picture: Drawing, counts: pd.Series, is_whole: pd.Series, panel: Box) -> None:
    left, top, width, height = panel.x, panel.y, panel.width, panel.height
    upper, bottom = top + 34, top + height - 30
    most = float(counts.max()) or 1.0
    x, y = Scale(0, len(counts), left + _AXIS, left + width), Scale(0, most, bottom, upper)
    picture.text(left, top + 14, str(counts.name), class_="strong")
    picture.text(left + width, top + 14, formats.count(counts.sum()), text_anchor="end", class_="small")
    tick = max(drawing.ticks(0, most, 2))
    picture.line(x.start, y(tick), left + width, y(tick))
    picture.text(x.start - 5, y(tick) + 4, formats.count(tick), text_anchor="end", class_="small")
    picture.line(x.start, bottom, left + width, bottom, stroke=colours.MUTED, stroke_width=0.8)
    bar = max((x(1) - x(0)) * 0.8, 0.5)
    for is_drawn, colour in ((True, colours.ACCENT), (False, colours.PALE)):
        # One element for all bars of a colour keeps the page small.
        steps = "".join(
            f"M{x(at):.1f} {bottom:.1f}V{y(count):.1f}h{bar:.1f}V{bottom:.1f}Z"
            for at, (count, whole) in enumerate(zip(counts, is_whole, strict=True))
            if count and whole == is_drawn
        )
        if steps:
            picture.shape("path", d=steps, fill=colour)
    start, end = counts.index[0], counts.index[-1]
    for month in drawing.month_ticks(start, end, int((width - _AXIS) / 62)):
        at = x((month - start).days / 7)
        label = drawing.axis_label(month)
        picture.line(at, bottom, at, bottom + 4, stroke=colours.MUTED)
        picture.text(
            min(at, left + width - drawing.text_width(label, 11)), bottom + 16, label, class_="small"
        )
    if picture.width <= drawing.NARROW:
        # On a phone a week is too thin to be tapped.
        return
    for at, (week, touches, whole) in enumerate(zip(counts.index, counts, is_whole, strict=True)):
        words = "" if whole else ", not a whole week"
        picture.shape(
            "rect",
            f"{counts.name}, week from {formats.day(week)}: {formats.count(touches)}{words}",
            x=x(at),
            y=upper,
            width=x(1) - x(0),
            height=bottom - upper,
            class_="hit",
        )
