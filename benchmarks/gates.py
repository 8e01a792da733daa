"""A gate against the same checks as plain queries."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from benchmarks.measuring import Result, interleaved, seconds
from benchmarks.warehouses import landed
from expectations.runner import validate
from expectations.suites import Check, Suite
from orchestration import warehouse
from orchestration.settings import Settings

TABLE = "bench.order_lines"
# A gate costs a fixed tenth of a second or two; it is there for tables of some millions of rows.
COPIES = 4
KEYS = [
    "household_id",
    "store_id",
    "basket_id",
    "product_id",
    "quantity",
    "sales_value",
    "transaction_timestamp",
]
RANGES = {
    "household_id": (1, 10_000),
    "store_id": (1, 100_000),
    "quantity": (0, 100_000),
    "sales_value": (0, 1_000),
    "retail_disc": (0, 1_000),
    "coupon_disc": (0, 1_000),
    "coupon_match_disc": (0, 1_000),
    "week": (1, 53),
}
MEANS = {"sales_value": (0, 10), "quantity": (0, 1_000), "retail_disc": (0, 10), "coupon_disc": (0, 10)}


def measure() -> Result:
    """Check 5.9 M landed lines twenty ways, five times each; the import is not counted."""
    folder = Path(tempfile.mkdtemp(prefix="bench_"))
    try:
        settings = landed(folder)
        with warehouse.writing(settings) as connection:
            connection.execute("create schema bench")
            connection.execute(
                f"create table {TABLE} as select rows.* from raw_complete_journey.transactions as rows "
                f"cross join range({COPIES}) as copies"
            )
        validate(_suite(), _url(settings), run_id="warm-up")
        ours, other = interleaved(
            lambda: seconds(lambda: validate(_suite(), _url(settings), run_id="bench")),
            lambda: seconds(lambda: _query_plainly(settings)),
            rounds=5,
        )
    finally:
        shutil.rmtree(folder)
    return Result(
        name="gate",
        ratio=ours / other,
        goal=2.5,
        ours=ours,
        other=other,
        unit="s",
        note=f"{len(_suite())} expectations on 5.9 M order lines / as many plain queries, import excluded",
    )


def _url(settings: Settings) -> str:
    return f"duckdb:///{settings.build_path}"


def _suite() -> Suite:
    checks = [Check(expect="expect_table_row_count_to_be_between", kwargs={"min_value": 1}, why="bench")]
    checks += [
        Check(expect="expect_column_values_to_not_be_null", kwargs={"column": column}, why="bench")
        for column in KEYS
    ]
    checks += [
        Check(
            expect="expect_column_values_to_be_between",
            kwargs={"column": column, "min_value": low, "max_value": high},
            why="bench",
        )
        for column, (low, high) in RANGES.items()
    ]
    checks += [
        Check(
            expect="expect_column_mean_to_be_between",
            kwargs={"column": column, "min_value": low, "max_value": high},
            why="bench",
        )
        for column, (low, high) in MEANS.items()
    ]
    return Suite(gate="bench", tables={TABLE: checks})


def _query_plainly(settings: Settings) -> None:
    # As a gate does, each query tells how many rows it saw and how many are broken.
    queries = [f"select count(*) from {TABLE}"]
    queries += [
        f"select count(*), sum(case when {column} is null then 1 else 0 end) from {TABLE}" for column in KEYS
    ]
    queries += [
        f"select count({column}), sum(case when {column} between {low} and {high} then 0 else 1 end) "
        f"from {TABLE}"
        for column, (low, high) in RANGES.items()
    ]
    queries += [f"select avg({column}) from {TABLE}" for column in MEANS]
    with warehouse.writing(settings) as connection:
        for query in queries:
            connection.execute(query).fetchall()
