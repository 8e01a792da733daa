from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from expectations.report import RESULT_COLUMNS, GateReport
from expectations.runner import validate
from expectations.suites import ROW_COUNT, Check, Suite
from tests.support.gate_suites import SUITES, url_of

pytestmark = pytest.mark.tier1

LINES = "core.fct_order_lines"
COUNT = Check(expect=ROW_COUNT, kwargs={"min_value": 1}, why="Empty is useless.")


def suite_of(*checks: Check, table: str = LINES) -> Suite:
    return Suite(gate="testing", tables={table: [COUNT, *checks]})


def check(expect: str, **kwargs: object) -> Check:
    return Check(expect=expect, kwargs=kwargs, why="Because.")


def messages(report: GateReport) -> dict[str, str]:
    return dict(zip(report.results["expectation"], report.results["message"], strict=True))


def test_the_results_have_the_promised_columns(good_reports: dict[str, GateReport]) -> None:
    results = good_reports["publishing"].results
    assert {name: str(kind) for name, kind in results.dtypes.items()} == RESULT_COLUMNS
    assert set(results["run_id"]) == {"good"}
    assert set(results["gate"]) == {"publishing"}
    assert (
        not results.drop(columns=["column_name", "observed_value"]).select_dtypes("str").isna().any(axis=None)
    )


def test_a_check_records_what_it_saw(good_warehouse: Path) -> None:
    suite = suite_of(
        check("expect_column_mean_to_be_between", column="quantity", min_value=0, max_value=10),
        check("expect_column_values_to_be_in_set", column="quantity", value_set=[1, 2], mostly=0.5),
    )
    count, mean, listed = validate(suite, url_of(good_warehouse), "run").results.itertuples()
    assert (count.observed_value, count.observed_number, count.expected_min) == ("4000", 4000, 1)
    assert (mean.column_name, mean.expected_min, mean.expected_max) == ("quantity", 0, 10)
    assert mean.observed_number == pytest.approx(2, abs=0.01)
    assert (listed.unexpected_count, listed.element_count) == (1333, 4000)
    assert listed.unexpected_share == pytest.approx(1333 / 4000)
    assert listed.message == (
        f"{LINES}.quantity: expected only the values 1, 2 in at least 0.5 of the rows; "
        "saw 1,333 of 4,000 rows break it (33.32%)"
    )


def test_a_failure_says_what_was_expected_what_was_seen_and_why_it_matters(good_warehouse: Path) -> None:
    suite = suite_of(check("expect_column_values_to_be_in_set", column="quantity", value_set=[1, 2]))
    report = validate(suite, url_of(good_warehouse), "run")
    assert report.summary() == (
        "Gate testing RED: 2 checks, 1 failed\n"
        f"  FAILED  {LINES}.quantity: expected only the values 1, 2; "
        "saw 1,333 of 4,000 rows break it (33.32%), such as 3. Because."
    )


def test_drift_says_what_it_compares_with(
    changed: Callable[[str], Path], good_history: pd.DataFrame, publishing: Suite
) -> None:
    path = changed("delete from core.dim_products where hash(product_id) % 2 = 0")
    report = validate(publishing.only("core.dim_products"), url_of(path), "run", history=good_history)
    (message,) = report.failures["message"]
    assert "expected a row count of at least 90 (run good saw 100); saw" in message


def test_the_first_run_records_the_reference(good_reports: dict[str, GateReport]) -> None:
    results = good_reports["publishing"].results
    first = results[results["kwargs"].str.contains("relative_to_last")]
    assert first["is_passed"].all()
    assert first["message"].str.endswith("recorded as the reference of the next run").all()
    assert first["observed_number"].notna().all()


def test_history_survives_the_warehouse(
    changed: Callable[[str], Path], good_history: pd.DataFrame, publishing: Suite
) -> None:
    with duckdb.connect() as connection:
        connection.register("history", good_history)
        stored = connection.sql("select * from history").df()
    path = changed("delete from core.dim_products where hash(product_id) % 2 = 0")
    assert not validate(publishing.only("core.dim_products"), url_of(path), "run", history=stored).passed


