"""Looking at the tables of a new source: types, keys, nulls, dates, currencies, what belongs to what."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any, Literal

from orchestration.onboarding.mapping import ColumnMapping
from orchestration.onboarding.profiles import ColumnProfile, TableProfile
from orchestration.onboarding.readings import PATTERNS, reading_of, typed_reading
from orchestration.onboarding.vocabulary import likeness, plain
from orchestration.warehouse import Connection
from orchestration.warehouse.sql import literal, quoted

# So many rows tell what values look like; keys and counts are those of all rows.
_LOOKED_AT = 200_000
_FEW_VALUES = 40
_NOTHING = "'', 'nan', 'null', 'none', 'n/a', 'na', '-', '?'"
_SYMBOLS = {"€": "EUR", "£": "GBP", "zł": "PLN", "R$": "BRL"}
_TYPES = {
    "BIGINT": "bigint", "HUGEINT": "bigint", "UINTEGER": "bigint",
    "INTEGER": "integer", "SMALLINT": "integer",
    "TINYINT": "integer", "DOUBLE": "double", "FLOAT": "double", "TIMESTAMP": "timestamp", "DATE": "date",
    "TIMESTAMP_NS": "timestamp", "TIMESTAMP_MS": "timestamp", "TIMESTAMP WITH TIME ZONE": "timestamp",
    "BOOLEAN": "boolean",
}  # fmt: skip
_READINGS = {
    "bigint": ColumnMapping(reads="integer"), "integer": ColumnMapping(reads="integer"),
    "double": ColumnMapping(reads="number"), "timestamp": ColumnMapping(reads="time"),
    "date": ColumnMapping(reads="date"), "boolean": ColumnMapping(reads="boolean"),
}  # fmt: skip


@dataclass(frozen=True)
class Found:
    """A table that was found and can be read.

    Attributes
    ----------
    relation
        What stands behind ``from`` to read it.
    terms
        What else its entry says of where it comes from.
    """

    name: str
    place: str
    format: Literal["parquet", "csv", "jsonl", "database", "rest"]
    relation: str
    mode: Literal["append", "replace"] = "replace"
    delimiter: str = ","
    encoding: Literal["utf-8", "utf-16", "latin-1"] = "utf-8"
    terms: Mapping[str, Any] = field(default_factory=dict)


def inspect(connection: Connection, found: Sequence[Found]) -> dict[str, TableProfile]:
    """Return what each table looks like, by its name."""
    looked_at: dict[str, tuple[Found, TableProfile]] = {}
    for number, table in enumerate(found):
        relation = f"temp.inspected_{number}"
        connection.execute(f"create or replace temp table inspected_{number} as from {table.relation}")
        looked_at[table.name] = (replace(table, relation=relation), _profile(connection, table, relation))
    return {
        name: replace(profile, parents=_parents(connection, name, looked_at))
        for name, (_, profile) in looked_at.items()
    }


def _profile(connection: Connection, table: Found, relation: str) -> TableProfile:
    described = {row[0]: str(row[1]) for row in connection.execute(f"describe {relation}").fetchall()}
    rows = int(connection.execute(f"select count(*) from {relation}").fetchall()[0][0])
    columns = {
        name: _column(connection, relation, name, contract_type(data_type), rows)
        for name, data_type in described.items()
    }
    columns = _told_apart(columns)
    key, doubt = _key(connection, relation, table.name, columns)
    if len(key) == 1 and columns[key[0]].reading.reads in {"integer", "text"}:
        columns[key[0]] = replace(
            columns[key[0]], reading=columns[key[0]].reading.model_copy(update={"reads": "key"})
        )
    return TableProfile(
        table.name, table.place, table.format, table.mode, rows, columns, key,
        delimiter=table.delimiter, encoding=table.encoding, terms=table.terms, doubt=doubt,
    )  # fmt: skip


def contract_type(engine_type: str) -> str:
    """Return the contract's word for a type of the engine; what has none is text."""
    if engine_type.startswith("DECIMAL"):
        return engine_type.lower().replace(" ", "")
    return _TYPES.get(engine_type, "string")


def _column(connection: Connection, relation: str, name: str, data_type: str, rows: int) -> ColumnProfile:
    text = f"trim(cast({quoted(name)} as varchar))"
    says = f"from (select {text} as v from {relation}) where v is not null and lower(v) not in ({_NOTHING})"
    filled, distinct = connection.execute(f"select count(*), count(distinct v) {says}").fetchall()[0]
    common = [
        row[0]
        for row in connection.execute(
            f"select v, count(*) as n {says} group by v order by n desc, v limit {_FEW_VALUES + 1}"
        ).fetchall()
    ]
    values = tuple(common) if len(common) <= _FEW_VALUES else ()
    if data_type == "string":
        told = reading_of(name, filled, _counts(connection, says), common)
        reading, doubt = told.reading, told.doubt
    else:
        reading = typed_reading(name, _READINGS.get(data_type, ColumnMapping(reads="amount")))
        doubt = "" if filled else "it is empty: is anything to come in it?"
    return ColumnProfile(
        name, data_type, rows, filled, distinct, reading, _currencies(name, reading, common), values, doubt
    )


