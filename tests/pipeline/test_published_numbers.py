"""One build of all the default data: the numbers that the source is known for, in the publication."""

from __future__ import annotations

import os
import sys
from decimal import Decimal
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "dbt_project"))

from filled_by_others import FILLED_BY_OTHERS
from installations import Installation

DEFAULT_SOURCE = "complete_journey"
ENABLED = [name.strip() for name in os.environ.get("WAREHOUSE_SOURCES", DEFAULT_SOURCE).split(",")]

pytestmark = [
    pytest.mark.tier3,
    pytest.mark.builds(4),
    pytest.mark.timeout(1800),
    pytest.mark.skipif(DEFAULT_SOURCE not in ENABLED, reason=f"{DEFAULT_SOURCE} is switched off"),
]

LANDED = {
    "campaign_descriptions": 27,
    "campaigns": 6_589,
    "coupon_redemptions": 2_102,
    "coupons": 116_204,
    "demographics": 801,
    "products": 92_331,
    "promotions": 20_940_529,
    "transactions": 1_469_307,
}
EXACT_DUPLICATE_COUPONS = 4_872


@pytest.fixture(scope="session")
def full(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The default source, whole, in a warehouse of its own."""
    variables = {"WAREHOUSE_SOURCES": DEFAULT_SOURCE}
    installation = Installation(tmp_path_factory.mktemp("full"), variables, has_own_data=False)
    installation.build()
    return installation


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("count(*) from core.fct_order_lines", 1_469_307),
        ("sum(sales_amount) from core.fct_order_lines", Decimal("4596039.58")),
        ("count(*) from core.fct_orders", 155_848),
        ("sum(sales_amount) from core.fct_orders", Decimal("4596039.58")),
        ("count(*) from marts.dim_customers", 2_469),
        ("sum(sales_amount) from marts.dim_customers", Decimal("4596039.58")),
        ("sum(sales_amount) from marts.fct_sales_daily", Decimal("4596039.58")),
        ("count(*) from core.dim_stores", 457),
        ("count(*) from core.dim_campaigns", 27),
        ("count(*) from core.fct_campaign_sends", 6_589),
        ("count(*) from core.fct_coupon_redemptions", 2_102),
        ("count(*) from core.dim_products where is_catalogued", 92_331),
        ("count(*) from core.dim_products where not is_catalogued", 20),
        ("count(*) from core.dim_products where not is_catalogued and is_sold", 17),
        ("count(*) from core.dim_products where not is_catalogued and is_couponed", 6),
        ("count(*) from core.dim_products where not is_catalogued and is_sold and is_couponed", 3),
        ("count(*) from core.bdg_coupon_products", LANDED["coupons"] - EXACT_DUPLICATE_COUPONS),
        ("count(*) from core.fct_order_lines where is_zero_quantity", 8_869),
        ("sum(row_count) from quality.data_notes where note = 'order lines with quantity zero'", 8_869),
    ],
)
def test_number(full: Installation, measure: str, expected: int | Decimal) -> None:
    assert full.published(f"select {measure}") == [(expected,)]


def test_only_exact_duplicates_of_coupons_are_kept_out(full: Installation) -> None:
    assert full.published(
        "select source_table, reason, quarantined_row_count from quality.quarantine_reasons"
    ) == [("coupons", "exact duplicate", EXACT_DUPLICATE_COUPONS)]


def test_what_landed_was_accepted_or_is_in_quarantine(full: Installation) -> None:
    rows = full.published(
        "select source_table, landed_row_count, accepted_row_count, quarantined_row_count "
        "from quality.quarantine_summary"
    )
    assert {table: landed for table, landed, _, _ in rows} == LANDED
    assert all(landed == accepted + kept_out for _, landed, accepted, kept_out in rows)


def test_what_is_accepted_is_in_core(full: Installation) -> None:
    accepted = dict(full.published("select source_table, accepted_row_count from quality.quarantine_summary"))
    in_core = {
        "campaign_descriptions": "count(*) from core.dim_campaigns",
        "campaigns": "count(*) from core.fct_campaign_sends",
        "coupon_redemptions": "count(*) from core.fct_coupon_redemptions",
        "coupons": "count(*) from core.bdg_coupon_products",
        "demographics": "count(*) from core.dim_customer_records where age_band is not null",
        "products": "count(*) from core.dim_products where is_catalogued",
        "promotions": "sum(store_count) from core.fct_promotions",
        "transactions": "count(*) from core.fct_order_lines",
    }
    assert {table: full.published(f"select {query}")[0][0] for table, query in in_core.items()} == accepted


def test_no_column_is_empty(full: Installation) -> None:
    tables = full.published(
        "select schema_name || '.' || table_name, list(column_name) from duckdb_columns() "
        "where schema_name in ('core', 'marts') group by all order by all"
    )
    names = {table.partition(".")[2] for table, _ in tables}
    empty = []
    for table, columns in tables:
        counted = ", ".join(f'count("{column}")' for column in columns)
        rows, *counts = full.published(f"select count(*), {counted} from {table}")[0]
        # Entities that this source alone does not have are empty tables.
        name = table.partition(".")[2]
        empty += [(name, column) for column, count in zip(columns, counts, strict=True) if rows and not count]
    assert set(empty) == {(name, column) for name, column in FILLED_BY_OTHERS if name in names}


def test_the_churn_model_is_published_with_the_back_tests_that_it_won(full: Installation) -> None:
    [(is_published, verdict)] = full.published(
        "select is_published, verdict from ml.model_runs where predictive_model = 'churn'"
    )
    assert is_published, verdict
    assert verdict.startswith("published")
    origins = full.published(
        """
        select
            origin_date,
            max(metric_value) filter (candidate = 'model'),
            max(metric_value) filter (candidate = 'best_rule')
        from ml.model_backtests
        where predictive_model = 'churn' and metric = 'roc_auc'
        group by origin_date
        """
    )
    assert len(origins) >= 5
    assert [origin for origin, model, best_rule in origins if model <= best_rule] == []


def test_every_customer_of_the_population_has_a_score_and_three_reasons(full: Installation) -> None:
    population = {
        customer
        for (customer,) in full.built(
            "select customer_id from features.label_customers__churn where is_latest"
        )
    }
    # About 2,200 households shop regularly at any date.
    assert len(population) > 2_000
    assert {customer for (customer,) in full.published("select subject_id from ml.scores")} == population
    assert full.published("select count(*) from ml.scores where score not between 0 and 1") == [(0,)]
    assert full.published(
        "select distinct count(distinct reason_rank) from ml.score_reasons group by subject_id"
    ) == [(3,)]
    in_marts = full.published(
        """
        select customer_id
        from ml.customer_scores
        where churn_score between 0 and 1
            and churn_band in ('high', 'medium', 'low')
            and churn_as_of_date is not null
            and churn_reason_1 is not null and churn_reason_2 is not null and churn_reason_3 is not null
        """
    )
    assert {customer for (customer,) in in_marts} == population
    assert full.published(
        "select count(*) from ml.customer_scores anti join marts.dim_customers using (customer_id)"
    ) == [(0,)]
