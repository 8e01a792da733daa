"""Connector entries: one YAML per source system, which is also the data contract of the tables that arrive.

Landing holds only what makes a table usable at all: readable, right format, required columns, values that fit
their type, not empty. The other terms (``nullable``, ``min``, ``max``, ``one_of``, ``unique``,
``max_null_share``, ``rows``) describe rows and volumes; the arrival gate and the quarantine of staging hold
those, built from the same entry.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from orchestration.ingestion.errors import IngestionError
from orchestration.settings import SOURCE_ENTRIES_DIR

LOADED_AT = "_loaded_at"
BATCH_ID = "_batch_id"

COLUMN_TYPES = ("bigint", "integer", "double", "string", "timestamp", "date", "boolean", "decimal(p,s)")
FILE_FORMATS = ("parquet", "csv", "jsonl")

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Bound = int | float | date | datetime
Mode = Literal["append", "replace"]


def _known_type(value: object) -> object:
    if value in COLUMN_TYPES[:-1] or re.fullmatch(r"decimal\(\d{1,2},\d{1,2}\)", str(value)):
        return value
    raise ValueError(f"{value!r} is no type. Use one of {', '.join(COLUMN_TYPES)}.")


def _known_format(value: object) -> object:
    if value in FILE_FORMATS:
        return value
    hint = " Save the sheet as CSV: spreadsheets are not read." if value in {"excel", "xlsx", "xls"} else ""
    raise ValueError(f"{value!r} is no format. Use one of {', '.join(FILE_FORMATS)}.{hint}")


class _Strict(BaseModel):
    """An unknown key is a spelling mistake, never ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Strict):
    """What one column promises.

    Attributes
    ----------
    type
        One of ``COLUMN_TYPES``; timestamps are UTC, ``decimal(p,s)`` has ``p`` digits, ``s`` of them behind
        the point.
    required
        Whether a file without the column is refused; a missing optional column lands as nulls.
    nullable, unique, min, max, one_of
        What each value promises; bounds are inclusive. Held after landing.
    max_null_share
        Largest share of nulls in one batch, 0 to 1. Held by the arrival gate.
    """

    type: Annotated[str, BeforeValidator(_known_type)]
    description: str
    required: bool = True
    nullable: bool = True
    unique: bool = False
    min: Bound | None = None
    max: Bound | None = None
    one_of: tuple[str | int | float, ...] | None = None
    max_null_share: float | None = Field(default=None, ge=0, le=1)

    @property
    def warehouse_type(self) -> str:
        """The type's name in the warehouse, upper case."""
        return "VARCHAR" if self.type == "string" else self.type.upper()


class Rows(_Strict):
    """How many rows one batch holds when all is well. Held by the arrival gate."""

    min: int = Field(default=1, ge=1)
    max: int | None = None


class _Table(_Strict):
    """What every table of a source promises, wherever it comes from.

    Attributes
    ----------
    mode
        ``append``: each new file or cursor step adds rows. ``replace``: changed content replaces the whole
        table.
    """

    description: str
    mode: Mode
    rows: Rows = Rows()
    columns: dict[str, Column] = Field(min_length=1)

    @field_validator("columns")
    @classmethod
    def _names_are_free(cls, columns: dict[str, Column]) -> dict[str, Column]:
        if taken := [name for name in columns if name.lower() in {LOADED_AT, BATCH_ID}]:
            raise ValueError(f"{taken[0]!r} is added by landing; leave it out.")
        if len({name.lower() for name in columns}) < len(columns):
            raise ValueError(
                "two columns differ only in upper and lower case, which the warehouse does not tell apart."
            )
        return columns


class FileTable(_Table):
    """A table that arrives as files.

    Attributes
    ----------
    path
        File name or glob (``orders_*.csv``), relative to the source's folder.
    delimiter
        What separates fields in a CSV.
    encoding
        How the characters of a CSV are written; JSON is UTF-8.
    """

    path: str
    format: Annotated[Literal["parquet", "csv", "jsonl"], BeforeValidator(_known_format)]
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: Literal["utf-8", "utf-16", "latin-1"] = "utf-8"


class DatabaseTable(_Table):
    """A table or view of a SQL database.

    Attributes
    ----------
    table
        Name in the source database, with its schema if need be. A view does what a query would.
    cursor
        A column whose values only grow (an id, a log position): only rows beyond the last landed value are
        fetched.
    """

    table: str
    cursor: str | None = None

    @model_validator(mode="after")
    def _append_has_a_cursor(self) -> DatabaseTable:
        if self.mode == "append" and self.cursor is None:
            raise ValueError("mode 'append' needs a cursor column; without one, use mode 'replace'.")
        if self.mode == "replace" and self.cursor is not None:
            raise ValueError(
                "mode 'replace' fetches the whole table; leave the cursor out or use mode 'append'."
            )
        if self.cursor is not None and self.cursor not in self.columns:
            raise ValueError(f"the cursor {self.cursor!r} is not one of the columns.")
        return self


