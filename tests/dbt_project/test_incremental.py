"""Incremental models hold, after every delivery, what a full refresh on the same raw rows would hold."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass
from decimal import Decimal

import duckdb
import pytest
import raw_slice
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.tier3

# In an order in which they can be built.
TABLES = {
    "fct_order_lines": "core.fct_order_lines",
    "fct_orders": "core.fct_orders",
    "stg_complete_journey__promotions": "staging.stg_complete_journey__promotions",
    "fct_promotions": "core.fct_promotions",
}
FIRST_DAY = dt.datetime(2026, 1, 1)


@dataclass(frozen=True)
class Line:
    """A line as delivered; what is not said here follows from the basket."""

    basket: int
    product: int
    cents: int
    quantity: int

    @property
    def key(self) -> str:
        return f"complete_journey:{self.basket}:{self.product}"


@dataclass(frozen=True)
class Promotion:
    """A promotion of a store."""

    product: int
    store: int
    week: int
    display: str


@dataclass(frozen=True)
class Delivery:
    """What arrives at once."""

    lines: tuple[Line, ...]
    promotions: tuple[Promotion, ...]


# Few baskets and products, so that most deliveries repeat, correct or complete what came before.
LINES = st.builds(
    Line,
    basket=st.integers(1, 5),
    product=st.integers(1, 4),
    cents=st.integers(0, 3),
    quantity=st.integers(-1, 2),
)
PROMOTIONS = st.builds(
    Promotion,
    product=st.integers(1, 2),
    store=st.integers(1, 3),
    week=st.integers(0, 3),
    display=st.sampled_from("0A"),
)
DELIVERIES = st.lists(
    st.builds(
        Delivery,
        lines=st.lists(LINES, max_size=8).map(tuple),
        promotions=st.lists(PROMOTIONS, max_size=6).map(tuple),
    ),
    min_size=2,
    max_size=4,
)

EVERY_KIND = [
    Delivery((Line(1, 1, 250, 1), Line(1, 2, 300, 1), Line(2, 1, 250, 1)), (Promotion(1, 1, 1, "0"),)),
    # A late line of an old basket, a line word for word again, and a store that reports late.
    Delivery((Line(1, 3, 100, 1), Line(2, 1, 250, 1)), (Promotion(1, 2, 1, "0"), Promotion(1, 1, 1, "0"))),
    # A correction downwards, its own duplicate, a version that breaks a rule, and a week that does not exist.
    Delivery(
        (Line(1, 1, 200, 1), Line(1, 1, 150, 1), Line(1, 2, 999, -1)),
        (Promotion(1, 1, 0, "0"), Promotion(2, 1, 2, "A")),
    ),
    # The first delivery once more: what it says is now the latest.
    Delivery((Line(1, 1, 250, 1), Line(1, 2, 300, 1), Line(2, 1, 250, 1)), ()),
]


@pytest.fixture(scope="session")
def empty_warehouse(dbt, raw_file, tmp_path_factory):
    """A warehouse in which the tables exist, and nothing has arrived."""
    folder = tmp_path_factory.mktemp("empty")
    raw_slice.create_empty(folder / "build.duckdb", raw_file)
    dbt.run(folder, "run", "--select", "+fct_orders", "+fct_promotions")
    return folder


@pytest.fixture(scope="session")
def full_refresh(dbt, empty_warehouse):
    """The rows that a full refresh gives, by table, on the raw rows of a warehouse; it is left as it is."""
    statements = dbt.full_refresh_sql(empty_warehouse, *TABLES)

    def refresh(folder):
        with duckdb.connect(str(folder / "build.duckdb")) as connection:
            columns = {name: _columns(connection, TABLES[name]) for name in TABLES}
            connection.execute("begin transaction")
            for name, sql in statements.items():
                connection.execute(f"drop table {TABLES[name]}")
                connection.execute(f"create table {TABLES[name]} as {sql}")
            rows = {name: _rows(connection, TABLES[name], columns[name]) for name in TABLES}
            connection.execute("rollback")
        return rows

    return refresh


@pytest.fixture(scope="session")
def new_warehouse(empty_warehouse, tmp_path_factory):
    def copy():
        folder = tmp_path_factory.mktemp("incremental")
        shutil.copyfile(empty_warehouse / "build.duckdb", folder / "build.duckdb")
        return folder

    return copy


def _columns(connection, table):
    return [row[0] for row in connection.execute(f"describe {table}").fetchall()]


def _rows(connection, table, columns):
    return connection.execute(f"select {', '.join(columns)} from {table} order by all").fetchall()


def deliver(folder, number, delivery):
    loaded_at = FIRST_DAY + dt.timedelta(days=number)
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        for line in delivery.lines:
            connection.execute(
                "insert into raw_complete_journey.transactions by name "
                "select ? as household_id, 1 as store_id, "
                "? as basket_id, ? as product_id, ? as quantity, ? as sales_value, 0.5 as retail_disc, "
                "0 as coupon_disc, 0 as coupon_match_disc, ? as transaction_timestamp, ? as _loaded_at, "
                "? as _batch_id",
                [
                    line.basket % 3,
                    line.basket,
                    line.product,
                    line.quantity,
                    line.cents / 100,
                    dt.datetime(2017, 3, line.basket, 15),
                    loaded_at,
                    str(number),
                ],
            )
        for promotion in delivery.promotions:
            connection.execute(
                "insert into raw_complete_journey.promotions by name select ? as product_id, ? as store_id, "
                "? as week, ? as display_location, '0' as mailer_location, ? as _loaded_at, ? as _batch_id",
                [
                    promotion.product,
                    promotion.store,
                    promotion.week,
                    promotion.display,
                    loaded_at,
                    str(number),
                ],
            )


def build(dbt, folder, *arguments):
    dbt.run(folder, "run", "--select", *TABLES, *arguments)
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        return {name: _rows(connection, table, _columns(connection, table)) for name, table in TABLES.items()}


def latest_lines(deliveries):
    """The version of each line that counts: of the last delivery that has a good one, the largest."""
    latest = {}
    for number, delivery in enumerate(deliveries):
        loaded_at = FIRST_DAY + dt.timedelta(days=number)
        good = [line for line in delivery.lines if line.quantity >= 0]
        for line in sorted(good, key=lambda line: (line.cents, line.quantity)):
            latest[line.key] = (line.quantity, Decimal(line.cents) / 100, loaded_at)
    return latest


def held_lines(folder):
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        rows = connection.execute(
            "select order_line_id, quantity, sales_amount, loaded_at from core.fct_order_lines"
        ).fetchall()
    return {key: (quantity, amount, loaded_at) for key, quantity, amount, loaded_at in rows}


@example(EVERY_KIND)
@given(DELIVERIES)
@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_after_every_delivery_as_after_a_full_refresh(dbt, new_warehouse, full_refresh, deliveries):
    folder = new_warehouse()
    for number, delivery in enumerate(deliveries):
        deliver(folder, number, delivery)
        assert build(dbt, folder) == full_refresh(folder)
        assert held_lines(folder) == latest_lines(deliveries[: number + 1])


def test_nothing_new_changes_nothing(dbt, new_warehouse, full_refresh):
    folder = new_warehouse()
    for number, delivery in enumerate(EVERY_KIND):
        deliver(folder, number, delivery)
    at_once = build(dbt, folder)
    assert build(dbt, folder) == at_once
    assert build(dbt, folder, "--full-refresh") == at_once == full_refresh(folder)


def test_each_source_is_loaded_by_its_own_clock(dbt, new_warehouse):
    """A source that was loaded yesterday does not hide what another one delivers with an older date."""
    folder = new_warehouse()
    deliver(folder, 0, EVERY_KIND[0])
    build(dbt, folder)
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        for table, keys in (
            ("fct_order_lines", "'elsewhere:1:1' as order_line_id, 'elsewhere:1' as order_id"),
            ("fct_orders", "'elsewhere:1' as order_id"),
        ):
            connection.execute(
                f"insert into core.{table} select * replace ({keys}, 'elsewhere' as source_system, "
                f"timestamp '2030-01-01' as loaded_at) from core.{table} limit 1"
            )
    deliver(folder, 1, EVERY_KIND[1])
    rows = build(dbt, folder)
    assert "complete_journey:1:3" in {row[0] for row in rows["fct_order_lines"]}
    assert any(row[0] == "complete_journey:1" and Decimal("6.50") in row for row in rows["fct_orders"])
