"""Campaign effect: what recipients spent more than comparable customers, with its uncertainty."""

from __future__ import annotations

from typing import Any

import pandas as pd
from markupsafe import Markup

from dashboards.report import colours, drawing, formats
from dashboards.report.drawing import Drawing, Scale
from dashboards.report.parts import Figure, Section
from dashboards.report.source import Source
from dashboards.report.tables import largest, records

KEY = "campaigns"
TITLE = "Campaign effect"
BADGE = "observational: difference in differences, not randomised"

# Below that many recipients an interval is so wide that it would squash all others: the axis ignores it.
MIN_RECIPIENTS_FOR_AXIS = 30
MOST_NAMED = 8
_ROW = 24.0


def section(source: Source) -> Section:
    """Return the measured effect of the campaigns of a source."""
    rows = source.rows("marts.fct_campaign_effect").sort_values(["start_date", "campaign_name"])
    if rows.empty:
        return Section(KEY, TITLE, missing="This source has no campaigns.")
    measured = rows[rows["is_measurable"] & rows["effect_per_recipient_amount"].notna()]
    others = rows[~rows.index.isin(measured.index)]
    notes = [
        "Nobody drew lots for these campaigns: recipients were chosen, and whoever chose them may have "
        "known what they would buy. Read the effect as a hint where a randomised test pays, not as proof.",
        "Campaigns overlap in time and customers, so their effects must not be added up.",
    ]
    if len(others):
        names = list(others["campaign_name"])
        if len(names) > MOST_NAMED:
            names = [*names[:MOST_NAMED], f"{len(names) - MOST_NAMED} more"]
        notes.append(
            "Not measurable, for lack of an equally long time before or of people to compare: "
            f"{formats.listing(names)}."
        )
    if measured.empty:
        return Section(
            KEY,
            TITLE,
            missing=f"None of the {formats.plural(len(rows), 'campaign')} can be measured. {notes[-1]}",
        )
    return Section(
        KEY,
        TITLE,
        [
            Figure(
                takeaway(measured, source),
                drawing.for_both_widths(lambda width: _drawn(measured, source, width)),
                f"Extra net sales per recipient in {source.currency} over the campaign, with 95 % interval: "
                "change of recipients against change of other customers who spent alike before. Filled: the "
                "interval leaves out zero. Redeemed: share of recipients who used a coupon. Source: "
                "marts.fct_campaign_effect.",
                notes,
            )
        ],
        badge=BADGE,
    )


def takeaway(measured: pd.DataFrame, source: Source) -> str:
    """Say how many campaigns differ from zero, and which had the clearest effect and the best redemption."""
    above = measured[measured["effect_lower_amount"] > 0]
    below = measured[measured["effect_upper_amount"] < 0]
    number = formats.plural(len(measured), "measurable campaign")
    text = f"{len(above)} of {number} show more spending by recipients than chance explains"
    if len(below):
        text += f", {len(below)} less"
    if len(above):
        best = largest(above, "effect_lower_amount")
        text += (
            f"; the clearest is {best['campaign_name']} with "
            f"{_signed_money(best['effect_per_recipient_amount'], source.currency)} per recipient"
        )
    redeemed = measured[measured["redemption_rate"].notna()]
    if redeemed.empty:
        return f"{text}."
    best = largest(redeemed, "redemption_rate")
    return f"{text}; {best['campaign_name']} was redeemed most ({formats.share(best['redemption_rate'])})."


def _signed_money(value: float, currency: str) -> str:
    return ("+" if value > 0 else "") + formats.money(value, currency, 0)


def _drawn(measured: pd.DataFrame, source: Source, width: float) -> Markup:
    is_narrow = width <= drawing.NARROW
    left, right, top = (96.0, 54.0, 34.0) if is_narrow else (250.0, 168.0, 34.0)
    bottom = top + len(measured) * _ROW + 6
    picture = Drawing(width, bottom + 26, "Effect per recipient by campaign with 95 % interval")
    large = measured[measured["compared_recipient_count"] >= MIN_RECIPIENTS_FOR_AXIS]
    bounding = large if len(large) else measured
    low = min(0.0, float(bounding["effect_lower_amount"].min()))
    high = max(0.0, float(bounding["effect_upper_amount"].max()))
    margin = (high - low) * 0.04 or 1.0
    x = Scale(low - margin, high + margin, left, width - right)
    for tick in drawing.ticks(x.low, x.high, 4 if is_narrow else 7):
        picture.line(x(tick), top - 4, x(tick), bottom, stroke=colours.MUTED if tick == 0 else colours.GRID)
        picture.text(x(tick), bottom + 17, formats.money(tick, source.currency), text_anchor="middle")
    picture.text(0, 16, "Campaign" if is_narrow else "Campaign, start, recipients", class_="strong")
    picture.text(width, 16, "Redeemed", text_anchor="end", class_="strong")
    if not is_narrow:
        picture.text(width - 78, 16, "Effect", text_anchor="end", class_="strong")
    for at, row in enumerate(records(measured)):
        _draw_row(picture, row, top + (at + 0.5) * _ROW, x, source.currency)
    return picture.markup()


def _draw_row(picture: Drawing, row: Any, y: float, x: Scale, currency: str) -> None:
    is_narrow = picture.width <= drawing.NARROW
    effect, low, high = row.effect_per_recipient_amount, row.effect_lower_amount, row.effect_upper_amount
    recipients = formats.plural(row.compared_recipient_count, "recipient")
    is_clear = low > 0 or high < 0
    colour = colours.ACCENT if low > 0 else colours.WARM if high < 0 else colours.MUTED
    name = str(row.campaign_name)
    limit = 16 if is_narrow else 18
    shown = name if len(name) <= limit else name[: limit - 1] + "…"
    picture.text(0, y + 4, shown, fill=colours.INK)
    if not is_narrow:
        picture.text(116, y + 4, f"{formats.day(row.start_date)}", class_="small")
        picture.text(
            x.start - 20,
            y + 4,
            formats.count(row.compared_recipient_count),
            text_anchor="end",
            class_="small",
        )
        picture.text(
            picture.width - 78,
            y + 4,
            _signed_money(effect, currency),
            text_anchor="end",
            fill=colours.INK,
        )
    picture.text(
        picture.width, y + 4, formats.share(row.redemption_rate), text_anchor="end", fill=colours.INK
    )
    from_x, to_x = max(x(low), x.start), min(x(high), x.end)
    if to_x > from_x:
        picture.line(from_x, y, to_x, y, stroke=colour, stroke_width=2)
    for is_cut, at, step in ((x(low) < x.start, x.start, 6), (x(high) > x.end, x.end, -6)):
        if is_cut:
            picture.path([(at + step, y - 4), (at, y), (at + step, y + 4)], stroke=colour, stroke_width=1.6)
    if x.start <= x(effect) <= x.end:
        picture.shape(
            "circle",
            cx=x(effect),
            cy=y,
            r=5,
            fill=colour if is_clear else "#ffffff",
            stroke=colour,
            stroke_width=2,
        )
    kind = f", {row.campaign_type}" if row.campaign_type else ""
    picture.shape(
        "rect",
        f"{name}{kind}, {formats.day(row.start_date)} to {formats.day(row.end_date)}: "
        f"{_signed_money(effect, currency)} per recipient (95 % interval {formats.money(low, currency)} to "
        f"{formats.money(high, currency)}), {recipients}, {formats.share(row.redemption_rate)} redeemed",
        x=0,
        y=y - _ROW / 2,
        width=picture.width,
        height=_ROW,
        class_="hit",
    )
