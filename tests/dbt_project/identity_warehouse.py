"""A warehouse of which only identity is built: what arrives is written, what is found is read."""

from __future__ import annotations

import datetime as dt
import hashlib
import random
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import raw_slice
from dbt_runs import DbtRuns
from identity_worlds import Rule, World, moment

TABLES = {
    "keys": "bdg_customer_keys",
    "aliases": "bdg_customer_aliases",
    "memberships": "fct_customer_memberships",
    "changes": "fct_identity_changes",
    "edges": "bdg_identity_edges",
    "visitors": "bdg_visitor_customers",
}
MODELS = ("path:models/identity/resolution", *TABLES.values())
ARRIVING = ("dim_customer_records", "bdg_customer_identifiers")
SYSTEMS = {"complete_journey": False, "digital_twin": True}

Rows = list[tuple[Any, ...]]


def customer_id(anchor: str, generation: int = 1) -> str:
    """Return the id of the customer that is named after a record, for the nth time."""
    named = anchor if generation == 1 else f"{anchor}#{generation}"
    return "cust_" + hashlib.md5(named.encode(), usedforsecurity=False).hexdigest()[:20]


@dataclass(frozen=True)
class Found:
    """What identity has found, as sorted rows of its tables."""

    keys: Rows
    aliases: Rows
    memberships: Rows
    changes: Rows
    edges: Rows
    visitors: Rows

    @property
    def customers(self) -> dict[str, str]:
        """The customer id of each record."""
        return {row[0]: row[1] for row in self.keys}

    def without(self, prefixes: Sequence[str]) -> Found:
        """Return the same without what is about records whose keys begin so."""
        left_out = {customer for key, customer, *_ in self.memberships if key.startswith(tuple(prefixes))}

        def kept(rows: Rows) -> Rows:
            return [
                row
                for row in rows
                if not any(value in left_out or str(value).startswith(tuple(prefixes)) for value in row)
            ]

        return Found(*(kept(rows) for rows in vars(self).values()))

    def customers_at(self, instant: dt.datetime) -> dict[str, str]:
        """The customer id of each record at a moment, by the history."""
        return {
            key: customer
            for key, customer, _, valid_from, valid_to, _ in self.memberships
            if valid_from <= instant and (valid_to is None or valid_to > instant)
        }


COLUMNS = {
    "keys": "customer_key, customer_id, source_system, home_source_system, own_customer_id",
    "aliases": "alias_customer_id, customer_id, anchor_customer_key, retired_at",
    "memberships": "customer_key, customer_id, previous_customer_id, valid_from, valid_to, is_current",
    "changes": "customer_id, other_customer_id, change_type, cause, record_count, effective_at, changed_at, "
    "change_id",
    "edges": "edge_id, edge_type, customer_key, other_customer_key, identifier_type, identifier_value, "
    "rule_name, decision, decision_reason, link_probability",
    "visitors": "visitor_key, customer_id, is_shared",
}


class IdentityWarehouse:
    """Identity in a warehouse of its own."""

    def __init__(self, dbt: DbtRuns, folder: Path, empty: Path):
        folder.mkdir(exist_ok=True)
        shutil.copyfile(empty / "build.duckdb", folder / "build.duckdb")
        self.folder = folder
        self._dbt = dbt

    def build(self, world: World, order: random.Random | None = None) -> Found:
        """Resolve a world; with ``order``, its rows are shuffled before."""
        self.write(world, order)
        self.run()
        return self.read()

    def run(self) -> None:
        """Run the models of identity on what was written."""
        self._dbt.run(self.folder, "run", "--select", *MODELS)

    def write(self, world: World, order: random.Random | None = None) -> None:
        """Put a world in the place of what the warehouse had."""
        with self.connection() as connection:
            for table, rows in _tables(world).items():
                if order is not None:
                    order.shuffle(rows)
                connection.execute(f"delete from {table}")
                if rows:
                    arriving = pd.DataFrame(rows, dtype="object")
                    connection.register("arriving", arriving)
                    connection.execute(f"insert into {table} by name from arriving")
                    connection.unregister("arriving")

    def read(self) -> Found:
        """Return what the last run has found."""
        with self.connection() as connection:
            return Found(
                **{
                    name: connection.execute(
                        f"select {COLUMNS[name]} from identity.{table} order by all"
                    ).fetchall()
                    for name, table in TABLES.items()
                }
            )

    def connection(self) -> duckdb.DuckDBPyConnection:
        return duckdb.connect(str(self.folder / "build.duckdb"))


def create_empty(dbt: DbtRuns, folder: Path, raw_file: Path) -> None:
    """Make a warehouse in which everything that identity reads exists, and nothing has arrived."""
    raw_slice.create_empty(folder / "build.duckdb", raw_file)
    everything = [f"+{table}" for table in TABLES.values()]
    dbt.run(
        folder,
        "build",
        "--select",
        *everything,
        "--exclude-resource-type",
        "test",
        "--exclude-resource-type",
        "unit_test",
    )
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        connection.execute("delete from core.dim_source_systems")
        for system, is_simulated in SYSTEMS.items():
            connection.execute(
                "insert into core.dim_source_systems by name select ? as source_system, ? as is_simulated",
                [system, is_simulated],
            )


