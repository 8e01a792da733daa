"""The stories of tests/scenarios/IDENTITY.md: customers, ids, history and reasons are what the page says."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest
from dbt_runs import DbtRuns
from identity_oracle import names_over_days
from identity_scenarios import Scenario, read_scenarios
from identity_warehouse import (
    Found,
    IdentityWarehouse,
    broken_promises,
    create_empty,
    customer_id,
    differences,
)
from identity_worlds import World, moment, shipped_rules

pytestmark = pytest.mark.tier3

SCENARIOS = read_scenarios()
DAYS = range(1, max(len(scenario.days) for scenario in SCENARIOS) + 1)
MOST_GENERATIONS = 4
DONE = {"merged": "{other} merged into {customer}", "split": "{customer} split off {other}"}
MOVED = "{other} passed records to {customer}"


@dataclass
class Told:
    """A scenario, and what the warehouse found of all of them after each day."""

    scenario: Scenario
    found: list[Found]

    @cached_property
    def labels(self) -> dict[str, str]:
        """How the page writes an id."""
        return {
            customer_id(record.key, generation): self.scenario.label(record.key)
            + ("" if generation == 1 else f"/{generation}")
            for record in self.scenario.world.records
            for generation in range(1, MOST_GENERATIONS + 1)
        }

    def label(self, key: str) -> str | None:
        """How the page writes a record; None for a record of another story."""
        return self.scenario.label(key) if key.startswith(f"{self.scenario.prefix}:") else None


@pytest.fixture(scope="module")
def empty(dbt: DbtRuns, raw_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("no_identity")
    create_empty(dbt, folder, raw_file)
    return folder


def world_on(day: int) -> World:
    """All stories side by side, and the rules that none of them changes."""
    world = World(rules=shipped_rules())
    for scenario in SCENARIOS:
        world.add(scenario.world_on(day))
    return world


@pytest.fixture(scope="module")
def batch_by_batch(dbt: DbtRuns, empty: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Found]:
    """What one warehouse holds after each day."""
    warehouse = IdentityWarehouse(dbt, tmp_path_factory.mktemp("batch_by_batch"), empty)
    return [warehouse.build(world_on(day)) for day in DAYS]


@pytest.fixture(scope="module")
def rebuilt(dbt: DbtRuns, empty: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Found]:
    """What a new warehouse holds that is built of each day's raw at once, its rows in another order."""
    order = random.Random(5)
    return [
        IdentityWarehouse(dbt, tmp_path_factory.mktemp("rebuilt"), empty).build(world_on(day), order)
        for day in DAYS
    ]


@pytest.fixture(params=SCENARIOS, ids=lambda scenario: f"{scenario.number} {scenario.title}")
def told(request: pytest.FixtureRequest, batch_by_batch: list[Found]) -> Told:
    return Told(request.param, batch_by_batch)


def test_there_are_enough_stories() -> None:
    assert len(SCENARIOS) >= 30
    assert [scenario.number for scenario in SCENARIOS] == list(range(1, len(SCENARIOS) + 1))
    assert len({scenario.title for scenario in SCENARIOS}) == len(SCENARIOS)


def test_customers_and_ids(told: Told) -> None:
    for found, day in zip(told.found, told.scenario.days, strict=False):
        customers = {
            label: told.labels.get(customer, customer)
            for key, customer in found.customers.items()
            if (label := told.label(key))
        }
        assert customers == day.customers


def test_retired_ids_lead_to_the_customers_of_today(told: Told) -> None:
    for found, day in zip(told.found, told.scenario.days, strict=False):
        retired = {
            told.labels[alias]: told.labels[customer]
            for alias, customer, _, _ in found.aliases
            if alias in told.labels
        }
        assert retired == day.retired


