"""The loyalty programme: members, points and invitations."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulation.digital_twin import dirt as spoil
from simulation.digital_twin.arrays import numbered_within, stacked
from simulation.digital_twin.blocks import Block, Rows
from simulation.digital_twin.clock import DAY, END, FIRST_DAY, HOUR, MINUTE, SECOND, utc_of
from simulation.digital_twin.crm import NEVER, card_texts
from simulation.digital_twin.profiles import followers_of
from simulation.digital_twin.randomness import Flags, Integers, scrambled
from simulation.digital_twin.records import (
    Records,
    clean_emails,
    emails_of,
    names_of,
    phones_of,
    records_of,
)
from simulation.digital_twin.shop import Orders, order_keys
from simulation.digital_twin.text import (
    NOTHING,
    choose,
    fixed,
    hexadecimal,
    join,
    numbered,
    prefixed,
    timestamps,
    where,
    whole_numbers,
)
from simulation.digital_twin.visits import Visits

_KINDS = ("EARN", "BURN", "EXPIRE", "ADJUST")
_REASONS = ("PURCHASE", "WELCOME", "REFERRAL", "REWARD", "EXPIRY", "GOODWILL")
_PURCHASE, _WELCOME, _REFERRAL, _REWARD, _EXPIRY, _GOODWILL = range(len(_REASONS))
BONUS, _REWARD_POINTS = 500, 500
_KIND_OF_REASON = np.array([0, 0, 0, 1, 2, 3])


def members_of(block: Block) -> Records:
    """Draw who is a member."""
    people = block.people
    share = np.where(people.has_household, np.where(people.member == 0, 0.7, 0.12), 0.3)
    share = np.clip(share * (0.8 + 0.4 * people.loyalty), 0, 1)
    return records_of(
        block.dice("loyalty"), people, share, already=0.65, second_records=block.dirt.second_records
    )


def member_keys(number: Integers) -> pa.Array:
    """Return the keys of members."""
    return numbered("M", scrambled(number, 8, 61_803_399, 2_718_281), 8)


def loyalty_members(block: Block, members: Records) -> Rows:
    """Return every state of every member."""
    dice, people, number, row = block.dice("loyalty"), block.people, members.number, members.row
    names = names_of(dice, people, members, block.dirt)
    born = np.asarray(people.born[row], dtype="datetime64[ms]").astype("datetime64[D]").astype(str).tolist()
    birthday = pa.array([f"{date[8:10]}.{date[5:7]}.{date[:4]}" for date in born], pa.string())
    birthday = where(dice.chance(block.dirt.impossible_dates * 5, "odd", number), "01.01.1900", birthday)
    birthday = where(dice.chance(0.8, "birthday", number), birthday, NOTHING)
    changes = dice.chance(0.15, "changes", number)
    later = np.maximum(members.created, FIRST_DAY) + dice.between(DAY, 330 * DAY, "changed", number).astype(
        np.int64
    )
    again = np.flatnonzero(changes & (later < END))
    at = stacked(np.arange(len(members)), again)
    when = stacked(members.created, later[again])
    old_phone = phones_of(dice, people, members, block.dirt, present=0.75)
    place = pa.array(at)
    upper = pc.utf8_upper(names.surname)
    columns = {
        "MemberNo": member_keys(number).take(place),
        "CardNo": card_texts(people.card[row]).take(place),
        "Name": join(upper, ", ", names.given).take(place),
        "Email": emails_of(dice, people, members, block.dirt, second=0.12).take(place),
        "Mobile": old_phone.take(place),
        "Birthday": birthday.take(place),
        "Follows": followers_of(block, members).take(place),
        "JoinedOn": timestamps(members.created[at], "DD.MM.YYYY"),
        "ChangedAt": timestamps(when, "DD.MM.YYYY hh:mm"),
    }
    return Rows.of(columns, utc_of(when), number[at] * 1000 + when // DAY % 1000)


@dataclass(frozen=True)
class Invitations:
    """Invitations; one element each.

    Attributes
    ----------
    inviter, invitee
        Places of the members; the invitee's is -1 for who is none.
    invitee_row
        Place of the invited person in the block.
    key
        Number of the invitation.
    sent, joined
        Milliseconds, New York; `NEVER` for who did not come by it.
    """

    inviter: Integers
    invitee_row: Integers
    invitee: Integers
    key: Integers
    sent: Integers
    joined: Integers


def invitations_of(block: Block, members: Records) -> Invitations:
    """Draw invitations: by people who like to share; some of the invited were about to join anyway."""
    dice, people = block.dice("invitations"), block.people
    count = dice.poisson(2.4 * people.sharing[members.row], "invites", members.number, largest=7)
    inviter, within = numbered_within(count)
    key = members.number[inviter] * 8 + within
    invitee_row = dice.index(len(people), "whom", key)
    start = np.maximum(members.created[inviter], FIRST_DAY) + DAY
    sent = start + (dice.uniform("sent", key) * (END - 2 * DAY - start)).astype(np.int64)
    invitee = members.of_person[invitee_row]
    joined = np.where(invitee >= 0, members.created[invitee], NEVER) if len(members) else invitee_row
    # An invitation leads to those who joined in the weeks after it.
    sent = np.where(
        (joined > FIRST_DAY) & (joined < END) & (joined - 3 * DAY > start), joined - 2 * DAY, sent
    )
    came = (joined > sent) & (joined < END)
    kept = (sent < END - DAY) & (invitee_row != members.row[inviter]) & (came | (invitee < 0))
    # The first invitation counts.
    order = np.lexsort((key, sent))
    first = np.zeros(len(key), dtype=np.bool_)
    first[order[np.unique(invitee_row[order], return_index=True)[1]]] = True
    kept &= first | ~came
    return Invitations(
        inviter[kept],
        invitee_row[kept],
        invitee[kept],
        key[kept],
        sent[kept],
        np.where(came, joined, NEVER)[kept],
    )


def invitations(block: Block, members: Records, invited: Invitations) -> Rows:
    """Return every state of every invitation."""
    dice, key = block.dice("invitations"), invited.key
    came = np.flatnonzero(invited.joined < END)
    at = stacked(np.arange(len(key)), came)
    has_come = np.arange(len(at)) >= len(key)
    sent, joined = utc_of(invited.sent), utc_of(np.minimum(invited.joined, END))
    when = np.where(has_come, joined[at], sent[at])
    email = clean_emails(block.people, invited.invitee_row, np.zeros(len(key), dtype=np.bool_), False)
    channel = dice.pick((3, 3, 2, 1), "channel", key)
    email = where(
        channel == 1, spoil.spoilt(email, block.dirt.typos, spoil.mistyped_email, dice, "typo", key), NOTHING
    )
    numbers = member_keys(members.number)
    place = pa.array(at)
    columns = {
        "code": fixed(prefixed("INV-", hexadecimal(dice.bits("code", key))[:, :10])).take(place),
        "member_no": numbers.take(pa.array(invited.inviter)).take(place),
        "invitee_email": email.take(place),
        "invitee_member_no": where(
            has_come, numbers.take(pa.array(np.maximum(invited.invitee, 0))).take(place), NOTHING
        ),
        "channel": choose(("link", "email", "messenger", "qr"), channel).take(place),
        "sent_at": timestamps(sent, "YYYY-MM-DDThh:mm:ssZ").take(place),
        "joined_at": timestamps(when, "YYYY-MM-DDThh:mm:ssZ", ~has_come),
        "bonus": where(has_come, str(BONUS), "0"),
        "updated_at": timestamps(when, "YYYY-MM-DDThh:mm:ssZ"),
    }
    return Rows.of(columns, when, key[at] * 2 + has_come)


@dataclass
class _Bookings:
    """Bookings as they are collected; each part has one element per booking."""

    parts: list[tuple[Integers, Integers, Integers, Integers, Integers]] = field(default_factory=list)
    references: list[pa.Array] = field(default_factory=list)

    def add(
        self,
        reason: int,
        member: Integers,
        points: Integers,
        at: Integers,
        *,
        key: Integers,
        about: pa.Array | None = None,
    ) -> None:
        """Add bookings.

        Parameters
        ----------
        reason
            Place in ``_REASONS``.
        member, points, at
            Place of each member, points, milliseconds of New York.
        key
            Number that is each booking's own within its reason.
        about
            What it refers to.
        """
        self.parts.append((member, points, np.full(len(member), reason), at, key * 8 + reason))
        self.references.append(pa.nulls(len(member), pa.string()) if about is None else about)

    def column(self, place: int) -> Integers:
        """Return a part of all bookings."""
        return np.concatenate([part[place] for part in self.parts])


def loyalty_ledger(
    block: Block, members: Records, visits: Visits, orders: Orders, invited: Invitations
) -> Rows:
    """Return the bookings: points are earned by baskets and web orders, and spent when there are enough."""
    dice, booked = block.dice("ledger"), _Bookings()
    everyone = np.arange(len(members))
    start = np.maximum(members.created, FIRST_DAY + HOUR)
    booked.add(_WELCOME, everyone, np.full(len(members), 100), start, key=members.number)
    _book_baskets(block, members, booked)
    _book_orders(block, members, visits, orders, booked)
    came = np.flatnonzero(invited.joined < END)
    bonus, key = np.full(len(came), BONUS), 2 * 10**12 + invited.key[came]
    booked.add(_REFERRAL, invited.inviter[came], bonus, invited.joined[came] + HOUR, key=key)
    earned = booked.column(0), booked.column(1), booked.column(3)
    for why, who, spent, moment in _spent_and_expired(members, earned):
        key = 3 * 10**12 + members.number[who] * 512 + (moment - FIRST_DAY) // DAY
        booked.add(why, who, spent, moment, key=key)
    member, points, reason, at, key = (booked.column(place) for place in range(5))
    columns = {
        "EntryNo": fixed(prefixed("E", hexadecimal(dice.bits("entry", key)))),
        "MemberNo": member_keys(members.number).take(pa.array(member)),
        "Kind": choose(_KINDS, _KIND_OF_REASON[reason]),
        "Points": _points(points, dice.pick((8, 1, 1), "spelling", key)),
        "Reason": choose(_REASONS, reason),
        "Reference": pa.concat_arrays(booked.references),
        "BookedAt": timestamps(at, "DD.MM.YYYY hh:mm"),
    }
    return Rows.of(columns, utc_of(at), key)


def _book_baskets(block: Block, members: Records, booked: _Bookings) -> None:
    """Book a basket's points in the night after it."""
    member, basket = _baskets_of_members(block, members)
    baskets = block.baskets
    number, points = baskets.basket[basket], baskets.cents[basket] // 100
    minute = block.dice("ledger").index(3600, "night", number) * SECOND
    night = baskets.local[basket] // DAY * DAY + DAY + 3 * HOUR + minute
    fits = np.flatnonzero((night < END) & (points > 0) & (night > members.created[member]))
    about = whole_numbers(number[fits])
    booked.add(_PURCHASE, member[fits], points[fits], night[fits], key=number[fits], about=about)


