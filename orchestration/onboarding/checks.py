"""Whether a mapping names only what is there: tables and columns of the source, fields of core."""

from __future__ import annotations

from collections.abc import Iterable

from orchestration.ingestion.entries import SourceEntry
from orchestration.onboarding.errors import OnboardingError
from orchestration.onboarding.mapping import (
    ColumnOf,
    Decoded,
    FamilyPart,
    FieldValue,
    GivenPart,
    Part,
    SourceMapping,
    nearest,
)
from orchestration.onboarding.shapes import DERIVED, LISTS, TECHNICAL, identifier_types, shapes
from orchestration.onboarding.vocabulary import needs_of

_BY_WHAT = ("email", "phone")


def check(mapping: SourceMapping, entry: SourceEntry, file: str) -> None:
    """Check a whole mapping against its entry and the shapes of core.

    Raises
    ------
    OnboardingError
        Naming file, entry, field and fix of the first thing that is not there.
    """
    for table in mapping.tables:
        _check_table(mapping, entry, table, file)
    if lacking := sorted(set(entry.tables) - set(mapping.tables)):
        raise OnboardingError(
            file, f"the table {lacking[0]!r} of the connector entry is not in it.", "add it.", "tables"
        )
    providable = set(shapes()) - DERIVED
    for entity, parts in mapping.entities.items():
        if entity not in providable:
            raise OnboardingError(
                file, "core has no such entity.", nearest(entity, providable), f"entities.{entity}"
            )
        for part in parts:
            _check_part(mapping, entity, part, file)


def _check_table(mapping: SourceMapping, entry: SourceEntry, table: str, file: str) -> None:
    at = f"tables.{table}"
    if table not in entry.tables:
        raise OnboardingError(
            file, "the connector entry has no such table.", nearest(table, entry.tables), at
        )
    for raw, column in mapping.tables[table].columns.items():
        field = f"{at}.columns.{raw}"
        if raw not in entry.tables[table].columns:
            raise OnboardingError(
                file,
                "the connector entry has no such column.",
                nearest(raw, entry.tables[table].columns),
                field,
            )
        is_text = entry.tables[table].columns[raw].type == "string"
        if is_text and column.reads in {"date", "time"} and column.layout is None:
            raise OnboardingError(file, "a date in text needs its layout.", "add `layout`.", field)
        if is_text and column.reads in {"amount", "number"} and column.decimal is None:
            raise OnboardingError(
                file, "a number in text needs its mark.", "add `decimal: point` or `comma`.", field
            )
    columns = mapping.base_columns(table)
    if len(columns) < len(
        [each for each in mapping.tables[table].columns.values() if each.reads != "ignored"]
    ):
        raise OnboardingError(
            file, "two of its columns get one name.", "tell one apart by `as`.", f"{at}.columns"
        )
    for name in mapping.tables[table].key:
        _require_column(columns, name, file, f"{at}.key")
    for parent, name in mapping.tables[table].belongs_to.items():
        field = f"{at}.belongs_to.{parent}"
        if parent not in mapping.tables:
            raise OnboardingError(file, "no table is called so.", nearest(parent, mapping.tables), field)
        if len(mapping.tables[parent].key) != 1:
            raise OnboardingError(
                file, f"{parent} has no key of one column.", "give it one, or leave this out.", field
            )
        _require_column(columns, name, file, field)


def _check_part(mapping: SourceMapping, entity: str, part: Part, file: str) -> None:
    at = f"entities.{entity}"
    if part.table not in mapping.tables:
        raise OnboardingError(file, f"{part.table!r} is no table.", nearest(part.table, mapping.tables), at)
    known = set(shapes()[entity].fields) - TECHNICAL
    if entity == "identifiers":
        known = {*identifier_types(), "customer_key", "seen_at", "national_id", "device", "address"}
    for name, value in part.fields.items():
        if name not in known:
            raise OnboardingError(file, f"{entity} has no such field.", nearest(name, known), f"{at}.{name}")
        for reference in _references(value):
            _check_reference(mapping, part.table, reference, (file, f"{at}.{name}"))
            if "." in reference and (entity in LISTS or entity == "identifiers"):
                raise OnboardingError(
                    file,
                    f"{entity} are told by one table alone.",
                    f"add a part for {reference.partition('.')[0]}.",
                    f"{at}.{name}",
                )
        if entity == "identifiers" and name in _BY_WHAT and isinstance(value, str):
            reading = mapping.base_columns(part.table)[value][1].reads
            if reading != name:
                raise OnboardingError(
                    file, f"{value} is read as {reading}.", f"read it as {name}.", f"{at}.{name}"
                )
    needed = {*needs_of(entity), shapes()[entity].key, *({"occurred_at"} & known)}
    if entity == "identifiers":
        needed = {"customer_key"}
    elif entity not in LISTS:
        # The key follows from the table's, where it is not said.
        needed.discard(shapes()[entity].key)
    for name in sorted(needed & known):
        if name not in part.fields:
            raise OnboardingError(
                file, f"{part.table} gives no {name}, without which a row is none of {entity}.",
                f"add `{name}`, or take the part away.", at,
            )  # fmt: skip


def _references(value: FieldValue) -> Iterable[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return value
    if isinstance(value, ColumnOf | Decoded):
        return [value.column]
    if isinstance(value, GivenPart):
        return [value.given_part_of]
    return [value.family_part_of] if isinstance(value, FamilyPart) else []


def _check_reference(mapping: SourceMapping, own: str, reference: str, place: tuple[str, str]) -> None:
    table, _, name = reference.rpartition(".")
    parents = mapping.tables[own].belongs_to
    if table and table != own and table not in parents:
        file, field = place
        raise OnboardingError(
            file, f"{own} belongs to no table {table!r}.", f"add it to tables.{own}.belongs_to.", field
        )
    _require_column(mapping.base_columns(table or own), name, *place)


def _require_column(columns: Iterable[str], name: str, file: str, field: str) -> None:
    if name not in columns:
        raise OnboardingError(file, f"there is no column {name!r}.", nearest(name, columns), field)
