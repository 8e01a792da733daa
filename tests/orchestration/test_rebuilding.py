"""After any edit, building what changed gives what building everything gives: on a small dbt project."""

from __future__ import annotations

import json
import logging
import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from orchestration.ledger import landing_log
from orchestration.ledger import store as ledger
from orchestration.transformation import planning
from orchestration.transformation.command import Dbt
from orchestration.transformation.progress import DbtProgress
from orchestration.transformation.stages import stages
from orchestration.warehouse import writing

pytestmark = [pytest.mark.tier3, pytest.mark.timeout(900)]

PROJECT = """
name: insight
version: "0.1.0"
config-version: 2
profile: insight
flags: {send_anonymous_usage_stats: false, version_check: false}
vars: {bonus: 1}
models:
  insight:
    +persist_docs: {relation: true, columns: true}
    staging: {+schema: staging}
    core:
      +schema: core
      +materialized: incremental
      +on_schema_change: fail
      +contract: {enforced: true}
    marts: {+schema: marts, +materialized: table}
seeds: {insight: {+schema: seeds}}
"""
PROFILE = """
insight:
  target: duckdb
  outputs:
    duckdb: {type: duckdb, path: "{{ env_var('WAREHOUSE_DIR') }}/build.duckdb", threads: 2}
"""
FILES = {
    "dbt_project.yml": PROJECT,
    "profiles.yml": PROFILE,
    "macros/generate_schema_name.sql": (
        "{% macro generate_schema_name(name, node) %}{{ name or target.schema }}{% endmacro %}"
    ),
    "macros/tier_of.sql": "{% macro tier_of(amount) %}least(cast({{ amount }} as integer), 3){% endmacro %}",
    "seeds/tiers.csv": "tier,title\n0,none\n1,low\n2,middle\n3,high\n",
    "models/staging/_sources.yml": "sources: [{name: raw_toy, tables: [{name: orders}]}]",
    "models/staging/stg_orders.sql": "select * from {{ source('raw_toy', 'orders') }}",
    "models/core/fct_orders.sql": """
        select order_id, customer_id, amount, loaded_at from {{ ref('stg_orders') }}
        {% if is_incremental() %}where loaded_at > (select max(loaded_at) from {{ this }}){% endif %}
    """,
    "models/core/_core.yml": """
models:
  - name: fct_orders
    description: Orders; one row per order.
    columns:
      - {name: order_id, data_type: bigint, description: Identifier., data_tests: [unique]}
      - {name: customer_id, data_type: bigint, description: Who bought.}
      - {name: amount, data_type: "decimal(9, 2)", description: What was paid.}
      - {name: loaded_at, data_type: timestamp, description: When it came.}
""",
    "models/marts/dim_customers.sql": """
        select customer_id, sum(amount) as amount, {{ tier_of('sum(amount)') }} as tier
        from {{ ref('fct_orders') }} group by customer_id
    """,
    "models/marts/tier_sizes.sql": """
        select tiers.*, count(customers.customer_id) + {{ var('bonus') }} as customers
        from {{ ref('tiers') }} as tiers left join {{ ref('dim_customers') }} as customers using (tier)
        group by all
    """,
    "models/marts/order_days.sql": """
        select cast(loaded_at as date) as day, count(*) as orders from {{ ref('fct_orders') }} group by day
    """,
}


