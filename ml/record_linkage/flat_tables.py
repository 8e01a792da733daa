"""Persons in one flat table of any layout: which column says what, and every value in one spelling.

Columns are recognised by their names, or declared. Values that are no value, such as an impossible date,
stay as they
are told: as text they still say who is alike.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence

import pandas as pd

from ml.errors import LearningError

# What a column can say, with the names under which it goes; of several columns, the first name in the list
# wins.
ROLES: dict[str, tuple[str, ...]] = {
    "given_name": (
        "given_name", "givenname", "first_name", "firstname", "forename", "forenames", "fname",
        "name_first", "given", "christian_name", "first", "vorname", "prenom", "nombre", "fname_c1",
    ),
    "family_name": (
        "family_name", "familyname", "surname", "last_name", "lastname", "lname", "sname", "name_last",
        "family", "last", "nachname", "apellido", "lname_c1",
    ),
    "full_name": (
        "full_name", "fullname", "person_name", "customer_name", "contact_name", "first_and_surname",
        "name",
    ),
    "birth_date": (
        "birth_date", "birthdate", "date_of_birth", "dateofbirth", "dob", "birthday", "birth_dt", "bdate",
        "born", "geburtsdatum",
    ),
    "birth_year": (
        "birth_year", "birthyear", "year_of_birth", "yob", "dob_year", "dob_y", "byear", "by",
    ),
    "birth_month": (
        "birth_month", "birthmonth", "month_of_birth", "mob", "dob_month", "dob_m", "bmonth", "bm",
    ),
    "birth_day": (
        "birth_day", "day_of_birth", "dob_day", "dob_d", "bday", "bd",
    ),
    "street_address": (
        "street_address", "street", "address_1", "address1", "address_line_1", "addr1", "address", "addr",
        "road", "street_name", "residence",
    ),
    "street_number": (
        "street_number", "house_number", "housenumber", "house_no", "street_no", "building_number",
    ),
    "city": (
        "city", "town", "suburb", "locality", "municipality", "residence_city", "ort",
    ),
    "postal_code": (
        "postal_code", "postcode", "post_code", "zip_code", "zipcode", "zip", "postal", "plz",
    ),
    "email": (
        "email", "e_mail", "email_address", "emailaddress", "mail",
    ),
    "phone": (
        "phone", "phone_number", "phonenumber", "telephone", "mobile", "cell", "tel", "phone_1",
    ),
    "national_id": (
        "national_id", "soc_sec_id", "social_security_number", "ssn", "national_number", "nhs_number",
        "nino", "tax_id", "passport", "passport_number", "medicare", "personal_number",
    ),
    "gender": (
        "gender", "sex",
    ),
    "birth_place": (
        "birth_place", "birthplace", "place_of_birth", "pob", "birth_city",
    ),
    "occupation": (
        "occupation", "profession", "job_title", "job",
    ),
    "employer": (
        "employer", "company", "company_name", "organisation", "organization", "workplace", "employer_name",
    ),
}  # fmt: skip
# Records are told apart by these; without one there is nothing to match by.
_TELLING = (
    "given_name",
    "family_name",
    "full_name",
    "birth_date",
    "birth_year",
    "email",
    "phone",
    "national_id",
)
_NOTHING = {"", "nan", "none", "null", "n/a", "-", "?", "unknown", "nil", "<na>", "nat"}
_MONTHS = {
    name: number
    for number, name in enumerate("jan feb mar apr may jun jul aug sep oct nov dec".split(), start=1)  # noqa: SIM905
}


class FlatTableError(LearningError):
    """A table cannot be matched; the message names the column and the fix."""


def guess_columns(
    names: Sequence[str], declared: Mapping[str, str] | None = None, leave_out: Sequence[str] = ()
) -> dict[str, str]:
    """Return which column says what.

    Parameters
    ----------
    names
        Columns of the table.
    declared
        Role by column, where the name does not tell; ``-`` for a column that is not to be compared.
    leave_out
        Columns that are not looked at, such as the truth.

    Returns
    -------
    dict
        Column by role, of the roles in `ROLES`.

    Raises
    ------
    FlatTableError
        If a declared column or role does not exist, or no column tells people apart.
    """
    given = dict(declared or {})
    for column, role in given.items():
        if column not in names:
            raise FlatTableError(f"There is no column {column}; there are {', '.join(names)}.")
        if role not in ROLES and role != "-":
            raise FlatTableError(
                f"{column}={role}: no such role; there are {', '.join(ROLES)}, and - for none."
            )
    result = {role: column for column, role in given.items() if role != "-"}
    free = [name for name in names if name not in given and name not in leave_out]
    spelled = {name: _spelled(name) for name in free}
    # A name as a whole says more than a part of one: full_name is no given name, address_2 no address.
    for is_part in (False, True):
        for role, words in ROLES.items():
            taken = set(result.values())
            found = [
                (words.index(word), names.index(name), name)
                for name, spelling in spelled.items()
                if name not in taken
                for word in words
                if (f"_{spelling}_".find(f"_{word}_") >= 0 if is_part and len(word) > 2 else spelling == word)
            ]
            if (
                role not in result
                and found
                and not (is_part and re.search(r"_(2|3|c2)$", spelled[min(found)[2]]))
            ):
                result[role] = min(found)[2]
    if not any(role in result for role in _TELLING):
        raise FlatTableError(
            f"None of the columns {', '.join(names)} is known as one that tells people apart. "
            "Say which is what: --column NAME=given_name, and likewise "
            f"{', '.join(_TELLING[1:])}."
        )
    return result


def comparable_persons(
    table: pd.DataFrame, columns: Mapping[str, str], variants: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Return what can be compared of the rows of a table, as matching takes it.

    Parameters
    ----------
    table
        A row per record, of any types.
    columns
        Column by role, as `guess_columns` gives it.
    variants
        Canonical form by given name, for short forms and the like.

    Returns
    -------
    pandas.DataFrame
        A row per row of the table, in its order: ``customer_key`` (the number of the row, from 0) and what is
        compared as text or ``None``.
    """

    def said(role: str, spelled: Callable[[str], str | None] = str) -> pd.Series:
        if role not in columns:
            return pd.Series([None] * len(table), dtype=object)
        return _each(_texts(table[columns[role]]), spelled)

    given, family = said("given_name", _plain), said("family_name", _plain)
    if "full_name" in columns:
        whole = said("full_name")
        given = given.where(given.notna(), _each(whole, lambda text: _split_name(text)[0]))
        family = family.where(family.notna(), _each(whole, lambda text: _split_name(text)[1]))
        # A name of one word is not both.
        family = family.where(family != given, said("family_name", _plain))
    numbers, streets = said("street_number", _plain), said("street_address", _plain)
    street = streets.where(numbers.isna() | streets.isna(), numbers + " " + streets)
    frame = pd.DataFrame(
        {
            "customer_key": [f"{number:09d}" for number in range(len(table))],
            "given_name": given,
            "canonical_given_name": _each(given, lambda name: (variants or {}).get(name, name)),
            "family_name": family,
            "birth_date": _dates(said("birth_date")) if "birth_date" in columns else _dates_of_parts(said),
            "street_address": street,
            "city": said("city", _plain),
            "postal_code": said("postal_code", _plain),
            "email": said("email", str.lower),
            "phone": said("phone", lambda text: re.sub(r"\D", "", text)[-10:] or None),
            "national_id": said("national_id", lambda text: re.sub(r"\W", "", text).lower() or None),
            "gender": said("gender", _gender),
            "birth_place": said("birth_place", _plain),
            "occupation": said("occupation", _plain),
            "employer": said("employer", _plain),
        }
    ).astype(object)
    return frame.where(frame.notna(), None)


