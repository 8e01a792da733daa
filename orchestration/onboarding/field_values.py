"""The value of a field of core, as SQL over the tables that a mapping names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from orchestration.onboarding.base_models import zone
from orchestration.onboarding.mapping import (
    ColumnOf,
    Constant,
    Decoded,
    Expression,
    FamilyPart,
    FieldValue,
    GivenPart,
    SourceMapping,
)
from orchestration.onboarding.shapes import Field

_STRING = "{{ dbt.type_string() }}"


@dataclass(frozen=True)
class Scope:
    """The table that a part's rows come from: columns without a table's name are its own."""

    mapping: SourceMapping
    table: str

    def qualified(self, reference: str) -> str:
        """Return a column with its table's name before it."""
        return reference if "." in reference else f"{self.table}.{reference}"

    def reading(self, reference: str) -> str:
        """Return how a column is read."""
        table, name = self.qualified(reference).split(".", 1)
        columns = self.mapping.base_columns(table)
        return columns[name][1].reads if name in columns else "text"

    def is_date(self, value: FieldValue | None) -> bool:
        """Whether a value is a day, of which no moment is known."""
        return isinstance(value, str) and self.reading(value) == "date"


def value_sql(field: Field, value: FieldValue, scope: Scope) -> str:
    """Return the SQL of a field's value, as the field means it: keys with their source, instants in UTC."""
    if isinstance(value, tuple):
        return f"coalesce({', '.join(value_sql(field, each, scope) for each in value)})"
    if field.is_key:
        return _key_sql(value, scope)
    if isinstance(value, str):
        return _column_sql(field, value, scope)
    return _other_sql(value, scope)


def local_sql(instant: str, mapping: SourceMapping) -> str:
    """Return the source's clock at an instant."""
    return f"{{{{ local_from_utc({_argument(instant)}, {zone(mapping)}) }}}}"


def end_of_day_sql(reference: str, scope: Scope) -> str:
    """Return the instant at which a day is over: before it, nothing may rest on what happened that day."""
    day_after = f"days_after('{scope.qualified(reference)}', 1)"
    return f"{{{{ utc_from_local({day_after}, {zone(scope.mapping)}) }}}}"


def _key_sql(value: FieldValue, scope: Scope) -> str:
    if isinstance(value, ColumnOf):
        return f"'{value.of}:' || cast({scope.qualified(value.column)} as {_STRING})"
    if isinstance(value, Constant):
        return f"'{{{{ this_source() }}}}:{value.value}'"
    plain = scope.qualified(value) if isinstance(value, str) else _other_sql(value, scope)
    return f"{{{{ source_key({_argument(plain)}) }}}}"


def _column_sql(field: Field, reference: str, scope: Scope) -> str:
    name, reading = scope.qualified(reference), scope.reading(reference)
    if field.is_moment and reading == "date":
        return f"{{{{ utc_from_local('cast({name} as timestamp)', {zone(scope.mapping)}) }}}}"
    if field.data_type == "date" and reading == "time":
        return f"cast({local_sql(name, scope.mapping)} as date)"
    if field.data_type == "string" and reading in {"integer", "number", "amount", "date", "time", "boolean"}:
        return f"cast({name} as {_STRING})"
    return name


def _other_sql(value: FieldValue, scope: Scope) -> str:
    if isinstance(value, Constant):
        return f"'{_escaped(value.value)}'" if isinstance(value.value, str) else str(value.value).lower()
    if isinstance(value, Expression):
        return value.sql
    if isinstance(value, GivenPart):
        return f"{{{{ given_part('{scope.qualified(value.given_part_of)}') }}}}"
    if isinstance(value, FamilyPart):
        return f"{{{{ family_part('{scope.qualified(value.family_part_of)}') }}}}"
    assert isinstance(value, Decoded)
    name = scope.qualified(value.column)
    cases = "".join(
        f"            when lower(trim({name})) in ({', '.join(_lower_text(word) for word in words)}) "
        f"then '{_escaped(known)}'\n"
        for known, words in value.values.items()
    )
    return f"case\n{cases}            else {name}\n        end"


def _lower_text(word: str) -> str:
    return f"'{_escaped(word.strip().lower())}'"


def _escaped(text: object) -> str:
    return str(text).replace("'", "''")


def _argument(sql: str) -> str:
    """Return SQL as an argument of a macro: its text, or what it is inside the braces of one."""
    if sql.startswith("{{") and sql.endswith("}}") and sql.count("{{") == 1:
        return sql[2:-2].strip()
    return '"' + sql.replace("\\", "\\\\").replace('"', '\\"') + '"' if "'" in sql else f"'{sql}'"


def named(sql: str, name: str) -> str:
    """Return SQL under a name; a column that is called so already needs none."""
    return sql if re.fullmatch(rf"\w+\.{name}", sql) else f"{sql} as {name}"
