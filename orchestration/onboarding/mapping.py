"""Mappings: which column of a source means what, in one YAML file from which its staging models are written.

The grammar is the same for the file in `dbt_project/mappings/`, which says everything, and for the one that a
person gives to `insight source new --mapping`, which says only what the data cannot tell.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from orchestration.onboarding.errors import OnboardingError

Reading = Literal[
    "key", "text", "name", "email", "phone", "postal_code", "country", "language", "integer", "number",
    "amount", "date", "time", "boolean", "ignored",
]  # fmt: skip
Layout = Literal[
    "day_first", "month_first", "year_first", "month_name", "compact", "utc", "epoch_seconds",
    "epoch_milliseconds",
]  # fmt: skip
Decimal = Literal["point", "comma"]
READINGS: tuple[str, ...] = get_args(Reading)
LAYOUTS: tuple[str, ...] = get_args(Layout)
# What is not known stands in the files under this word: `grep -rn TO_CONFIRM` lists what is left to find out.
TO_CONFIRM = "TO_CONFIRM"
_NAMING = ("column", "given_part_of", "family_part_of")
# Names that the models around a column use themselves.
PROTECTED = frozenset({"loaded_at", "batch_id", "quarantine_reason", "row_count", "row_key"})


class _Strict(BaseModel):
    """An unknown key is a spelling mistake, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


def _column(value: object) -> object:
    return {"reads": value} if isinstance(value, str) else value


def _names(value: object) -> object:
    return [value] if isinstance(value, str) else value


class ColumnMapping(_Strict):
    """How a column of a raw table is read, and what the base model calls it.

    Attributes
    ----------
    layout
        Order of the parts of a date or time that stands in text. ``utc`` is ISO 8601 with its offset, or a
        clock that shows UTC.
    decimal
        Mark before the decimals of an amount or number that stands in text.
    """

    reads: Reading = "text"
    as_: str | None = Field(default=None, alias="as", pattern=r"^[a-z][a-z0-9_]*$")
    layout: Layout | None = None
    decimal: Decimal | None = None


class TableMapping(_Strict):
    """How a raw table is read.

    Attributes
    ----------
    key
        Columns that tell rows apart, by their names in the base model; empty if only the whole row does.
    belongs_to
        Other table of the source, and the column of this one that holds its key.
    columns
        By the column's name in the raw table.
    """

    key: Annotated[tuple[str, ...], BeforeValidator(_names)] = ()
    belongs_to: dict[str, str] = {}
    columns: dict[str, Annotated[ColumnMapping, BeforeValidator(_column)]] = {}


class ColumnOf(_Strict):
    """A key of another source: of the CRM's customer, say, in a bill."""

    column: str
    of: str


class Decoded(_Strict):
    """A code: core's value by the words that the source writes for it; other words stay as they are."""

    column: str
    values: dict[str, Annotated[tuple[str, ...], BeforeValidator(_names)]]


class Constant(_Strict):
    """The same value in every row."""

    value: str | int | float | bool


class Expression(_Strict):
    """SQL over the columns of the base model; portable, as everywhere."""

    sql: str


class GivenPart(_Strict):
    """All but the last word of a full name."""

    given_part_of: str


class FamilyPart(_Strict):
    """The last word of a full name."""

    family_part_of: str


# A list is the first of several columns that is filled.
FieldValue = str | tuple[str, ...] | ColumnOf | Decoded | Constant | Expression | GivenPart | FamilyPart
_VALUE: TypeAdapter[FieldValue] = TypeAdapter(FieldValue)


class Part(BaseModel):
    """Where the rows of an entity come from: a table, and a value for each field."""

    model_config = ConfigDict(frozen=True)

    table: str
    fields: dict[str, FieldValue]

    @model_validator(mode="before")
    @classmethod
    def _fields_stand_beside_the_table(cls, content: Any) -> Any:
        if not isinstance(content, Mapping) or set(content) == {"table", "fields"}:
            return content
        return {
            "table": content.get("table"),
            "fields": {name: value for name, value in content.items() if name != "table"},
        }