def test_an_erring_check_hides_no_other(good_warehouse: Path) -> None:
    suite = suite_of(
        check("expect_column_sum_to_be_between", column="order_id", min_value=0),
        check("expect_column_mean_to_be_between", column="product_id", min_value=0),
        check("expect_column_values_to_match_regex", column="order_id", regex="order-.*"),
        check("expect_nothing_of_the_kind"),
        check("expect_column_median_to_be_between", column="quantity", max_values=3),
        check("expect_column_values_to_not_be_null", column="no_such_column"),
        check("expect_column_values_to_be_between", column="quantity", min_value=2, max_value=3),
        check("expect_column_max_to_be_between", column="quantity", max_value=3),
    )
    report = validate(suite, url_of(good_warehouse), "run")
    told = messages(report)
    assert list(report.results["is_passed"]) == [True] + [False] * 7 + [True]
    assert "sum(VARCHAR)" in told["expect_column_sum_to_be_between"]
    assert "DOUBLE, VARCHAR" in told["expect_column_mean_to_be_between"]
    assert "Regex is not supported for dialect duckdb" in told["expect_column_values_to_match_regex"]
    assert "expect_nothing_of_the_kind not found" in told["expect_nothing_of_the_kind"]
    assert "max_values" in told["expect_column_median_to_be_between"]
    assert "there is no column no_such_column" in told["expect_column_values_to_not_be_null"]
    assert "such as 1" in told["expect_column_values_to_be_between"]


def test_a_missing_table_fails_every_check_on_it_and_no_other(good_warehouse: Path) -> None:
    rows = check("expect_column_max_to_be_between", column="quantity", max_value=3)
    suite = Suite(gate="testing", tables={"core.nowhere": [COUNT, rows], LINES: [COUNT]})
    report = validate(suite, url_of(good_warehouse), "run")
    assert list(report.results["is_passed"]) == [False, False, True]
    assert "could not be checked: there is no table core.nowhere" in report.failures["message"].iloc[0]


def test_a_few_broken_rows_may_arrive(changed: Callable[[str], Path]) -> None:
    path = changed(
        "update raw_shop.orders set order_id = null, amount = -1 where order_id in ('order-1', 'order-2')"
    )
    assert validate(SUITES["arrival_shop"], url_of(path), "run").passed


def test_an_optional_column_may_be_missing(changed: Callable[[str], Path]) -> None:
    path = changed("alter table raw_shop.orders drop column remark")
    report = validate(SUITES["arrival_shop"], url_of(path), "run")
    assert report.passed
    assert report.results["message"].iloc[-1].endswith("not checked: there is no column remark")


def test_the_pages_of_a_run_need_no_network(
    good_warehouse: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("A gate tried to reach the network.")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    marked = check(
        "expect_column_values_to_be_in_set", column="product_id", value_set=["<script>alert(1)</script>"]
    )
    products = SUITES["publishing"].only("core.dim_products")
    validate(products, url_of(good_warehouse), "run", docs_dir=tmp_path)
    validate(suite_of(marked), url_of(good_warehouse), "run", docs_dir=tmp_path)
    index = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert index.index('href="publishing/core.dim_products.html"') < index.index(
        f'href="testing/{LINES}.html"'
    )
    page = (tmp_path / "testing" / f"{LINES}.html").read_text(encoding="utf-8")
    assert "Because." in page
    for html in (index, page):
        assert not re.search(r"""(src|href)=["']?(https?:)?//|url\(|@import""", html)
    # Our own rows escape what the data says.
    assert "only the values &lt;script&gt;" in page


def test_a_new_run_starts_the_site_again(good_warehouse: Path, tmp_path: Path) -> None:
    products = SUITES["publishing"].only("core.dim_products")
    validate(products, url_of(good_warehouse), "first", docs_dir=tmp_path)
    validate(suite_of(), url_of(good_warehouse), "second", docs_dir=tmp_path)
    assert not (tmp_path / "publishing").exists()
    assert "Gates of run second" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_importing_the_gates_costs_nothing() -> None:
    heavy = "{'great_expectations', 'duckdb', 'sqlalchemy'}"
    code = f"import sys, expectations.runner; sys.exit(bool({heavy} & sys.modules.keys()))"
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": ":".join(sys.path)})


@pytest.mark.parametrize(("stores", "is_passed"), [("select 'a' as store_id", False), ("select null", True)])
def test_what_no_source_provides_may_be_empty(
    changed: Callable[[str], Path], stores: str, is_passed: bool
) -> None:
    """Without a store nobody sells, and no order is missed; with one, none at all is a fault."""
    path = changed(f"delete from {LINES}; create table core.dim_stores (store_id) as {stores}")
    needed = COUNT.model_copy(update={"only_if_filled": "core.dim_stores.store_id"})
    report = validate(Suite(gate="testing", tables={LINES: [needed]}), url_of(path), "run")
    assert report.passed is is_passed
    assert (
        "not checked: no source fills core.dim_stores.store_id" in messages(report)[ROW_COUNT]
    ) is is_passed


def test_a_condition_that_cannot_be_asked_excuses_nothing(changed: Callable[[str], Path]) -> None:
    path = changed(f"delete from {LINES}")
    needed = COUNT.model_copy(update={"only_if_filled": "core.dim_nothing.store_id"})
    assert not validate(Suite(gate="testing", tables={LINES: [needed]}), url_of(path), "run").passed
