"""Tables of a SQL database as a new source: found through SQLAlchemy, looked at by their first rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from orchestration.ingestion.locations import expanded
from orchestration.onboarding.errors import OnboardingError
from orchestration.onboarding.inspection import Found
from orchestration.onboarding.mapping import base_name, nearest
from orchestration.warehouse import Connection

# So many rows tell what a table is.
_LOOKED_AT = 50_000


def found_tables(connection: Connection, address: str, names: Sequence[str] = ()) -> list[Found]:
    """Return the tables and views of a database, or those that are named.

    Parameters
    ----------
    address
        As SQLAlchemy writes it; ``${NAME}`` stands for an environment variable.

    Raises
    ------
    OnboardingError
        If a password stands in the address, the database cannot be reached, or a table is not there.
    """
    import pyarrow as pa
    import sqlalchemy

    _require_no_secret(address)
    try:
        engine = sqlalchemy.create_engine(expanded("address", address))
    except (sqlalchemy.exc.ArgumentError, ModuleNotFoundError) as error:
        raise OnboardingError(
            "address",
            f"{error}.",
            "write <dialect>://<user>:${PASSWORD}@<host>/<database>, and install its driver.",
        ) from error
    found: list[Found] = []
    try:
        known = sqlalchemy.inspect(engine)
        there = [*known.get_table_names(), *known.get_view_names()]
        for name in names or sorted(there):
            schema, _, short = name.rpartition(".")
            if not schema and name not in there:
                raise OnboardingError(name, "the database has no such table or view.", nearest(name, there))
            table = sqlalchemy.Table(
                short, sqlalchemy.MetaData(), schema=schema or None, autoload_with=engine
            )
            with engine.connect() as opened:
                rows = [
                    dict(row._mapping) for row in opened.execute(sqlalchemy.select(table).limit(_LOOKED_AT))
                ]
            if not rows:
                if names:
                    raise OnboardingError(name, "the table holds no row.", "leave it out, or fill it.")
                continue
            relation = f"database_table_{len(found)}"
            connection.register(relation, _with_types(pa.Table.from_pylist(rows)))
            found.append(Found(base_name(short), name, "database", relation))
    except sqlalchemy.exc.SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
        raise OnboardingError(
            "address",
            f"the database did not answer: {reason.rstrip('.')}.",
            "check the address and the rights.",
        ) from error
    finally:
        engine.dispose()
    if not found:
        raise OnboardingError(
            "address", "the database has no table with rows.", "give the address of another one."
        )
    return found


def _with_types(table):  # type: ignore[no-untyped-def]
    """Return the rows with text for a column that is empty throughout, of which no type can be told."""
    import pyarrow as pa

    types = [pa.string() if pa.types.is_null(field.type) else field.type for field in table.schema]
    return table.cast(pa.schema(list(zip(table.column_names, types, strict=True))))


def _require_no_secret(address: str) -> None:
    password = urlsplit(address).password
    if password and not re.fullmatch(r"\$\{\w+\}", password):
        raise OnboardingError(
            "address", "a password stands in it, and would stand in the connector entry.",
            "export it, and write ${NAME} in its place, in single quotes.",
        )  # fmt: skip