class ApiTable(_Table):
    """A table whose rows a REST API answers with, as JSON.

    Attributes
    ----------
    path
        Behind the entry's address.
    parameters
        Query parameters of every call.
    rows_at
        JSON path of the list of rows in an answer; by default, the one list that is there.
    pages
        How one page leads to the next, in the words of dlt's paginators: ``{type: page_number, base_page: 1,
        total_path: null}``, ``{type: cursor, cursor_path: next, cursor_param: after}``, ``{type:
        header_link}``. By default, what the first answer suggests.
    cursor, cursor_parameter
        A column whose values only grow, and the query parameter that takes the last landed one: only rows
        beyond it land.
    """

    path: str
    parameters: dict[str, str | int | float | bool] = {}
    rows_at: str | None = None
    pages: dict[str, Any] | None = None
    cursor: str | None = None
    cursor_parameter: str | None = None

    @model_validator(mode="after")
    def _append_has_a_cursor(self) -> ApiTable:
        if (self.mode == "append") != (self.cursor is not None):
            raise ValueError(
                "mode 'append' takes what is beyond a cursor, mode 'replace' everything: give both or none."
            )
        if self.cursor is not None and self.cursor not in self.columns:
            raise ValueError(f"the cursor {self.cursor!r} is not one of the columns.")
        if self.cursor_parameter is not None and self.cursor is None:
            raise ValueError("a cursor_parameter needs a cursor.")
        return self


class _Source(_Strict):
    """What every connector entry says.

    Attributes
    ----------
    location
        Where the source lies if the user gives no other place. ``${NAME}`` stands for an environment
        variable, the only place for secrets.
    is_simulated
        Whether the rows were made up; shown wherever the rows are shown.
    """

    source: Name
    description: str
    owner: str
    is_simulated: bool
    location: str | None = None

    @property
    def schema_name(self) -> str:
        """The warehouse schema that holds the tables as they came."""
        return f"raw_{self.source}"


class FilesEntry(_Source):
    """A source system that hands over files: a folder, or ``package:<import name>/<folder>``."""

    connector: Literal["files"]
    tables: dict[Name, FileTable] = Field(min_length=1)


class DatabaseEntry(_Source):
    """A source system that is a SQL database: a SQLAlchemy address."""

    connector: Literal["sql_database"]
    tables: dict[Name, DatabaseTable] = Field(min_length=1)


class ApiEntry(_Source):
    """A source system that answers over HTTP: the address that all paths begin with.

    Attributes
    ----------
    auth
        How a caller says who it is, in dlt's words: ``{type: bearer, token: "${TOKEN}"}``, ``{type: api_key,
        name: X-Key, api_key: "${KEY}", location: header}``, ``{type: http_basic, username: u, password:
        "${PASSWORD}"}``. Only ``${NAME}`` keeps a secret out of the file.
    """

    connector: Literal["rest_api"]
    auth: dict[str, str] | None = None
    tables: dict[Name, ApiTable] = Field(min_length=1)


SourceEntry = FilesEntry | DatabaseEntry | ApiEntry
# What is in them is known only by asking, which a schedule does: nothing can be seen arriving.
ASKED_FOR = (DatabaseEntry, ApiEntry)
_CONNECTORS = {("files",), ("sql_database",), ("rest_api",)}
_ADAPTER: TypeAdapter[SourceEntry] = TypeAdapter(Annotated[SourceEntry, Field(discriminator="connector")])


def load_entry(name: str, folder: Path = SOURCE_ENTRIES_DIR) -> SourceEntry:
    """Read the connector entry ``<folder>/<name>.yml``.

    Raises
    ------
    IngestionError
        If there is no such entry, it is no YAML, or a key is missing, unknown or has a value that cannot be
        used.
    """
    path = folder / f"{name}.yml"
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        known = ", ".join(sorted(entry.stem for entry in folder.glob("*.yml"))) or "none"
        raise IngestionError(
            path.name,
            f"there is no connector entry for {name!r}; known: {known}.",
            "see docs/add-a-source.md.",
        ) from error
    except UnicodeDecodeError as error:
        raise IngestionError(
            path.name, f"this is no YAML: {error}.", "correct the line named above."
        ) from error
    entry = parsed_entry(text, path.name)
    if entry.source != name:
        raise IngestionError(
            path.name, f"source: says {entry.source!r}.", "give the file and the source one name.", "source"
        )
    return entry


def parsed_entry(text: str, file: str) -> SourceEntry:
    """Return the connector entry that a text is; ``file`` is its name, for messages.

    Raises
    ------
    IngestionError
        If it is no YAML, or a key is missing, unknown or has a value that cannot be used.
    """
    try:
        content: Any = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise IngestionError(file, f"this is no YAML: {error}.", "correct the line named above.") from error
    try:
        return _ADAPTER.validate_python(content)
    except ValidationError as error:
        fault = error.errors()[0]
        # The first step of a location is the connector that pydantic chose by; it is no key of the file.
        steps = fault["loc"][1:] if fault["loc"][:1] in _CONNECTORS else fault["loc"]
        field = ".".join(str(step) for step in steps) or "connector"
        problem = fault["msg"].removeprefix("Value error, ").rstrip(".")
        raise IngestionError(
            file, f"{field}: {problem}.", f"correct {field!r} in the entry.", field
        ) from error
