"""How clean text and clean rows are spoilt. Each function spoils one value, or the rows of one table."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulation.digital_twin.blocks import Rows
from simulation.digital_twin.configuration import Dirt
from simulation.digital_twin.randomness import Dice, Flags, Integers
from simulation.digital_twin.text import changed, choose, where

JUNK_EMAILS = ("test@test.com", "n/a", "unknown", "none@none.com", "noemail@noemail.com", "a@a.a", "-")
JUNK_PHONES = ("000-000-0000", "0000000000", "1234567890", "999-999-9999", "n/a", "unknown", "5555555555")
JUNK_DATES = ("01/01/1900", "00/00/0000", "02/30/2017", "12/31/2099")
BROKEN_PRICES = ("free", "-1", "12.34.56", "#N/A", "USD", "1O.99")
# How many places away a row can stand that is out of order.
_FARTHEST = 40
_MISTYPED_DOMAINS = {
    "gmail.com": "gmial.com",
    "yahoo.com": "yaho.com",
    "hotmail.com": "hotmial.com",
    "outlook.com": "outlok.com",
    "aol.com": "aol.con",
    "icloud.com": "iclod.com",
    "comcast.net": "comcast.ent",
}
_CONTROLS = ("\x07", "\x0b", "\x1b", "\x7f", "\x1f")


def typo(text: str, chance: int) -> str:
    """Return ``text`` with two letters swapped, one lost or one doubled, not at its start."""
    if len(text) < 4:
        return text
    at = 1 + chance // 8 % (len(text) - 2)
    kind = chance % 3
    if kind == 0:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    return text[:at] + text[at + 1 :] if kind == 1 else text[:at] + text[at] + text[at:]


def mistyped_email(text: str, chance: int) -> str:
    """Return an address with a slip in its domain, or before it."""
    local, _, domain = text.partition("@")
    if chance % 2 and domain in _MISTYPED_DOMAINS:
        return f"{local}@{_MISTYPED_DOMAINS[domain]}"
    return f"{typo(local, chance // 2)}@{domain}"


def careless_email(text: str, chance: int) -> str:
    """Return an address with capitals, or blanks around it."""
    return (text.upper(), f" {text}", f"{text} ", text.title())[chance % 4]


def malformed_email(text: str, chance: int) -> str:
    """Return what is no address."""
    return (
        text.replace("@", ""),
        text.replace("@", "@@"),
        text.replace("@", " at "),
        text.split("@", maxsplit=1)[0] + "@",
        text.replace(".", ","),
    )[chance % 5]


def malformed_phone(text: str, chance: int) -> str:
    """Return what is no phone number: digits missing, letters in it."""
    return (text[:-3], text[:4], text.replace("5", "S") + "x", text + "77777777")[chance % 4]


def junk_email(text: str, chance: int) -> str:
    """Return what people type to get past a form."""
    return JUNK_EMAILS[chance % len(JUNK_EMAILS)]


def junk_phone(text: str, chance: int) -> str:
    """Return what people type to get past a form."""
    return JUNK_PHONES[chance % len(JUNK_PHONES)]


def capitals(text: str, chance: int) -> str:
    """Return a name in capitals or small letters, or with blanks."""
    return (text.upper(), text.lower(), f" {text}", f"{text}  ")[chance % 4]


def mojibake(text: str, chance: int) -> str:
    """Return what UTF-8 looks like that was read as Latin-1."""
    return text.encode("utf-8").decode("latin-1")


def with_control_character(text: str, chance: int) -> str:
    """Return ``text`` with a control character somewhere."""
    at = chance % (len(text) + 1)
    return text[:at] + _CONTROLS[chance // 1024 % len(_CONTROLS)] + text[at:]


def broken_price(text: str, chance: int) -> str:
    """Return what is no price."""
    return BROKEN_PRICES[chance % len(BROKEN_PRICES)]


def spoilt(
    text: pa.Array, share: float, change: object, dice: Dice, purpose: str, *keys: Integers
) -> pa.Array:
    """Return ``text`` with ``change`` made to a share of its values, drawn by ``keys``."""
    if share <= 0:
        return text
    rows = dice.chance(share, purpose, *keys)
    if not rows.any():
        return text
    return changed(text, rows, change, dice.bits(purpose + "/how", *keys))  # type: ignore[arg-type]


def one_of(
    text: pa.Array, rows: Flags, words: tuple[str, ...], dice: Dice, purpose: str, *keys: Integers
) -> pa.Array:
    """Return ``text`` with one of ``words`` in the ``rows``."""
    if not rows.any():
        return text
    return where(rows, choose(words, dice.index(len(words), purpose, *keys)), text)


def delivered_rows(dice: Dice, table: str, rows: Rows, dirt: Dirt) -> Integers:
    """Return in which order a table's rows stand in its file, by place: sorted by time but for the dirt."""
    order = np.argsort(rows.written, kind="stable")
    key = rows.key[order]
    if dirt.out_of_order_rows:
        moved = dice.chance(dirt.out_of_order_rows, f"{table}/moved", key)
        shift = np.where(moved, dice.between(-_FARTHEST, _FARTHEST, f"{table}/to", key), 0.0)
        order = order[np.argsort(np.arange(len(order)) + shift, kind="stable")]
    if dirt.duplicate_rows:
        order = np.repeat(order, 1 + dice.chance(dirt.duplicate_rows, f"{table}/twice", rows.key[order]))
    return order
