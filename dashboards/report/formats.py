"""Numbers, money and dates as people read them."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

MINUS = "−"
NOTHING = "–"

_SYMBOLS = {"USD": "$", "GBP": "£", "EUR": "€", "BRL": "R$"}


def count(value: float) -> str:
    """Write a whole number with thousands separators."""
    return NOTHING if _is_missing(value) else _signed(f"{abs(value):,.0f}", value)


def decimal(value: float, places: int = 2) -> str:
    """Write a number with a fixed number of decimal places."""
    return NOTHING if _is_missing(value) else _signed(f"{abs(value):,.{places}f}", value)


def share(value: float, places: int = 0) -> str:
    """Write a share of one as a percentage."""
    return NOTHING if _is_missing(value) else _signed(f"{abs(value) * 100:,.{places}f}", value) + "%"


def change(value: float, places: int = 1) -> str:
    """Write a relative change with its sign."""
    if _is_missing(value):
        return NOTHING
    text = share(value, places)
    return f"+{text}" if value > 0 and text.strip("0.%") else text


def money(value: float, currency: str, places: int = 0) -> str:
    """Write an amount in full."""
    return NOTHING if _is_missing(value) else _in_currency(f"{abs(value):,.{places}f}", value, currency)


def short_money(value: float, currency: str) -> str:
    """Write an amount with three digits or so: ``$4.60 M``."""
    if _is_missing(value):
        return NOTHING
    size = abs(value)
    if size >= 999_500:
        return _in_currency(f"{size / 1e6:,.2f} M", value, currency)
    if size >= 10_000:
        return _in_currency(f"{size / 1e3:,.0f} k", value, currency)
    return money(value, currency)


def axis_money(value: float, most: float, currency: str) -> str:
    """Write a round amount on an axis that reaches ``most``; all amounts of an axis get the same unit."""
    for unit, name in ((1e6, " M"), (1e3, " k")):
        if abs(most) >= 10 * unit:
            return _in_currency(f"{abs(value) / unit:,.10g}{name if value else ''}", value, currency)
    return money(value, currency)


def day(date: pd.Timestamp) -> str:
    """Write a date: ``31 Dec 2017``."""
    return NOTHING if pd.isna(date) else f"{date.day} {date:%b %Y}"


def month(date: pd.Timestamp) -> str:
    """Write a month: ``Dec 2017``."""
    return NOTHING if pd.isna(date) else f"{date:%b %Y}"


def moment(date: pd.Timestamp) -> str:
    """Write a moment: ``1 Jan 2018, 04:12 UTC``."""
    return NOTHING if pd.isna(date) else f"{day(date)}, {date:%H:%M} UTC"


def words(name: str) -> str:
    """Write a snake-case name as words."""
    return name.replace("_", " ")


def plural(number: float, singular: str, plural_form: str | None = None) -> str:
    """Write a number with its noun: ``1 customer``, ``2 customers``."""
    return f"{count(number)} {singular if number == 1 else plural_form or singular + 's'}"


def listing(items: list[str]) -> str:
    """Join items as in a sentence: ``a, b and c``."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def _is_missing(value: Any) -> bool:
    return value is None or pd.isna(value) or math.isinf(value)


def _signed(text: str, value: float) -> str:
    return MINUS + text if value < 0 and text.strip("0.,") else text


def _in_currency(digits: str, value: float, currency: str) -> str:
    # A currency without a symbol of its own here is better written out than guessed.
    symbol = _SYMBOLS.get(currency, f"{currency} " if currency else "")
    return _signed(symbol + digits, value) if digits.strip("0., ") else symbol + digits
