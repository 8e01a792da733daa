"""Lifecycle stages over time: how many customers are new, active, loyal, on their way out, or back."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from dashboards.report import colours, drawing, formats
from dashboards.report.drawing import Drawing, Scale
from dashboards.report.parts import Figure, Section, legend
from dashboards.report.sections.key_figures import ENGAGED
from dashboards.report.source import Source

KEY = "lifecycle"
TITLE = "Lifecycle stages"


def section(source: Source) -> Section:
    """Return the lifecycle stages of a source over time."""
    rows = source.rows("marts.fct_lifecycle_stages")
    if rows.empty:
        return Section(KEY, TITLE, missing="No lifecycle stages are published yet.")
    stages = by_date(rows)
    notes = []
    if (stages.index[-1] - source.end).days > 7:
        notes.append(
            f"The data of this source end on {formats.day(source.last_day)}, “today” is "
            f"{formats.day(source.as_of)}: the drift into dormant and lost after the end is due to that."
        )
    key = legend([(_colour(stage), formats.words(stage)) for stage in reversed(stages.columns)])
    return Section(
        KEY,
        TITLE,
        [
            Figure(
                takeaway(stages),
                Markup('<div class="narrow">{}</div>').format(key)
                + drawing.for_both_widths(lambda width: _drawn(stages, width)),
                "Customers by stage, counted once a week from the data known at that date. In the first "
                "weeks of a history everybody is new. Source: marts.fct_lifecycle_stages.",
                notes,
            )
        ],
    )


def by_date(rows: pd.DataFrame) -> pd.DataFrame:
    """Return customers by date (rows) and stage (columns, the most engaged first)."""
    wide = rows.pivot_table(
        index="as_of_date", columns="lifecycle_stage", values="customer_count", aggfunc="sum"
    )
    known = [stage for stage in colours.STAGES if stage in wide.columns]
    return wide.fillna(0.0)[known + [stage for stage in wide.columns if stage not in known]]


def takeaway(stages: pd.DataFrame) -> str:
    """Say how many customers are engaged today, and which stage changed most in twelve weeks."""
    now = stages.iloc[-1]
    total = now.sum()
    engaged = now[[stage for stage in stages.columns if stage in ENGAGED]].sum()
    text = (
        f"{formats.share(engaged / total)} of {formats.count(total)} customers are engaged (new, active, "
        "loyal or won back)"
    )
    if len(stages) <= 12:
        return f"{text}."
    moved = now - stages.iloc[-13]
    stage = str(moved.abs().idxmax())
    if not moved[stage]:
        return f"{text}; no stage changed in the last twelve weeks."
    verb = "grew" if moved[stage] > 0 else "shrank"
    return (
        f"{text}; over the last twelve weeks “{formats.words(stage)}” {verb} most, from "
        f"{formats.count(stages.iloc[-13][stage])} to {formats.count(now[stage])}."
    )


def _colour(stage: str) -> str:
    return colours.STAGES.get(stage, "#b9b9b9")


def _drawn(stages: pd.DataFrame, width: float) -> Markup:
    is_narrow = width <= drawing.NARROW
    height, left, right, bottom = 320.0, 50.0, 10.0 if is_narrow else 128.0, 290.0
    picture = Drawing(width, height, "Customers by lifecycle stage over time, stacked")
    start, end = stages.index[0], stages.index[-1]
    stacked = stages.cumsum(axis=1)
    x = Scale(0, max((end - start).days, 1), left, width - right)
    y = Scale(0, float(stacked.iloc[:, -1].max()) * 1.03 or 1.0, bottom, 10)
    across = [x((date - start).days) for date in stages.index]
    for tick in drawing.ticks(0, y.high):
        picture.line(left, y(tick), width - right, y(tick))
        picture.text(left - 8, y(tick) + 4, formats.count(tick), text_anchor="end")
    for month in drawing.month_ticks(start, end, int(width / 70)):
        at = x((month - start).days)
        picture.line(at, bottom, at, bottom + 5, stroke=colours.MUTED)
        if at < width - right - 20:
            picture.text(at, bottom + 19, drawing.axis_label(month))
    label_at = bottom + 14
    for at, stage in enumerate(stages.columns):
        upper = [y(value) for value in stacked.iloc[:, at]]
        lower = [y(value) for value in (stacked.iloc[:, at - 1] if at else [0.0] * len(stages))]
        outline = [*zip(across, upper, strict=True), *zip(reversed(across), reversed(lower), strict=True)]
        picture.path(outline, fill=_colour(stage), stroke="#ffffff", stroke_width=0.8)
        if not is_narrow:
            # Labels move up where thin layers would make them overlap.
            label_at = min((upper[-1] + lower[-1]) / 2 + 4, label_at - 14)
            count = formats.count(float(stages[stage].iloc[-1]))
            picture.text(width - right + 8, label_at, f"{formats.words(stage)} {count}", fill=colours.INK)
    half = (across[1] - across[0]) / 2 if len(across) > 1 else 4.0
    for at, date in enumerate(stages.index):
        counts = ", ".join(
            f"{formats.words(str(s))} {formats.count(n)}" for s, n in stages.iloc[at].items() if n
        )
        picture.shape(
            "rect",
            f"{formats.day(date)}: {counts}",
            x=max(across[at] - half, left),
            y=10,
            width=2 * half,
            height=bottom - 10,
            class_="hit",
        )
    return picture.markup()