def _parts(value: object) -> object:
    return [value] if isinstance(value, Mapping) else value


class SourceMapping(_Strict):
    """A whole mapping.

    Attributes
    ----------
    time_zone
        IANA name of the clock that times without an offset were read from.
    country
        ISO 3166-1 alpha-2; phone numbers without a country's code are of it.
    written_by_hand
        Entities whose staging model and YAML somebody wrote: they are listed, and left alone.
    """

    source: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    name: str
    time_zone: str
    currency: str
    country: str | None = None
    tables: dict[str, TableMapping]
    entities: dict[str, Annotated[tuple[Part, ...], BeforeValidator(_parts)]]
    written_by_hand: tuple[str, ...] = ()

    def base_name(self, table: str, raw_name: str) -> str:
        """Return what the base model calls a column."""
        return self.tables[table].columns[raw_name].as_ or base_name(raw_name)

    def base_columns(self, table: str) -> dict[str, tuple[str, ColumnMapping]]:
        """Return raw name and reading of each column of a base model, by its name there."""
        return {
            self.base_name(table, raw): (raw, column)
            for raw, column in self.tables[table].columns.items()
            if column.reads != "ignored"
        }


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the content of a mapping file, unchecked but for being a mapping of names.

    Raises
    ------
    OnboardingError
        If there is no such file, or it is no YAML.
    """
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise OnboardingError(path.name, f"there is no file {path}.", "correct the path.") from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise OnboardingError(
            path.name, f"this is no YAML: {error}.", "correct the line named above."
        ) from error
    if not isinstance(content, dict):
        raise OnboardingError(
            path.name, "it holds no names.", "begin with, for example, `time_zone: Europe/Berlin`."
        )
    return content


def mapping_of(content: dict[str, Any], file: str) -> SourceMapping:
    """Return the mapping that a file's content is.

    Raises
    ------
    OnboardingError
        Naming file, entry and fix, if a key is missing, unknown or has a value that cannot be used.
    """
    try:
        return SourceMapping.model_validate(content)
    except ValidationError as error:
        raise _told(error, file) from error


def check_given(content: dict[str, Any], file: str) -> None:
    """Check the keys of a file that says only a part; what it leaves out is none of its faults.

    Raises
    ------
    OnboardingError
        As `mapping_of`.
    """
    whole = {"source": "x", "name": "x", "time_zone": "x", "currency": "x", "tables": {}, "entities": {}}
    plain = {name: value for name, value in content.items() if name not in {"date_order", "owner", "api"}}
    entities = plain.get("entities") or {}
    if isinstance(entities, dict):
        plain["entities"] = {name: parts for name, parts in entities.items() if parts is not None}
    if (order := content.get("date_order")) not in {None, "day_first", "month_first"}:
        raise OnboardingError(
            file, f"{order!r} is no order.", "write day_first or month_first.", "date_order"
        )
    mapping_of({**whole, **plain}, file)


def with_base_names(value: Any, table: str, names: Mapping[str, Mapping[str, str]]) -> Any:
    """Return the value of a field with the names of the base model in the place of the source's own.

    Parameters
    ----------
    names
        Names in the base model by those of the source, by table.
    """
    if isinstance(value, str):
        parent, _, name = value.partition(".")
        if value in names[table] or name not in names.get(parent, {}):
            return names[table].get(value, value)
        return f"{parent}.{names[parent][name]}"
    if isinstance(value, list):
        return [with_base_names(each, table, names) for each in value]
    if isinstance(value, Mapping):
        return {
            key: with_base_names(said, table, names) if key in _NAMING else said
            for key, said in value.items()
        }
    return value


def saved_mapping(path: Path) -> SourceMapping:
    """Return the mapping in a file, in which columns may have either of their names.

    Raises
    ------
    OnboardingError
        If there is no such file, or it cannot be used.
    """
    content = read_yaml(path)
    told = mapping_of(content, path.name)
    names = {
        table: {raw: told.base_name(table, raw) for raw in mapped.columns}
        for table, mapped in told.tables.items()
    }
    for table, said in content["tables"].items():
        said["key"] = with_base_names(list(told.tables[table].key), table, names)
        parents = said.get("belongs_to") or {}
        said["belongs_to"] = {
            parent: with_base_names(column, table, names) for parent, column in parents.items()
        }
    for entity, parts in content["entities"].items():
        content["entities"][entity] = [
            {name: with_base_names(value, part["table"], names) for name, value in part.items()}
            if part["table"] in names
            else part
            for part in ([parts] if isinstance(parts, Mapping) else parts)
        ]
    return mapping_of(content, path.name)


def base_name(raw_name: str) -> str:
    """Return a raw column's name in small letters, digits and underscores; other scripts become `column`."""
    spelled = unicodedata.normalize("NFC", raw_name)
    for letter, letters in _LETTERS.items():
        spelled = spelled.replace(letter, letters)
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", spelled)
    plain = unicodedata.normalize("NFKD", parted).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_") or "column"
    if name[0].isdigit():
        name = f"column_{name}"
    return f"{name}_value" if name in PROTECTED | _RESERVED else name