def _tables(world: World) -> dict[str, list[dict[str, Any]]]:
    sources = {record.key: record.source for record in world.records}
    return {
        "core.dim_customer_records": [
            {
                "customer_key": record.key,
                "source_system": record.source,
                "given_name": record.given_name,
                "family_name": record.family_name,
                "birth_date": record.birth_date,
                "first_known_at": moment(record.day),
                "first_loaded_at": moment(record.day),
            }
            for record in world.records
        ],
        "core.bdg_customer_identifiers": [
            {
                "customer_identifier_id": f"{each.key}|{each.type}|{each.value}",
                "source_system": sources.get(each.key, "complete_journey"),
                "customer_key": each.key,
                "identifier_type": each.type,
                "identifier_value": each.value,
                "source_value": each.value,
                "first_seen_at": each.seen_at or moment(each.day),
                "last_seen_at": each.seen_at or moment(each.day),
                "first_loaded_at": moment(each.day),
            }
            for each in world.identifiers
        ],
        "seeds.identity_overrides": [
            {
                "customer_key_a": each.key_a,
                "customer_key_b": each.key_b,
                "decision": each.kind,
                "effective_at": str(moment(each.day)),
                "decided_by": "support",
                "reason": each.reason,
            }
            for each in world.decisions
        ],
        "matching.record_links": [
            {
                "customer_key_a": each.key_a,
                "customer_key_b": each.key_b,
                "match_probability": each.probability,
                "is_above_threshold": each.is_above,
                "evidence": "names and addresses",
            }
            for each in world.matches
        ],
        "seeds.identity_rules": rule_rows(world.rules),
    }


def rule_rows(rules: Iterable[Rule]) -> list[dict[str, Any]]:
    """Return rules as they stand in their seed."""
    return [
        {
            "identifier_type": rule.type,
            "rule_name": rule.name,
            "priority": rule.priority,
            "max_records": rule.limit,
            "is_exclusive": rule.is_exclusive,
            "is_checked_by_person": rule.is_checked,
            "link_probability": 0.9,
            "valid_from": "" if rule.from_day is None else str(moment(rule.from_day)),
            "valid_to": "" if rule.to_day is None else str(moment(rule.to_day)),
        }
        for rule in rules
    ]


def differences(found: Found, other: Found) -> list[tuple[str, Any]]:
    """Return some rows that only one of two warehouses holds; none if they are equal."""
    return [
        (name, row)
        for name, rows in vars(found).items()
        for row in sorted(set(rows) ^ set(getattr(other, name)), key=repr)[:3]
    ]


def broken_promises(found: Sequence[Found]) -> list[str]:
    """Return what is wrong with ids and history, whatever they are about; ``found`` after one batch each."""
    wrong = []
    last = found[-1]
    current = set(last.customers.values())
    aliases = {row[0]: row[1] for row in last.aliases}
    wrong += [
        f"alias {alias} leads to {to}, which is not in use"
        for alias, to in aliases.items()
        if to not in current
    ]
    wrong += [f"alias {alias} is in use" for alias in aliases if alias in current]
    given_out: set[str] = set()
    retired: set[str] = set()
    for each in found:
        in_use = set(each.customers.values())
        wrong += [f"{returned} was retired and is back" for returned in in_use & retired]
        given_out |= in_use
        retired |= given_out - in_use
    wrong += [f"{lost} was given out and leads nowhere" for lost in given_out - current - set(aliases)]
    by_history = {row[0]: row[1] for row in last.memberships if row[5]}
    if by_history != last.customers:
        wrong.append("the intervals that are current are not the customers of the records")
    wrong += [f"edge without a reason: {edge}" for edge in last.edges if not edge[8] or not edge[7]]
    wrong += [f"change without a cause: {change}" for change in last.changes if not change[3]]
    wrong += _gaps(last)
    wrong += _unexplained(last)
    return wrong


def _gaps(found: Found) -> list[str]:
    """Membership is one interval after the other."""
    intervals: dict[str, list[tuple[Any, ...]]] = {}
    for row in found.memberships:
        intervals.setdefault(row[0], []).append(row)
    wrong = []
    for key, rows in intervals.items():
        rows.sort(key=lambda row: row[3])
        ends = [row[4] for row in rows]
        if ends != [*(row[3] for row in rows[1:]), None]:
            wrong.append(f"{key}: intervals with gaps")
        if [row[2] for row in rows] != [None, *(row[1] for row in rows[:-1])]:
            wrong.append(f"{key}: what came before is not what came before")
    return wrong


def _unexplained(found: Found) -> list[str]:
    """Every move of a record to another customer is in the list of changes, and the other way round."""
    moves = {(row[1], row[2], row[3]) for row in found.memberships if row[2] is not None}
    told = {(row[0], row[1], row[6]) for row in found.changes if row[2] != "created"}
    ids = {row[1] for row in found.memberships}
    begun = {row[0] for row in found.changes if row[2] in {"created", "split"}}
    wrong = [f"not among the changes: {move}" for move in moves - told]
    wrong += [f"changed nothing: {change}" for change in told - moves]
    wrong += [f"nobody says where {new} came from" for new in ids - begun]
    return wrong
