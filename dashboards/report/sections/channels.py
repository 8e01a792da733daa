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
_NAMES = {"sms": "SMS", "email": "e-mail", "qr": "QR code"}

_SCREENS = "On screens"
_CONSENTS = "Consents, by the channel that they are about"
# What kinds of touch begin with, by theme.
_THEMES = {
    "Purchases and visits": ("Purchase ", "Coupon ", "Store "),
    "Messages, ads and deliveries": ("Message ", "Ad ", "Campaign ", "Audience ", "Delivery "),
    "Service and feedback": ("Ticket ", "Service ", "Review ", "Survey ", "Mentioned "),
    "Membership, invitations and enquiries": ("Points ", "Invitation ", "Enquiry "),
    _CONSENTS: ("Consent ",),
}
# What the mart calls the channel of what belongs to none.
_NO_CHANNEL = "none"
_ABOUT_CONSENTS = (
    "The channel of a consent is the one that it allows, not the one that it was given in: consents are not "
    "counted among the touches of a channel elsewhere."
)


def section(source: Source) -> Section | None:
    """Return the channels of a source, or ``None`` where it knows of purchases only."""
    days = source.past_rows("marts.fct_channel_days", "activity_date")
    days = days[days["channel"] != _NO_CHANNEL]
    days = days.assign(channel=days["channel"].map(channel_name))
    session_days = source.past_rows("marts.fct_session_days", "session_date")
    session_days = session_days.assign(channel=session_days["channel"].map(channel_name))
    if set(days["activity_type"]) <= PURCHASES and session_days.empty:
        return None
    figures = []
    touched = touches_of(days)
    if touched["activity_count"].sum():
        figures.append(channel_weeks.figure(touched))
    if days["activity_count"].sum():
        figures.append(_touches(days))
    figures += [
        figure for figure in (messages.figure(days), sessions.figure(session_days)) if figure is not None
    ]
    return Section(KEY, TITLE, figures) if figures else None


def channel_name(channel: str) -> str:
    """Write a channel as people do."""
    return _NAMES.get(channel, formats.words(channel))


def touches_of(days: pd.DataFrame) -> pd.DataFrame:
    """Return what took place in a channel: all but consents, which name the channel that they are about."""
    return days[days["activity_type"].map(theme_of) != _CONSENTS]


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


def theme_of(kind: str) -> str:
    """Return what a kind of touch is about; the events of screens have many names and are what is left."""
    return next((theme for theme, starts in _THEMES.items() if kind.startswith(starts)), _SCREENS)


def _touches(days: pd.DataFrame) -> Figure:
    by_theme = dict(list(days.groupby(days["activity_type"].map(theme_of))))
    shown = [theme for theme in (_SCREENS, *_THEMES) if theme in by_theme]
    tables = [
        (Markup("<h4>{}</h4>").format(theme) if len(shown) > 1 else Markup(""))
        + _counted(by_kind(by_theme[theme]))
        for theme in shown
    ]
    touched = touches_of(days)
    return Figure(
        takeaway(by_kind(touched if len(touched) else days)),
        Markup("").join(tables),
        "Touches by channel and kind over the whole history: an entry of the timeline of a customer, or of a "
        "visitor who may turn out to be one. Empty: never seen. What belongs to no channel, such as points, "
        "is not in it. Source: marts.fct_channel_days.",
        [_ABOUT_CONSENTS] if _CONSENTS in shown else (),
    )


def _counted(kinds: pd.DataFrame) -> Markup:
    # The shorter list runs across.
    shown = kinds if len(kinds.columns) <= len(kinds) else kinds.T
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
        bold = (Markup("<b>{}</b>").format(formats.count(value)) for value in sums)
        lines.append((Markup("<b>all</b>"), *bold))
    first = "Kind of touch" if shown is kinds else "Channel"
    return table((first, *map(str, shown.columns), *(["all"] if is_summed else [])), lines, css="matrix")
