"""Sessions by channel: how many there are, how many lead to an order, and how long they are."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from dashboards.report import formats
from dashboards.report.parts import Bar, Figure, bars, side_by_side, table
from dashboards.report.tables import largest, records, smallest

# Below that many sessions a conversion is chance.
MIN_SESSIONS = 30
# Conversions that differ by less than a twentieth are told to be alike.
ALIKE = 1.05


def figure(days: pd.DataFrame) -> Figure | None:
    """Return the sessions of each channel with their conversion, or ``None`` if there are none.

    Parameters
    ----------
    days
        Sessions by channel and day, as the section names the channels.
    """
    channels = by_channel(days)
    if channels.empty:
        return None
    has_orders, has_length = channels["converted_session_count"].any(), channels["mean_seconds"].notna().any()
    columns = [
        "Channel", "Sessions", *(["Led to an order", "Conversion"] if has_orders else []), "Events each",
        *(["Minutes each"] if has_length else []),
    ]  # fmt: skip
    lines = [
        (
            row.channel,
            formats.count(row.session_count),
            *(
                [formats.count(row.converted_session_count), formats.share(row.conversion, 2)]
                if has_orders
                else []
            ),
            formats.decimal(row.events_each, 1),
            *([formats.decimal(row.mean_seconds / 60, 1)] if has_length else []),
        )
        for row in records(channels)
    ]
    listed = table(columns, lines)
    notes = [] if has_orders else ["No event of this source names an order: what sessions led to is unknown."]
    return Figure(
        takeaway(channels),
        side_by_side(("Conversion", _bars(channels)), ("", listed)) if has_orders else listed,
        "Sessions by the channel that they began in; one ends after half an hour of silence. "
        + ("Conversion: share of sessions that led to an order. " if has_orders else "")
        + ("Minutes are those that the source measured on its pages. " if has_length else "")
        + "Source: marts.fct_session_days.",
        notes,
    )


def by_channel(days: pd.DataFrame) -> pd.DataFrame:
    """Return sessions, conversion, events and seconds per session by channel, most sessions first."""
    # A mean of days weighs each day by its sessions; days without a measured time say nothing.
    is_measured = days["mean_session_seconds"].notna()
    weighed = days.assign(
        seconds=(days["mean_session_seconds"] * days["session_count"]).fillna(0.0),
        measured_count=days["session_count"].where(is_measured, 0.0),
    )
    names = ["session_count", "converted_session_count", "event_count", "seconds", "measured_count"]
    sums = weighed.groupby("channel")[names].sum()
    sums = sums[sums["session_count"] > 0]
    return (
        sums.assign(
            conversion=sums["converted_session_count"] / sums["session_count"],
            events_each=sums["event_count"] / sums["session_count"],
            mean_seconds=sums["seconds"] / sums["measured_count"].where(sums["measured_count"] > 0),
        )
        .sort_values("session_count", ascending=False, kind="stable")
        .reset_index()
    )


def takeaway(channels: pd.DataFrame) -> str:
    """Say how many sessions there are, how many of them lead to an order, and where most do."""
    total = channels["session_count"].sum()
    converted = channels["converted_session_count"].sum()
    sessions = formats.plural(total, "session")
    if not converted:
        return f"{sessions}; none of them is known to have led to an order."
    text = f"{formats.share(converted / total, 1)} of {sessions} led to an order"
    judged = channels[channels["session_count"] >= MIN_SESSIONS]
    if len(judged) < 2:
        return f"{text}."
    best, worst = largest(judged, "conversion"), smallest(judged, "conversion")
    if best["conversion"] < ALIKE * worst["conversion"]:
        return f"{text}, about as many in each channel."
    return (
        f"{text}; {best['channel']} converts best ({formats.share(best['conversion'], 1)}), "
        f"{worst['channel']} worst ({formats.share(worst['conversion'], 1)})."
    )


def _bars(channels: pd.DataFrame) -> Markup:
    most = channels["conversion"].max() or 1.0
    return bars(
        [
            Bar(
                str(row.channel),
                row.conversion / most,
                formats.share(row.conversion, 2),
                f"{formats.count(row.converted_session_count)} of "
                f"{formats.plural(row.session_count, 'session')}",
            )
            for row in records(channels)
        ]
    )
