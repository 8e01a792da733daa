"""Flat tables of made-up persons, of the kinds that a matching configuration meets unprepared.

Names are skewed as in life. The errors are those of people and of forms; who is who stands in ``cluster``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

_MEN = """
william john thomas george james charles henry robert edward richard joseph frederick arthur alfred
samuel walter francis david alexander peter andrew hugh benjamin daniel ernest philip stephen edmund
albert matthew harold gilbert ralph oliver roger lawrence nicholas simon leonard maurice reginald cecil
percy rupert archibald augustus lionel herbert horace duncan malcolm angus ambrose basil claude desmond
"""
_WOMEN = """
mary elizabeth anne margaret jane sarah catherine emily alice florence helen dorothy charlotte emma
edith frances ellen harriet louisa caroline eleanor constance isabella julia lucy martha ruth agnes
beatrice ethel gertrude hilda irene joan katharine lilian mabel nora olive phyllis rachel susan violet
winifred
"""
GIVEN = {"male": _MEN.split(), "female": _WOMEN.split()}
SHORT_FORMS = {
    "william": "bill", "thomas": "tom", "robert": "bob", "richard": "dick", "edward": "ted", "james": "jim",
    "elizabeth": "betty", "margaret": "peggy", "catherine": "kate", "henry": "harry", "charles": "charlie",
    "joseph": "joe", "samuel": "sam", "alexander": "alex", "john": "jack", "mary": "molly", "david": "dave",
    "frederick": "fred", "francis": "frank", "george": "georgie", "sarah": "sally", "helen": "nell",
}  # fmt: skip
_FIRST = """
ash black whit green wood hart nor sut mid hal brad pem lang stan old new har wal ches den thorn comp
rad fair hast win bar cal dun ed fen gar hol king lock mar nether pres rus shel
"""
_LAST = """
ton ford ley son well wood field bury man er worth ham by croft shaw ridge more ward low
"""
_COMMON = """
smith jones taylor brown williams wilson johnson davies robinson wright thompson evans walker
"""
FAMILY = [*_COMMON.split(), *(first + last for last in _LAST.split() for first in _FIRST.split())]
_TOWNS = ("ton", "bury", "minster", "mouth", "chester", "port")
PLACES = [first + last for last in _TOWNS for first in _FIRST.split()]
_OCCUPATIONS = """
politician writer painter military_officer cricketer lawyer clergyman engineer physician actor botanist
composer architect historian poet journalist footballer naval_officer judge diplomat photographer
sculptor economist chemist explorer missionary librarian printer merchant banker
"""
OCCUPATIONS = [word.replace("_", " ") for word in _OCCUPATIONS.split()]
_AREAS = ("tq", "ex", "ba", "sw", "ne", "l", "m", "cb", "ox", "yo", "eh", "cf")
LETTERS = np.array(list("abcdefghijklmnoprstuvwy"))


class _Draws:
    """Random choices, one record at a time."""

    def __init__(self, seed: int) -> None:
        self.random = np.random.default_rng(seed)

    def happens(self, share: float) -> bool:
        return bool(self.random.random() < share)

    def one(self, values: Sequence[str]) -> str:
        return values[int(self.random.integers(len(values)))]

    def common(self, values: Sequence[str], skew: float = 1.0) -> str:
        """Return a value; the first ones are the commonest, by Zipf's law."""
        return values[int(len(values) ** (self.random.random() ** skew)) - 1]

    def slip(self, text: str) -> str:
        """Return the text with a letter lost, doubled, replaced or exchanged."""
        if len(text) < 3:
            return text
        at = int(self.random.integers(1, len(text) - 1))
        return self.one(
            [
                text[:at] + text[at + 1 :],
                text[:at] + text[at] + text[at:],
                text[:at] + str(self.random.choice(LETTERS)) + text[at + 1 :],
                text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :],
            ]
        )

    def digit_slip(self, text: str) -> str:
        """Return the text with one of its digits replaced; a date may become one that no calendar has."""
        digits = [place for place, sign in enumerate(text) if sign.isdigit()]
        at = digits[int(self.random.integers(len(digits)))]
        return text[:at] + str(self.random.integers(10)) + text[at + 1 :]

    def birth_date(self, first: str, days: int) -> str:
        return str(np.datetime64(first) + int(self.random.integers(days)))


def historical_persons(people: int, seed: int = 0) -> pd.DataFrame:
    """Return about ten records per person, with heavy errors in names, dates and places.

    Columns ``unique_id``, ``cluster``, ``full_name``, ``first_name``, ``surname``, ``dob``, ``birth_place``,
    ``postcode_fake``, ``gender``, ``occupation``; nobody shares a home.
    """
    draws, rows, before = _Draws(seed), [], {}
    for number in range(people):
        gender = "female" if draws.happens(0.2) else "male"
        names = [draws.common(GIVEN[gender]) for _ in range(1 + draws.happens(0.4))]
        date = draws.birth_date("1650-01-01", 280 * 365)
        area = f"{draws.one(_AREAS)}{draws.random.integers(1, 30)}"
        person = {
            "names": names,
            "surname": draws.common(FAMILY, 0.7),
            "other": draws.common(FAMILY, 0.7),
            "dob": date[:4] + "-01-01" if draws.happens(0.1) else date,
            "birth_place": draws.common(PLACES),
            "area": area,
            "postcode": _postcode(draws, area),
            "gender": gender,
            "occupation": draws.common(OCCUPATIONS),
        }
        if number and draws.happens(0.15):
            # A child or a brother of the one before.
            shared = ("surname", "birth_place", "area", "names")[: 4 if draws.happens(0.3) else 3]
            person |= {name: before[name] for name in shared}
        before = person
        for copy in range(int(draws.random.integers(1, 20))):
            rows.append(
                {
                    "unique_id": f"Q{number}-{copy + 1}",
                    "cluster": f"Q{number}",
                    **_sighted(draws, person, copy),
                }
            )
    return pd.DataFrame(rows)


