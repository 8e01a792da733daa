"""Files of identity rules: read, checked line by line, and given the types that their seeds have.

The seeds and what their columns mean: `dbt_project/seeds/identity`.
"""

from __future__ import annotations

import csv
import difflib
import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path

from orchestration.identity.errors import IdentityError

Value = str | int | float | bool | None
Row = dict[str, Value]
# So many faults are told at once: a file with more of them has one fault in all its lines.
_MOST_FAULTS = 10
_FLAGS = {"true": True, "false": False}
_MUST_LINK, _CANNOT_LINK = "must_link", "cannot_link"


@dataclass(frozen=True)
class Column:
    """A column of a seed: its type in SQL, how a text becomes a value, and what to write instead.

    Attributes
    ----------
    sql_type
        Type in the warehouse.
    read
        Turns the text into the value; raises `ValueError` if it cannot be one.
    expected
        What to write, in words.
    is_required
        Whether an empty text is a fault.
    """

    sql_type: str
    read: Callable[[str], Value]
    expected: str
    is_required: bool = True


def _whole_number(smallest: int) -> Callable[[str], Value]:
    def read(text: str) -> Value:
        if int(text) < smallest:
            raise ValueError(text)
        return int(text)

    return read


def _flag(text: str) -> Value:
    if text.lower() not in _FLAGS:
        raise ValueError(text)
    return _FLAGS[text.lower()]


def _probability(text: str) -> Value:
    value = float(text)
    if not math.isfinite(value) or not 0 < value <= 1:
        raise ValueError(text)
    return value


def _moment(text: str) -> Value:
    if datetime.fromisoformat(text).tzinfo is not None:
        raise ValueError(text)
    return text


def _pattern(text: str) -> Value:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(str(error)) from error
    return text


def _decision(text: str) -> Value:
    if text not in (_MUST_LINK, _CANNOT_LINK):
        raise ValueError(text)
    return text


_TEXT = Column("varchar", str, "write something")
_MOMENT = Column(
    "varchar", _moment, "write a moment in UTC without a zone, as 2018-01-31 or 2018-01-31 12:00:00"
)
_OPTIONAL_MOMENT = Column("varchar", _moment, f"{_MOMENT.expected}, or leave it empty", is_required=False)
_FLAG = Column("boolean", _flag, "write true or false")

COLUMNS: dict[str, dict[str, Column]] = {
    "identity_rules": {
        "identifier_type": _TEXT,
        "rule_name": _TEXT,
        "priority": Column("integer", _whole_number(0), "write a whole number, 1 for the strongest rule"),
        "max_records": Column("integer", _whole_number(2), "write a whole number from 2 on"),
        "is_exclusive": _FLAG,
        "is_checked_by_person": _FLAG,
        "link_probability": Column("double", _probability, "write a number above 0 and up to 1, as 0.98"),
        "valid_from": _OPTIONAL_MOMENT,
        "valid_to": _OPTIONAL_MOMENT,
    },
    "identity_blocked_values": {
        "identifier_type": _TEXT,
        "value_pattern": Column(
            "varchar", _pattern, "mend the regular expression; write [.] for a dot and [+] for a plus"
        ),
        "reason": _TEXT,
    },
    "identity_overrides": {
        "customer_key_a": _TEXT,
        "customer_key_b": _TEXT,
        "decision": Column("varchar", _decision, f"write {_MUST_LINK} or {_CANNOT_LINK}"),
        "effective_at": _MOMENT,
        "decided_by": _TEXT,
        "reason": _TEXT,
    },
}
_KEYS = {
    "identity_rules": ("rule_name",),
    "identity_blocked_values": ("identifier_type", "value_pattern"),
    "identity_overrides": ("customer_key_a", "customer_key_b", "decision"),
}


def read_rules(seed: str, path: Path) -> list[Row]:
    """Return the rows of a file that is to stand in for a seed.

    Parameters
    ----------
    seed
        ``identity_rules``, ``identity_blocked_values`` or ``identity_overrides``.
    path
        A CSV file in UTF-8 with the seed's columns.

    Raises
    ------
    IdentityError
        If it cannot be used; every line of the message names the file, the line, the column and the fix.
    """
    columns = COLUMNS[seed]
    header, lines = _lines(path)
    faults = _header_faults(path, header, columns)
    if faults:
        raise IdentityError("\n".join(faults))
    rows: list[tuple[int, Row]] = []
    for number, line in lines:
        row, line_faults = _row(path, number, dict(zip(header, line, strict=False)), len(line), columns)
        faults += line_faults
        rows.append((number, row))
    if not faults:
        faults = [*_duplicates(path, rows, _KEYS[seed]), *_MORE_CHECKS[seed](path, rows)]
    if faults:
        more = len(faults) - _MOST_FAULTS
        told = faults[:_MOST_FAULTS] + ([f"... and {more} more"] if more > 0 else [])
        raise IdentityError("\n".join(told))
    return [row for _, row in rows]