class Workshop:
    """A project, and the warehouse that is built from it edit by edit."""

    def __init__(self, settings, folder):
        self.settings = settings
        self.dbt = Dbt(settings, folder / "dbt_project")
        self.batches = []
        for path, content in FILES.items():
            self.write(path, content)
        self.land(is_replacement=False)

    def write(self, path, content):
        target = self.dbt.project_dir / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(content)

    def change(self, path, old, new):
        content = (self.dbt.project_dir / path).read_text()
        assert old in content, f"{path} does not hold {old!r}"
        self.write(path, content.replace(old, new))

    def remove(self, path):
        (self.dbt.project_dir / path).unlink()

    def land(self, is_replacement):
        number = len(self.batches)
        moment = datetime(2017, 1, 1) + timedelta(days=number)
        if is_replacement:
            self.batches = [rows.replace("1.5", "2.5") for rows in self.batches]
        first = 10 * number
        self.batches.append(
            f"select range + {first} as order_id, range % 4 as customer_id, "
            f"cast(range * 0.25 + 1.5 as decimal(9, 2)) as amount, timestamp '{moment}' as loaded_at "
            "from range(10)"
        )
        batch = landing_log.LandedBatch(
            "toy", "orders", f"batch {number}", "orders.csv", "hash", 10, ["order_id"], [], "append",
            is_replacement, moment, 0.1, f"toy/orders/{number}.parquet",
        )  # fmt: skip
        with ledger.writing(self.settings) as log:
            landing_log.write(log, [batch])

    def build(self, settings=None):
        """Build what has to be; return the names of what was built and tested, and of what began again."""
        dbt = replace(self.dbt, settings=settings or self.settings)
        with writing(dbt.settings) as connection:
            connection.execute("create schema if not exists raw_toy")
            connection.execute(f"create or replace view raw_toy.orders as {' union all '.join(self.batches)}")
        manifest = json.loads(dbt.prepare_manifest().read_bytes())
        [stage] = stages(manifest, {})
        planning.remove_stale(dbt.settings, manifest)
        artefacts = planning.artefacts_of(dbt, manifest, {}, {})
        planned = planning.plan_stage(dbt.settings, manifest, stage, artefacts)
        planning.begin(dbt.settings, planned)
        progress = DbtProgress(len(planned.relations))
        for event in (
            dbt.build_events(planned.arguments(), is_full_refresh=False) if planned.plan.build else ()
        ):
            progress.follow(event)
        failures = progress.failures()
        planning.finish(dbt.settings, planned, progress.good, is_complete=not failures)
        assert progress.good <= planned.plan.build, "dbt built what was not planned"
        self.failures = failures
        if not failures:
            assert progress.good == planned.plan.build, "dbt left out what was planned"
        short = {name.split(".")[2] for name in progress.good}
        return short, {name.split(".")[2] for name in planned.plan.from_scratch}

    def fresh(self, folder):
        """Build everything into an empty warehouse beside the same ledger."""
        settings = replace(
            self.settings, warehouse_dir=folder, ledger=f"sqlite:///{self.settings.ledger_path}"
        )
        self.build(settings)
        return settings


def _shown(settings):
    """Return every table with its columns, comments and rows."""
    with writing(settings) as connection:
        tables = connection.execute(
            "select schema_name, table_name, comment from duckdb_tables() where schema_name <> 'ops' "
            "union all select schema_name, view_name, comment from duckdb_views() where not internal"
        ).fetchall()
        columns = connection.execute(
            "select schema_name, table_name, column_name, data_type, comment from duckdb_columns() "
            "where schema_name <> 'ops' and not internal order by all"
        ).fetchall()
        rows = {
            f"{schema}.{table}": connection.execute(f"from {schema}.{table} order by all").fetchall()
            for schema, table, _ in tables
        }
    return sorted(tables, key=str), columns, rows


@pytest.fixture
def workshop(settings, tmp_path):
    return Workshop(settings, tmp_path)


WIDER = "cast(amount as decimal(12, 2))"
EDITS = {
    "a mart": lambda of: of.change("models/marts/dim_customers.sql", "sum(amount) as", "max(amount) as"),
    "a macro": lambda of: of.change("macros/tier_of.sql", ", 3)", ", 2)"),
    "a seed": lambda of: of.change("seeds/tiers.csv", "1,low", "1,small"),
    "the columns of a seed": lambda of: of.write("seeds/tiers.csv", "tier,title,rank\n0,none,4\n1,low,3\n"),
    "a variable": lambda of: of.change("dbt_project.yml", "bonus: 1", "bonus: 2"),
    "descriptions": lambda of: of.change("models/core/_core.yml", "Who bought.", "Whose order it is."),
    "a contract": lambda of: (
        of.change("models/core/_core.yml", "decimal(9, 2)", "decimal(12, 2)"),
        of.change("models/core/fct_orders.sql", "amount, loaded_at", f"{WIDER} as amount, loaded_at"),
    ),
    "an incremental model": lambda of: of.change(
        "models/core/fct_orders.sql", "order_id, customer_id", "order_id, customer_id + 1 as customer_id"
    ),
    "one model less": lambda of: of.remove("models/marts/order_days.sql"),
    "one model more": lambda of: of.write(
        "models/marts/big_orders.sql", "select * from {{ ref('fct_orders') }} where amount > 2"
    ),
    "a table becomes a view": lambda of: of.change(
        "models/marts/tier_sizes.sql", "select tiers", "{{ config(materialized='view') }} select tiers"
    ),
    "more rows": lambda of: of.land(is_replacement=False),
    "other rows": lambda of: of.land(is_replacement=True),
}
FOLLOWS = {
    "a mart": ({"dim_customers", "tier_sizes"}, set()),
    "a macro": ({"dim_customers", "tier_sizes"}, set()),
    "descriptions": (set(), set()),
    "a variable": ({"tier_sizes"}, set()),
    "one model more": ({"big_orders"}, set()),
}