def _spelled(name: str) -> str:
    """Return a column name as ``first_name``: lower case, with underscores."""
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", str(name)).lower()).strip("_")


def _texts(values: pd.Series) -> pd.Series:
    """Return values as text; whole numbers that a gap has made fractions without the fraction."""
    if pd.api.types.is_float_dtype(values) and (values.dropna() % 1 == 0).all():
        values = values.astype("Int64")
    return _each(values, lambda value: _told(str(value)))


def _each(values: pd.Series, spelled: Callable[[str], str | None]) -> pd.Series:
    """Return what a function makes of each value, ``None`` where there is none."""
    made = [None if pd.isna(value) else spelled(value) for value in values]
    return pd.Series(made, dtype=object).astype(object)


def _told(text: str) -> str | None:
    text = re.sub(r"\s+", " ", text).strip()
    return None if text == "NA" or text.lower() in _NOTHING else text


def _plain(text: str) -> str | None:
    """Return letters and digits in lower case without accents, words separated by one space."""
    letters = unicodedata.normalize("NFKD", text.lower())
    letters = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return re.sub(r"[^\w]+", " ", re.sub(r"['’`]", "", letters)).strip() or None


def _split_name(text: str) -> tuple[str | None, str | None]:
    """Return given and family name of a name in one field; ``Silva, Ana`` has the family name first."""
    before, comma, after = text.partition(",")
    if comma and len(before.split()) == 1 and after.strip():
        return _plain(after), _plain(before)
    words = (_plain(text) or "").split()
    return (words[0], words[-1]) if len(words) > 1 else (None, words[0] if words else None)


