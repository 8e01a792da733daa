"""Records of people in the systems: who is in which, since when, and how the name was typed there."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulation.digital_twin import dirt as spoil
from simulation.digital_twin.clock import DAY, END, FIRST_DAY, HOUR, SYSTEMS_SINCE
from simulation.digital_twin.configuration import Dirt
from simulation.digital_twin.names import (
    GENDERS,
    LANGUAGES,
    family_names,
    given_names,
    mail_domains,
    nickname,
)
from simulation.digital_twin.people import People
from simulation.digital_twin.places import STREET_KINDS, STREET_KINDS_IN_FULL, STREETS, TOWNS
from simulation.digital_twin.randomness import Dice, Flags, Floats, Integers, scrambled
from simulation.digital_twin.text import (
    NOTHING,
    choose,
    digits,
    fixed,
    join,
    where,
    whole_numbers,
)


@dataclass(frozen=True)
class Records:
    """The records of one system; all arrays have one element per record.

    Attributes
    ----------
    row
        Place of the person in the block.
    number
        Number of the record: twice the person's, one more for a second record of the same person.
    created
        Milliseconds, New York.
    of_person
        Place of each person's first record; -1 without one. One element per person.
    """

    row: Integers
    number: Integers
    created: Integers
    of_person: Integers

    def __len__(self) -> int:
        return len(self.row)

    def place_of(self, row: Integers, before: Integers) -> Integers:
        """Return the places of people's first records, if they were created ``before``; else -1."""
        if not len(self):
            return np.full(len(row), -1)
        place = self.of_person[row]
        return np.where((place >= 0) & (self.created[place] < before), place, -1)


def records_of(dice: Dice, people: People, share: Floats, already: float, second_records: float) -> Records:
    """Draw who is in a system.

    Parameters
    ----------
    share
        Chance of each person to be in it by the end of the year.
    already
        Share of them who were in it before the year began.
    second_records
        Share of people who are in it twice.
    """
    joins = np.flatnonzero(dice.chance(share, "joins", people.person))
    person = people.person[joins]
    before = dice.chance(already, "already", person)
    created = np.where(
        before,
        dice.between(SYSTEMS_SINCE + 30 * DAY, FIRST_DAY - 2 * DAY, "created", person),
        dice.between(FIRST_DAY + DAY, END - 20 * DAY, "created", person),
    ).astype(np.int64)
    created = created // DAY * DAY + dice.whole(8 * HOUR, 21 * HOUR, "hour", person)
    again = dice.chance(second_records, "again", person)
    later = created[again] + dice.whole(20 * DAY, 200 * DAY, "again at", person[again])
    fits = later < END - DAY
    row = np.concatenate([joins, joins[again][fits]])
    copy = np.concatenate([np.zeros(len(joins), dtype=np.int64), np.ones(int(fits.sum()), dtype=np.int64)])
    of_person = np.full(len(people), -1)
    of_person[joins] = np.arange(len(joins))
    return Records(row, people.person[row] * 2 + copy, np.concatenate([created, later[fits]]), of_person)


@dataclass(frozen=True)
class Names:
    """How a system writes its records' names."""

    given: pa.Array
    surname: pa.Array


def names_of(dice: Dice, people: People, records: Records, dirt: Dirt, in_characters: float = 0.0) -> Names:
    """Return names as they were typed into a system.

    Parameters
    ----------
    in_characters
        Share of Chinese speakers who write their name in characters there.
    """
    row, number = records.row, records.number
    given_place, surname_place = _name_places(people)
    vocabulary = _vocabulary()
    nick = dice.chance(dirt.nicknames, "nickname", number)
    given = where(
        nick,
        vocabulary.short.take(pa.array(given_place[row])),
        vocabulary.given.take(pa.array(given_place[row])),
    )
    surname = vocabulary.surname.take(pa.array(surname_place[row]))
    if in_characters:
        chars = (people.language[row] == 1) & dice.chance(in_characters, "characters", number)
        given = where(chars, vocabulary.given_characters.take(pa.array(given_place[row])), given)
        surname = where(chars, vocabulary.surname_characters.take(pa.array(surname_place[row])), surname)
    return Names(
        _spoilt_name(dice, given, "given", number, dirt), _spoilt_name(dice, surname, "surname", number, dirt)
    )


