"""The public sources, from files in their shapes to core: their data itself is not ours to hand out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import dbt_runs
import duckdb
import public_deliveries
import pytest
from dbt_runs import DbtRuns

from orchestration.ingestion.entries import load_entry
from orchestration.ingestion.landing import land
from orchestration.settings import Settings

pytestmark = pytest.mark.tier3

SOURCES = ("eshop_clickstream", "olist")

# Facts by what they say; when a row landed differs between two warehouses, and may.
FACTS = {
    "fct_order_lines": """
        order_line_id, order_id, customer_key, product_id, quantity, sales_amount, is_return,
        occurred_at, known_at
    """,
    "fct_orders": "order_id, customer_key, line_count, sales_amount, is_return, occurred_at",
    "fct_payments": "payment_id, order_id, customer_key, payment_method, payment_amount, occurred_at",
    "fct_feedback": "feedback_id, order_id, customer_key, score, feedback_text, language, occurred_at",
    "fct_behaviour_events": "event_id, visitor_key, product_id, page_path, occurred_at",
    "fct_leads": "lead_id, account_id, lead_status, occurred_at, converted_at",
    "fct_opportunities": "opportunity_id, lead_id, account_id, closed_at",
    "dim_customer_records": "customer_key, city, postal_code, first_known_at, last_changed_at",
    "dim_accounts": "account_id, city, industry, first_known_at",
}


@pytest.fixture(scope="module")
def public_dbt(dbt_project_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DbtRuns]:
    """The project parsed with the public sources enabled, and no other."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(dbt_runs.SETTINGS, "WAREHOUSE_SOURCES", ",".join(SOURCES))
        yield DbtRuns(dbt_project_dir, tmp_path_factory.mktemp("dbt"))


@pytest.fixture(scope="module")
def build(public_dbt: DbtRuns) -> Callable[[Path, Path], Path]:
    """Land what lies in a folder and build core from it, in a warehouse that may be there already."""

    def run(arrivals: Path, warehouse_dir: Path) -> Path:
        settings = Settings(
            sources=SOURCES,
            data=str(arrivals),
            warehouse_dir=warehouse_dir,
            engine="duckdb",
            as_of=None,
            memory_limit="1GB",
        )
        for source in SOURCES:
            land(settings, load_entry(source))
        selection = [f"+{name}" for name in [*FACTS, "quarantine_summary", "dim_products"]]
        untested = ("--exclude-resource-type", "unit_test", "--indirect-selection", "buildable")
        public_dbt.run(warehouse_dir, "build", *untested, "--select", *selection)
        return warehouse_dir

    return run


def ask(warehouse_dir: Path, query: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(warehouse_dir / "build.duckdb"), read_only=True) as connection:
        return connection.execute(query).fetchall()


def facts(warehouse_dir: Path) -> dict[str, list[tuple[Any, ...]]]:
    return {
        name: ask(warehouse_dir, f"select {columns} from core.{name} order by all")
        for name, columns in FACTS.items()
    }


@pytest.fixture(scope="module")
def whole(build: Callable[[Path, Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All files at once; the data tests have passed."""
    folder = tmp_path_factory.mktemp("whole")
    public_deliveries.deliver_marketplace(folder / "arrivals")
    public_deliveries.deliver_clicks(folder / "arrivals")
    public_deliveries.deliver_orders(folder / "arrivals", "orders.parquet", ["o1", "o2", "o3"])
    return build(folder / "arrivals", folder / "warehouse")


def test_unit_tests_of_the_public_sources_pass(public_dbt: DbtRuns, whole: Path) -> None:
    statuses = public_dbt.run(
        whole, "test", "--select", *(f"staging.{name},test_type:unit" for name in SOURCES)
    )
    told = {name: status for name, status in statuses.items() if name.startswith("unit_test.")}
    assert len(told) > 10
    assert set(told.values()) == {"pass"}


def test_an_order_is_the_sum_of_its_items_and_their_freight_and_so_of_its_payments(whole: Path) -> None:
    orders = ask(whole, "select order_id, sales_amount from core.fct_orders where not is_return order by 1")
    paid = ask(whole, "select order_id, sum(payment_amount) from core.fct_payments group by 1 order by 1")
    assert orders == paid
    assert [order_id for order_id, _ in orders] == ["olist:o1", "olist:o2", "olist:o3"]


def test_a_cancelled_order_leaves_no_sales(whole: Path) -> None:
    lines = ask(
        whole,
        """
        select order_id, sum(sales_amount), min(is_return), max(is_return)
        from core.fct_order_lines where order_id like 'olist:o3%' group by 1 order by 1
        """,
    )
    assert [order_id for order_id, *_ in lines] == ["olist:o3", "olist:o3:cancelled"]
    assert sum(amount for _, amount, *_ in lines) == 0
    assert [is_return for *_, is_return in lines] == [False, True]


def test_clicks_become_views_in_sessions_that_nobody_is_known_in(whole: Path) -> None:
    events = ask(
        whole,
        """
        select event_name, visitor_key, customer_key, product_id from core.fct_behaviour_events
        order by visitor_key, occurred_at
        """,
    )
    assert events == [
        ("Product Viewed", "eshop_clickstream:1", None, "eshop_clickstream:A13"),
        ("Product Viewed", "eshop_clickstream:1", None, "eshop_clickstream:B4"),
        ("Product Viewed", "eshop_clickstream:2", None, "eshop_clickstream:P67"),
    ]


def test_landed_is_accepted_and_quarantined(whole: Path) -> None:
    summary = ask(
        whole, "select source_table, accepted_row_count, landed_row_count from quality.quarantine_summary"
    )
    assert len(summary) == 11
    assert [table for table, accepted, landed in summary if accepted != landed] == []


def test_orders_that_come_after_their_items_are_taken_in(
    build: Callable[[Path, Path], Path], whole: Path, tmp_path: Path
) -> None:
    """An extract of the orders keeps out what belongs to the others; the rest of them brings it in."""
    arrivals = tmp_path / "arrivals"
    public_deliveries.deliver_marketplace(arrivals)
    public_deliveries.deliver_clicks(arrivals)
    public_deliveries.deliver_orders(arrivals, "orders_1.parquet", ["o2"])
    warehouse_dir = build(arrivals, tmp_path / "warehouse")
    kept_out = ask(
        warehouse_dir, "select source_table, reason, count(*) from quality.quarantine group by all"
    )
    assert sorted(kept_out) == [
        ("customers", "order is not in the extract", 2),
        ("order_items", "order is not in the extract", 3),
        ("order_payments", "order is not in the extract", 3),
        ("order_reviews", "order is not in the extract", 2),
    ]
    assert facts(warehouse_dir) != facts(whole)

    public_deliveries.deliver_orders(arrivals, "orders_2.parquet", ["o1", "o3"])
    build(arrivals, tmp_path / "warehouse")
    assert ask(warehouse_dir, "select count(*) from quality.quarantine") == [(0,)]
    assert facts(warehouse_dir) == facts(whole)
