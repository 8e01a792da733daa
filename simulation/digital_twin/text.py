"""Columns of text made from whole arrays: numbers, times and keys in the spellings that systems use.

Text of fixed width is laid out as a matrix of bytes and handed to Arrow as it is: no Python object per value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from simulation.digital_twin.clock import DAY, HOUR, MINUTE, SECOND, SYSTEMS_SINCE
from simulation.digital_twin.randomness import Bits, Flags, Integers

_DAYS = 1_200
# What an empty cell is.
NOTHING = pa.scalar(None, pa.string())
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def fixed(matrix: NDArray[np.uint8], absent: Flags | None = None) -> pa.StringArray:
    """Return rows of bytes as text; null where ``absent``."""
    count, width = matrix.shape
    offsets = np.arange(0, (count + 1) * width, width, dtype=np.int32)
    text = pa.StringArray.from_buffers(
        count, pa.py_buffer(offsets), pa.py_buffer(np.ascontiguousarray(matrix).tobytes())
    )
    return text if absent is None else without(text, absent)


def without(text: pa.Array, absent: Flags) -> pa.Array:
    """Return ``text`` with nulls where ``absent``."""
    return pc.if_else(pa.array(~absent), text, NOTHING)


def where(condition: Flags, this: pa.Array | pa.Scalar | str, that: pa.Array | pa.Scalar | str) -> pa.Array:
    """Return ``this`` where the condition holds, else ``that``."""
    return pc.if_else(pa.array(condition), this, that)


def join(*parts: pa.Array | str, separator: str = "") -> pa.Array:
    """Return the parts of each row joined; null where one of them is."""
    return pc.binary_join_element_wise(*parts, separator)


def choose(words: Sequence[str] | pa.Array, indices: Integers) -> pa.Array:
    """Return ``words[index]`` for every index."""
    vocabulary = words if isinstance(words, pa.Array) else pa.array(words, pa.string())
    return vocabulary.take(pa.array(indices))


def coded(words: Sequence[str], indices: Integers, absent: Flags | None = None) -> pa.DictionaryArray:
    """Return ``words[index]`` as a dictionary column: large and repetitive columns stay small.

    Words that occur twice are one in the dictionary: with repeats in it, the same rows would not always be
    the same bytes in Parquet.
    """
    places = {word: place for place, word in enumerate(dict.fromkeys(words))}
    if len(places) < len(words):
        indices = np.array([places[word] for word in words])[indices]
    codes = pa.array(indices.astype(np.int32), mask=absent)
    return pa.DictionaryArray.from_arrays(codes, pa.array(list(places), pa.string()))


def dictionary(words: pa.Array, places: Integers) -> pa.DictionaryArray:
    """Return ``words[place]`` as a dictionary column; null where the place is negative."""
    codes = pa.array(np.maximum(places, 0).astype(np.int32), mask=places < 0)
    return pa.DictionaryArray.from_arrays(codes, words)


def taken(words: pa.Array, places: Integers) -> pa.Array:
    """Return ``words[place]``; null where the place is negative."""
    return words.take(pa.array(places, mask=places < 0))


def changed(text: pa.Array, rows: Flags, change: Callable[[str, int], str | None], bits: Bits) -> pa.Array:
    """Return ``text`` with ``change(value, random bits)`` where ``rows``; nulls stay."""
    rows = rows & np.asarray(pc.is_valid(text))
    if not rows.any():
        return text
    values = text.filter(pa.array(rows)).to_pylist()
    chances = bits[rows].tolist()
    new = pa.array(
        [change(value, chance) for value, chance in zip(values, chances, strict=True)], pa.string()
    )
    return pc.replace_with_mask(text, pa.array(rows), new)


def nothing(count: int) -> pa.Array:
    """Return a text column of nulls."""
    return pa.nulls(count, pa.string())


def constant(word: str, count: int) -> pa.Array:
    """Return the same text ``count`` times."""
    return pa.repeat(pa.scalar(word), count)


def digits(numbers: Integers, width: int) -> NDArray[np.uint8]:
    """Return numbers as rows of decimal digits with leading zeros."""
    matrix = np.empty((len(numbers), width), dtype=np.uint8)
    rest = numbers
    for place in range(width - 1, -1, -1):
        rest, digit = np.divmod(rest, 10)
        matrix[:, place] = digit + ord("0")
    return matrix


def numbered(prefix: str, numbers: Integers, width: int) -> pa.StringArray:
    """Return keys like ``C0001234``."""
    return fixed(prefixed(prefix, digits(numbers, width)))


def prefixed(prefix: str, matrix: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return rows of bytes with the same bytes before each."""
    start = np.frombuffer(prefix.encode(), dtype=np.uint8)
    return np.hstack([np.broadcast_to(start, (len(matrix), len(start))), matrix])


def whole_numbers(numbers: Integers, absent: Flags | None = None) -> pa.Array:
    """Return whole numbers as text."""
    return pa.array(numbers, mask=absent).cast(pa.string())