def _book_orders(block: Block, members: Records, visits: Visits, orders: Orders, booked: _Bookings) -> None:
    """Book two points per dollar of a web order when it is delivered, and at times some more to say sorry."""
    if not len(members):
        return
    owner, key = members.of_person[orders.row], 10**12 + visits.key[orders.visit]
    paid = (owner >= 0) & ~orders.is_cancelled & ~orders.is_test & (orders.delivered < END)
    paid &= orders.placed > members.created[owner]
    sorry = paid & block.dice("ledger").chance(0.02, "goodwill", key) & (orders.delivered + 3 * DAY < END)
    numbers = order_keys(visits).take(pa.array(orders.visit))
    for reason, rows, points, days in (
        (_PURCHASE, np.flatnonzero(paid), 2 * orders.total // 100, 0),
        (_GOODWILL, np.flatnonzero(sorry), np.full(len(orders), 250), 2),
    ):
        at = orders.delivered[rows] + days * DAY
        about = numbers.take(pa.array(rows))
        booked.add(reason, owner[rows], points[rows], at, key=key[rows], about=about)


def _baskets_of_members(block: Block, members: Records) -> tuple[Integers, Integers]:
    """Return pairs of member and basket: the household's card is the card holder's."""
    people = block.people
    holder = np.full(len(block.household_numbers), -1)
    first = members.number % 2 == 0
    cards = first & (people.card[members.row] > 0)
    holder[people.household[members.row[cards]]] = np.flatnonzero(cards)
    if not len(holder):
        return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    place = np.minimum(np.searchsorted(block.household_numbers, block.baskets.household), len(holder) - 1)
    known = block.household_numbers[place] == block.baskets.household
    basket = np.flatnonzero(known & (holder[place] >= 0))
    return holder[place[basket]], basket


def _spent_and_expired(
    members: Records, earned: tuple[Integers, Integers, Integers]
) -> list[tuple[int, Integers, Integers, Integers]]:
    """Return rewards, a month after a balance of 800 was reached, and points that expire on 1 December.

    Parameters
    ----------
    earned
        Place of the member, points and moment of what was earned.

    Returns
    -------
    list
        Reason, places of the members, points, moments.
    """
    who, points, at = earned
    month = np.clip((at - FIRST_DAY) // (30 * DAY), 0, 12)
    count = len(members)
    gained = np.bincount(who * 13 + month, weights=points, minlength=count * 13).reshape(count, 13)
    balance = np.zeros(count)
    bookings: list[tuple[int, Integers, Integers, Integers]] = []
    for number in range(12):
        balance += gained[:, number]
        rich = np.flatnonzero(balance >= 800)
        minute = (members.number[rich] * 7919 + number * 104_729) % (27 * 24 * 60)
        moment = FIRST_DAY + (number + 1) * 30 * DAY + minute * MINUTE
        rich, moment = rich[moment < END], moment[moment < END]
        bookings.append((_REWARD, rich, np.full(len(rich), -_REWARD_POINTS), moment))
        balance[rich] -= _REWARD_POINTS
        if number == 9:
            expiring = np.flatnonzero((balance > 150) & (members.number % 3 == 0))
            lost = (balance[expiring] // 4).astype(np.int64)
            bookings.append((_EXPIRY, expiring, -lost, np.full(len(expiring), FIRST_DAY + 334 * DAY)))
            balance[expiring] -= lost
    return bookings


def _points(amounts: Integers, spelling: Integers) -> pa.Array:
    """Return points as ``1,250``, ``-300`` or ``300-``."""
    size = np.abs(amounts)
    thousands = join(whole_numbers(size // 1000), ",", numbered("", size % 1000, 3))
    text = where(size >= 1000, thousands, whole_numbers(size))
    behind: Flags = spelling == 1
    return where(amounts >= 0, text, where(behind, join(text, "-"), join("-", text)))
