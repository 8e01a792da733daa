"""No feature sees the future: a warehouse of an earlier moment would have computed the same."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter

import dbt_runs
import duckdb
import numpy as np
import planted_faults
import pytest
import raw_slice

pytestmark = pytest.mark.tier3

# Features are computed at every second date of a weekly grid, counted back from "today", 1 January 2018.
CUT_OFF = dt.date(2018, 1, 1) - 8 * dt.timedelta(weeks=2)

# Every customer has a row here whatever "today" is, those included whom only the future knows.
MARTS_THAT_SEE_BEYOND_TODAY = {
    "dim_customers",
    "fct_golden_coverage",
    "int_customers__campaign_response",
    "int_customers__identified",
}

# What else a row is told apart by, beside customer, lead or session and date.
KEYS = ["customer_id", "lead_id", "session_id", "as_of_date", "order_date"]
# The real source has no screens, messages, tickets and leads: tests/pipeline looks at those.
FILLED = {
    "feat_customers__campaigns",
    "feat_customers__engagement",
    "feat_customers__rhythm",
    "feat_customers__spending",
    "int_customer_variety__dated",
    "int_customer_visits__dated",
}

LEAKY_MODELS = {
    # Tells how long the silence is going to last.
    "feat_customers__coming_silence": """
        select features.customer_id, features.as_of_date,
            max(date_diff('day', features.as_of_date, days.next_shopping_date)) as coming_silence_days
        from {{ ref('feat_customers__rhythm') }} as features
        inner join {{ ref('fct_customer_days') }} as days
            on features.customer_id = days.customer_id and days.order_date < features.as_of_date
        group by all
    """,
    # Forgets that the as-of date itself is the future.
    "feat_customers__visits_until": """
        select features.customer_id, features.as_of_date, count(*) as shopping_days
        from {{ ref('feat_customers__rhythm') }} as features
        inner join {{ ref('fct_customer_days') }} as days
            on features.customer_id = days.customer_id and days.order_date <= features.as_of_date
        group by all
    """,
    # Puts what the customer has become beside what they were.
    "feat_customers__present_value": """
        select features.customer_id, features.as_of_date, customers.sales_amount
        from {{ ref('feat_customers__rhythm') }} as features
        inner join {{ ref('dim_customers') }} as customers using (customer_id)
    """,
}


def changed_cells(present_dir, past_dir, table, until):
    """Cells of a features table, up to a date, that differ from those of a warehouse that knew only the past.

    Returns
    -------
    list of tuple
        Grain, column, present value, past value; rows that only one side has come with the column ``None``.
    """
    frames = []
    for folder in (present_dir, past_dir):
        with duckdb.connect(str(folder / "build.duckdb"), read_only=True) as connection:
            frame = connection.execute(f"from features.{table} where as_of_date <= date '{until}'").df()
        frames.append(frame.set_index([key for key in KEYS if key in frame]).sort_index())
    present, past = frames
    changes = [(key, None, None, None) for key in present.index.symmetric_difference(past.index)]
    both = present.index.intersection(past.index)
    for column in present.columns:
        now, then = present.loc[both, column], past.loc[both, column]
        if now.dtype.kind == "f":
            # Sums of floating-point numbers may be added up in another order.
            same = np.isclose(now, then, rtol=1e-9, atol=1e-9, equal_nan=True)
        else:
            same = ((now == then).fillna(False).astype(bool) | (now.isna() & then.isna())).to_numpy()
        changes += [(key, column, now[key], then[key]) for key in both[~same]]
    return changes


def feature_tables(dbt):
    """The tables of features that have rows by date."""
    return sorted(
        node.name
        for node in dbt.manifest.nodes.values()
        if node.resource_type == "model"
        and node.schema == "features"
        and not node.name.startswith("label_")
        and "as_of_date" in node.columns
    )


@pytest.fixture(scope="module")
def past(dbt, warehouse_of):
    """The warehouse as it would have been on the morning of the cut-off."""

    def forget_the_rest(path):
        planted_faults.plant(path)
        raw_slice.cut_off(path, CUT_OFF)

    folder = warehouse_of(forget_the_rest)
    untested = ("--exclude-resource-type", "unit_test", "--exclude-resource-type", "test")
    dbt.run(folder, "build", *untested, "--select", "+path:models/features", "+path:models/marts")
    return folder


def test_features_of_the_past_are_what_they_were(dbt, built, past):
    tables = feature_tables(dbt)
    assert set(tables) >= FILLED
    for table in tables:
        assert changed_cells(built, past, table, CUT_OFF) == []


def test_there_are_features_to_compare(dbt, past):
    with duckdb.connect(str(past / "build.duckdb"), read_only=True) as connection:
        counts = {
            table: connection.execute(f"select count(*) from features.{table}").fetchone()[0]
            for table in feature_tables(dbt)
        }
    assert {table for table, count in counts.items() if count > 500} == FILLED
    assert {table for table, count in counts.items() if count} == FILLED


def test_known_labels_of_the_past_are_what_they_were(built, past):
    changes = changed_cells(built, past, "label_customers__churn", CUT_OFF - dt.timedelta(days=28))
    assert [change for change in changes if change[1] != "is_latest"] == []


@pytest.fixture(scope="module")
def set_back(dbt, built, tmp_path_factory):
    """The present warehouse, told that today is the cut-off; its data tests have passed."""
    folder = tmp_path_factory.mktemp("set_back")
    shutil.copyfile(built / "build.duckdb", folder / "build.duckdb")
    untested = ("--exclude-resource-type", "unit_test")
    dbt.run(folder, "build", *untested, "--select", "int_as_of__resolved+", as_of=CUT_OFF.isoformat())
    return folder


def test_features_of_a_present_set_back_are_those_of_the_past(dbt, set_back, past):
    """The setting `as_of` hides the future as well as not having it does."""
    for table in [*feature_tables(dbt), "label_customers__churn"]:
        assert changed_cells(set_back, past, table, CUT_OFF) == []


def rounded_rows(folder, table):
    with duckdb.connect(str(folder / "build.duckdb"), read_only=True) as connection:
        rows = connection.execute(f"from marts.{table}").fetchall()
    return Counter(tuple(round(cell, 6) if isinstance(cell, float) else cell for cell in row) for row in rows)


def test_marts_of_a_present_set_back_are_those_of_the_past(dbt, set_back, past):
    tables = {
        node.name
        for node in dbt.manifest.nodes.values()
        if node.resource_type == "model" and node.schema == "marts"
    }
    changed = {table for table in tables if rounded_rows(set_back, table) != rounded_rows(past, table)}
    assert changed == MARTS_THAT_SEE_BEYOND_TODAY


@pytest.fixture(scope="module")
def leaky(dbt_project_dir, built, past, tmp_path_factory):
    """Leaking features, built in both warehouses by a copy of the project."""
    copy = tmp_path_factory.mktemp("leaky") / "dbt_project"
    shutil.copytree(dbt_project_dir, copy, ignore=shutil.ignore_patterns("target", "logs", "*unit_tests.yml"))
    for name, sql in LEAKY_MODELS.items():
        config = "{{ config(contract={'enforced': false}) }}"
        (copy / "models" / "features" / f"{name}.sql").write_text(config + sql)
    runs = dbt_runs.DbtRuns(copy, copy.parent)
    folders = []
    for folder in (built, past):
        warehouse = tmp_path_factory.mktemp("leaky_warehouse")
        shutil.copyfile(folder / "build.duckdb", warehouse / "build.duckdb")
        runs.run(warehouse, "run", "--select", *LEAKY_MODELS)
        folders.append(warehouse)
    return folders


@pytest.mark.parametrize("table", LEAKY_MODELS)
def test_a_leaking_feature_is_caught(leaky, table):
    assert changed_cells(*leaky, table, CUT_OFF) != []
