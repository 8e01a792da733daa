"""A preview says what changed rules will do: the same as is found once they have been applied."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from dbt_runs import DbtRuns
from identity_populations import RULES, draw_populations, side_by_side
from identity_warehouse import Found, IdentityWarehouse, create_empty, differences, rule_rows
from identity_worlds import Rule, World

from orchestration.identity.errors import IdentityError
from orchestration.identity.previewing import preview
from orchestration.settings import Settings

pytestmark = pytest.mark.tier3

AMOUNT = 12.5


@pytest.fixture(scope="module")
def world() -> World:
    return side_by_side(draw_populations(100), RULES)


@pytest.fixture
def warehouse(
    dbt: DbtRuns, raw_file: Path, world: World, tmp_path_factory: pytest.TempPathFactory
) -> IdentityWarehouse:
    """Everybody is resolved, and every record has one order."""
    empty = tmp_path_factory.mktemp("no_identity")
    create_empty(dbt, empty, raw_file)
    built = IdentityWarehouse(dbt, tmp_path_factory.mktemp("previewed"), empty)
    built.build(world)
    with built.connection() as connection:
        connection.execute(
            "create or replace table core.fct_orders as "
            f"select customer_key, source_system, {AMOUNT} as sales_amount from core.dim_customer_records"
        )
    return built


def changed(rule: Rule) -> Rule:
    """E-mail addresses link fewer records, telephones and browsers more."""
    return replace(rule, limit={"email": 2, "phone": 9, "visitor": 9}.get(rule.type, rule.limit))


def test_a_rule_for_a_type_that_nobody_has_is_told(
    warehouse: IdentityWarehouse, world: World, tmp_path: Path
) -> None:
    emails = [row for row in rule_rows(world.rules) if row["identifier_type"] == "email"]
    rows = [{**row, "identifier_type": "emial"} for row in emails]
    path = tmp_path / "identity_rules.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    settings = Settings.from_environment({"WAREHOUSE_DIR": str(warehouse.folder)})
    with pytest.raises(IdentityError, match="type emial; did you mean email"):
        preview(settings, {"identity_rules": path})


def test_what_a_preview_says_is_what_comes(
    warehouse: IdentityWarehouse, world: World, tmp_path: Path
) -> None:
    rules = [changed(rule) for rule in world.rules]
    path = tmp_path / "identity_rules.csv"
    with path.open("w", newline="") as file:
        rows = rule_rows(rules)
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    before = warehouse.read()

    said = preview(
        Settings.from_environment({"WAREHOUSE_DIR": str(warehouse.folder)}), {"identity_rules": path}
    )

    assert differences(warehouse.read(), before) == []
    after = warehouse.build(replace(world, rules=rules))
    merging, splitting = moves(before, after), moves(after, before)
    assert merging
    assert splitting
    counts = said["counts"]
    assert counts == {
        "customers_before": len(set(before.customers.values())),
        "customers_after": len(set(after.customers.values())),
        "customers_that_merge": sum(map(len, merging.values())),
        "customers_merged_into": len(merging),
        "customers_that_split": len(splitting),
        "customers_split_into": sum(map(len, splitting.values())),
        "records_that_move": sum(
            before.customers[key] != customer for key, customer in after.customers.items()
        ),
        "records": len(before.customers),
    }
    concerned = [
        key
        for key, customer in before.customers.items()
        if customer in splitting or after.customers[key] in merging
    ]
    assert sum(row["orders"] for row in said["sales"]) == len(concerned)
    assert sum(row["sales_amount"] for row in said["sales"]) == AMOUNT * len(concerned)
    for examples, found in ((said["merges"], merging), (said["splits"], splitting)):
        assert examples
        for example in examples:
            assert example["customer_count"] == len(found[example["customer_id"]])
            assert set(example["customers"].split(", ")) <= found[example["customer_id"]]
            assert example["because_of"]


def moves(apart: Found, together: Found) -> dict[str, set[str]]:
    """Return the customers of one side whose records are several customers on the other."""
    parts: dict[str, set[str]] = {}
    for key, customer in together.customers.items():
        parts.setdefault(customer, set()).add(apart.customers[key])
    return {customer: others for customer, others in parts.items() if len(others) > 1}
