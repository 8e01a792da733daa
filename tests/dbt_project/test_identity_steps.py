"""How customers were built, on made-up links of any shape: a real order, and a confidence that means it."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator

import pandas as pd
import pytest
from identity_warehouse import IdentityWarehouse, create_empty
from identity_worlds import Identifier, Record, World, moment, shipped_rules

pytestmark = pytest.mark.tier3

STEPS = ("int_customer_links__listed", "fct_customer_build_steps", "fct_customer_confidence")
LINK_PROBABILITY = 0.9  # of every rule of such a warehouse
CHAIN, SHORT_CHAIN = 1000, 50


def _chain(name: str, length: int, day: int = 1) -> World:
    """Records of which each shares an account with the next, and no other."""
    world = World([Record(f"{name}:{number:04d}", day) for number in range(length)])
    for number in range(length - 1):
        for end in (number, number + 1):
            world.identifiers.append(Identifier(f"{name}:{end:04d}", "account", f"{name}{number}", day))
    return world


def _clique(name: str, size: int) -> World:
    """Records that share three accounts each with all others."""
    world = World([Record(f"{name}:{number}", 1) for number in range(size)])
    for value in range(3):
        world.identifiers += [Identifier(each.key, "account", f"{name}{value}", 1) for each in world.records]
    return world


def _bridged_late(name: str) -> World:
    """Two old pairs that a record of the third day brings together."""
    keys = [f"{name}:{letter}" for letter in "abcde"]
    world = World([Record(key, day) for key, day in zip(keys, (1, 1, 2, 2, 3), strict=True)])
    shared = {"x": keys[:2], "y": keys[2:4], "z": [keys[1], keys[4]], "w": [keys[3], keys[4]]}
    days = {record.key: record.day for record in world.records}
    world.identifiers += [
        Identifier(key, "account", name + value, days[key])
        for value, users in shared.items()
        for key in users
    ]
    return world


def _at_random(name: str, size: int) -> World:
    """Records of several days that share accounts and addresses at random."""
    dice = random.Random(name)
    world = World([Record(f"{name}:{number}", dice.randint(1, 4)) for number in range(size)])
    for record in world.records:
        for _ in range(dice.randint(1, 3)):
            kind = dice.choice(["account", "handle"])
            day = dice.randint(record.day, 4)
            value = f"{name}{dice.randrange(size)}"
            if Identifier(record.key, kind, value, day) not in world.identifiers and not any(
                (each.key, each.type, each.value) == (record.key, kind, value) for each in world.identifiers
            ):
                world.identifiers.append(Identifier(record.key, kind, value, day))
    return world


@pytest.fixture(scope="module")
def world() -> World:
    world = World(rules=shipped_rules())
    for part in (
        _chain("chain", CHAIN),
        _chain("short", SHORT_CHAIN),
        _clique("clique", 10),
        _bridged_late("bridge"),
        World([Record("alone", 1)]),
        *(_at_random(f"random{number}", 30) for number in range(6)),
    ):
        world.add(part)
    return world


@pytest.fixture(scope="module")
def warehouse(dbt, raw_file, tmp_path_factory, world) -> Iterator[IdentityWarehouse]:
    empty = tmp_path_factory.mktemp("empty")
    create_empty(dbt, empty, raw_file)
    warehouse = IdentityWarehouse(dbt, tmp_path_factory.mktemp("steps"), empty)
    warehouse.build(world)
    dbt.run(warehouse.folder, "run", "--select", *STEPS)
    return warehouse


def _rows(warehouse: IdentityWarehouse, table: str) -> pd.DataFrame:
    with warehouse.connection() as connection:
        return connection.execute(f"select * from identity.{table}").df()


@pytest.fixture(scope="module")
def steps(warehouse) -> pd.DataFrame:
    return _rows(warehouse, "fct_customer_build_steps").sort_values(["customer_id", "step_number"])


def test_every_record_has_one_step_and_joins_one_before_it(steps, world):
    assert sorted(steps["customer_key"]) == sorted(record.key for record in world.records)
    for _, customer in steps.groupby("customer_id"):
        assert customer["step_number"].tolist() == list(range(1, len(customer) + 1))
        seen: set[str] = set()
        for step in customer.itertuples():
            assert (step.step_number == 1) == pd.isna(step.joined_to_customer_key)
            assert step.step_number == 1 or step.joined_to_customer_key in seen
            seen.add(step.customer_key)
        assert customer["joined_at"].is_monotonic_increasing


def test_the_evidence_is_what_both_records_have(steps, world):
    users = defaultdict(set)
    for each in world.identifiers:
        users[each.type, each.value].add(each.key)
    for step in steps[steps["step_number"] > 1].itertuples():
        assert {step.customer_key, step.joined_to_customer_key} <= users[step.identifier_type, step.evidence]


def test_records_join_as_early_as_any_way_to_the_anchor_allows(steps, world):
    days = {(each.key, each.type, each.value): each.day for each in world.identifiers}
    users = defaultdict(list)
    for key, kind, value in days:
        users[kind, value].append(key)
    for _, customer in steps.groupby("customer_id"):
        keys = set(customer["customer_key"])
        reached = {customer["customer_key"].iloc[0]}
        joined = {}
        for day in range(1, 5):
            grows = True
            while grows:
                grows = False
                for identifier, sharing in users.items():
                    linked = {key for key in sharing if key in keys and days[(key, *identifier)] <= day}
                    if linked & reached and linked - reached:
                        joined |= dict.fromkeys(linked - reached, moment(day))
                        reached |= linked
                        grows = True
        found = customer[customer["step_number"] > 1].set_index("customer_key")["joined_at"]
        assert {key: value.to_pydatetime() for key, value in found.items()} == joined


def test_a_late_record_that_bridges_two_groups_comes_before_the_second(steps):
    bridge = steps[steps["customer_key"].str.startswith("bridge")]
    assert bridge["customer_key"].tolist() == [f"bridge:{letter}" for letter in "abedc"]


def test_confidence_falls_with_bridges_and_not_with_records(warehouse, steps):
    confidence = _rows(warehouse, "fct_customer_confidence").set_index("customer_id")["confidence"]

    def of(key: str) -> float:
        return confidence[steps.set_index("customer_key")["customer_id"][key]]

    assert of("alone") == 1.0
    assert of("short:0000") == pytest.approx(LINK_PROBABILITY ** (SHORT_CHAIN - 1), rel=1e-6)
    # Three ties to those before it for each of nine records.
    assert of("clique:0") == pytest.approx((1 - (1 - LINK_PROBABILITY) ** 3) ** 9, rel=1e-6)
    assert of("chain:0000") < of("short:0000") < of("clique:0")
