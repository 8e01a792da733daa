"""Finds what a person names: a customer id, a retired one, a source's own key, or an e-mail address."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from orchestration.identity.errors import IdentityError
from orchestration.warehouse import Tables

KEYS = "identity.bdg_customer_keys"
ALIASES = "identity.bdg_customer_aliases"
IDENTIFIERS = "core.bdg_customer_identifiers"
_MOST_SUGGESTIONS = 3
_TABLE = re.compile(r"\{(\w+\.\w+)\}")
# More than so many customers behind one identifier are counted, not listed.
_MOST_LISTED = 10


def rows(tables: Tables, query: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
    """Return what a query gives, a dictionary per row; ``{schema.table}`` in it becomes the engine's name.

    Parameters
    ----------
    tables
        The publication or the build.
    query
        One query in SQL that both engines understand.
    values
        What its question marks stand for.
    """
    named = _TABLE.sub(lambda found: tables.relation(found[1]), query)
    return tables.query(named, values).to_pylist()


def require_tables(tables: Tables, names: Sequence[str]) -> None:
    """Do nothing if the tables are there.

    Raises
    ------
    IdentityError
        If one is not: the publication is older than what is asked of it.
    """
    if missing := [name for name in names if not tables.exists(name)]:
        raise IdentityError(
            f"There is no table {', '.join(missing)}: the warehouse was built before it was added. "
            "Run `insight build`."
        )


def customer_of(tables: Tables, name: str) -> tuple[str, str]:
    """Return the customer id that a name stands for, and how it was found, in words.

    Parameters
    ----------
    tables
        The publication.
    name
        A customer id, an id out of use, a source's own key as ``source:key``, or an identifier such as an
        e-mail address.

    Raises
    ------
    IdentityError
        If it is nobody's, or several customers'.
    """
    require_tables(tables, [KEYS, ALIASES, IDENTIFIERS])
    wanted = name.strip()
    if rows(tables, f"select 1 as found from {{{KEYS}}} where customer_id = ? limit 1", [wanted]):
        return wanted, "a customer in use"
    retired = rows(tables, f"select customer_id from {{{ALIASES}}} where alias_customer_id = ?", [wanted])
    if retired:
        return retired[0]["customer_id"], f"{wanted} is out of use; it has become this customer"
    own = rows(
        tables, f"select customer_id, customer_key from {{{KEYS}}} where own_customer_id = ?", [wanted]
    )
    if own:
        return own[0]["customer_id"], f"{wanted} is the id that {own[0]['customer_key']} would have by itself"
    records = rows(tables, f"select customer_id from {{{KEYS}}} where customer_key = ?", [wanted])
    if records:
        return records[0]["customer_id"], f"the customer of the record {wanted}"
    return _customer_by_identifier(tables, wanted)


def record_of(tables: Tables, name: str) -> str:
    """Return the key of the record that a name stands for.

    Raises
    ------
    IdentityError
        If there is no such record, or the name stands for several.
    """
    require_tables(tables, [KEYS, ALIASES, IDENTIFIERS])
    wanted = name.strip()
    if rows(tables, f"select 1 as found from {{{KEYS}}} where customer_key = ?", [wanted]):
        return wanted
    found = [row["customer_key"] for row in _records_by_identifier(tables, wanted)] or [
        row["customer_key"]
        for row in rows(
            tables,
            f"select customer_key from {{{KEYS}}} where customer_id = ? order by customer_key",
            [wanted],
        )
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise IdentityError(
            f"{wanted} stands for {len(found)} records; name one of them: {_listed(found)}. "
            "What ties them together: `insight explain`."
        )
    raise IdentityError(_unknown(tables, wanted, "record"))


def _customer_by_identifier(tables: Tables, wanted: str) -> tuple[str, str]:
    records = _records_by_identifier(tables, wanted)
    customers = sorted({row["customer_id"] for row in records})
    if len(customers) == 1:
        kind = records[0]["identifier_type"]
        return customers[0], f"the customer with the {kind} {records[0]['identifier_value']}"
    if customers:
        raise IdentityError(
            f"{wanted} belongs to {len(customers)} customers, which it does not join: {_listed(customers)}. "
            "Name one of them; `insight why` with two of their records says why they are apart."
        )
    raise IdentityError(_unknown(tables, wanted, "customer"))


def _records_by_identifier(tables: Tables, wanted: str) -> list[dict[str, Any]]:
    return rows(
        tables,
        f"""
        select distinct keys.customer_id, keys.customer_key, found.identifier_type, found.identifier_value
        from {{{IDENTIFIERS}}} as found
        inner join {{{KEYS}}} as keys on found.customer_key = keys.customer_key
        where found.identifier_value = ? or found.identifier_value = lower(?)
        order by keys.customer_id, keys.customer_key, found.identifier_type
        """,
        [wanted, wanted],
    )


def _unknown(tables: Tables, wanted: str, what: str) -> str:
    similar = _suggestions(tables, wanted)
    hint = f" Did you mean {' or '.join(similar)}?" if similar else ""
    return (
        f"No {what} {wanted} is known.{hint} Name a customer id (cust_...), a record as source:key "
        "(for example complete_journey:1402), or an identifier such as an e-mail address. What is not "
        "published yet is not found: see `insight status`."
    )


def _suggestions(tables: Tables, wanted: str) -> list[str]:
    """Return what is known and looks most like a name."""
    if "@" in wanted:
        places = [(IDENTIFIERS, "identifier_value", "identifier_type = 'email'")]
    elif wanted.startswith("cust_"):
        places = [(KEYS, "customer_id", "true"), (ALIASES, "alias_customer_id", "true")]
    else:
        places = [(KEYS, "customer_key", "true")]
    found = [
        row
        for table, column, condition in places
        for row in rows(
            tables,
            f"""
            select name, distance
            from (
                select distinct {column} as name, levenshtein({column}, ?) as distance
                from {{{table}}}
                where {condition} and length({column}) between ? and ?
            ) as compared
            where distance <= ?
            order by distance, name
            limit {_MOST_SUGGESTIONS}
            """,
            [wanted, max(len(wanted) - 6, 0), len(wanted) + 6, max(2, len(wanted) // 4)],
        )
    ]
    if not found and "@" not in wanted and ":" not in wanted and wanted:
        # Many know the number and not the system that it comes from.
        found = rows(
            tables,
            f"""
            select customer_key as name, 0 as distance from {{{KEYS}}}
            where customer_key like ? order by length(customer_key), customer_key limit {_MOST_SUGGESTIONS}
            """,
            [f"%:{wanted}"],
        )
    return [row["name"] for row in sorted(found, key=lambda row: row["distance"])[:_MOST_SUGGESTIONS]]


def _listed(names: Sequence[str]) -> str:
    listed = ", ".join(names[:_MOST_LISTED])
    return listed if len(names) <= _MOST_LISTED else f"{listed} and {len(names) - _MOST_LISTED} more"
