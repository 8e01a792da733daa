"""What customers' tables are to everything that reads or writes them, whichever engine holds them.

`orchestration.warehouse` opens them: in the build file (DuckDB), or on a Spark cluster. SQL that is handed to
them runs on both, so it keeps to what both understand; tables are named through `relation`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from orchestration.errors import ExpectedError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


class WarehouseError(ExpectedError):
    """The warehouse cannot be opened or holds what it must not; the message says what to do."""


class Tables(ABC):
    """Tables of one build, or of one publication, on the engine at hand.

    A table is named as ``schema.table`` throughout, with the schemas of the dbt project.
    """

    def relation(self, table: str) -> str:
        """Return what SQL calls ``schema.table``."""
        return table

    @abstractmethod
    def exists(self, table: str) -> bool:
        """Whether there is such a table or view."""

    @abstractmethod
    def columns(self, table: str) -> list[str]:
        """Return the names of the table's columns, in order; empty if there is no such table."""

    @abstractmethod
    def query(self, sql: str, values: Sequence[Any] = ()) -> pa.Table:
        """Return what a query gives; times are UTC, without a zone.

        Parameters
        ----------
        sql
            One query that both engines understand.
        values
            What its question marks stand for.
        """

    @abstractmethod
    def frame(self, sql: str, values: Sequence[Any] = ()) -> pd.DataFrame:
        """Return what a query gives as a data frame: the same types on every engine."""

    @abstractmethod
    def replace(self, frames: Mapping[str, pd.DataFrame], keys: Mapping[str, str]) -> None:
        """Write each frame into its table, by column name, in place of the rows that have the keys' values.

        Parameters
        ----------
        frames
            Rows by ``schema.table``; one may be empty. A table that is missing is created for the first rows.
        keys
            Value by the name of each key column; every row of every frame has these values.
        """

    def count(self, table: str) -> int:
        """Return how many rows a table has."""
        return int(
            self.query(f"select count(*) as row_count from {self.relation(table)}")["row_count"][0].as_py()
        )