def cents(numbers: Integers, absent: Flags | None = None) -> pa.Array:
    """Return cents as text with a decimal point: ``12.34``, ``-0.50``."""
    amounts = pa.array(np.abs(numbers), mask=absent)
    units = pc.divide(amounts, 100).cast(pa.string())
    below = choose(_two_digits(), np.abs(numbers) % 100)
    return join(where(numbers < 0, "-", ""), units, ".", below)


def hexadecimal(bits: Bits) -> NDArray[np.uint8]:
    """Return 64 bits as rows of 16 hexadecimal digits."""
    parts = np.ascontiguousarray(bits).view(np.uint16).reshape(len(bits), 4)[:, ::-1]
    return _hexadecimal_words()[parts].view(np.uint8).reshape(len(bits), 16)


def uuids(first: Bits, second: Bits) -> pa.StringArray:
    """Return 128 bits as text in the shape of a UUID."""
    high, low = hexadecimal(first), hexadecimal(second)
    matrix = np.full((len(first), 36), ord("-"), dtype=np.uint8)
    for target, part in ((0, high[:, :8]), (9, high[:, 8:12]), (14, high[:, 12:]), (19, low[:, :4])):
        matrix[:, target : target + part.shape[1]] = part
    matrix[:, 24:] = low[:, 4:]
    return fixed(matrix)


def timestamps(milliseconds: Integers, pattern: str, absent: Flags | None = None) -> pa.StringArray:
    """Return times as text.

    Parameters
    ----------
    milliseconds
        Since 1970, on the clock that the text is to show; from 2016 on.
    pattern
        Letters stand for digits: ``YYYY MM DD`` date, ``hh mm ss`` time, ``fff`` milliseconds, ``Mon`` the
        month's name, ``II`` the hour of twelve, ``PP`` AM or PM; all else is itself.
    """
    days, within = np.divmod(milliseconds, DAY)
    since = days - SYSTEMS_SINCE // DAY
    since = np.clip(since, 0, _DAYS - 1)
    hour = within // HOUR
    matrix = np.empty((len(milliseconds), len(pattern)), dtype=np.uint8)
    calendar = _calendar()
    # The commonest ways to write date and time are looked up whole; the longest names come first.
    parts: dict[str, Callable[[], NDArray[np.uint8]]] = {
        "YYYY-MM-DD": lambda: calendar["YYYY-MM-DD"][since],
        "hh:mm:ss": lambda: _seconds_of_day()[within // SECOND],
        "YYYY": lambda: calendar["YYYY"][since],
        "MM": lambda: calendar["MM"][since],
        "DD": lambda: calendar["DD"][since],
        "Mon": lambda: calendar["Mon"][since],
        "hh": lambda: _pairs()[hour],
        "mm": lambda: _pairs()[within // MINUTE % 60],
        "ss": lambda: _pairs()[within // SECOND % 60],
        "fff": lambda: digits(within % SECOND, 3),
        "II": lambda: _pairs()[(hour + 11) % 12 + 1],
        "PP": lambda: np.frombuffer(b"AMPM", dtype=np.uint8).reshape(2, 2)[hour // 12],
    }
    place = 0
    while place < len(pattern):
        name = next((name for name in parts if pattern.startswith(name, place)), None)
        if name is None:
            matrix[:, place] = ord(pattern[place])
            place += 1
        else:
            matrix[:, place : place + len(name)] = parts[name]()
            place += len(name)
    return fixed(matrix, absent)


def _bytes(words: Iterable[str]) -> NDArray[np.uint8]:
    rows = [word.encode() for word in words]
    return np.frombuffer(b"".join(rows), dtype=np.uint8).reshape(len(rows), -1)


@lru_cache(maxsize=1)
def _pairs() -> NDArray[np.uint8]:
    return _bytes(f"{number:02d}" for number in range(100))


@lru_cache(maxsize=1)
def _seconds_of_day() -> NDArray[np.uint8]:
    return _bytes(
        f"{hour:02d}:{minute:02d}:{second:02d}"
        for hour in range(24)
        for minute in range(60)
        for second in range(60)
    )


@lru_cache(maxsize=1)
def _two_digits() -> pa.Array:
    return pa.array([f"{number:02d}" for number in range(100)])


@lru_cache(maxsize=1)
def _hexadecimal_words() -> NDArray[np.uint32]:
    return _bytes(f"{number:04x}" for number in range(65_536)).view(np.uint32).reshape(-1)


@lru_cache(maxsize=1)
def _calendar() -> dict[str, NDArray[np.uint8]]:
    start = np.datetime64(SYSTEMS_SINCE, "ms").astype("datetime64[D]")
    dates = [str(start + day) for day in range(_DAYS)]
    return {
        "YYYY-MM-DD": _bytes(dates),
        "YYYY": _bytes(date[:4] for date in dates),
        "MM": _bytes(date[5:7] for date in dates),
        "DD": _bytes(date[8:] for date in dates),
        "Mon": _bytes(_MONTHS[int(date[5:7]) - 1] for date in dates),
    }