def test_after_random_edits_the_build_is_what_a_full_build_gives(workshop, tmp_path):
    built, _ = workshop.build()
    assert "fct_orders" in built
    assert workshop.build() == (set(), set()), "nothing changed, and something was built"
    chance = random.Random(20171231)
    order = chance.sample(sorted(EDITS), len(EDITS))
    while order:
        some = [order.pop() for _ in range(min(chance.randint(1, 4), len(order)))]
        for name in some:
            EDITS[name](workshop)
            built, begun = workshop.build()
            assert not workshop.failures, name
            if name in {"more rows", "one model less"}:
                assert not begun, name
            if name in FOLLOWS:
                assert built <= FOLLOWS[name][0] | {"big_orders"}, name
        full = workshop.fresh(tmp_path / f"fresh_{len(order)}")
        assert _shown(workshop.settings) == _shown(full), some


def test_an_edit_builds_no_more_than_follows_from_it(workshop):
    workshop.build()
    for name, (built, begun) in FOLLOWS.items():
        EDITS[name](workshop)
        assert workshop.build() == (built, begun), name


def test_a_failed_build_is_taken_up_where_it_failed(workshop, caplog):
    caplog.set_level(logging.INFO)
    workshop.build()
    workshop.change("models/marts/dim_customers.sql", "sum(amount) as", "sum(amounts) as")
    EDITS["more rows"](workshop)
    built, _ = workshop.build()
    assert "dim_customers" not in built
    assert {"fct_orders", "order_days"} <= built
    workshop.change("models/marts/dim_customers.sql", "sum(amounts) as", "sum(amount) as")
    assert workshop.build() == ({"dim_customers", "tier_sizes"}, set())


def test_what_was_begun_and_killed_is_built_again_whatever_was_taken_back(workshop, tmp_path):
    """A killed build leaves other rows behind: undoing the edit does not make them right."""
    workshop.build()
    manifest = json.loads(workshop.dbt.prepare_manifest().read_bytes())
    [stage] = stages(manifest, {})
    artefacts = planning.artefacts_of(workshop.dbt, manifest, {}, {})
    planned = planning.plan_stage(workshop.settings, manifest, stage, artefacts, is_forced=True)
    planning.begin(workshop.settings, planned)
    with writing(workshop.settings) as connection:
        connection.execute("delete from core.fct_orders")
    built, begun = workshop.build()
    assert {"fct_orders", "dim_customers"} <= built
    assert begun == {"fct_orders"}
    assert _shown(workshop.settings) == _shown(workshop.fresh(tmp_path / "fresh"))


def test_a_table_that_is_gone_is_built_again(workshop):
    workshop.build()
    with writing(workshop.settings) as connection:
        connection.execute("drop table marts.order_days")
    assert workshop.build()[0] == {"order_days"}


def test_a_table_that_no_model_makes_is_removed(workshop):
    workshop.build()
    with writing(workshop.settings) as connection:
        connection.execute("create table marts.left_by_somebody as select 1 as one")
    EDITS["one model less"](workshop)
    workshop.build()
    assert not {"marts.left_by_somebody", "marts.order_days"} & _shown(workshop.settings)[2].keys()