def _spoilt_name(dice: Dice, name: pa.Array, part: str, number: Integers, dirt: Dirt) -> pa.Array:
    name = spoil.spoilt(name, dirt.typos, spoil.typo, dice, f"typo in {part}", number)
    name = spoil.spoilt(name, dirt.capitals, spoil.capitals, dice, f"capitals in {part}", number)
    # The same export spoils given name and surname alike.
    has_accent = np.asarray(pc.not_equal(pc.binary_length(name), pc.utf8_length(name)))
    broken = has_accent & dice.chance(dirt.mojibake, "mojibake", number)
    return spoil.changed(name, broken, spoil.mojibake, dice.bits("mojibake/how", number))


def emails_of(dice: Dice, people: People, records: Records, dirt: Dirt, second: float) -> pa.Array:
    """Return e-mail addresses as they were typed into a system.

    Parameters
    ----------
    second
        Share of people who give their second address there.
    """
    row, number = records.row, records.number
    clean = clean_emails(people, row, dice.chance(second, "second address", number), True)
    text = spoil.spoilt(clean, dirt.typos, spoil.mistyped_email, dice, "typo in email", number)
    text = spoil.spoilt(text, dirt.capitals, spoil.careless_email, dice, "careless email", number)
    text = spoil.spoilt(text, dirt.malformed_emails, spoil.malformed_email, dice, "malformed email", number)
    return spoil.spoilt(text, dirt.junk_identifiers, spoil.junk_email, dice, "junk email", number)


def clean_emails(people: People, row: Integers, is_second: Flags, is_shared: bool) -> pa.Array:
    """Return e-mail addresses of people without a slip; families that share a mailbox give that one."""
    shared = people.shares_mailbox[row] & is_shared
    # The mailbox of a family is its card holder's, who stands before the other members.
    row = np.where(shared, row - people.member[row], row)
    given_place, surname_place = _name_places(people)
    vocabulary = _vocabulary()
    given = vocabulary.given_ascii.take(pa.array(given_place[row]))
    surname = vocabulary.surname_ascii.take(pa.array(surname_place[row]))
    person = people.person[row]
    suffix = whole_numbers(scrambled(person, 6, 734_219, 51_307))
    domain = _domains().take(pa.array(people.language[row] * 7 + people.mail_domain[row]))
    other = _domains().take(pa.array(people.language[row] * 7 + (people.mail_domain[row] + 1) % 7))
    style = person % 3
    local = where(
        style == 0,
        join(given, ".", surname, suffix),
        where(
            style == 1,
            join(pc.utf8_slice_codeunits(given, 0, 1), surname, suffix),
            join(given, "_", surname, suffix),
        ),
    )
    second_local = join(surname, ".", given, suffix)
    return where(is_second, join(second_local, "@", other), join(local, "@", domain))


def phones_of(dice: Dice, people: People, records: Records, dirt: Dirt, present: float) -> pa.Array:
    """Return phone numbers as they were typed into a system; null for those who gave none."""
    row, number = records.row, records.number
    text = phone_texts(people.phone[row], dice.pick((4, 4, 2, 2, 3, 1), "style of phone", number))
    text = spoil.spoilt(text, dirt.malformed_phones, spoil.malformed_phone, dice, "malformed phone", number)
    text = spoil.spoilt(text, dirt.junk_identifiers, spoil.junk_phone, dice, "junk phone", number)
    return where(dice.chance(present, "gave phone", number), text, NOTHING)