def _lines(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            numbered = [(reader.line_num, line) for line in reader if line]
    except FileNotFoundError as error:
        raise IdentityError(f"{path}: there is no such file.") from error
    except (UnicodeDecodeError, csv.Error, OSError) as error:
        raise IdentityError(f"{path}: cannot be read as CSV in UTF-8: {error}.") from error
    if not numbered:
        raise IdentityError(f"{path}: is empty; it needs at least a line with the names of the columns.")
    return [name.strip() for name in numbered[0][1]], numbered[1:]


def _header_faults(path: Path, header: Sequence[str], columns: Mapping[str, Column]) -> list[str]:
    faults = []
    for name in header:
        if name not in columns:
            similar = difflib.get_close_matches(name, columns, 1)
            hint = f"did you mean {similar[0]}?" if similar else f"the columns are {', '.join(columns)}."
            faults.append(f"{path}: unknown column {name}; {hint}")
    faults += [f"{path}: column {name} is missing; add it." for name in columns if name not in header]
    twice = [name for name, count in Counter(header).items() if count > 1]
    return faults + [f"{path}: column {name} is there twice; take one away." for name in twice]


def _row(
    path: Path, number: int, texts: Mapping[str, str], value_count: int, columns: Mapping[str, Column]
) -> tuple[Row, list[str]]:
    if value_count != len(columns):
        return {}, [
            f"{path}, line {number}: has {value_count} values, not {len(columns)}; quote values with commas."
        ]
    row: Row = {}
    faults = []
    for name, column in columns.items():
        text = texts[name].strip()
        if not text:
            row[name] = None
            if column.is_required:
                faults.append(f"{path}, line {number}, {name}: is empty; {column.expected}.")
            continue
        try:
            row[name] = column.read(text)
        except ValueError as error:
            detail = f" ({error})" if column.read is _pattern else ""
            faults.append(
                f"{path}, line {number}, {name}: {text!r} cannot be used{detail}; {column.expected}."
            )
    return row, faults


def _duplicates(path: Path, rows: Sequence[tuple[int, Row]], key: Sequence[str]) -> list[str]:
    first_lines: dict[tuple[Value, ...], int] = {}
    faults = []
    for number, row in rows:
        values = tuple(row[name] for name in key)
        if values in first_lines:
            faults.append(
                f"{path}, line {number}, {', '.join(key)}: the same as in line {first_lines[values]}; "
                "take one away."
            )
        first_lines.setdefault(values, number)
    return faults


def _rule_faults(path: Path, rows: Sequence[tuple[int, Row]]) -> list[str]:
    faults = []
    for number, row in rows:
        begins, ends = _period(row)
        if begins >= ends:
            faults.append(f"{path}, line {number}, valid_to: is not after valid_from; swap or mend them.")
        if (row["priority"] == 0) != (row["identifier_type"] == _MUST_LINK):
            faults.append(
                f"{path}, line {number}, priority: 0 is for {_MUST_LINK} and only for it; "
                "write 1 or more for a rule."
            )
    for (_, row_a), (number, row_b) in combinations(rows, 2):
        if row_a["identifier_type"] == row_b["identifier_type"]:
            (from_a, to_a), (from_b, to_b) = _period(row_a), _period(row_b)
            if from_a < to_b and from_b < to_a:
                faults.append(
                    f"{path}, line {number}, valid_from: two rules for {row_b['identifier_type']} are in "
                    "force at the same time; end one (valid_to) when the other begins (valid_from)."
                )
    return faults


def _period(row: Row) -> tuple[datetime, datetime]:
    begins, ends = (
        datetime.fromisoformat(str(row[name])) if row[name] else None for name in ("valid_from", "valid_to")
    )
    return begins or datetime.min, ends or datetime.max


def _override_faults(path: Path, rows: Sequence[tuple[int, Row]]) -> list[str]:
    return [
        f"{path}, line {number}, customer_key_b: is the same record as customer_key_a; name another one."
        for number, row in rows
        if row["customer_key_a"] == row["customer_key_b"]
    ]


_MORE_CHECKS: dict[str, Callable[[Path, Sequence[tuple[int, Row]]], list[str]]] = {
    "identity_rules": _rule_faults,
    "identity_blocked_values": lambda path, rows: [],
    "identity_overrides": _override_faults,
}
