"""Fit what arrives to the types that its contract names, without losing anything."""

from __future__ import annotations

import re
from collections.abc import Mapping

from orchestration.ingestion.arrivals import Arrival
from orchestration.ingestion.connectors.files import unreadable
from orchestration.ingestion.entries import Column
from orchestration.ingestion.errors import IngestionError
from orchestration.warehouse import Connection, EngineError
from orchestration.warehouse.sql import quoted

_WHOLE_NUMBERS = {
    name: digits
    for digits, names in enumerate(
        [
            ["BOOLEAN"],
            ["TINYINT", "UTINYINT"],
            ["SMALLINT", "USMALLINT"],
            ["INTEGER", "UINTEGER"],
            ["BIGINT", "UBIGINT"],
            ["HUGEINT", "UHUGEINT"],
        ]
    )
    for name in names
}
_NUMBERS = {*_WHOLE_NUMBERS, "FLOAT", "DOUBLE", "DECIMAL"}
_MOMENTS = {"DATE", "TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"}
# A number with a fraction is not among them: 12346.0 is not the key 12346, and its text depends on who prints
# it.
_READS_AS_TEXT = {*_WHOLE_NUMBERS, *_MOMENTS, "DECIMAL", "UUID", "ENUM", "TIME", "JSON"}


# How text has to be written to be a value of a type: what an engine's cast takes beyond it loses or invents
# something (digits of an id, a century, a unit). Blanks around a value are no part of it.
_WHOLE = r"[+-]?[0-9]+(\.0*)?"
_GRAMMARS = {
    "BOOLEAN": r"(?i)true|false|t|f|yes|no|y|n|1|0",
    "DOUBLE": r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?",
    "DATE": r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T]00:00(:00(\.0+)?)?Z?)?",
    "TIMESTAMP": (
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
        r"([ T][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?( ?(Z|UTC|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?))?)?"
    ),
}


def required_columns_present(
    arrival: Arrival, found: Mapping[str, str], declared: Mapping[str, Column]
) -> None:
    """Refuse an arrival without a required column.

    Raises
    ------
    IngestionError
        Naming the first column that is missing and those that are there.
    """
    present = {name.lower() for name in found}
    for name, column in declared.items():
        if column.required and name.lower() not in present:
            raise IngestionError(
                arrival.name,
                f"column {name!r} is missing. It holds {', '.join(found)}.",
                f"deliver it with {name!r}, or declare the column `required: false`.",
                name,
            )


def fitted_columns(
    connection: Connection, arrival: Arrival, found: Mapping[str, str], expected: Mapping[str, str]
) -> dict[str, str]:
    """Return an SQL expression per column that arrives, under its name in the warehouse.

    Parameters
    ----------
    found
        Warehouse type by the name of each column that arrives.
    expected
        Warehouse type by the name of each column that is declared or already in the table. Others pass as
        they are.

    Raises
    ------
    IngestionError
        If a value would be lost or changed by its declared type; names column, value, both types.
    """
    names = {name.lower(): name for name in expected}
    expressions: dict[str, str] = {}
    losses: dict[str, str] = {}
    for name, found_type in found.items():
        target = names.get(name.lower(), name)
        expected_type = expected.get(target, found_type)
        column = quoted(name)
        expressions[target] = _cast(column, found_type, expected_type)
        if loss := _loss(column, found_type, expected_type):
            losses[name] = loss
    _nothing_is_lost(
        connection, arrival, losses, found, {name: expected[names[name.lower()]] for name in losses}
    )
    return expressions