def phone_texts(phones: Integers, style: Integers) -> pa.Array:
    """Return phone numbers of seven digits with their area codes, in one of six spellings."""
    area = choose([town[1] for town in TOWNS], phones % len(TOWNS))
    figures = digits(phones, 7)
    first, last = fixed(figures[:, :3]), fixed(figures[:, 3:])
    spellings = [
        join("(", area, ") ", first, "-", last),
        join(area, "-", first, "-", last),
        join(area, ".", first, ".", last),
        join("+1 ", area, " ", first, " ", last),
        join(area, first, last),
        join("1-", area, "-", first, "-", last),
    ]
    text = spellings[0]
    for place, spelling in enumerate(spellings[1:], start=1):
        text = where(style == place, spelling, text)
    return text


@dataclass(frozen=True)
class Addresses:
    """Where people live, as typed."""

    line: pa.Array
    city: pa.Array
    zip: pa.Array


def addresses_of(people: People, row: Integers, after_move: Flags, in_full: Flags) -> Addresses:
    """Return addresses, before or after a move.

    Parameters
    ----------
    in_full
        Whether ``Street`` is written out, or ``St``.
    """
    shift = np.where(after_move, 1, 0)
    town = (people.town[row] + 5 * shift) % len(TOWNS)
    street = (people.street[row] + 11 * shift) % len(STREETS)
    house = (people.house[row] + 331 * shift) % 980 + 1
    kind = people.street_kind[row]
    kinds = where(in_full, choose(STREET_KINDS_IN_FULL, kind), choose(STREET_KINDS, kind))
    return Addresses(
        join(whole_numbers(house), choose(STREETS, street), kinds, separator=" "),
        choose([each[0] for each in TOWNS], town),
        choose([code for each in TOWNS for code in each[2]], town * 3 + people.family[row] % 3),
    )


@dataclass(frozen=True)
class _Vocabulary:
    given: pa.Array
    short: pa.Array
    given_ascii: pa.Array
    given_characters: pa.Array
    surname: pa.Array
    surname_ascii: pa.Array
    surname_characters: pa.Array
    given_starts: Integers
    surname_starts: Integers


@lru_cache(maxsize=1)
def _vocabulary() -> _Vocabulary:
    lists = [
        (language, gender, given_names(language, gender)) for language in LANGUAGES for gender in GENDERS
    ]
    given = [name for _, _, names in lists for name in names]
    surnames = [name for language in LANGUAGES for name in family_names(language)]
    sizes = [len(names) for _, _, names in lists]
    return _Vocabulary(
        given=pa.array(given),
        short=pa.array([nickname(language, name) for language, _, names in lists for name in names]),
        given_ascii=pa.array([_ascii(name) for name in given]),
        given_characters=pa.array(
            [name for language, gender, _ in lists for name in given_names(language, gender, True)]
        ),
        surname=pa.array(surnames),
        surname_ascii=pa.array([_ascii(name) for name in surnames]),
        surname_characters=pa.array(
            [name for language in LANGUAGES for name in family_names(language, True)]
        ),
        given_starts=np.cumsum([0, *sizes])[:-1],
        surname_starts=np.cumsum([0, *(len(family_names(language)) for language in LANGUAGES)])[:-1],
    )


@lru_cache(maxsize=1)
def _domains() -> pa.Array:
    return pa.array([domain for language in LANGUAGES for domain in mail_domains(language)])


def _name_places(people: People) -> tuple[Integers, Integers]:
    vocabulary = _vocabulary()
    return (
        vocabulary.given_starts[people.language * len(GENDERS) + people.gender] + people.given,
        vocabulary.surname_starts[people.language] + people.surname,
    )


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return plain.lower().replace("'", "").replace("-", "")


def given_name(people: People, row: Integers) -> pa.Array:
    """Return given names without a slip."""
    return _vocabulary().given.take(pa.array(_name_places(people)[0][row]))


def surname(people: People, row: Integers) -> pa.Array:
    """Return family names without a slip."""
    return _vocabulary().surname.take(pa.array(_name_places(people)[1][row]))
