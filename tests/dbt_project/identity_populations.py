"""Small random populations: few people, few values, and everything that can go wrong between them."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass, replace

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from identity_worlds import Decision, Identifier, Match, Record, Rule, World

DAYS = range(1, 5)
# Limits that few records pass, rules that begin and end, a kind of identifier of which a customer has one.
RULES = [
    Rule("must_link", "a person decided", 0, 2),
    Rule("loyalty_card", "same card", 1, 20, is_exclusive=True),
    Rule("loyalty_member", "same membership", 1, 3),
    Rule("handle", "same handle", 1, 4, to_day=3),
    Rule("email", "same e-mail address", 3, 3, is_checked=True),
    Rule("phone", "same phone", 4, 3, is_checked=True, to_day=3),
    Rule("phone", "same phone, fewer", 4, 2, is_checked=True, from_day=3),
    Rule("visitor", "same browser", 5, 4, is_checked=True, from_day=2),
    Rule("probabilistic", "alike", 6, 2, is_checked=True),
]
RULES_OF_THE_LAST_DAY = [
    replace(rule, from_day=None, to_day=None) for rule in RULES if rule.is_in_force(DAYS[-1])
]
VALUES = {
    "loyalty_card": ("4{number}{value}", "{zeros}"),
    "loyalty_member": ("M{number}{value}", "unknown"),
    "handle": ("forum:{number}{value}", "null"),
    "email": ("person{number}{value}@mailbox.org", "test@mailbox{number}.org"),
    "phone": ("+4920718{number}{value}", "+1{zeros}000000"),
    "visitor": ("browser {number}{value}", "n/a"),
    "address": ("{number} oak st {value}", "-1"),
}
GIVEN_NAMES = [
    "Ana",
    "ANA MARIA",
    "Bruno",
    "Bob",
    "Robert",
    "Daniel",
    "Daniela",
    "José",
    "Jose",
    "Анна",
    "Silva",
]
FAMILY_NAMES = [None, "Silva", "Sylva", "Ana", "Costa"]
BIRTH_DATES = [None, None, dt.date(1980, 1, 2), dt.date(1980, 2, 1), dt.date(1955, 11, 23)]


@dataclass(frozen=True)
class Known:
    """That a record is known by the nth value of a kind; the value 0 is junk."""

    record: int
    type: str
    value: int
    day: int


@dataclass(frozen=True)
class Population:
    """People side by side with others, whom they share nothing with."""

    records: list[Record]
    known: list[Known]
    decisions: list[tuple[int, int, str, int]]
    matches: list[tuple[int, int, float]]

    def world(self, number: int) -> World:
        """Return the population as the nth of a world, under keys and with values of its own."""
        keys = [f"complete_journey:{number:04}:{position}" for position in range(len(self.records))]
        texts = {"number": f"{number:04}", "zeros": "0" * (number + 1)}
        count = len(keys)
        identifiers = {
            (keys[each.record % count], each.type, each.value): each.day
            for each in sorted(self.known, key=lambda each: -each.day)
        }
        decisions = {
            (a % count, b % count, kind): day for a, b, kind, day in self.decisions if a % count != b % count
        }
        matches = {(a % count, b % count): p for a, b, p in self.matches if a % count != b % count}
        return World(
            [replace(record, key=key) for key, record in zip(keys, self.records, strict=True)],
            [
                Identifier(key, kind, VALUES[kind][value == 0].format(value=value, **texts), day)
                for (key, kind, value), day in identifiers.items()
            ],
            [Decision(keys[a], keys[b], kind, day) for (a, b, kind), day in decisions.items()],
            [Match(keys[a], keys[b], p, p > 0.5) for (a, b), p in matches.items()],
        )


RECORD = st.builds(
    Record,
    key=st.just(""),
    day=st.sampled_from(DAYS),
    given_name=st.one_of(st.none(), st.sampled_from(GIVEN_NAMES)),
    family_name=st.sampled_from(FAMILY_NAMES),
    birth_date=st.sampled_from(BIRTH_DATES),
)
POSITION = st.integers(0, 6)
KNOWN = st.builds(
    Known,
    record=POSITION,
    type=st.sampled_from([*VALUES, "email", "email", "phone", "phone"]),
    value=st.sampled_from([0, 1, 1, 1, 1, 1, 2]),
    day=st.sampled_from(DAYS),
)
POPULATION = st.builds(
    Population,
    records=st.lists(RECORD, min_size=2, max_size=7),
    known=st.lists(KNOWN, min_size=5, max_size=16),
    decisions=st.lists(
        st.tuples(
            POSITION,
            POSITION,
            st.sampled_from(["must_link", "cannot_link", "cannot_link"]),
            st.sampled_from(DAYS),
        ),
        max_size=2,
    ),
    matches=st.lists(st.tuples(POSITION, POSITION, st.sampled_from([0.3, 0.9])), max_size=2),
)


def draw_populations(count: int) -> list[Population]:
    """Let hypothesis draw populations; the same each time."""
    drawn: list[Population] = []

    @settings(
        max_examples=count,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(POPULATION)
    def draw(population: Population) -> None:
        drawn.append(population)

    draw()
    return drawn


def side_by_side(populations: list[Population], rules: list[Rule]) -> World:
    """Return one world that holds all populations."""
    world = World(rules=list(rules))
    for number, population in enumerate(populations):
        world.add(population.world(number))
    return world


def on_days(world: World, days: itertools.cycle[int]) -> World:
    """Return the same world as it would be had it arrived on other days."""
    return World(
        [replace(each, day=next(days)) for each in world.records],
        [replace(each, day=next(days)) for each in world.identifiers],
        [replace(each, day=next(days)) for each in world.decisions],
        world.matches,
        world.rules,
    )
