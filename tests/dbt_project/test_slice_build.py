"""The whole graph on a small slice, with faults planted among its rows."""

from __future__ import annotations

import planted_faults
import pytest
from filled_by_others import FILLED_BY_OTHERS

pytestmark = pytest.mark.tier3

# What the rows of each raw table become, once they are accepted.
HELD = {
    "transactions": "select count(*) from core.fct_order_lines",
    "products": "select count(*) from core.dim_products where is_catalogued",
    "demographics": "select count(*) from core.dim_customer_records where household_size is not null",
    "campaigns": "select count(*) from core.fct_campaign_sends",
    "campaign_descriptions": "select count(*) from core.dim_campaigns",
    "coupons": "select count(*) from core.bdg_coupon_products",
    "coupon_redemptions": "select count(*) from core.fct_coupon_redemptions",
    "promotions": "select sum(store_count) from core.fct_promotions",
}


@pytest.mark.tier2
def test_unit_tests_pass(dbt, built):
    statuses = dbt.run(built, "test", "--select", "test_type:unit")
    told = {name: status for name, status in statuses.items() if name.startswith("unit_test.")}
    assert len(told) >= 30
    assert set(told.values()) == {"pass"}


def test_faults_end_in_quarantine_with_their_reason(query):
    natural = query(
        "select count(*) - count(distinct (coupon_upc, product_id, campaign_id)) as repeated "
        "from raw_complete_journey.coupons where _batch_id = 'slice'"
    )
    expected = planted_faults.quarantined_counts()
    expected["coupons", "exact duplicate"] += int(natural["repeated"][0])
    found = query("select source_table, reason, quarantined_row_count from quality.quarantine_reasons")
    counts = {(row.source_table, row.reason): row.quarantined_row_count for row in found.itertuples()}
    assert counts == expected


def test_what_landed_is_accepted_or_quarantined(query):
    summary = query("select * from quality.quarantine_summary").set_index("source_table")
    assert set(summary.index) == set(HELD)
    for table, held in HELD.items():
        row = summary.loc[table]
        assert row.landed_row_count == query(f"select count(*) from raw_complete_journey.{table}").iloc[0, 0]
        assert row.landed_row_count == row.accepted_row_count + row.quarantined_row_count
        assert row.accepted_row_count == query(held).iloc[0, 0], table


def test_a_quarantined_row_can_be_read(query):
    rows = query("select * from quality.quarantine where reason = 'dated after it was loaded'")
    assert set(rows["source_table"]) == {"transactions", "coupon_redemptions"}
    assert rows["row_content"].str.contains("2031-01-01").all()
    assert set(rows["batch_id"]) == {"faults"}


def test_an_unknown_product_keeps_its_sale(query):
    sold = query(
        "select products.product_id, products.is_catalogued, products.category_id "
        "from core.dim_products as products inner join core.fct_order_lines using (product_id) "
        "where products.product_id like 'complete_journey:9900000%' order by all"
    )
    assert sold.values.tolist() == [
        [f"complete_journey:{planted_faults.UNKNOWN_PRODUCT}", False, "unclassified"],
        [f"complete_journey:{planted_faults.NAMELESS_PRODUCT}", False, "unclassified"],
    ]


def test_words_for_no_value_are_no_value(query):
    household = query(
        "select age_band, income_band, household_size from marts.dim_customers "
        "inner join identity.bdg_customer_keys using (customer_id) "
        f"where customer_key = 'complete_journey:{planted_faults.HOUSEHOLD_WITHOUT_AGE}'"
    )
    assert household["age_band"].isna().all()
    assert household["income_band"].isna().all()
    assert household["household_size"].notna().all()
    product = query(
        "select source_category from core.dim_products where product_id = 'complete_journey:99000004'"
    )
    assert product["source_category"].isna().all()


def test_a_household_that_never_bought_is_a_prospect(query):
    household = query(
        "select lifecycle_stage, order_count, rfm_segment from marts.dim_customers "
        "inner join identity.bdg_customer_keys using (customer_id) "
        f"where customer_key = 'complete_journey:{planted_faults.HOUSEHOLD_THAT_NEVER_BOUGHT}'"
    )
    assert household.values.tolist() == [["prospect", 0, None]]


def test_a_corrected_line_holds_its_later_amount(query):
    lines = query("select max(sales_amount) as largest, count(*) as line_count from core.fct_order_lines")
    corrected = query(
        "select sales_value from raw_complete_journey.transactions "
        f"where _batch_id = '{planted_faults.CORRECTION}'"
    )
    assert float(lines["largest"][0]) == pytest.approx(corrected["sales_value"][0])


def test_every_column_that_is_there_is_described(dbt, query):
    """From core on contracts see to it; in staging nothing else does."""
    found = query(
        "select table_name, list(column_name) as columns from information_schema.columns "
        "where table_schema = 'staging' group by all"
    )
    for table in found.itertuples():
        node = dbt.manifest.nodes[f"model.insight.{table.table_name}"]
        assert set(table.columns) == set(node.columns), table.table_name


def test_no_column_is_empty(query):
    tables = query(
        "select table_schema, table_name, list(column_name) as columns from information_schema.columns "
        "where table_schema in ('core', 'identity', 'marts', 'features') "
        "and table_name not in ('int_customer_rules__unioned') group by all"
    )
    counts = " union all ".join(
        f"select '{table.table_name}' as table_name, '{column}' as column_name, count(*) as row_count, "
        f'count("{column}") as filled from {table.table_schema}.{table.table_name}'
        for table in tables.itertuples()
        for column in table.columns
    )
    empty = query(f"select table_name, column_name from ({counts}) where row_count > 0 and filled = 0")
    assert {tuple(row) for row in empty.values} == FILLED_BY_OTHERS
