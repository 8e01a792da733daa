"""Messages as two platforms report them: e-mail event by event, SMS, push and messenger row by row."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulation.digital_twin import dirt as spoil
from simulation.digital_twin.arrays import stacked
from simulation.digital_twin.blocks import Block, Rows
from simulation.digital_twin.campaigns import (
    EMAIL,
    MSG,
    PUSH,
    SMS,
    UNKNOWN_CAMPAIGN,
    Outreach,
    campaigns_of,
)
from simulation.digital_twin.clock import DAY, END, SECOND, utc_of
from simulation.digital_twin.crm import NEVER, Contacts, contact_keys
from simulation.digital_twin.randomness import Integers
from simulation.digital_twin.records import emails_of, phone_texts
from simulation.digital_twin.text import (
    NOTHING,
    choose,
    coded,
    fixed,
    hexadecimal,
    nothing,
    prefixed,
    timestamps,
    where,
)
from simulation.digital_twin.tracking import open_id_keys, visitor_keys
from simulation.digital_twin.visits import APP, MINI, MOBILE, Visits

_EVENTS = ("delivered", "open", "click", "unsubscribe", "bounce", "spamreport")
_DELIVERED, _OPEN, _CLICK, _UNSUBSCRIBE, _BOUNCE, _SPAM = range(len(_EVENTS))


def clicks_of(visits: Visits, count: int) -> Integers:
    """Return when each message was clicked first, milliseconds, New York; `NEVER` if it was not."""
    clicked = np.full(count, NEVER)
    came = np.flatnonzero(visits.message >= 0)[::-1]
    clicked[visits.message[came]] = visits.starts[came] - 2 * SECOND
    return clicked


def email_events(block: Block, contacts: Contacts, outreach: Outreach, clicked: Integers) -> Rows:
    """Return delivered, open, click, unsubscribe, bounce and spam report, one row each."""
    dice, dirt, sends = block.dice("email"), block.dirt, outreach.sends
    campaigns = campaigns_of(block.settings.seed)
    mine = np.flatnonzero(campaigns.channel[sends.campaign] == EMAIL)
    key = sends.key(contacts)[mine]
    sent, opened, quits = utc_of(sends.sent[mine]), sends.opened[mine], sends.unsubscribed[mine]
    click = clicked[mine]
    scanned = sends.is_delivered[mine] & dice.chance(dirt.scanner_clicks, "scanner", key)
    spam = (quits < NEVER) & dice.chance(0.06, "spam", key)
    parts = [
        (np.flatnonzero(sends.is_delivered[mine]), _DELIVERED, sent + 2 * SECOND),
        (np.flatnonzero(~sends.is_delivered[mine]), _BOUNCE, sent + 4 * SECOND),
        (np.flatnonzero(opened < END), _OPEN, utc_of(opened)),
        (np.flatnonzero(click < END), _CLICK, utc_of(click)),
        (np.flatnonzero((quits < END) & ~spam), _UNSUBSCRIBE, utc_of(quits)),
        (np.flatnonzero((quits < END) & spam), _SPAM, utc_of(quits)),
        (np.flatnonzero(scanned), _OPEN, sent + 3 * SECOND),
        (np.flatnonzero(scanned), _CLICK, sent + 3 * SECOND),
    ]
    at = stacked(*(rows for rows, _, _ in parts))
    kind = np.repeat([event for _, event, _ in parts], [len(rows) for rows, _, _ in parts])
    part = np.repeat(np.arange(len(parts)), [len(rows) for rows, _, _ in parts])
    when = stacked(*(moments[rows] for rows, _, moments in parts))
    row_key = key[at] * 8 + part
    received = when + (dice.between(0.5, 40, "received", row_key) * SECOND).astype(np.int64)
    late = dice.chance(dirt.late_rows, "late", row_key) & (when + 20 * DAY < END)
    received += np.where(late, (dice.between(2, 18, "late by", row_key) * DAY).astype(np.int64), 0)
    identity = dice.bits("event", row_key)
    uploaded = dice.chance(0.03, "uploaded", key)
    unknown = dice.chance(dirt.unknown_references, "unknown campaign", row_key)
    crm = block.dice("crm")
    address = emails_of(crm, block.people, contacts.records, dirt, second=0.1)
    columns = {
        "event_id": fixed(prefixed("ev_", hexadecimal(identity))),
        "message_id": fixed(prefixed("em_", hexadecimal(dice.bits("message", key)))).take(pa.array(at)),
        "campaign_code": where(
            unknown, UNKNOWN_CAMPAIGN, coded(campaigns.code(), sends.campaign[mine][at]).dictionary_decode()
        ),
        "to": address.take(pa.array(sends.contact[mine][at])),
        "contact_id": where(
            uploaded[at],
            NOTHING,
            contact_keys(contacts.records.number[sends.contact[mine]]).take(pa.array(at)),
        ),
        "event": coded(_EVENTS, kind),
        "ts": pa.array(when // 1000),
        "received_ts": pa.array(received // 1000),
    }
    return Rows.of(columns, received, row_key, sends.row[mine][at])


def mobile_messages(block: Block, contacts: Contacts, outreach: Outreach, clicked: Integers) -> Rows:
    """Return SMS, push and messenger messages, each with what became of it."""
    dice, people, sends = block.dice("mobile"), block.people, outreach.sends
    campaigns = campaigns_of(block.settings.seed)
    channel = campaigns.channel[sends.campaign]
    mine = np.flatnonzero((channel == SMS) | (channel == PUSH) | (channel == MSG))
    channel, row, key = channel[mine], sends.row[mine], sends.key(contacts)[mine]
    visits = block.dice("visits")
    zero = np.zeros(len(mine), dtype=np.int64)
    install = visits.bits("visitor", people.person[row], zero + APP * 4 + MOBILE, zero)
    open_id = visits.bits("visitor", people.person[row], zero + MINI * 4 + MOBILE, zero)
    phone = phone_texts(people.phone[row], zero + 3)
    phone = spoil.spoilt(phone, block.dirt.malformed_phones, spoil.malformed_phone, dice, "malformed", key)
    recipient = where(
        channel == SMS, phone, where(channel == PUSH, visitor_keys(install), open_id_keys(open_id))
    )
    unknown = dice.chance(block.dirt.unknown_references, "unknown contact", key)
    contact = contact_keys(contacts.records.number[sends.contact[mine]])
    columns = {
        "MsgID": fixed(prefixed("M", hexadecimal(dice.bits("message", key)))),
        "Kind": choose(("EMAIL", "SMS", "PUSH", "MSG"), channel),
        "CampaignCode": coded(campaigns.code(), sends.campaign[mine]),
        "Recipient": recipient,
        "ContactID": where(unknown, "C99999999", contact),
        "SentAt": _shown(sends.sent[mine]),
        "OpenedAt": _shown(sends.opened[mine]),
        "ClickedAt": _shown(clicked[mine]),
        "OptedOutAt": _shown(sends.unsubscribed[mine]),
        "State": choose(("FAILED", "OK"), sends.is_delivered[mine].astype(np.int64)),
    }
    return Rows.of(columns, utc_of(sends.sent[mine]), key)


def _shown(local: Integers) -> pa.Array:
    if not len(local):
        return nothing(0)
    return timestamps(local, "YYYY-MM-DD hh:mm:ss", local >= END)
