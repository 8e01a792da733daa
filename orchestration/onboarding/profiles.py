"""What is found out about a table by looking at it; nothing here looks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from orchestration.onboarding.mapping import ColumnMapping, base_name


@dataclass(frozen=True)
class ColumnProfile:
    """One column.

    Attributes
    ----------
    data_type
        Its type in the contract; all that stands in text files is ``string``.
    filled, rows
        Values that say something, and rows; in what was looked at.
    distinct
        Different values.
    reading
        How it is read, without layout or decimal mark where the values leave that open.
    currencies
        Codes of the currencies that stand beside its amounts, or that it consists of.
    values
        All values of a column that has few; most frequent first.
    doubt
        What the values leave open, as a sentence; empty if nothing.
    """

    name: str
    data_type: str
    rows: int
    filled: int
    distinct: int
    reading: ColumnMapping
    currencies: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def base_name(self) -> str:
        """What the base model calls it, unless another column is called so."""
        return self.reading.as_ or base_name(self.name)

    @property
    def null_share(self) -> float:
        """Share of rows in which it says nothing."""
        return 1 - self.filled / self.rows if self.rows else 1.0

    @property
    def is_readable(self) -> bool:
        """Whether its reading leaves nothing open."""
        if self.data_type != "string":
            return True
        if self.reading.reads in {"date", "time"}:
            return self.reading.layout is not None
        return self.reading.reads not in {"amount", "number"} or self.reading.decimal is not None


@dataclass(frozen=True)
class TableProfile:
    """One table.

    Attributes
    ----------
    place
        How its entry finds it: a file name or glob, or a table of a database.
    key
        Columns that tell its rows apart, by their names in the source; empty if no few do.
    parents
        Other tables whose key a column holds, and that column.
    terms
        What else its entry says of where it comes from.
    doubt
        What is open about its key; empty if nothing.
    """

    name: str
    place: str
    format: Literal["parquet", "csv", "jsonl", "database", "rest"]
    mode: Literal["append", "replace"]
    rows: int
    columns: Mapping[str, ColumnProfile]
    key: tuple[str, ...]
    parents: Mapping[str, str] = field(default_factory=dict)
    delimiter: str = ","
    encoding: Literal["utf-8", "utf-16", "latin-1"] = "utf-8"
    terms: Mapping[str, Any] = field(default_factory=dict)
    doubt: str = ""
