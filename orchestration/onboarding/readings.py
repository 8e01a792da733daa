"""How a column is read, by what its values look like. What they leave open is told, and never guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from orchestration.onboarding.mapping import ColumnMapping, Layout, Reading
from orchestration.onboarding.vocabulary import field_words, likeness, plain

_CLOCK = r"[ T]\d{1,2}:\d{2}(:\d{2})?( ?[AaPp][Mm])?"
_NUMBER = r"[-+(]?\s*(?:[A-Z]{3}|\p{Sc})?\s*[-+]?\d[\d.,'’\s]*(?:[A-Z]{3}|\p{Sc})?\s*[)-]?"
# What a value may look like, in whole; the engine counts how many of a column do.
PATTERNS = {
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "uuid": r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "utc": r"\d{4}-\d{2}-\d{2}[ T]\d{2}:\d{2}:\d{2}(\.\d+)? ?(Z|UTC|[+-]\d{2}:?(\d{2})?)",
    "year_first": r"\d{4}[/-]\d{1,2}[/-]\d{1,2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?",
    "parts": rf"\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{4}}({_CLOCK})?",
    "first_beyond_12": rf"(1[3-9]|[23]\d)[./-]\d{{1,2}}[./-]\d{{4}}({_CLOCK})?",
    "second_beyond_12": rf"\d{{1,2}}[./-](1[3-9]|[23]\d)[./-]\d{{4}}({_CLOCK})?",
    "short_year": rf"\d{{1,2}}[./-]\d{{1,2}}[./-]\d{{2}}({_CLOCK})?",
    "month_name": r"\d{1,2}[./-][A-Za-z]{3}[./-]\d{4}( \d{1,2}:\d{2}(:\d{2})?( ?[AaPp][Mm])?)?",
    "compact": r"(19|20)\d{2}(0[1-9]|1[0-2])([0-2]\d|3[01])",
    "clock": rf".*{_CLOCK}.*",
    "epoch_seconds": r"1\d{9}(\.0+)?",
    "epoch_milliseconds": r"1\d{12}",
    "truth": r"(?i)true|false|yes|no|y|n|t|f|ja|nein|oui|non|sim|não|0|1",
    "one_or_zero": r"[01]",
    "phone": r"\+?[\d\s()./-]{6,22}",
    "integer": r"[+-]?\d{1,15}(\.0+)?",
    "leading_zero": r"0\d+",
    "number": _NUMBER,
    "comma_decimals": r".*(\d,\d{1,2}|,\d{4,}|\.\d{3},\d+)\D*",
    "point_decimals": r".*(\d\.\d{1,2}|\.\d{4,}|,\d{3}\.\d+)\D*",
    "three_digits": r".*[.,]\d{3}\D*",
}
_MOST, _NEARLY_ALL = 0.9, 0.98
_DATE_WORDS = ("date", "time", "ts", "timestamp", "at", "on", "created", "joined", "datum", "day", "since")
_KEY_WORDS = ("id", "no", "nr", "number", "key", "code", "sku", "ref", "uuid", "nummer", "customerno", "ean")
_AMOUNT_WORDS = (
    "amount",
    "price",
    "total",
    "net",
    "gross",
    "cost",
    "revenue",
    "betrag",
    "preis",
    "sum",
    "paid",
    "disc",
    "discount",
    "value",
)
_TRUTH_WORDS = ("is", "has", "opt", "consent", "granted", "active", "flag", "subscribed")
_NAMED: dict[Reading, tuple[str, ...]] = {
    "name": ("given_name", "family_name", "full_name", "city"),
    "country": ("country_code",),
    "language": ("language",),
    "postal_code": ("postal_code",),
}


@dataclass(frozen=True)
class Told:
    """How a column is read, and what is open about that."""

    reading: ColumnMapping
    doubt: str = ""


def reading_of(name: str, filled: int, counts: Mapping[str, int], examples: Sequence[str]) -> Told:
    """Return how a column of text is read.

    Parameters
    ----------
    filled
        How many values say something.
    counts
        How many of them look like each of ``PATTERNS``.
    examples
        Some of them, for the sentence about what is open.
    """
    share = {pattern: count / filled if filled else 0.0 for pattern, count in counts.items()}
    look = _Look(name, plain(name).split(), filled, share, counts, examples)
    for decide in (_empty, _email, _dated, _truth, _phone, _by_name, _key, _numeric):
        if told := decide(look):
            return told
    return Told(ColumnMapping(reads="text"))


@dataclass(frozen=True)
class _Look:
    """What is known of a column: words of its name, and what its values look like, in counts and shares."""

    name: str
    words: Sequence[str]
    filled: int
    share: Mapping[str, float]
    counts: Mapping[str, int]
    examples: Sequence[str]

    def is_called(self, field: str) -> bool:
        """Whether its name is one of a field of core."""
        return likeness(self.name, field_words(field)) >= 60

    @property
    def shown(self) -> str:
        """Some values, for a sentence."""
        return ", ".join(self.examples[:3])


def typed_reading(name: str, by_type: ColumnMapping) -> ColumnMapping:
    """Return how a column with a type is read: whole numbers may be keys, others amounts, by their names."""
    words = plain(name).split()
    if by_type.reads == "integer" and words and words[-1] in _KEY_WORDS:
        return ColumnMapping(reads="key")
    if by_type.reads == "number" and set(words) & set(_AMOUNT_WORDS):
        return ColumnMapping(reads="amount")
    return by_type


def _told(reading: Reading, share: float, layout: Layout | None = None) -> Told:
    doubt = "" if share == 1 else f"{1 - share:.1%} of its values are no {reading}; they become null"
    return Told(ColumnMapping(reads=reading, layout=layout), doubt)


def _empty(look: _Look) -> Told | None:
    if look.filled:
        return None
    return Told(ColumnMapping(reads="ignored"), "it is empty: is anything to come in it?")


def _email(look: _Look) -> Told | None:
    return _told("email", look.share["email"]) if look.share["email"] >= 0.8 else None


def _truth(look: _Look) -> Told | None:
    is_named_so = bool(set(look.words) & set(_TRUTH_WORDS))
    if look.share["truth"] >= _MOST and (look.share["one_or_zero"] < 1 or is_named_so):
        return _told("boolean", look.share["truth"])
    return None


def _phone(look: _Look) -> Told | None:
    return (
        _told("phone", look.share["phone"])
        if look.is_called("phone") and look.share["phone"] >= 0.5
        else None
    )


def _by_name(look: _Look) -> Told | None:
    for reading, fields in _NAMED.items():
        is_number = look.share["number"] >= _MOST and reading != "postal_code"
        if any(look.is_called(field) for field in fields) and not is_number:
            return Told(ColumnMapping(reads=reading))
    return None


def _key(look: _Look) -> Told | None:
    is_named_so = bool(look.words) and look.words[-1] in _KEY_WORDS
    if is_named_so or look.share["uuid"] >= _MOST or look.counts["leading_zero"]:
        return Told(ColumnMapping(reads="key"))
    return None


def _dated(look: _Look) -> Told | None:
    share = look.share
    reads: Reading = "time" if look.counts["clock"] else "date"
    is_named_so = bool(set(look.words) & set(_DATE_WORDS))
    layouts: list[tuple[Layout, Reading]] = [("utc", "time"), ("year_first", reads), ("month_name", reads)]
    if is_named_so:
        layouts += [("epoch_milliseconds", "time"), ("epoch_seconds", "time"), ("compact", "date")]
    for layout, reading in layouts:
        if share[layout] >= _MOST:
            return _told(reading, share[layout], layout)
    if share["parts"] >= _MOST:
        return _day_or_month(look, reads)
    if share["short_year"] >= _MOST:
        doubt = f"its years have two digits ({look.shown}): which century? It stays text"
        return Told(ColumnMapping(reads="text"), doubt)
    return None


def _day_or_month(look: _Look, reads: Reading) -> Told:
    days_first, months_first = look.counts["first_beyond_12"], look.counts["second_beyond_12"]
    if days_first and months_first:
        return Told(
            ColumnMapping(reads="text"),
            f"{days_first:,} values have the day first and {months_first:,} the month ({look.shown}); "
            "it stays text",
        )
    if days_first or months_first:
        return _told(reads, look.share["parts"], "day_first" if days_first else "month_first")
    return Told(
        ColumnMapping(reads=reads),
        f"day first or month first ({look.shown})? Write `layout: day_first` or `month_first`; "
        "until then it is not read",
    )


def _numeric(look: _Look) -> Told | None:
    # `5+` and `10-19` are no numbers: a few of them among numbers tell that the column has bands.
    if look.share["number"] < _NEARLY_ALL:
        return None
    has_unit = any(re.search(r"[€£$¥]|[A-Z]{3}", each) for each in look.examples)
    is_amount = has_unit or bool(set(look.words) & set(_AMOUNT_WORDS))
    if look.share["integer"] == 1 and not is_amount:
        return Told(ColumnMapping(reads="integer"))
    reads: Reading = "amount" if is_amount else "number"
    with_comma, with_point = look.counts["comma_decimals"], look.counts["point_decimals"]
    if with_comma and with_point:
        return Told(
            ColumnMapping(reads="text"),
            f"{with_comma:,} values have a decimal comma and {with_point:,} a point ({look.shown}); "
            "it stays text",
        )
    if look.counts["three_digits"] and not with_comma and not with_point:
        return Told(
            ColumnMapping(reads=reads),
            f"thousands or decimals ({look.shown})? Write `decimal: point` or `comma`; "
            "until then it is not read",
        )
    doubt = _told(reads, look.share["number"]).doubt
    return Told(ColumnMapping(reads=reads, decimal="comma" if with_comma else "point"), doubt)