def test_history_tells_what_happened_and_why(told: Told) -> None:
    for number, (found, day) in enumerate(zip(told.found, told.scenario.days, strict=False), start=1):
        happened = {}
        for customer, other, kind, cause, _, effective_at, changed_at, _ in found.changes:
            if kind == "created" or changed_at != moment(number) or customer not in told.labels:
                continue
            sentence = DONE.get(kind, MOVED).format(customer=told.labels[customer], other=told.labels[other])
            happened[sentence] = (cause, effective_at)
        assert happened.keys() == day.changes.keys()
        for sentence, (cause, since) in day.changes.items():
            assert happened[sentence][0].startswith(cause)
            if since is not None:
                assert f"{happened[sentence][1]:%Y-%m-%d}" == since


def test_edges_give_their_reason(told: Told) -> None:
    for found, day in zip(told.found, told.scenario.days, strict=False):
        reasons: dict[str, set[str]] = {}
        for _, _, key, other, kind, value, _, _, reason, _ in found.edges:
            label = told.label(key)
            if label is None:
                continue
            written = kind.removesuffix(f" {told.scenario.number}")
            names = (
                [f"{label} {written}", f"{label} {written} {value}"]
                if other is None
                else [f"{label} + {told.label(other)}", f"{label} + {told.label(other)} {written}"]
            )
            for name in names:
                reasons.setdefault(name, set()).add(reason)
        for name, reason in day.reasons.items():
            assert reason in reasons[name], name


def test_visitors_and_homes(told: Told) -> None:
    for found, day in zip(told.found, told.scenario.days, strict=False):
        visitors = {visitor: told.labels.get(customer, "nobody") for visitor, customer, _ in found.visitors}
        assert {visitor: visitors[visitor] for visitor in day.visitors} == day.visitors
        homes = {
            told.labels[customer]: home for _, customer, _, home, _ in found.keys if customer in told.labels
        }
        assert {label: homes[label] for label in day.homes} == day.homes


def test_the_oracle_tells_the_same_stories() -> None:
    for scenario in SCENARIOS:
        if scenario.restates:
            continue
        world = World(rules=shipped_rules())
        world.add(scenario.world)
        names = names_over_days(world, range(1, len(scenario.days) + 1))
        for day, customers in zip(scenario.days, names, strict=True):
            found = {
                scenario.label(key): scenario.label(name).removesuffix("/1")
                for key, name in customers.items()
            }
            assert found == day.customers, scenario.title


def test_every_day_keeps_the_promises(batch_by_batch: list[Found]) -> None:
    """Nothing dangles, returns, or has no reason; but for stories in which the past is told again."""
    restating = [scenario.prefix for scenario in SCENARIOS if scenario.restates]
    kept = [each.without(restating) for each in batch_by_batch]
    for day in DAYS:
        assert broken_promises(kept[:day]) == []


def test_no_id_that_was_given_out_is_lost_where_the_past_is_told_again(batch_by_batch: list[Found]) -> None:
    for earlier, found in itertools.combinations(batch_by_batch, 2):
        own = {row[4]: row[1] for row in found.keys}
        leads_to = {**own, **{row[0]: row[1] for row in found.aliases}}
        lost = set(earlier.customers.values()) - set(found.customers.values()) - leads_to.keys()
        # With a record that is erased, its name is.
        erased = {customer_id(key) for key in earlier.customers.keys() - found.customers.keys()}
        assert lost <= erased
        assert set(leads_to.values()) == set(found.customers.values())


def test_batch_by_batch_equals_a_rebuild(batch_by_batch: list[Found], rebuilt: list[Found]) -> None:
    for found, again in zip(batch_by_batch, rebuilt, strict=True):
        assert differences(found, again) == []


def test_history_is_not_rewritten(batch_by_batch: list[Found]) -> None:
    """What a day's history says of the days before is what it said then."""
    restating = [scenario.prefix for scenario in SCENARIOS if scenario.restates]
    kept = [each.without(restating) for each in batch_by_batch]
    for day, (found, later) in enumerate(itertools.pairwise(kept), start=1):
        assert later.customers_at(moment(day)) == found.customers
        assert [row for row in later.changes if row[6] <= moment(day)] == found.changes
