"""Visits to the shop: who comes when, with which device, and what brought them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from simulation.digital_twin.arrays import numbered_within
from simulation.digital_twin.blocks import Block
from simulation.digital_twin.campaigns import EFFECT_LASTS, Sends, campaigns_of
from simulation.digital_twin.clock import (
    DAY,
    END,
    FIRST_DAY,
    FIRST_MONDAY,
    HOUR,
    HOURS,
    WEEK,
    WEEKS,
)
from simulation.digital_twin.crm import NEVER, Contacts
from simulation.digital_twin.randomness import Bits, Dice, Flags, Floats, Integers
from simulation.digital_twin.records import Records

WEB, APP, MINI = range(3)
DESKTOP, MOBILE, TABLET, STORE_TABLET = range(4)
STORE_TABLETS = 12
_PER_WEEK = 16
_FACTOR_BY_DAY = (1.0, 0.9, 0.95, 1.0, 1.05, 1.2, 1.25)
# Visits rise before Christmas and fall in summer: one factor per week from the Monday before 1 January.
_SEASON = 1.0 + 0.12 * np.cos((np.arange(WEEKS) - 50) * 2 * np.pi / WEEKS) + 0.45 * (np.arange(WEEKS) >= 46)


@dataclass(frozen=True)
class Visits:
    """Visits, one element each.

    Attributes
    ----------
    key
        Number of the visit; depends on person, week and count alone.
    row
        Place of the person in the block.
    starts
        Milliseconds, New York.
    channel, device
        Web, app or mini-program; desktop, mobile, tablet or a store's own tablet.
    visitor
        The browser, installation or messenger user that the systems see.
    is_logged_in
        Whether it starts logged in.
    message
        Place of the message whose click started it; -1 if none did.
    """

    key: Integers
    row: Integers
    starts: Integers
    channel: Integers
    device: Integers
    visitor: Bits
    is_logged_in: Flags
    message: Integers

    def __len__(self) -> int:
        return len(self.key)

    @property
    def week(self) -> Integers:
        """The week of each visit, from 0."""
        return (self.starts - FIRST_MONDAY) // WEEK


def weekly_visits(block: Block) -> Floats:
    """Return how many visits each person makes in each week on average, shape (people, weeks).

    Follows from traits and from baskets before the week: who shopped of late thinks of the shop more.
    """
    people = block.people
    weeks = np.arange(WEEKS)
    started = FIRST_MONDAY + weeks * WEEK
    rate = people.activity[:, None] * _SEASON[None, :]
    # Two thirds know the shop when the year begins; the others find it on some day.
    found = FIRST_DAY + block.dice("visits").whole(-540, 290, "finds the shop", people.person) * DAY
    rate = rate * (started[None, :] >= found[:, None])
    rate = rate * np.where(started[None, :] < people.leaves_at[:, None], 1.0, 0.02)
    member = np.flatnonzero(people.has_household)
    if len(member):
        recent = block.past.recent[people.household[member]]
        rate[member] *= 0.6 + 0.2 * np.minimum(recent, 5)
    rate[:, 0] /= 7
    return rate


def visits_of(block: Block, contacts: Contacts, sends: Sends, accounts: Records) -> Visits:
    """Draw the visits of the year: those that would happen anyway, and those that messages add or prevent."""
    dice = block.dice("visits")
    rate = weekly_visits(block)
    person = block.people.person
    counts = dice.poisson(rate, "visits", person[:, None], np.arange(WEEKS)[None, :], largest=_PER_WEEK - 1)
    cell, within = numbered_within(counts.ravel())
    row, week = np.divmod(cell, WEEKS)
    key = (person[row] * 128 + week) * _PER_WEEK + within
    day = dice.pick(_FACTOR_BY_DAY, "day", key)
    starts = FIRST_MONDAY + week * WEEK + np.where(week == 0, 6, day) * DAY + _within_day(dice, key)

    more_row, more_key, more_starts = _added(block, dice, sends, rate)
    row, key = np.concatenate([row, more_row]), np.concatenate([key, more_key])
    starts = np.concatenate([starts, more_starts])
    # The last events of the year are a visit's: none may run over its end.
    kept = (starts < END - 3 * HOUR) & (starts >= FIRST_DAY)
    kept &= ~_prevented(block, dice, sends, row, starts, key=key)
    row, key, starts = row[kept], key[kept], starts[kept]
    order = np.lexsort((key, starts))
    row, key, starts = row[order], key[order], starts[order]
    channel, device, visitor = _devices(block, dice, row, key, starts)
    return Visits(
        key=key,
        row=row,
        starts=starts,
        channel=channel,
        device=device,
        visitor=visitor,
        is_logged_in=_logged_in(
            block, dice, accounts, row=row, key=key, starts=starts, channel=channel, device=device
        ),
        message=_message_that_started(block, dice, sends, row, key=key, starts=starts),
    )


def _within_day(dice: Dice, key: Integers) -> Integers:
    hour = dice.pick(HOURS, "hour", key)
    # No clock shows the hour from two to three when summer time begins.
    return (np.where(hour == 2, 3, hour) * HOUR + dice.uniform("minute", key) * HOUR).astype(np.int64)


def _added(block: Block, dice: Dice, sends: Sends, rate: Floats) -> tuple[Integers, Integers, Integers]:
    """Return the visits that would not have happened without a message."""
    campaigns, people = campaigns_of(block.settings.seed), block.people
    effect = np.maximum(campaigns.effect[sends.campaign], 0) * sends.is_delivered
    week = (sends.sent - FIRST_MONDAY) // WEEK
    own = effect * 2 * people.response[sends.row] * rate[sends.row, np.minimum(week, WEEKS - 1)]
    counts = dice.poisson(own, "added", people.person[sends.row], sends.campaign, largest=_PER_WEEK - 1)
    send, within = numbered_within(counts)
    # Second records of a person would give two visits one key: messages go to first records only.
    row = sends.row[send]
    key = (people.person[row] * 128 + 54 + sends.campaign[send]) * _PER_WEEK + within
    later = dice.index(EFFECT_LASTS // DAY, "added on", key)
    # Messages go out before six; on their own day their visits come after.
    hour = np.where(later == 0, np.maximum(_within_day(dice, key), 18 * HOUR), _within_day(dice, key))
    return row, key, sends.sent[send] // DAY * DAY + later * DAY + hour


def _prevented(
    block: Block, dice: Dice, sends: Sends, row: Integers, starts: Integers, *, key: Integers
) -> Flags:
    """Return which visits a message with a negative effect keeps from happening."""
    campaigns = campaigns_of(block.settings.seed)
    prevented = np.zeros(len(row), dtype=np.bool_)
    for place in np.flatnonzero(campaigns.effect < 0).tolist():
        sent = np.full(len(block.people), NEVER)
        mine = (sends.campaign == place) & sends.is_delivered
        sent[sends.row[mine]] = sends.sent[mine]
        since = starts - sent[row]
        likely = np.minimum(-campaigns.effect[place] * 2 * block.people.response[row], 1.0)
        prevented |= (since >= 0) & (since < EFFECT_LASTS) & dice.chance(likely, "prevented", key, place)
    return prevented


def _devices(
    block: Block, dice: Dice, row: Integers, key: Integers, starts: Integers
) -> tuple[Integers, Integers, Bits]:
    people = block.people
    limits = np.cumsum(people.channel[row], axis=1)
    channel = np.minimum((limits < dice.uniform("channel", key)[:, None]).sum(axis=1), MINI)
    usual = dice.chance(0.8, "usual device", key)
    device = np.where(people.prefers_phone[row] == usual, MOBILE, DESKTOP)
    device = np.where(channel == WEB, device, MOBILE)
    on_tablet = people.shares_tablet[row] & dice.chance(0.5, "tablet", key) & (channel == WEB)
    device = np.where(on_tablet, TABLET, device)
    in_store = dice.chance(block.dirt.store_devices, "store device", key) & (channel == WEB)
    device = np.where(in_store, STORE_TABLET, device)

    person = people.person[row]
    # Some clear their browser's memory: a new visitor every few months.
    clears = dice.chance(0.35, "clears cookies", person)
    epoch = np.where(
        clears & (channel == WEB), (starts // DAY + dice.index(120, "cleared", person)) // 120, 0
    )
    own = dice.bits("visitor", person, channel * 4 + device, epoch)
    family = dice.bits("tablet of family", people.family[row])
    store = dice.bits("tablet of store", dice.index(STORE_TABLETS, "which store", person))
    visitor = np.where(device == TABLET, family, np.where(device == STORE_TABLET, store, own))
    return channel, device, visitor


def _logged_in(
    block: Block,
    dice: Dice,
    accounts: Records,
    *,
    row: Integers,
    key: Integers,
    starts: Integers,
    channel: Integers,
    device: Integers,
) -> Flags:
    exists = accounts.place_of(row, starts) >= 0
    binds = dice.chance(0.6, "binds messenger", block.people.person[row])
    likely = np.where(channel == APP, 0.9, np.where(channel == MINI, 0.95 * binds, 0.42))
    likely = np.where(device == STORE_TABLET, 0.3, likely)
    return exists & dice.chance(likely, "logged in", key)


def _message_that_started(
    block: Block, dice: Dice, sends: Sends, row: Integers, *, key: Integers, starts: Integers
) -> Integers:
    """Return the message that a visit came from: the last one opened in the three days before, by chance.

    A click takes a visit that happens anyway or by the message's effect: clicks add none of their own.
    """
    opened = np.flatnonzero(sends.opened < NEVER)
    opened = opened[np.lexsort((sends.opened[opened], sends.row[opened]))]
    span = END * 4
    at = np.searchsorted(sends.row[opened] * span + sends.opened[opened], row * span + starts) - 1
    message = np.where(at >= 0, opened[np.maximum(at, 0)], -1) if len(opened) else np.full(len(row), -1)
    if not len(opened):
        return message
    fits = (message >= 0) & (sends.row[message] == row) & (starts - sends.opened[message] < 3 * DAY)
    fits &= dice.chance(0.25 + 0.5 * block.people.response[row], "clicks", key)
    return np.where(fits, message, -1)
