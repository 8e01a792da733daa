"""Messages by channel: how many were sent, and what share was opened, clicked, and ended in leaving."""

from __future__ import annotations

import pandas as pd
from markupsafe import Markup

from dashboards.report import formats
from dashboards.report.parts import Figure, table

SENT = "Message Sent"
ANSWERS = {
    "Message Opened": "opened",
    "Message Clicked": "clicked",
    "Message Unsubscribed": "unsubscribed from",
    "Message Bounced": "bounced",
}
_PHRASES = {
    "Message Opened": "opened most",
    "Message Clicked": "clicked most",
    "Message Unsubscribed": "unsubscribed from most",
}
# Below that many messages a share is chance.
MIN_SENT = 30


def figure(days: pd.DataFrame) -> Figure | None:
    """Return what became of the messages of each channel, or ``None`` if none was sent.

    Parameters
    ----------
    days
        Touches by channel, kind and day, as the section names the channels.
    """
    counts = by_channel(days)
    if counts.empty:
        return None
    lines = [
        (channel, formats.count(row[SENT]), *(_cell(row[kind], row[SENT]) for kind in ANSWERS))
        for channel, row in counts.iterrows()
    ]
    return Figure(
        takeaway(counts),
        table(
            ("Channel", "Sent", *(word.split()[0].capitalize() for word in ANSWERS.values())),
            lines,
            css="rates",
        ),
        "Messages over the whole history; shares are of the messages sent, with the number below. A message "
        f"that is opened twice counts twice. {formats.NOTHING}: the channel tells of none. Source: "
        "marts.fct_channel_days.",
        ["An open is what the mail program says: some open every message, some never tell."],
    )


def by_channel(days: pd.DataFrame) -> pd.DataFrame:
    """Return messages by channel (rows) and what became of them (columns), most messages first."""
    kinds = [SENT, *ANSWERS]
    wide = days[days["activity_type"].isin(kinds)].pivot_table(
        index="channel", columns="activity_type", values="activity_count", aggfunc="sum", fill_value=0.0
    )
    wide = wide.reindex(columns=kinds, fill_value=0.0)
    return wide[wide[SENT] > 0].sort_values(SENT, ascending=False, kind="stable")


def takeaway(counts: pd.DataFrame) -> str:
    """Say where messages are opened and clicked most, and where most of them end in leaving."""
    total = formats.plural(counts[SENT].sum(), "message")
    where = f"in {len(counts)} channels" if len(counts) > 1 else f"by {counts.index[0]}"
    text = f"{total} were sent {where}"
    judged = counts[counts[SENT] >= MIN_SENT]
    most: dict[str, list[str]] = {}
    for kind, phrase in _PHRASES.items():
        shares = judged[kind] / judged[SENT]
        if shares.any():
            share = formats.share(shares.max(), 1)
            said = f"{share} were {ANSWERS[kind]}" if len(counts) == 1 else f"{phrase} ({share})"
            most.setdefault(str(shares.idxmax()), []).append(said)
    if not most:
        return f"{text}."
    if len(counts) == 1:
        return f"{text}; {formats.listing(most[str(counts.index[0])])}."
    return f"{text}; " + "; ".join(f"{name} is {formats.listing(said)}" for name, said in most.items()) + "."


def _cell(answers: float, sent: float) -> Markup | str:
    if not answers:
        return formats.NOTHING
    return Markup("<b>{}</b><small>{}</small>").format(
        formats.share(answers / sent, 1), formats.count(answers)
    )
