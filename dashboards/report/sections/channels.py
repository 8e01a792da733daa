"""Channels: what happens where, week by week and by kind of touch, and how messages and sessions do."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from dashboards.report import formats
from dashboards.report.parts import Figure, Section, table
from dashboards.report.sections import channel_weeks, messages, sessions
from dashboards.report.source import Source

KEY = "channels"
TITLE = "Channels"

# A source that knows nothing else is told of by its sales.
PURCHASES = frozenset({"Purchase Made", "Purchase Returned"})
_NAMES = {"sms": "SMS", "email": "e-mail"}


def section(source: Source) -> Section | None:
    """Return the channels of a source, or ``None`` where it knows of purchases only."""
    days = source.past_rows("marts.fct_channel_days", "activity_date")
    days = days.assign(channel=days["channel"].map(channel_name))
    session_days = source.past_rows("marts.fct_session_days", "session_date")
    session_days = session_days.assign(channel=session_days["channel"].map(channel_name))
    if set(days["activity_type"]) <= PURCHASES and session_days.empty:
        return None
    figures = []
    if days["activity_count"].sum():
        figures += [channel_weeks.figure(days, source), _touches(days)]
    figures += [
        figure for figure in (messages.figure(days), sessions.figure(session_days)) if figure is not None
    ]
    return Section(KEY, TITLE, figures) if figures else None


def channel_name(channel: str) -> str:
    """Write a channel as people do."""
    return _NAMES.get(channel, formats.words(channel))


def by_kind(days: pd.DataFrame) -> pd.DataFrame:
    """Return touches by kind (rows) and channel (columns), the most frequent of both first."""
    wide = days.pivot_table(
        index="activity_type", columns="channel", values="activity_count", aggfunc="sum", fill_value=0.0
    )
    # Equals stand in the order of their names, so that the same data give the same page.
    kinds = wide.sum(axis=1).sort_values(ascending=False, kind="stable").index
    channels = wide.sum().sort_values(ascending=False, kind="stable").index
    return wide.loc[kinds, channels]


def takeaway(kinds: pd.DataFrame) -> str:
    """Say which channel holds most touches, and which kind of touch is the most frequent one."""
    total = kinds.to_numpy().sum()
    channels = kinds.sum()
    number = int(kinds.to_numpy().argmax())
    kind, channel = kinds.index[number // len(channels)], channels.index[number % len(channels)]
    held = (
        f"{formats.plural(total, 'touch', 'touches')}, all of them in the channel {channels.index[0]}"
        if len(channels) == 1
        else f"{formats.plural(total, 'touch', 'touches')} in {len(channels)} channels; "
        f"{channels.index[0]} holds {formats.share(channels.iloc[0] / total)}"
    )
    count = formats.count(kinds.to_numpy().max())
    return f"{held}; the most frequent touch is “{kind}” ({channel}, {count})."


def _touches(days: pd.DataFrame) -> Figure:
    kinds = by_kind(days)
    # The shorter list runs across.
    shown = kinds if len(kinds.columns) <= len(kinds) else kinds.T
    first = "Kind of touch" if shown is kinds else "Channel"
    is_summed = len(shown.columns) > 1
    lines: list[tuple[object, ...]] = [
        (
            name,
            *(formats.count(value) if value else "" for value in shown.loc[name]),
            *([Markup("<b>{}</b>").format(formats.count(shown.loc[name].sum()))] if is_summed else []),
        )
        for name in shown.index
    ]
    if len(shown) > 1:
        sums = [*shown.sum(), *([shown.to_numpy().sum()] if is_summed else [])]
        lines.append(
            (
                Markup("<b>all</b>"),
                *(Markup("<b>{}</b>").format(formats.count(value)) for value in sums),
            )
        )
    columns = (first, *map(str, shown.columns), *(["all"] if is_summed else []))
    return Figure(
        takeaway(kinds),
        table(columns, lines, css="matrix"),
        "Touches by channel and kind over the whole history: an entry of the timeline of a customer, or of a "
        "visitor who may turn out to be one. Empty: never seen. What belongs to no channel, such as points, "
        "is not in it. Source: marts.fct_channel_days.",
    )
