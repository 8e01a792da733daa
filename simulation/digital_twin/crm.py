"""The CRM: contacts with every state they had, and the log of their consents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulation.digital_twin import dirt as spoil
from simulation.digital_twin.arrays import stacked
from simulation.digital_twin.blocks import Block, Rows
from simulation.digital_twin.clock import DAY, END, FIRST_DAY, HOUR, is_summer_time, utc_of
from simulation.digital_twin.randomness import Flags, Integers, scrambled
from simulation.digital_twin.records import (
    Records,
    addresses_of,
    emails_of,
    names_of,
    phones_of,
    records_of,
)
from simulation.digital_twin.text import (
    NOTHING,
    choose,
    join,
    numbered,
    timestamps,
    where,
)

CHANNELS = ("EMAIL", "SMS", "PUSH", "MSG")
_GRANTED = (0.78, 0.5, 0.6, 0.55)
NEVER = END * 2
_MOMENT = "MM/DD/YYYY II:mm PP"
_COLUMNS = (
    "ContactID", "Salutation", "FirstName", "LastName", "Gender", "BirthDate", "Email", "Phone", "Street",
    "City", "PostCode", "Country", "Language", "CardNo", "CreatedOn", "ModifiedOn",
)  # fmt: skip
_COUNTRIES = ("USA", "United States", "US", "U.S.A.", "usa")


@dataclass(frozen=True)
class Contacts:
    """The contacts of the CRM and their consents.

    Attributes
    ----------
    records
        The contacts.
    granted
        Whether marketing by each channel was allowed at the start, shape (contacts, channels).
    withdrawn
        When it was withdrawn without a message, milliseconds, New York; `NEVER` if not; same shape.
    """

    records: Records
    granted: Flags
    withdrawn: Integers


def contacts_of(block: Block) -> Contacts:
    """Draw who is a contact, and what each allows."""
    dice, people = block.dice("crm"), block.people
    share = np.where(people.has_household, np.where(people.member == 0, 0.6, 0.25), 0.5)
    records = records_of(dice, people, share, already=0.6, second_records=block.dirt.second_records)
    channel = np.arange(len(CHANNELS))
    number = records.number[:, None]
    granted = dice.chance(np.array(_GRANTED)[None, :], "grants", number, channel[None, :])
    withdraws = granted & dice.chance(0.06, "withdraws", number, channel[None, :])
    day = dice.between(0, 1, "withdrawn", number, channel[None, :])
    start = np.maximum(records.created, FIRST_DAY)[:, None] + DAY
    withdrawn = np.where(withdraws, start + (day * (END - start - HOUR)).astype(np.int64), NEVER)
    return Contacts(records, granted, withdrawn)


def contact_keys(number: Integers) -> pa.Array:
    """Return the keys of contacts."""
    return numbered("C", scrambled(number, 8, 48_271_003, 3_105_907), 8)


def card_texts(card: Integers) -> pa.Array:
    """Return card numbers padded to ten digits; null without a card."""
    return where(card > 0, numbered("", card, 10), NOTHING)


@dataclass(frozen=True)
class _States:
    """States of contacts; one element each: place of the contact, when it began, what is known by then."""

    at: Integers
    modified: Integers
    has_moved: Flags
    has_card: Flags


def _states_of(block: Block, contacts: Contacts) -> _States:
    """Return a state per contact, and one more when a move is heard of, a card shown, or all confirmed."""
    dice, people, records = block.dice("crm"), block.people, contacts.records
    row, number, created = records.row, records.number, records.created
    moves_at = people.moves_at[row]
    heard = moves_at + dice.whole(DAY, 40 * DAY, "hears on", number)
    heard = np.where(dice.chance(0.6, "hears of move", number), heard, NEVER)
    has_card = (people.card[row] > 0) & dice.chance(0.65, "shows card", number)
    is_later = dice.chance(0.3, "shows card later", number)
    later = np.maximum(created, FIRST_DAY) + dice.whole(DAY, 250 * DAY, "shown on", number)
    shown = np.where(has_card, np.where(is_later, later, created), NEVER)
    confirmed = FIRST_DAY + dice.whole(0, 360 * DAY, "on", number)
    confirmed = np.where(dice.chance(0.12, "confirmed", number), confirmed, NEVER)
    begun = [np.arange(len(records))]
    begun += [np.flatnonzero((when < END) & (when > created + HOUR)) for when in (heard, shown, confirmed)]
    at = stacked(*begun)
    modified = stacked(
        *(when[places] for when, places in zip((created, heard, shown, confirmed), begun, strict=True))
    )
    return _States(
        at=at,
        modified=modified,
        has_moved=(modified >= heard[at]) | (moves_at < created)[at],
        has_card=modified >= shown[at],
    )


def crm_contacts(block: Block, contacts: Contacts) -> Rows:
    """Return every state of every contact: a contact is exported again whenever it changes."""
    dice, people, dirt = block.dice("crm"), block.people, block.dirt
    states, number = _states_of(block, contacts), contacts.records.number
    known = _known_of(block, contacts)
    address = addresses_of(
        people,
        contacts.records.row[states.at],
        states.has_moved,
        dice.chance(0.4, "in full", number)[states.at],
    )
    lost = dice.chance(dirt.lost_zeros, "lost zero", number)[states.at]
    card = card_texts(people.card[contacts.records.row[states.at]])
    columns = {name: column.take(pa.array(states.at)) for name, column in known.items()} | {
        "Street": address.line,
        "City": address.city,
        "PostCode": where(lost, pc.utf8_ltrim(address.zip, "0"), address.zip),
        "CardNo": where(states.has_card, card, NOTHING),
        "CreatedOn": timestamps(contacts.records.created[states.at], _MOMENT),
        "ModifiedOn": timestamps(states.modified, _MOMENT),
    }
    written = utc_of(states.modified)
    key = number[states.at] * 1000 + states.modified // DAY % 1000
    return Rows.of({name: columns[name] for name in _COLUMNS}, written, key)


def _known_of(block: Block, contacts: Contacts) -> dict[str, pa.Array]:
    """Return what is known of each contact from its first state on."""
    dice, people, records, dirt = block.dice("crm"), block.people, contacts.records, block.dirt
    row, number = records.row, records.number
    names = names_of(dice, people, records, dirt)
    is_odd = dice.chance(dirt.impossible_dates * 5, "odd birth date", number)
    born = spoil.one_of(_birth_dates(people.born[row]), is_odd, spoil.JUNK_DATES, dice, "birth date", number)
    gender = where(dice.chance(0.85, "gender known", number), choose(("F", "M"), people.gender[row]), "")
    salutation = np.where(dice.chance(0.7, "salutation", number), people.gender[row], 3)
    salutation = np.where(dice.chance(0.03, "doctor", number), 2, salutation)
    in_brazil = (people.language[row] == 2) & dice.chance(0.1, "brasil", number)
    country = choose(_COUNTRIES, dice.pick((6, 5, 3, 1, 1), "country", number))
    return {
        "ContactID": contact_keys(number),
        "Salutation": choose(("Ms.", "Mr.", "Dr.", ""), salutation),
        "FirstName": names.given,
        "LastName": names.surname,
        "Gender": where(dice.chance(0.01, "gender x", number), "X", gender),
        "BirthDate": where(dice.chance(0.7, "birth date known", number), born, NOTHING),
        "Email": emails_of(dice, people, records, dirt, second=0.1),
        "Phone": phones_of(dice, people, records, dirt, present=0.8),
        "Country": where(in_brazil, "Brasil", country),
        "Language": choose(("EN", "ZH", "PT"), people.language[row]),
    }


def consent_log(block: Block, contacts: Contacts, unsubscribed: Integers) -> Rows:
    """Return every change of a consent.

    Parameters
    ----------
    unsubscribed
        When each contact unsubscribed by a message, milliseconds, New York, or `NEVER`; shape (contacts,
        channels).
    """
    dice, number = block.dice("consent"), contacts.records.number
    created, everyone = contacts.records.created, np.arange(len(number))
    first = dice.index(2, "evidence", number)
    # Each part: contacts, channel, purpose, when, granted, evidence.
    parts: list[tuple[Integers, int, int, Integers, Flags, Integers]] = []
    for place in range(len(CHANNELS)):
        asked = dice.chance(0.97, f"asked {place}", number) | contacts.granted[:, place]
        parts.append(
            (everyone[asked], place, 0, created[asked], contacts.granted[asked, place], first[asked])
        )
        leaves = np.minimum(contacts.withdrawn[:, place], unsubscribed[:, place])
        gone = np.flatnonzero(leaves < END)
        by_message = unsubscribed[gone, place] <= contacts.withdrawn[gone, place]
        otherwise = np.where(dice.chance(0.5, f"by {place}", number[gone]), 3, 0)
        evidence = np.where(by_message, 2, otherwise)
        parts.append((gone, place, 0, leaves[gone], np.zeros(len(gone), dtype=np.bool_), evidence))
    parts.append((everyone, 4, 0, created, dice.chance(0.35, "phone", number), first))
    parts.append((everyone, 5, 1, created, dice.chance(0.85, "analytics", number), first))
    parts.append((everyone, 5, 2, created, dice.chance(0.7, "personal", number), first))
    sizes = [len(part[0]) for part in parts]
    rows, of_channel, about, local, yes, by = (
        np.concatenate([part[place] for part in parts])
        if place not in {1, 2}
        else np.repeat([part[place] for part in parts], sizes)
        for place in range(6)
    )
    key = number[rows] * 64 + of_channel * 8 + about * 2 + (local > created[rows])
    spelling = dice.pick((6, 2, 1), "spelling", key)
    offset = where(is_summer_time(local), "-04:00", "-05:00")
    reference = contact_keys(number[rows])
    unknown = dice.chance(block.dirt.unknown_references, "unknown contact", key)
    columns = {
        "LogID": numbered("L", scrambled_key(key), 10),
        "ContactID": where(unknown, numbered("C99", number[rows] % 10**6, 7), reference),
        "Purpose": choose(("MKT", "ANALYTICS", "PERSONAL"), about),
        "Channel": choose((*CHANNELS, "PHONE", "ALL"), of_channel),
        "Granted": choose(("N", "Y", "false", "true", "0", "1"), spelling * 2 + yes),
        "Evidence": choose(("form", "store", "unsubscribe link", "phone call"), by),
        "ChangedAt": join(timestamps(local, "YYYY-MM-DDThh:mm:ss"), offset),
    }
    return Rows.of(columns, utc_of(local), key)


def scrambled_key(key: Integers) -> Integers:
    """Return keys of up to ten digits in another order, one to one."""
    return (key * 1_000_003 + 77_777) % 10**10


def _birth_dates(born: Integers) -> pa.Array:
    dates = np.asarray(born, dtype="datetime64[ms]").astype("datetime64[D]").astype(str)
    year, month, day = (
        pa.array([text[a:b] for text in dates.tolist()]) for a, b in ((0, 4), (5, 7), (8, 10))
    )
    return join(month, day, year, separator="/")
