"""The warehouse agrees with a slow and plain computation from raw rows, on a slice with faults among them."""

from __future__ import annotations

import datetime as dt
import math
import random

import numpy as np
import obvious_reference as reference
import pandas as pd
import planted_faults
import pytest
import raw_slice

pytestmark = pytest.mark.tier3

SAMPLE_SIZE = 60


@pytest.fixture(scope="module")
def categories(query):
    return query("select * from core.dim_categories").set_index("category_id")


@pytest.fixture(scope="module")
def orders(query):
    lines = query(
        "select * from raw_complete_journey.transactions where _batch_id in "
        f"('{raw_slice.FIRST_DELIVERY}', '{planted_faults.CORRECTION}', '{planted_faults.ODDITIES}')"
    )
    accepted = lines.sort_values("_loaded_at").drop_duplicates(["basket_id", "product_id"], keep="last")
    products = query(
        "select cast(split_part(product_id, ':', 2) as bigint) as id, category_id from core.dim_products"
    )
    return reference.orders_of(accepted, dict(products.itertuples(index=False)))


@pytest.fixture(scope="module")
def visits(orders):
    return reference.visits_of(orders)


@pytest.fixture(scope="module")
def data_begins(orders):
    return min(order.date for order in orders.values())


@pytest.fixture(scope="module")
def today(orders):
    return max(order.date for order in orders.values()) + dt.timedelta(days=1)


@pytest.fixture(scope="module")
def households(query):
    """The number of the household that each customer is."""
    keys = query("select customer_id, customer_key from identity.bdg_customer_keys")
    return {row.customer_id: household_of(row.customer_key) for row in keys.itertuples()}


def household_of(key):
    return int(key.removeprefix("complete_journey:"))


def sampled(frame):
    """A few dozen rows of different moments, the same at each run."""
    frame = frame.sort_values(["as_of_date", "customer_id"]).reset_index(drop=True)
    return [frame.loc[number] for number in sorted(random.Random(1).sample(range(len(frame)), SAMPLE_SIZE))]


def assert_agrees(row, expected):
    for name, value in expected.items():
        if value is None:
            assert pd.isna(row[name]), (dict(row), name)
        elif isinstance(value, str):
            assert row[name] == value, (dict(row), name)
        else:
            assert math.isclose(row[name], value, rel_tol=1e-9, abs_tol=1e-9), (dict(row), name, value)


def test_orders(query, orders):
    found = query("select * from core.fct_orders")
    assert len(found) == len(orders)
    for row in found.itertuples():
        order = orders[household_of(row.order_id)]
        assert row.order_date.date() == order.date
        assert household_of(row.customer_key) == order.household
        amounts = (row.sales_amount, row.list_amount, row.discount_amount, row.coupon_discount_amount)
        expected = (order.sales, order.list_price, order.discount, order.coupon_discount)
        assert amounts == pytest.approx(tuple(float(amount) for amount in expected), abs=1e-9)


def test_features_exist_for_whoever_came_within_a_year(query, households, visits, today, data_begins):
    found = query("select customer_id, as_of_date from features.feat_customers__rhythm")
    grid = [today - dt.timedelta(weeks=2 * step) for step in range(30)]
    expected = {
        (household, as_of)
        for as_of in grid
        if as_of > data_begins
        for household, days in visits.items()
        if any(as_of - dt.timedelta(days=365) <= day.date < as_of for day in days)
    }
    assert {(households[row.customer_id], row.as_of_date.date()) for row in found.itertuples()} == expected


def test_rhythm_features(query, households, visits, data_begins):
    for row in sampled(query("select * from features.feat_customers__rhythm")):
        expected = reference.rhythm(visits[households[row.customer_id]], row.as_of_date.date(), data_begins)
        assert set(expected) | {"customer_id", "source_system", "as_of_date"} == set(row.index)
        assert_agrees(row, expected)


def test_spending_features(query, households, visits, data_begins, categories):
    perishable = set(categories.index[categories["is_perishable"]])
    counted = set(categories.index[categories["is_counted_in_units"]])
    for row in sampled(query("select * from features.feat_customers__spending")):
        days = visits[households[row.customer_id]]
        expected = reference.spending(days, row.as_of_date.date(), data_begins, perishable, counted)
        assert set(expected) | {"customer_id", "source_system", "as_of_date"} == set(row.index)
        assert_agrees(row, expected)


def test_churn_labels(query, households, visits, today):
    labels = query("select customer_id, as_of_date, churn_label from features.label_customers__churn")
    label_of = {
        (households[row.customer_id], row.as_of_date.date()): row.churn_label
        for row in labels.replace({np.nan: None}).itertuples()
    }
    moments = query("select customer_id, as_of_date from features.feat_customers__rhythm")
    seen = set()
    for row in moments.itertuples():
        household, as_of = households[row.customer_id], row.as_of_date.date()
        expected = reference.churn_label(visits[household], as_of, today)
        assert label_of.get((household, as_of), "absent") == expected, (household, as_of)
        seen.add(expected)
    assert seen == {"absent", None, 0, 1}


def test_lifecycle_stages(query, households, visits):
    found = query("select customer_id, as_of_date, lifecycle_stage from marts.int_customers__staged")
    for row in found.itertuples():
        known_visits = visits.get(households[row.customer_id], [])
        expected = reference.lifecycle_stage(known_visits, row.as_of_date.date())
        assert row.lifecycle_stage == expected, (row.customer_id, row.as_of_date)
    assert len(set(found["lifecycle_stage"])) == 8


def test_rfm(query, households, visits, today):
    found = query("select * from marts.int_customers__rfm").set_index("customer_id")
    expected = reference.rfm(visits, today)
    assert {households[customer_id] for customer_id in found.index} == set(expected)
    for customer_id, row in found.iterrows():
        assert_agrees(row, expected[households[customer_id]])


def test_campaign_effects(query, visits, today, data_begins):
    sends = query(
        "select household_id, campaign_id from raw_complete_journey.campaigns where _batch_id = 'slice'"
    )
    measured = 0
    for row in query("select * from marts.fct_campaign_effect").to_dict("records"):
        number = household_of(row["campaign_id"])
        recipients = set(sends.loc[sends["campaign_id"] == number, "household_id"])
        start, end = row["start_date"].date(), row["end_date"].date()
        expected = reference.campaign_effect(
            visits, recipients, start=start, end=end, today=today, data_begins=data_begins
        )
        assert row["send_count"] == len(recipients)
        assert row["is_measurable"] == (expected is not None)
        if expected:
            measured += 1
            assert_agrees(row, expected)
    assert measured >= 5


def test_category_affinity(query, orders, categories):
    merchandise = set(categories.index[categories["is_merchandise"]])
    expected = reference.affinity(orders, merchandise)
    found = query("select * from marts.fct_category_affinity").set_index(["category_id", "other_category_id"])
    assert set(found.index) == set(expected)
    for pair, row in found.iterrows():
        assert_agrees(row, expected[pair])
