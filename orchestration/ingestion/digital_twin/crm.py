"""The CRM: contacts with every state they had, and the log of their consents."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from orchestration.ingestion.digital_twin import dirt as spoil
from orchestration.ingestion.digital_twin.blocks import Block, Rows, stacked
from orchestration.ingestion.digital_twin.clock import DAY, END, FIRST_DAY, HOUR, is_summer_time, utc_of
from orchestration.ingestion.digital_twin.randomness import Flags, Integers, scrambled
from orchestration.ingestion.digital_twin.records import (
    Records,
    addresses_of,
    emails_of,
    names_of,
    phones_of,
    records_of,
)
from orchestration.ingestion.digital_twin.text import (
    choose,
    join,
    numbered,
    timestamps,
    where,
)

CHANNELS = ("EMAIL", "SMS", "PUSH", "MSG")
_GRANTED = (0.78, 0.5, 0.6, 0.55)
NEVER = END * 2
_OTHER_COUNTRIES = ("USA", "United States", "US", "U.S.A.", "usa")


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
    return where(card > 0, numbered("", card, 10), pa.scalar(None, pa.string()))


def crm_contacts(block: Block, contacts: Contacts) -> Rows:
    """Return every state of every contact: a contact is exported again whenever it changes."""
    dice, people, records, dirt = block.dice("crm"), block.people, contacts.records, block.dirt
    row, number = records.row, records.number
    hears = dice.chance(0.6, "hears of move", number)
    moved = people.moves_at[row] + dice.between(DAY, 40 * DAY, "hears on", number).astype(np.int64)
    shows_card = (people.card[row] > 0) & dice.chance(0.65, "shows card", number)
    shown_later = shows_card & dice.chance(0.3, "shows card later", number)
    shown = np.where(
        shown_later,
        np.maximum(records.created, FIRST_DAY)
        + dice.between(DAY, 250 * DAY, "shown on", number).astype(np.int64),
        np.where(shows_card, records.created, NEVER),
    )
    touched = np.where(
        dice.chance(0.12, "confirmed", number),
        FIRST_DAY + dice.between(0, 360 * DAY, "on", number).astype(np.int64),
        NEVER,
    )
    everyone = np.arange(len(records))
    moves = np.flatnonzero(hears & (moved < END) & (moved > records.created))
    cards = np.flatnonzero(shown_later & (shown < END))
    confirms = np.flatnonzero((touched < END) & (touched > records.created + HOUR))
    at = stacked(everyone, moves, cards, confirms)
    modified = stacked(records.created, moved[moves], shown[cards], touched[confirms])

    names = names_of(dice, people, records, dirt)
    has_moved = (modified >= moved[at]) & hears[at] | (people.moves_at[row][at] < records.created[at])
    address = addresses_of(people, row[at], has_moved, dice.chance(0.4, "in full", number)[at])
    zips = spoil.changed(
        address.zip, dice.chance(dirt.lost_zeros, "lost zero", number)[at], lambda text, _: text.lstrip("0"),
        dice.bits("lost zero/how", number)[at],
    )  # fmt: skip
    born = _birth_dates(people.born[row])
    odd = dice.chance(dirt.impossible_dates * 5, "odd birth date", number)
    born = spoil.one_of(born, odd, spoil.JUNK_DATES, dice, "birth date", number)
    born = where(dice.chance(0.7, "birth date known", number), born, pa.scalar(None, pa.string()))
    language = choose(("EN", "ZH", "PT"), people.language[row])
    gender = where(dice.chance(0.85, "gender known", number), choose(("F", "M"), people.gender[row]), "")
    gender = where(dice.chance(0.01, "gender x", number), "X", gender)
    salutation = choose(
        ("Ms.", "Mr.", "Dr.", ""), np.where(dice.chance(0.7, "salutation", number), people.gender[row], 3)
    )
    country = choose(_OTHER_COUNTRIES, dice.pick((6, 5, 3, 1, 1), "country", number))
    country = where((people.language[row] == 2) & dice.chance(0.1, "brasil", number), "Brasil", country)
    place = pa.array(at)
    columns = {
        "ContactID": contact_keys(number).take(place),
        "Salutation": salutation.take(place),
        "FirstName": names.given.take(place),
        "LastName": names.surname.take(place),
        "Gender": gender.take(place),
        "BirthDate": born.take(place),
        "Email": emails_of(dice, people, records, dirt, second=0.1).take(place),
        "Phone": phones_of(dice, people, records, dirt, present=0.8).take(place),
        "Street": address.line,
        "City": address.city,
        "PostCode": zips,
        "Country": country.take(place),
        "Language": language.take(place),
        "CardNo": where(
            modified >= shown[at], card_texts(people.card[row[at]]), pa.scalar(None, pa.string())
        ),
        "CreatedOn": timestamps(records.created[at], "MM/DD/YYYY II:mm PP"),
        "ModifiedOn": timestamps(modified, "MM/DD/YYYY II:mm PP"),
    }
    return Rows.of(columns, utc_of(modified), number[at] * 1000 + modified // DAY % 1000)


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
