"""Faults leave ids as they were: values that nobody expects, clocks that are wrong, a run that is killed."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from dbt_runs import SETTINGS, DbtRuns
from identity_populations import DAYS, RULES, draw_populations, side_by_side
from identity_warehouse import MODELS, IdentityWarehouse, create_empty, differences
from identity_worlds import Identifier, Record, World

pytestmark = pytest.mark.tier3

LAST_DAY = DAYS[-1]
LONG = "Wolfeschlegelsteinhausen" * 420
DBT = [sys.executable, "-c", "from dbt.cli.main import cli; cli()"]


@pytest.fixture(scope="module")
def empty(dbt: DbtRuns, raw_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("no_identity")
    create_empty(dbt, folder, raw_file)
    return folder


@pytest.fixture(scope="module")
def world() -> World:
    return side_by_side(draw_populations(100), RULES)


@pytest.fixture
def warehouse(dbt: DbtRuns, empty: Path, tmp_path: Path) -> IdentityWarehouse:
    return IdentityWarehouse(dbt, tmp_path, empty)


def hostile() -> World:
    """Records as no source should deliver them, the same in every place where text can stand."""
    texts = {
        "10 kB": LONG,
        "control characters": "ana\x07\x1b[31m\x7f",
        "quotes": "'; drop table core.dim_customer_records; --",
        "separators": "a|b:c#2",
        "pattern": ".*([",
        "blank": " ",
        "nothing": "",
        "mixed scripts": "Ana\u202e安娜",
    }
    keys = {name: f"complete_journey:9999:{name}" for name in texts}
    kinds = ("email", "phone", "loyalty_card", "visitor")
    return World(
        records=[Record(keys[name], LAST_DAY, text, text) for name, text in texts.items()]
        + [Record("complete_journey:9999:too early", LAST_DAY, birth_date=dt.date(1, 1, 1))]
        + [Record("complete_journey:9999:too late", LAST_DAY, birth_date=dt.date(9999, 12, 31))],
        identifiers=[
            Identifier(keys[name], kind, text, LAST_DAY) for name, text in texts.items() for kind in kinds
        ]
        # An e-mail address in the field of a phone, and the other way round; a record that no source lists.
        + [
            Identifier(keys["blank"], "phone", "ana@mailbox.org", LAST_DAY),
            Identifier(keys["blank"], "email", "+442071838750", LAST_DAY),
            Identifier("complete_journey:9999:nobody", "email", LONG, LAST_DAY),
            Identifier("complete_journey:9999:nobody", "email", "ana@mailbox.org", LAST_DAY),
        ],
    )


def test_hostile_values_move_nobody(warehouse: IdentityWarehouse, world: World) -> None:
    before = warehouse.build(world)
    faults = hostile()
    both = World(rules=list(RULES))
    both.add(replace(world, rules=[]))
    both.add(faults)
    after = warehouse.build(both)

    hostile_keys = {record.key for record in faults.records}
    assert {
        key: value for key, value in after.customers.items() if key not in hostile_keys
    } == before.customers
    assert after.customers.keys() - before.customers.keys() == hostile_keys
    assert {row for row in after.aliases if row not in set(before.aliases)} == set()


def test_a_clock_that_is_wrong_names_nobody(warehouse: IdentityWarehouse, world: World) -> None:
    """When something was seen in the world, decades off in either direction, has no say in ids."""
    before = warehouse.build(world)
    moments = [dt.datetime(1970, 1, 1), dt.datetime(2099, 12, 31), dt.datetime(2026, 1, 1)]
    skewed = [
        replace(each, seen_at=moments[number % len(moments)]) for number, each in enumerate(world.identifiers)
    ]
    after = warehouse.build(replace(world, identifiers=skewed))
    assert (after.keys, after.aliases, after.memberships) == (before.keys, before.aliases, before.memberships)


@pytest.mark.parametrize("model", ["int_records__resolved", "fct_customer_memberships"])
def test_a_run_that_is_killed_is_made_up_for_by_the_next(
    dbt: DbtRuns,
    dbt_project_dir: Path,
    *,
    empty: Path,
    warehouse: IdentityWarehouse,
    world: World,
    model: str,
) -> None:
    """The warehouse was built before; a batch arrives, and the run of it dies while a model is being made."""
    warehouse.build(world.known_by(LAST_DAY - 1))
    warehouse.write(world)
    options = [
        "--no-use-colors",
        "--project-dir",
        str(dbt_project_dir),
        "--profiles-dir",
        str(dbt_project_dir),
    ]
    folder = warehouse.folder
    targets = ["--target-path", str(folder / "target"), "--log-path", str(folder / "logs")]
    with subprocess.Popen(
        [*DBT, "run", "--select", *MODELS, *options, *targets],
        env={**os.environ, **SETTINGS, "WAREHOUSE_DIR": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        began = any("START" in line and f".{model} " in line for line in process.stdout)
        process.kill()
    assert began
    assert process.returncode < 0

    warehouse.run()
    found = warehouse.read()

    undisturbed = IdentityWarehouse(dbt, folder / "undisturbed", empty)
    assert differences(found, undisturbed.build(world)) == []
