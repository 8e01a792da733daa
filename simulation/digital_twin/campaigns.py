"""Campaigns with their true effects, who is in which cell, and what is sent to whom."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa

from simulation.digital_twin.blocks import Block, Rows
from simulation.digital_twin.clock import DAY, FIRST_DAY, HOUR, MINUTE, SECOND, utc_of
from simulation.digital_twin.crm import NEVER, Contacts, contact_keys
from simulation.digital_twin.products import TOP_CATEGORIES, TOP_OF_CATEGORY
from simulation.digital_twin.randomness import Dice, Flags, Floats, Integers
from simulation.digital_twin.text import coded, timestamps, where

EMAIL, SMS, PUSH, MSG, ADS = range(5)
# A code that dirt refers to, and no campaign has.
UNKNOWN_CAMPAIGN = "XX17-999"
CHANNEL_CODES = ("EMAIL", "SMS", "PUSH", "MSG", "ADS")
EFFECT_LASTS = 7 * DAY
# How often each channel sends in the year, and what share of the reachable contacts it goes to.
_NUMBER_OF_CAMPAIGNS = (40, 8, 10, 8, 8)
_TARGETED = (0.75, 0.7, 0.9, 0.9, 1.0)
# True effects on visits in the seven days after: many none, most positive, one negative.
_EFFECTS = (0.0, 0.35, 0.0, 0.6, 0.0, 0.15, 0.0, 0.25, 0.8, 0.0, 0.1)
_NEGATIVE_CAMPAIGN, _NEGATIVE_EFFECT = 17, -0.3
_HOLDOUTS = (10, 10, 20, 10, 50)


@dataclass(frozen=True)
class Campaigns:
    """All campaigns, one element each.

    Attributes
    ----------
    channel
        Place in ``CHANNEL_CODES``.
    topic
        Place in the shop's top categories; one beyond them for the brand.
    sends_at
        Start, milliseconds, New York.
    days
        How long it lasts.
    holdout
        Percent of its audience that is kept out.
    effect
        True effect on the visits of an average person in the seven days after a message, as a share of
        the visits that there would be without any message: 0.2 is a fifth more. A person's own is this times
        twice the person's response.
    """

    channel: Integers
    topic: Integers
    sends_at: Integers
    days: Integers
    holdout: Integers
    effect: Floats

    def __len__(self) -> int:
        return len(self.channel)

    def code(self) -> list[str]:
        """Return the codes of all campaigns."""
        return [f"{CHANNEL_CODES[channel][:2]}17-{place:03d}" for place, channel in enumerate(self.channel)]


@lru_cache(maxsize=4)
def campaigns_of(seed: int) -> Campaigns:
    """Return the campaigns of a twin; the same for every block."""
    dice = Dice(seed, "campaigns")
    channel = np.repeat(np.arange(5), _NUMBER_OF_CAMPAIGNS)
    place = np.arange(len(channel))
    within = np.concatenate([np.arange(count) for count in _NUMBER_OF_CAMPAIGNS])
    spread = 348 // np.array(_NUMBER_OF_CAMPAIGNS)[channel]
    day = 7 + within * spread + dice.index(3, "day", place)
    effect = np.array(_EFFECTS)[(place * 3 + dice.index(len(_EFFECTS), "first effect", 0)) % len(_EFFECTS)]
    effect = np.where(channel == ADS, 0.0, effect)
    effect[_NEGATIVE_CAMPAIGN] = _NEGATIVE_EFFECT
    return Campaigns(
        channel=channel,
        topic=dice.index(len(TOP_CATEGORIES) + 1, "topic", place),
        sends_at=FIRST_DAY + day * DAY + (9 + dice.index(9, "hour", place)) * HOUR,
        days=np.where(channel == ADS, 28, 3),
        holdout=np.where(channel == ADS, 0, np.array(_HOLDOUTS)[place % len(_HOLDOUTS)]),
        effect=effect,
    )


def channel_campaigns(seed: int) -> pa.Table:
    """Return the campaigns as the campaign tool lists them."""
    all_of_them = campaigns_of(seed)
    topics = (*TOP_CATEGORIES, "brand")
    names = ("News", "Offers", "New in", "Last chance", "Favourites")
    return pa.table(
        {
            "CampaignCode": all_of_them.code(),
            "CampaignName": [
                f"{names[place % 5]}: {topics[topic]} {place // 5 + 1}"
                for place, topic in enumerate(all_of_them.topic)
            ],
            "Channel": [CHANNEL_CODES[place] for place in all_of_them.channel],
            "Topic": [topics[place] for place in all_of_them.topic],
            "StartDate": timestamps(all_of_them.sends_at, "DD.MM.YYYY"),
            "EndDate": timestamps(all_of_them.sends_at + all_of_them.days * DAY, "DD.MM.YYYY"),
            "HoldoutPercent": [f"{percent} %" for percent in all_of_them.holdout],
        }
    )


@dataclass(frozen=True)
class Sends:
    """Messages that were sent; one element each.

    Attributes
    ----------
    campaign, contact, row
        Place of the campaign, of the contact, and of the person in the block.
    sent
        Milliseconds, New York.
    is_delivered
        Whether it reached the person.
    opened, unsubscribed
        Milliseconds, New York, or `NEVER`.
    """

    campaign: Integers
    contact: Integers
    row: Integers
    sent: Integers
    is_delivered: Flags
    opened: Integers
    unsubscribed: Integers

    def __len__(self) -> int:
        return len(self.campaign)

    def key(self, contacts: Contacts) -> Integers:
        """Return a number of each message that depends on campaign and contact alone."""
        return contacts.records.number[self.contact] * 128 + self.campaign


@dataclass(frozen=True)
class Outreach:
    """What the campaigns did: cells, messages, and who unsubscribed when.

    Attributes
    ----------
    cell_campaign, cell_contact, is_treated
        The experiment: one element per contact in a campaign.
    sends
        The messages.
    unsubscribed
        First time that each contact unsubscribed, or `NEVER`; shape (contacts, channels).
    """

    cell_campaign: Integers
    cell_contact: Integers
    is_treated: Flags
    sends: Sends
    unsubscribed: Integers


def outreach_of(block: Block, contacts: Contacts) -> Outreach:
    """Send the campaigns of the year one after the other: each respects what the ones before it led to."""
    dice, people, records = block.dice("campaigns"), block.people, contacts.records
    campaigns = campaigns_of(block.settings.seed)
    row, number = records.row, records.number
    reachable = np.stack(
        [
            np.ones(len(row), dtype=np.bool_),
            people.phone[row] > 0,
            (people.channel[row, 1] > 0) & (people.activity[row] > 0),
            (people.channel[row, 2] > 0) & (people.activity[row] > 0),
        ],
        axis=1,
    )
    unsubscribed = np.full(contacts.granted.shape, NEVER)
    topics = _interest_by_topic(block)[row]
    cells: list[tuple[Integers, Integers, Flags]] = []
    sends: list[Sends] = []
    for place in np.argsort(campaigns.sends_at, kind="stable").tolist():
        channel, moment = int(campaigns.channel[place]), int(campaigns.sends_at[place])
        if channel == ADS:
            continue
        allowed = contacts.granted[:, channel] & (contacts.withdrawn[:, channel] > moment)
        allowed &= unsubscribed[:, channel] > moment
        against = dice.chance(block.dirt.unconsented_sends, "against consent", number, place)
        liking = np.clip(_TARGETED[channel] * (0.6 + 0.8 * topics[:, campaigns.topic[place]]), 0, 1)
        audience = np.flatnonzero(
            (allowed | against)
            & reachable[:, channel]
            & (records.created < moment)
            & (number % 2 == 0)
            & dice.chance(liking, "targeted", number, place)
        )
        treated = ~dice.chance(campaigns.holdout[place] / 100, "holdout", number[audience], place)
        cells.append((np.full(len(audience), place), audience, treated))
        sent = _sent(block, contacts, campaigns, place, audience[treated])
        unsubscribed[sent.contact, channel] = np.minimum(
            unsubscribed[sent.contact, channel], sent.unsubscribed
        )
        sends.append(sent)
    together = Sends(
        **{name: np.concatenate([getattr(each, name) for each in sends]) for name in Sends.__annotations__}
    )
    campaign, contact, treated = (np.concatenate(parts) for parts in zip(*cells, strict=True))
    return Outreach(campaign, contact, treated, together, unsubscribed)


def _sent(block: Block, contacts: Contacts, campaigns: Campaigns, place: int, contact: Integers) -> Sends:
    dice, people, number = block.dice("campaigns"), block.people, contacts.records.number[contact]
    channel, moment = int(campaigns.channel[place]), int(campaigns.sends_at[place])
    row = contacts.records.row[contact]
    sent = moment + dice.whole(0, 40 * MINUTE, "sent", number, place)
    has_left = people.leaves_at[row] < sent
    delivered = ~dice.chance((0.015, 0.03, 0.05, 0.02)[channel], "fails", number, place)
    likely = (0.12, 0.55, 0.3, 0.4)[channel] + 0.4 * people.response[row] * (1 - 0.7 * has_left)
    opens = delivered & dice.chance(likely, "opens", number, place)
    wait = np.minimum(-np.log1p(-dice.uniform("opens after", number, place)) * 5 * HOUR, 3 * DAY)
    opened = np.where(opens, sent + 30 * SECOND + wait.astype(np.int64), NEVER)
    quits = opens & dice.chance(0.004 + 0.01 * people.leaving[row] + 0.03 * has_left, "quits", number, place)
    return Sends(
        campaign=np.full(len(contact), place),
        contact=contact,
        row=row,
        sent=sent,
        is_delivered=delivered,
        opened=opened,
        unsubscribed=np.where(quits, opened + 25 * SECOND, NEVER),
    )


def _interest_by_topic(block: Block) -> Floats:
    """Return each person's interest by top category, the brand last, as ranks from 0 to 1."""
    tops = np.zeros((len(block.people), len(TOP_CATEGORIES) + 1))
    for category, top in enumerate(TOP_OF_CATEGORY):
        tops[:, top] += block.people.interest[:, category]
    tops[:, -1] = tops[:, :-1].mean(axis=1)
    return tops.argsort(axis=1).argsort(axis=1) / len(TOP_CATEGORIES)


def campaign_cells(block: Block, contacts: Contacts, outreach: Outreach) -> Rows:
    """Return who was in which cell of which campaign."""
    campaigns = campaigns_of(block.settings.seed)
    number = contacts.records.number[outreach.cell_contact]
    assigned = utc_of(campaigns.sends_at[outreach.cell_campaign] - 2 * HOUR)
    key = number * 128 + outreach.cell_campaign
    unknown = block.dice("cells").chance(block.dirt.unknown_references, "unknown campaign", key)
    columns = {
        "CampaignCode": where(
            unknown, UNKNOWN_CAMPAIGN, coded(campaigns.code(), outreach.cell_campaign).dictionary_decode()
        ),
        "ContactID": contact_keys(number),
        "Cell": coded(("C", "T"), outreach.is_treated.astype(np.int64)),
        "AssignedOn": timestamps(assigned, "DD.MM.YYYY hh:mm"),
    }
    return Rows.of(columns, assigned, key)
