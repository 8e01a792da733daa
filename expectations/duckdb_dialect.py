"""What Great Expectations lacks for DuckDB: one connection, quick reflection, letting go of the file.

GX fetches results after it has handed the connection back. On DuckDB that closes the result set, and every
check fails with "No open result set" or "list index out of range". For some dialects GX keeps one connection
open instead; DuckDB is not on that list, and the list is a private constant.
``tests/expectations/test_duckdb_dialect.py`` fails once GX makes this unnecessary, or moves the list.

Before each table, GX looks up its columns. The driver does that with four queries on an emulated PostgreSQL
catalogue, which cost more than the checks of a small table; one look at ``information_schema`` answers for
all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class _Dialect(str):
    """A dialect name that has a ``value``, like the members of the enumeration that GX compares it with."""

    __slots__ = ()

    @property
    def value(self) -> str:
        return str(self)


DUCKDB = _Dialect("duckdb")


def keep_one_connection() -> None:
    """Make GX keep one open connection for DuckDB. Doing it twice changes nothing."""
    from great_expectations.execution_engine import sqlalchemy_execution_engine as engine

    known = engine._PERSISTED_CONNECTION_DIALECTS
    if DUCKDB not in known:
        setattr(engine, "_PERSISTED_CONNECTION_DIALECTS", (*known, DUCKDB))  # noqa: B010


class Catalogue:
    """The columns of every table and view, in the shape in which GX asks for them.

    Attributes
    ----------
    dialect
        SQLAlchemy dialect of the engine.
    columns
        Names by ``schema.table``, in order.
    """

    def __init__(self, datasource: Any) -> None:
        import sqlalchemy

        engine = datasource.get_execution_engine()
        self.dialect = engine.engine.dialect
        self.columns: dict[str, list[str]] = {}
        self._types: dict[tuple[str, str], str] = {}
        query = sqlalchemy.text(
            "select table_schema, table_name, column_name, data_type from information_schema.columns "
            "order by table_schema, table_name, ordinal_position"
        )
        for schema_name, table_name, column_name, data_type in engine.execute_query(query):
            table = f"{schema_name}.{table_name}"
            self.columns.setdefault(table, []).append(column_name)
            self._types[table, column_name] = data_type
        if self.dialect.name == DUCKDB:
            engine.get_inspector = lambda: self

    def get_columns(self, table_name: str, schema: str | None = None) -> list[dict[str, Any]]:
        """Stand in for `sqlalchemy.Inspector.get_columns`."""
        table = f"{schema}.{table_name}"
        return [
            {"name": name, "type": self._type(self._types[table, name])}
            for name in self.columns.get(table, [])
        ]

    def get_pk_constraint(self, table_name: str, schema: str | None = None) -> dict[str, Any]:
        """Stand in for `sqlalchemy.Inspector.get_pk_constraint`; dbt tests own the keys."""
        return {"constrained_columns": []}

    def _type(self, data_type: str) -> Any:
        from sqlalchemy import types

        name = data_type.split("(", maxsplit=1)[0]
        known = getattr(types, name, None) or self.dialect.ischema_names.get(name.lower(), types.NullType)
        return known()


def require_file(url: str) -> None:
    """Refuse a DuckDB URL that leads to no file, because opening it would create an empty one.

    Raises
    ------
    FileNotFoundError
        If the URL is one of DuckDB and there is no such file.
    """
    from sqlalchemy import make_url

    parsed = make_url(url)
    if parsed.get_backend_name() != DUCKDB or parsed.database in (None, "", ":memory:"):
        return
    if not Path(str(parsed.database)).exists():
        raise FileNotFoundError(f"There is no warehouse at {parsed.database} to validate. Build it first.")


@contextmanager
def released(datasource: Any) -> Iterator[None]:
    """Close every connection of a GX data source when the block ends, so that others can open the file.

    GX opens two engines: one to look at the assets, one to compute. Both hold DuckDB's lock.
    """
    try:
        yield
    finally:
        computing = datasource.get_execution_engine()
        if computing._connection is not None:
            computing._connection.close()
        computing.close()
        computing.engine.dispose()
        datasource.get_engine().dispose()
