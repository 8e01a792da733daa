"""The default data lands whole."""

from __future__ import annotations

from dataclasses import replace

import pytest
from shop import rows

from orchestration.ingestion.entries import load_entry
from orchestration.ingestion.landing import land
from orchestration.settings import Settings

pytestmark = [pytest.mark.tier1, pytest.mark.slow]

# promotions, 20,940,529 rows, is left to the whole graph's own test: it outlasts all the others.
ROW_COUNTS = {
    "transactions": 1_469_307,
    "products": 92_331,
    "demographics": 801,
    "campaign_descriptions": 27,
    "campaigns": 6_589,
    "coupons": 116_204,
    "coupon_redemptions": 2_102,
}


def test_row_counts_and_sales(settings: Settings) -> None:
    whole = load_entry("complete_journey")
    assert whole.tables.keys() == {*ROW_COUNTS, "promotions"}
    entry = whole.model_copy(update={"tables": {name: whole.tables[name] for name in ROW_COUNTS}})
    landed = land(replace(settings, data=None, sources=("complete_journey",)), entry)
    assert {batch.table_name: batch.row_count for batch in landed} == ROW_COUNTS
    assert [batch.extra_columns for batch in landed] == [[]] * len(ROW_COUNTS)
    sales = rows(settings, "select round(sum(sales_value), 2) from raw_complete_journey.transactions")
    assert sales == [(4_596_039.58,)]