def _gender(text: str) -> str | None:
    plain = _plain(text)
    return plain[0] if plain and plain in {"m", "f", "male", "female"} else plain


def _dates_of_parts(said: Callable[[str], pd.Series]) -> pd.Series:
    """Return dates of which year, month and day stand in columns of their own."""
    parts = [said(role) for role in ("birth_year", "birth_month", "birth_day")]
    rows = zip(*parts, strict=True)
    return pd.Series(
        [
            "-".join([year.zfill(4), *(part.zfill(2) for part in (month, day) if part)]) if year else None
            for year, month, day in rows
        ],
        dtype=object,
    )


def _dates(texts: pd.Series) -> pd.Series:
    """Return dates as ``YYYY-MM-DD`` whatever their format; what is no date of it stays as text."""
    fields = texts.dropna().str.extract(r"^(\d{1,2})[-/. ](\d{1,2})[-/. ]\d{2,4}").dropna().astype(int)
    # 13/02/1980 in one row tells how all rows are meant.
    is_month_first = bool((fields[1] > 12).sum() > (fields[0] > 12).sum()) if len(fields) else False
    return _each(texts, lambda text: _date(text, is_month_first))


def _date(text: str, is_month_first: bool) -> str:
    if found := re.match(r"^(\d{4})[-/. ]?(\d{1,2})[-/. ]?(\d{1,2})(?!\d)", text):
        year, month, day = found.groups()
    elif found := re.match(r"^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4}|\d{2})(?!\d)", text):
        first, second, year = found.groups()
        month, day = (first, second) if is_month_first else (second, first)
    elif found := re.match(
        r"^(\d{1,2})(?:st|nd|rd|th)?[-/. ]?([a-z]{3})[a-z]*[-/. ,]*(\d{4}|\d{2})(?!\d)", text.lower()
    ):
        day, word, year = found.groups()
        month = str(_MONTHS.get(word, 0))
    elif found := re.match(
        r"^([a-z]{3})[a-z]*[-/. ]*(\d{1,2})(?:st|nd|rd|th)?[-/. ,]+(\d{4}|\d{2})(?!\d)", text.lower()
    ):
        word, day, year = found.groups()
        month = str(_MONTHS.get(word, 0))
    else:
        return text.lower()
    return f"{year}-{month.zfill(2)}-{day.zfill(2)}"