def _nothing_is_lost(
    connection: Connection,
    arrival: Arrival,
    losses: Mapping[str, str],
    found: Mapping[str, str],
    expected: Mapping[str, str],
) -> None:
    if not losses:
        return
    tallies = ", ".join(
        f"count(*) filter ({loss}), min({quoted(name)}::varchar) filter ({loss})"
        for name, loss in losses.items()
    )
    try:
        counted = connection.execute(f"select {tallies} from {arrival.scan}").fetchall()[0]
    except EngineError as error:
        raise unreadable(arrival, error) from error
    for position, name in enumerate(losses):
        rows, example = counted[2 * position : 2 * position + 2]
        if rows:
            raise IngestionError(
                arrival.name,
                f"column {name!r} should be {expected[name].lower()} but arrives as {found[name].lower()}: "
                f"{rows:,} value{'s' if rows > 1 else ''} would be lost or changed, for example {example!r}.",
                "correct the values at the source, or the column's type in the entry.",
                name,
            )


def _cast(column: str, found: str, expected: str) -> str:
    if found == expected:
        return column
    if not _is_castable(found, expected):
        return f"null::{expected}"  # what arrives holds nulls alone, or it is refused
    if _family(found) == "VARCHAR" and expected == "TIMESTAMP":
        # A text may carry its offset, which a plain cast would drop; one without is UTC, as the session is.
        # The engine reads hours and minutes only with their seconds.
        whole = f"regexp_replace(trim({column}), '([ T][0-9]{{2}}:[0-9]{{2}})( ?[Z+U-]|$)', '\\1:00\\2')"
        return f"try_cast({whole} as timestamptz)::timestamp"
    return f"try_cast({column} as {expected})"


def _is_castable(found: str, expected: str) -> bool:
    origin, target = _family(found), _family(expected)
    if target == "VARCHAR":
        return origin in _READS_AS_TEXT
    return origin == "VARCHAR" or any(origin in group and target in group for group in (_NUMBERS, _MOMENTS))


def _loss(column: str, found: str, expected: str) -> str | None:
    """Return the condition under which a value does not survive its cast, or ``None`` if all do."""
    origin, target = _family(found), _family(expected)
    if found == expected:
        return None
    if not _is_castable(found, expected):
        return f"{column} is not null"
    if origin != "VARCHAR" and target in {"VARCHAR", "TIMESTAMP"}:
        return None  # every value has a text; the warehouse keeps microseconds, in UTC
    cast = _cast(column, found, expected)
    changed = ""
    if origin == "VARCHAR":
        changed = f" or not regexp_full_match(trim({column}), '{_grammar(expected)}')"
        if target == "DOUBLE":
            # Too large or too small for the type: the engine says infinite, or nothing at all.
            changed += f" or isinf({cast}) or ({cast} = 0 and regexp_matches({column}, '^[^eE]*[1-9]'))"
    elif origin in _NUMBERS and _is_wider(origin, target):
        return None
    elif origin in _NUMBERS:
        changed = f" or try_cast({cast} as {found}) is distinct from {column}"
    elif origin in _MOMENTS:
        changed = f" or {cast} <> {column}"
    return f"{column} is not null and ({cast} is null{changed})"


def _grammar(expected: str) -> str:
    """Return the pattern that the whole of a text has to match to be a value of a type."""
    target = _family(expected)
    if target == "DECIMAL":
        scale = int(expected.rstrip(")").rpartition(",")[2])
        digits = f"[0-9]{{0,{scale}}}0*"
        return rf"[+-]?([0-9]+(\.{digits})?|\.[0-9]{digits})" if scale else _WHOLE
    return _GRAMMARS.get(target, _WHOLE)


def _is_wider(origin: str, target: str) -> bool:
    if origin == "FLOAT":
        return target == "DOUBLE"
    if origin not in _WHOLE_NUMBERS or origin.startswith("U"):
        return False
    if target == "DOUBLE":
        return _WHOLE_NUMBERS[origin] <= _WHOLE_NUMBERS["INTEGER"]
    return _WHOLE_NUMBERS.get(target, -1) >= _WHOLE_NUMBERS[origin]


def _family(warehouse_type: str) -> str:
    """Return the type without its parameters; a list or a struct is itself."""
    if re.search(r"\[\d*\]$", warehouse_type):
        return warehouse_type
    return warehouse_type.partition("(")[0]
