"""Whatever arrives, in whatever order: the customers that an obvious reading finds, and ids that survive.

Hypothesis draws a thousand small populations (``identity_populations``): names and birth dates that
contradict each other or nearly, junk, values that too many share, rules that begin and end, decisions for
and against a link, probabilistic matches. They stand side by side in one warehouse and share nothing: one run
resolves all of them.
"""

from __future__ import annotations

import hashlib
import itertools
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from dbt_runs import DbtRuns
from identity_oracle import names_over_days
from identity_populations import (
    DAYS,
    RULES,
    RULES_OF_THE_LAST_DAY,
    Population,
    draw_populations,
    on_days,
    side_by_side,
)
from identity_warehouse import (
    Found,
    IdentityWarehouse,
    broken_promises,
    create_empty,
    customer_id,
    differences,
)
from identity_worlds import World, moment

pytestmark = pytest.mark.tier3

POPULATIONS = 1000


@pytest.fixture(scope="module")
def populations() -> list[Population]:
    return draw_populations(POPULATIONS)


@pytest.fixture(scope="module")
def empty(dbt: DbtRuns, raw_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("no_identity")
    create_empty(dbt, folder, raw_file)
    return folder


@pytest.fixture
def warehouse(dbt: DbtRuns, empty: Path, tmp_path: Path) -> IdentityWarehouse:
    return IdentityWarehouse(dbt, tmp_path, empty)


@pytest.fixture(scope="module")
def at_once(
    dbt: DbtRuns, empty: Path, populations: list[Population], tmp_path_factory: pytest.TempPathFactory
) -> Found:
    """What is found of all populations when everything is read at once, with its days."""
    warehouse = IdentityWarehouse(dbt, tmp_path_factory.mktemp("at_once"), empty)
    return warehouse.build(side_by_side(populations, RULES))


def population_of(key: str) -> int:
    return int(key.split(":")[1])


def differing(
    populations: list[Population], found: Mapping[str, str], expected: Mapping[str, str]
) -> list[tuple[Population, dict[str, str], dict[str, str]]]:
    """Return the smallest of the populations of which not the same is found, and what is."""
    wrong = {
        population_of(key) for key in found.keys() | expected.keys() if found.get(key) != expected.get(key)
    }
    cases = [
        (
            populations[number],
            {key: name for key, name in found.items() if population_of(key) == number},
            {key: name for key, name in expected.items() if population_of(key) == number},
        )
        for number in wrong
    ]
    return sorted(cases, key=lambda case: len(case[0].records) + len(case[0].known))[:1]


def smallest_members(customers: Mapping[str, str]) -> dict[str, str]:
    """Return the same partition, each customer under the name of its smallest record."""
    members: dict[str, set[str]] = defaultdict(set)
    for key, customer in customers.items():
        members[customer].add(key)
    return {key: min(members[customer]) for key, customer in customers.items()}


def ids(names: Mapping[str, str]) -> dict[str, str]:
    """Return customer ids for names as the oracle writes them."""
    return {
        key: customer_id(anchor, int(generation))
        for key, (anchor, generation) in ((key, name.rsplit("/", 1)) for key, name in names.items())
    }


def test_the_populations_are_worth_it(populations: list[Population]) -> None:
    """Customers of several records, splits, and anchors that lead again all come often enough."""
    days = [names_over_days(side_by_side([population], RULES), DAYS) for population in populations]
    assert sum(len(set(names[-1].values())) < len(names[-1]) for names in days) > 300
    assert sum(any(not name.endswith("/1") for name in names[-1].values()) for names in days) > 5
    split = sum(
        any(a[x] == a[y] and b[x] != b[y] for x, y in itertools.combinations(a, 2))
        for names in days
        for a, b in itertools.pairwise(names)
    )
    assert split > 50


def test_customers_and_ids_of_every_day_are_those_of_the_oracle(
    populations: list[Population], at_once: Found
) -> None:
    expected = []
    for number, population in enumerate(populations):
        world = World(rules=list(RULES))
        world.add(population.world(number))
        expected.append(names_over_days(world, DAYS))
    for position, day in enumerate(DAYS):
        of_all = {key: name for names in expected for key, name in ids(names[position]).items()}
        assert differing(populations, at_once.customers_at(moment(day)), of_all) == []


def test_batch_by_batch_equals_a_rebuild_after_every_batch(
    populations: list[Population], at_once: Found, warehouse: IdentityWarehouse
) -> None:
    """Each batch comes with all rows before it once more, in another order."""
    order = random.Random(7)
    world = side_by_side(populations, RULES)
    found = []
    for day in DAYS:
        known = world.known_by(day)
        known.rules = [
            replace(rule, to_day=rule.to_day if (rule.to_day or 0) <= day else None)
            for rule in world.rules
            if (rule.from_day or 0) <= day
        ]
        found.append(warehouse.build(known, order))
        assert differing(populations, found[-1].customers, at_once.customers_at(moment(day))) == []
        assert broken_promises(found) == []
    assert differences(found[-1], at_once) == []


@pytest.mark.parametrize("days", [[1], [4, 3, 3, 2, 1, 4, 1]], ids=["one batch", "other batches"])
def test_the_partition_does_not_depend_on_batches(
    populations: list[Population], at_once: Found, warehouse: IdentityWarehouse, days: Iterable[int]
) -> None:
    world = side_by_side(populations, RULES_OF_THE_LAST_DAY)
    found = warehouse.build(on_days(world, itertools.cycle(days)))
    assert (
        differing(populations, smallest_members(found.customers), smallest_members(at_once.customers)) == []
    )


def test_the_partition_does_not_depend_on_source_keys(
    populations: list[Population], at_once: Found, warehouse: IdentityWarehouse
) -> None:
    def renamed(key: str) -> str:
        source, number, position = key.split(":")
        return f"{source}:{number}:{hashlib.md5(position.encode(), usedforsecurity=False).hexdigest()}"

    world = side_by_side(populations, RULES)
    former = {renamed(record.key): record.key for record in world.records}
    found = warehouse.build(world.renamed(renamed), random.Random(11))
    customers = {former[key]: customer for key, customer in found.customers.items()}
    assert differing(populations, smallest_members(customers), smallest_members(at_once.customers)) == []