_LETTERS = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "ø": "o", "ł": "l"}
# Words of SQL that no engine takes as a plain name of a column everywhere.
_RESERVED = frozenset(
    [
        "all",
        "and",
        "any",
        "as",
        "asc",
        "between",
        "by",
        "case",
        "cast",
        "check",
        "column",
        "constraint",
        "create",
        "cross",
        "current_date",
        "current_time",
        "default",
        "desc",
        "distinct",
        "drop",
        "else",
        "end",
        "except",
        "exists",
        "false",
        "filter",
        "for",
        "foreign",
        "from",
        "full",
        "grant",
        "group",
        "having",
        "in",
        "inner",
        "insert",
        "intersect",
        "interval",
        "into",
        "is",
        "join",
        "key",
        "left",
        "like",
        "limit",
        "natural",
        "not",
        "null",
        "offset",
        "on",
        "or",
        "order",
        "outer",
        "primary",
        "references",
        "right",
        "row",
        "rows",
        "select",
        "set",
        "some",
        "table",
        "then",
        "to",
        "true",
        "union",
        "unique",
        "update",
        "user",
        "using",
        "values",
        "when",
        "where",
        "window",
        "with",
        "date",
        "time",
        "timestamp",
        "day",
        "hour",
        "minute",
        "month",
        "second",
        "year",
        "index",
        "position",
        "type",
        "value",
    ]
)


def nearest(name: str, known: Iterable[str]) -> str:
    """Return a fix that names what may have been meant, or everything that is known."""
    names = sorted(known)
    if close := difflib.get_close_matches(name, names, 1):
        return f"write {close[0]!r}, if that is meant; known: {', '.join(names)}."
    return f"use one of {', '.join(names)}."


def _told(error: ValidationError, file: str) -> OnboardingError:
    fault = error.errors()[0]
    steps = [str(step) for step in fault["loc"] if str(step) not in {"fields"}]
    # Behind a field stand the kinds of value that were tried; a person knows the field alone.
    if steps[:1] == ["entities"] and len(steps) > 4:
        return OnboardingError(
            file,
            "this is no value of a field.",
            "write a column, a list of columns, or {column, of}, {column, values}, {value}, {sql}, "
            "{given_part_of}, {family_part_of}.",
            ".".join(steps[:4]),
        )
    field = ".".join(steps)
    if fault["type"] == "extra_forbidden":
        known = (
            [*SourceMapping.model_fields, "date_order", "owner", "api"]
            if len(steps) == 1
            else (
                ["key", "belongs_to", "columns"] if len(steps) == 3 else ["reads", "as", "layout", "decimal"]
            )
        )
        return OnboardingError(file, "nothing is called so here.", nearest(steps[-1], known), field)
    if fault["type"] == "missing":
        return OnboardingError(file, "it is missing.", f"add {field!r}.", field)
    problem = fault["msg"].removeprefix("Value error, ").rstrip(".")
    return OnboardingError(file, f"{problem}; it says {fault['input']!r}.", f"correct {field!r}.", field)