def _postcode(draws: _Draws, area: str) -> str:
    return f"{area} {draws.random.integers(10)}{''.join(draws.random.choice(LETTERS, 2))}"


def _sighted(draws: _Draws, person: dict, copy: int) -> dict[str, str | None]:
    """Return one record of a historical person: the first as it is, the others as they were written down."""
    given, family = person["names"][0], person["surname"]
    date, place, postcode = person["dob"], person["birth_place"], person["postcode"]
    gender: str | None = person["gender"]
    occupation: str | None = person["occupation"]
    if copy:
        if draws.happens(0.28):
            given = draws.one(
                [SHORT_FORMS.get(given, given), person["names"][-1], given[0], " ".join(person["names"])]
            )
        if draws.happens(0.15):
            given = draws.slip(given)
        if draws.happens(0.15):
            family = person["other"]
        if draws.happens(0.2):
            family = draws.slip(family)
        if draws.happens(0.03):
            given, family = family, given
        if draws.happens(0.05):
            date = date[:4] + "-01-01"
        for share in (0.3, 0.12):
            date = draws.digit_slip(date) if draws.happens(share) else date
        if draws.happens(0.4):
            postcode = _postcode(draws, person["area"]) if draws.happens(0.6) else draws.slip(postcode)
        if draws.happens(0.1):
            place = draws.common(PLACES)
    full = f"{given} {family}" if not draws.happens(0.2) else f"sir {given} {family}"
    missing = draws.random.random(7) < (np.array([0.08, 0.08, 0.15, 0.35, 0.25, 0.25, 0.35]) if copy else 0)
    given_said, family_said = (
        None if gone else text for gone, text in zip(missing, (given, family), strict=False)
    )
    return {
        "full_name": " ".join(text for text in (given_said, family_said) if text) or full,
        "first_name": given_said,
        "surname": family_said,
        "dob": None if missing[2] else date,
        "birth_place": None if missing[3] else place,
        "postcode_fake": None if missing[4] else postcode,
        "gender": None if missing[5] else gender,
        "occupation": None if missing[6] else occupation,
    }


def names_and_dates(records: int, seed: int = 0) -> pd.DataFrame:
    """Return persons of whom only names and birth dates are known; one record in ten is a copy with an error.

    Columns ``id``, ``fname``, ``lname``, ``birth_year``, ``birth_month``, ``birth_day``, ``person``.
    """
    draws, rows = _Draws(seed), []
    for number in range(records - records // 10):
        given = draws.common(GIVEN["female" if draws.happens(0.5) else "male"], 0.6)
        rows.append([given, draws.common(FAMILY, 0.5), draws.birth_date("1925-01-01", 80 * 365), number])
    for place in draws.random.choice(len(rows), records // 10, replace=False):
        row = list(rows[place])
        for _ in range(1 + draws.happens(0.25)):
            at = int(draws.random.integers(3))
            row[at] = draws.digit_slip(row[at]) if at == 2 else draws.slip(row[at])
        rows.append(row)
    frame = pd.DataFrame(rows, columns=["fname", "lname", "date", "person"])
    for part, name in enumerate(("birth_year", "birth_month", "birth_day")):
        frame[name] = frame["date"].str.split("-").str[part].astype(int)
    frame.insert(0, "id", range(1, len(frame) + 1))
    return frame.drop(columns="date").sample(frac=1, random_state=seed).reset_index(drop=True)


def gaps_and_emails(records: int, seed: int = 0) -> pd.DataFrame:
    """Return up to seven records per person with many gaps: names, date, city and e-mail.

    Columns ``unique_id``, ``first_name``, ``surname``, ``dob``, ``city``, ``email``, ``cluster``.
    """
    draws, rows, number = _Draws(seed), [], 0
    cities = ["london", "birmingham", "leeds", "leicester", "plymouth", "swansea", *PLACES[:60]]
    while len(rows) < records:
        given = draws.common(GIVEN["female" if draws.happens(0.5) else "male"])
        family, city = draws.common(FAMILY, 0.6), draws.common(cities, 2)
        date = draws.birth_date("1970-01-01", 50 * 365)
        mailbox = f"{given[0] if draws.happens(0.5) else given}.{family}"
        email = f"{mailbox}@{draws.common(FAMILY)}-{draws.one(FAMILY)}.com"
        for copy in range(1 + draws.random.binomial(6, 0.3)):
            said: list[str | None] = [given, family, date, city, email]
            for at in range(5 if copy else 0):
                if draws.happens(0.2):
                    said[at] = draws.digit_slip(date) if at == 2 else draws.slip(str(said[at]))
            if copy and draws.happens(0.08):
                said[0], said[1] = said[1], said[0]
            if copy and draws.happens(0.1):
                said[2] = draws.birth_date("1970-01-01", 50 * 365)
            said = [None if draws.happens(0.25) else text for text in said]
            rows.append([*said, number])
        number += 1
    frame = pd.DataFrame(rows[:records], columns=["first_name", "surname", "dob", "city", "email", "cluster"])
    frame.insert(0, "unique_id", range(len(frame)))
    return frame