def _counts(connection: Connection, says: str) -> dict[str, int]:
    counted = ", ".join(
        f"count(*) filter (regexp_full_match(v, {literal(pattern)}))" for pattern in PATTERNS.values()
    )
    found = connection.execute(f"select {counted} from (select v {says} limit {_LOOKED_AT})").fetchall()[0]
    return dict(zip(PATTERNS, found, strict=True))


def _currencies(name: str, reading: ColumnMapping, values: Sequence[str]) -> tuple[str, ...]:
    """Return the currencies that stand beside amounts, or that a column of currencies names."""
    found = set()
    is_currency = likeness(name, ["currency", "currency code", "wahrung"]) >= 60
    for value in values:
        if is_currency and re.fullmatch(r"[A-Za-z]{3}", value):
            found.add(value.upper())
        elif reading.reads == "amount":
            found |= {code for symbol, code in _SYMBOLS.items() if symbol in value}
            found |= set(re.findall(r"\b[A-Z]{3}\b", value))
    return tuple(sorted(found))


def _told_apart(columns: Mapping[str, ColumnProfile]) -> dict[str, ColumnProfile]:
    """Give columns whose names become the same in the base model names of their own."""
    taken: set[str] = set()
    renamed = {}
    for name, column in columns.items():
        wanted, number = column.base_name, 2
        while wanted in taken:
            wanted, number = f"{column.base_name}_{number}", number + 1
        taken.add(wanted)
        if wanted != column.base_name:
            renamed[name] = replace(column, reading=column.reading.model_copy(update={"as_": wanted}))
        else:
            renamed[name] = column
    return renamed


def _key(
    connection: Connection, relation: str, table: str, columns: Mapping[str, ColumnProfile]
) -> tuple[tuple[str, ...], str]:
    """Return the columns that tell rows apart, and what is open about them."""
    different = connection.execute(f"select count(*) from (select distinct * from {relation})").fetchall()[0][
        0
    ]
    rows = next(iter(columns.values())).rows
    repeated = f"{rows - different:,} rows repeat another one in full" if different < rows else ""
    # A name, a day or an amount that happens to be different in every row is no key.
    able = [
        column
        for column in columns.values()
        if column.reading.reads in {"key", "integer", "email", "text"} and column.filled == column.rows
    ]
    wanted = [f"{plain(table).removesuffix('s')} id", f"{plain(table).removesuffix('s')} no", "id"]
    named = [
        column for column in able if column.reading.reads == "key" or likeness(column.name, wanted) >= 60
    ]
    single = [column for column in able if column.distinct == different]
    if best := max(
        (column for column in single if column in named),
        key=lambda column: (likeness(column.name, wanted), column.reading.reads == "key"),
        default=None,
    ):
        return (best.name,), repeated
    # A measure that happens to differ in every row is no key, nor part of one where two numbers make it.
    numbers = [column for column in able if column.reading.reads in {"key", "integer"}][:6]
    pairs = sorted(combinations(numbers, 2), key=lambda pair: -sum(column in named for column in pair))
    for one, other in pairs:
        if one not in named and other not in named:
            break
        names = f"{quoted(one.name)}, {quoted(other.name)}"
        found = connection.execute(
            f"select count(*) from (select distinct {names} from {relation})"
        ).fetchall()
        if found[0][0] == different:
            is_sure = one in named and other in named
            doubt = "" if is_sure else f"{one.name} and {other.name} differ in every row: are they its key?"
            return (one.name, other.name), repeated or doubt
    if mailed := [column for column in single if column.reading.reads == "email"]:
        return (mailed[0].name,), repeated
    if named:
        repeats = max(named, key=lambda column: column.distinct)
        return (), (
            f"{repeats.name!r} looks like its key and repeats ({repeats.distinct:,} values, {rows:,} rows): "
            "are these later versions of a row? Then write it as `key`; until then the whole row is its key"
        )
    return (), "no column tells its rows apart: the whole row is its key"


def _parents(
    connection: Connection, name: str, looked_at: Mapping[str, tuple[Found, TableProfile]]
) -> dict[str, str]:
    """Return the tables whose key stands in a column of the same name here, nearly always a known one."""
    child, profile = looked_at[name]
    found = {}
    for other, (parent, told) in looked_at.items():
        if other == name or len(told.key) != 1 or profile.key == told.key:
            continue
        keys = f"select cast({quoted(told.key[0])} as varchar) from {parent.relation}"
        for column in profile.columns:
            if plain(column) != plain(told.key[0]) or (column,) == profile.key:
                continue
            known, filled = connection.execute(
                f"select count(*) filter (cast({quoted(column)} as varchar) in ({keys})), "
                f"count({quoted(column)}) from {child.relation}"
            ).fetchall()[0]
            if filled == profile.rows and known >= 0.9 * filled:
                found[other] = column
    return found
