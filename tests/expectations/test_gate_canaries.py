"""For every check of every gate: a batch that breaks this one rule turns this one check red."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from expectations.report import GateReport
from expectations.runner import validate
from expectations.suites import Check, arrival_suite
from tests.support.gate_suites import SHOP_CONTRACT, SUITES, url_of

pytestmark = [pytest.mark.tier1, pytest.mark.slow]

CUSTOMERS = "marts.dim_customers"
SCORES = "ml.customer_scores"
LIFECYCLE = "marts.fct_customer_lifecycle"
ORDERS = "core.fct_orders"
LINES = "core.fct_order_lines"
PRODUCTS = "core.dim_products"
QUARANTINE = "quality.quarantine_summary"
LABELS = "features.label_customers__churn"
RHYTHM = "features.feat_customers__rhythm"
RAW = "raw_shop.orders"

COUNT = "expect_table_row_count_to_be_between"
LABELLED = f"{COUNT}(churn_label)"
FILLED = "expect_column_values_to_not_be_null"
RANGE = "expect_column_values_to_be_between"
LISTED = "expect_column_values_to_be_in_set"
MEAN = "expect_column_mean_to_be_between"
SUM = "expect_column_sum_to_be_between"
FILLED_SHARE = "expect_column_proportion_of_non_null_values_to_be_between"
COLUMNS = "expect_table_columns_to_match_set"

# What each check must notice: (schema.table, label of the check) -> SQL that breaks the good batch.
CANARIES = {
    # training
    (LABELS, LABELLED): f"delete from {LABELS} where churn_label = 0 and hash(customer_id) % 5 < 3",
    (
        LABELS,
        f"{LABELLED} vs last",
    ): f"update {LABELS} set churn_label = null where hash(customer_id) % 10 < 3",
    (
        LABELS,
        f"{FILLED}(customer_id)",
    ): f"update {LABELS} set customer_id = null where customer_id = 'customer-7'",
    (
        LABELS,
        f"{FILLED}(as_of_date)",
    ): f"update {LABELS} set as_of_date = null where customer_id = 'customer-7'",
    (
        LABELS,
        f"{LISTED}(churn_label)",
    ): f"update {LABELS} set churn_label = 2 where customer_id = 'customer-7'",
    (LABELS, f"{MEAN}(churn_label)"): f"update {LABELS} set churn_label = 0 where churn_label = 1",
    (LABELS, f"{MEAN}(churn_label) vs last"): (
        f"update {LABELS} set churn_label = 1 where churn_label = 0 and hash(customer_id) % 3 = 0"
    ),
    (RHYTHM, COUNT): f"delete from {RHYTHM} where hash(customer_id) % 10 < 6",
    (RHYTHM, f"{COUNT} vs last"): f"delete from {RHYTHM} where hash(customer_id) % 10 < 3",
    (
        RHYTHM,
        f"{FILLED}(customer_id)",
    ): f"update {RHYTHM} set customer_id = null where customer_id = 'customer-7'",
    (
        RHYTHM,
        f"{FILLED}(as_of_date)",
    ): f"update {RHYTHM} set as_of_date = null where customer_id = 'customer-7'",
    (
        RHYTHM,
        f"{RANGE}(recency_days)",
    ): f"update {RHYTHM} set recency_days = -1 where customer_id = 'customer-7'",
    (RHYTHM, f"{RANGE}(shopping_days_28d)"): (
        f"update {RHYTHM} set shopping_days_28d = 29 where customer_id = 'customer-7'"
    ),
    (RHYTHM, f"{MEAN}(recency_days) vs last"): f"update {RHYTHM} set recency_days = 3 * recency_days",
    (
        RHYTHM,
        f"{MEAN}(shopping_days_28d) vs last",
    ): f"update {RHYTHM} set shopping_days_28d = 0.4 * shopping_days_28d",
    # publishing
    (CUSTOMERS, COUNT): f"delete from {CUSTOMERS}",
    (CUSTOMERS, f"{COUNT} vs last"): f"delete from {CUSTOMERS} where lifecycle_stage = 'prospect'",
    (CUSTOMERS, f"{FILLED}(customer_id)"): (
        f"update {CUSTOMERS} set customer_id = null where customer_id = 'customer-7'"
    ),
    (CUSTOMERS, f"{FILLED}(lifecycle_stage)"): (
        f"update {CUSTOMERS} set lifecycle_stage = null where customer_id = 'customer-7'"
    ),
    (CUSTOMERS, f"{LISTED}(lifecycle_stage)"): (
        f"update {CUSTOMERS} set lifecycle_stage = 'zombie' where customer_id = 'customer-7'"
    ),
    (CUSTOMERS, f"{RANGE}(recency_days)"): (
        f"update {CUSTOMERS} set recency_days = -3 where customer_id = 'customer-7'"
    ),
    (CUSTOMERS, f"{MEAN}(recency_days) vs last"): f"update {CUSTOMERS} set recency_days = recency_days + 730",
    (SCORES, COUNT): f"delete from {SCORES}",
    (SCORES, f"{RANGE}(churn_score)"): (
        f"update {SCORES} set churn_score = 1.2 where customer_id = 'customer-7'"
    ),
    (SCORES, f"{MEAN}(churn_score) vs last"): f"update {SCORES} set churn_score = null",
    (CUSTOMERS, f"{FILLED_SHARE}(rfm_segment) vs last"): (
        f"update {CUSTOMERS} set rfm_segment = null where hash(customer_id) % 5 = 0"
    ),
    (CUSTOMERS, f"{SUM}(sales_amount) vs last"): f"update {CUSTOMERS} set sales_amount = 0.8 * sales_amount",
    (LIFECYCLE, COUNT): f"delete from {LIFECYCLE}",
    (LIFECYCLE, f"{COUNT} vs last"): f"delete from {LIFECYCLE} where hash(customer_id) % 5 = 0",
    (LIFECYCLE, f"{LISTED}(lifecycle_stage)"): (
        f"update {LIFECYCLE} set lifecycle_stage = 'zombie' where customer_id = 'customer-7'"
    ),
    (ORDERS, COUNT): f"delete from {ORDERS}",
    (ORDERS, f"{COUNT} vs last"): f"delete from {ORDERS} where customer_key is null",
    (ORDERS, f"{RANGE}(line_count)"): f"update {ORDERS} set line_count = 0 where order_id = 'order-7'",
    (ORDERS, f"{FILLED_SHARE}(customer_key) vs last"): (
        f"update {ORDERS} set customer_key = null where hash(order_id) % 5 = 0"
    ),
    (ORDERS, f"{SUM}(sales_amount) vs last"): f"update {ORDERS} set sales_amount = 0.8 * sales_amount",
    (LINES, COUNT): f"delete from {LINES}",
    (LINES, f"{COUNT} vs last"): f"delete from {LINES} where sales_amount = 0",
    (
        LINES,
        f"{FILLED}(occurred_at)",
    ): f"update {LINES} set occurred_at = null where order_line_id = 'line-7'",
    (LINES, f"{FILLED}(product_id)"): f"update {LINES} set product_id = null where hash(order_id) % 50 = 0",
    (LINES, f"{FILLED}(quantity)"): f"update {LINES} set quantity = null where hash(order_id) % 50 = 0",
    (
        LINES,
        f"{FILLED}(sales_amount)",
    ): f"update {LINES} set sales_amount = null where hash(order_id) % 50 = 0",
    (LINES, f"{SUM}(sales_amount)"): f"update {LINES} set sales_amount = -sales_amount",
    (LINES, f"{SUM}(sales_amount) vs last"): f"update {LINES} set sales_amount = 0.8 * sales_amount",
    (LINES, f"{MEAN}(sales_amount) vs last"): f"update {LINES} set sales_amount = 100 * sales_amount",
    (LINES, f"{MEAN}(quantity) vs last"): f"update {LINES} set quantity = 1000 * quantity",
    (PRODUCTS, COUNT): f"delete from {PRODUCTS}",
    (PRODUCTS, f"{COUNT} vs last"): f"delete from {PRODUCTS} where hash(product_id) % 4 = 0",
    (QUARANTINE, COUNT): f"delete from {QUARANTINE}",
    (QUARANTINE, f"{RANGE}(broken_share)"): (
        f"update {QUARANTINE} set broken_share = 0.11 where source_table = 'table-1'"
    ),
    # arrival
    (RAW, COUNT): f"delete from {RAW} where hash(order_id) % 10 < 6",
    (RAW, f"{COUNT} vs last"): f"delete from {RAW} where hash(order_id) % 10 < 3",
    (RAW, COLUMNS): f"alter table {RAW} drop column channel",
    (RAW, f"{FILLED}(order_id)"): f"update {RAW} set order_id = null where hash(order_id) % 50 = 0",
    (RAW, f"{FILLED}(customer)"): f"update {RAW} set customer = null where hash(order_id) % 5 = 0",
    (RAW, f"{RANGE}(amount)"): f"update {RAW} set amount = -1 where hash(order_id) % 50 = 0",
    (RAW, f"{LISTED}(channel)"): f"update {RAW} set channel = 'fax' where hash(order_id) % 50 = 0",
    (RAW, f"{RANGE}(ordered_at)"): (
        f"update {RAW} set ordered_at = timestamp '1970-01-01' where hash(order_id) % 50 = 0"
    ),
    (RAW, f"{FILLED}(remark)"): f"update {RAW} set remark = null where hash(order_id) % 50 = 0",
}

CHECKS = [
    pytest.param(gate, table, check, id=f"{gate}-{table}-{check.label}")
    for gate, suite in SUITES.items()
    for table, check in suite.checks()
]


def red_labels(report: GateReport, checks: list[Check]) -> list[str]:
    # The report has one row per check, in declared order.
    return [
        check.label for check, passed in zip(checks, report.results["is_passed"], strict=True) if not passed
    ]


@pytest.mark.parametrize("gate", SUITES)
def test_the_good_batch_passes(gate: str, good_reports: dict[str, GateReport]) -> None:
    assert good_reports[gate].results["is_passed"].all(), good_reports[gate].summary()


@pytest.mark.parametrize("gate", SUITES)
def test_the_good_batch_passes_again(gate: str, good_warehouse: Path, good_history: pd.DataFrame) -> None:
    report = validate(SUITES[gate], url_of(good_warehouse), "again", history=good_history)
    assert report.results["is_passed"].all(), report.summary()
    relative = [check.relative_to_last is not None for _, check in SUITES[gate].checks()]
    assert report.results.loc[relative, ["expected_min", "expected_max"]].notna().any(axis=1).all()


@pytest.mark.parametrize(("gate", "table", "check"), CHECKS)
def test_a_broken_batch_turns_exactly_this_check_red(
    gate: str,
    table: str,
    check: Check,
    changed: Callable[[str], Path],
    good_history: pd.DataFrame,
) -> None:
    assert (table, check.label) in CANARIES, f"{table}: {check.label} has no canary; add one that breaks it."
    path = changed(CANARIES[table, check.label])
    # Fixed bounds have to hold on a first run; what is relative needs something to be relative to.
    history = good_history if check.relative_to_last else None
    report = validate(SUITES[gate].only(table), url_of(path), "canary", history=history)
    assert red_labels(report, SUITES[gate].tables[table]) == [check.label], report.summary()
    assert report.passed == (check.severity == "warning")
    (message,) = report.results.loc[~report.results["is_passed"], "message"]
    assert message.startswith(table)
    assert message.endswith(check.why)


def test_no_canary_outlives_its_check() -> None:
    declared = {(table, check.label) for suite in SUITES.values() for table, check in suite.checks()}
    assert set(CANARIES) <= declared


def test_a_broken_day_does_not_drown_in_the_days_before(changed: Callable[[str], Path]) -> None:
    url = url_of(
        changed(f"update {RAW} set amount = -1 where _loaded_at = timestamp '2017-02-02' and amount > 4")
    )
    assert validate(SUITES["arrival_shop"], url, "whole").passed
    suite = arrival_suite("shop", SHOP_CONTRACT, landed_since={"orders": datetime(2017, 2, 2)})
    report = validate(suite, url, "the last day")
    assert red_labels(report, suite.tables[RAW]) == [f"{RANGE}(amount)"]
    (message,) = report.failures["message"]
    assert "0.99 of the new rows" in message
    assert "5 of 10 rows break it" in message
