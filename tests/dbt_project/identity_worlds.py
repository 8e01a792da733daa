"""What identity is resolved from: records, identifiers, decisions, matches and rules, with their days."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

SEEDS = Path(__file__).resolve().parents[2] / "dbt_project" / "seeds" / "identity"
DAY_ZERO = dt.datetime(2025, 12, 31)


def moment(day: int) -> dt.datetime:
    """Return the moment at which everything of a day landed; day 1 is the first of January 2026."""
    return DAY_ZERO + dt.timedelta(days=day)


@dataclass(frozen=True)
class Record:
    """A record of a source, and the day on which the warehouse first had it."""

    key: str
    day: int
    given_name: str | None = None
    family_name: str | None = None
    birth_date: dt.date | None = None
    source: str = "complete_journey"


@dataclass(frozen=True)
class Identifier:
    """What a record is known by. ``seen_at`` is when it was first seen in the world."""

    key: str
    type: str
    value: str
    day: int
    seen_at: dt.datetime | None = None


@dataclass(frozen=True)
class Decision:
    """What a person decided about two records: ``must_link`` or ``cannot_link``."""

    key_a: str
    key_b: str
    kind: str
    day: int
    reason: str = "seen at the counter"


@dataclass(frozen=True)
class Match:
    """How likely two records are one person, as record linkage has it."""

    key_a: str
    key_b: str
    probability: float
    is_above: bool


@dataclass(frozen=True)
class Rule:
    """A rule of the seed, in force from the start of ``from_day`` to that of ``to_day``; None: no bound."""

    type: str
    name: str
    priority: int
    limit: int
    is_exclusive: bool = False
    is_checked: bool = False
    from_day: int | None = None
    to_day: int | None = None

    def is_in_force(self, day: int) -> bool:
        return (self.from_day is None or self.from_day <= day) and (self.to_day is None or self.to_day > day)


@dataclass
class World:
    """All that identity is resolved from."""

    records: list[Record] = field(default_factory=list)
    identifiers: list[Identifier] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    matches: list[Match] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)

    def add(self, other: World) -> None:
        """Put another world beside this one."""
        self.records += other.records
        self.identifiers += other.identifiers
        self.decisions += other.decisions
        self.matches += other.matches
        self.rules += other.rules

    def known_by(self, day: int) -> World:
        """Return what had landed and had been decided by a day. Rules say themselves when they are."""
        records = [record for record in self.records if record.day <= day]
        keys = {record.key for record in records}
        return World(
            records,
            [identifier for identifier in self.identifiers if identifier.day <= day],
            [decision for decision in self.decisions if decision.day <= day],
            [each for each in self.matches if {each.key_a, each.key_b} <= keys],
            self.rules,
        )

    def renamed(self, rename: Callable[[str], str]) -> World:
        """Return the same world with other keys of records."""
        return World(
            [replace(each, key=rename(each.key)) for each in self.records],
            [replace(each, key=rename(each.key)) for each in self.identifiers],
            [replace(each, key_a=rename(each.key_a), key_b=rename(each.key_b)) for each in self.decisions],
            [replace(each, key_a=rename(each.key_a), key_b=rename(each.key_b)) for each in self.matches],
            self.rules,
        )


def shipped_rules() -> list[Rule]:
    """Return the rules that the product comes with."""
    return [
        Rule(
            row["identifier_type"],
            row["rule_name"],
            int(row["priority"]),
            int(row["max_records"]),
            row["is_exclusive"] == "true",
            row["is_checked_by_person"] == "true",
        )
        for row in _rows("identity_rules")
    ]


def shipped_name_variants() -> list[tuple[str, str]]:
    """Return the forms of given names and the names that they are forms of."""
    return [(row["given_name"], row["canonical_name"]) for row in _rows("given_name_variants")]


def shipped_blocked_values() -> list[tuple[str, str]]:
    """Return the types and patterns of values that identify nobody."""
    return [(row["identifier_type"], row["value_pattern"]) for row in _rows("identity_blocked_values")]


def _rows(seed: str) -> Iterable[dict[str, str]]:
    with (SEEDS / f"{seed}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
