"""Made-up records of persons in households, with the errors that people make; who is who is known."""

from __future__ import annotations

import numpy as np
import pandas as pd

COLUMNS = (
    "given_name", "canonical_given_name", "family_name", "birth_date", "street_address", "city",
    "postal_code", "email", "phone", "national_id", "gender", "birth_place", "occupation", "employer",
)  # fmt: skip
LETTERS = list("abcdefghijklmnoprstuvw")
SYLLABLES = [
    "ma",
    "ri",
    "son",
    "jo",
    "le",
    "na",
    "ka",
    "tor",
    "be",
    "lu",
    "sa",
    "mi",
    "ro",
    "el",
    "ta",
    "vi",
    "do",
]


def person(
    key: str, given_name: str | None, family_name: str | None, **said: str | None
) -> dict[str, str | None]:
    """Return one record; what is not said is empty."""
    row = dict.fromkeys(COLUMNS) | {"given_name": given_name, "canonical_given_name": given_name}
    return {"customer_key": key, **row, "family_name": family_name, **said}


def frame_of(*rows: dict[str, str | None]) -> pd.DataFrame:
    """Return records as text columns, also where all of them are empty."""
    return (
        pd.DataFrame(list(rows), columns=["customer_key", *COLUMNS])
        .astype("str")
        .where(pd.DataFrame(list(rows), columns=["customer_key", *COLUMNS]).notna(), None)
    )


def synthetic_persons(people: int, seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """Return records of people in households of about two, and the person by the key of each record."""
    random = np.random.default_rng(seed)
    given_names, family_names = _words(random, 200, 3), _words(random, max(people // 3, 50), 4)
    homes = max(people // 2, 1)
    home = random.integers(0, homes, people)
    family = random.choice(family_names, homes)[home]
    given = random.choice(given_names, people)
    days = pd.Timestamp("1940-01-01") + pd.to_timedelta(random.integers(0, 24000, people), unit="D")
    streets = _words(random, 300, 3)
    street = np.array(
        [
            f"{n} {s} st"
            for n, s in zip(random.integers(1, 300, homes), random.choice(streets, homes), strict=True)
        ]
    )
    whole = pd.DataFrame(
        {
            "given_name": given,
            "family_name": family,
            "birth_date": days.strftime("%Y-%m-%d"),
            "street_address": street[home],
            "city": random.choice(_words(random, 30, 3), homes)[home],
            "postal_code": np.char.mod("%05d", 10000 + home // 10),
            "email": [
                f"{g}.{f}{n}@mail.com"
                for g, f, n in zip(given, family, random.integers(0, 999, people), strict=True)
            ],
            "phone": np.where(
                random.random(people) < 0.3,
                np.char.mod("+1%010d", 2_000_000_000 + home),
                np.char.mod("+1%010d", random.integers(3_000_000_000, 9_000_000_000, people)),
            ),
        }
    ).astype(object)
    who = np.repeat(np.arange(people), 1 + random.binomial(2, 0.3, people))
    records = whole.iloc[who].reset_index(drop=True)
    for column, share in {
        "given_name": 0.1,
        "family_name": 0.1,
        "street_address": 0.1,
        "birth_date": 0.04,
    }.items():
        hit = np.flatnonzero(random.random(len(records)) < share)
        records.loc[hit, column] = [_slip(random, text, column) for text in records.loc[hit, column]]
    for column, share in {"birth_date": 0.1, "street_address": 0.1, "email": 0.4, "phone": 0.4}.items():
        records.loc[random.random(len(records)) < share, column] = None
    records.insert(0, "customer_key", [f"r{number:06d}" for number in random.permutation(len(records))])
    records["canonical_given_name"] = records["given_name"]
    for column in ("national_id", "gender", "birth_place", "occupation", "employer"):
        records[column] = None
    return records[["customer_key", *COLUMNS]], pd.Series(who, index=records["customer_key"])


def _words(random: np.random.Generator, count: int, syllables: int) -> np.ndarray:
    words: set[str] = set()
    while len(words) < count:
        words.add("".join(random.choice(SYLLABLES, size=random.integers(2, syllables + 1))))
    return np.array(sorted(words))


def _slip(random: np.random.Generator, text: str, column: str) -> str:
    if column == "birth_date":
        place = random.choice([2, 3, 6, 9])
        return text[:place] + str(random.integers(10)) + text[place + 1 :]
    place = random.integers(1, len(text))
    return text[:place] + random.choice(LETTERS) + text[place + int(random.integers(2)) :]
