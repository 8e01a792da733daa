"""Rows as they should not arrive, planted into the raw slice; each with what must become of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
from raw_slice import FIRST_DELIVERY, LOADED_AT

REDELIVERED_AT = "2026-01-02 00:00:00"

# Batches whose rows are accepted: odd, but no fault.
CORRECTION = "correction"
ODDITIES = "oddities"

UNKNOWN_PRODUCT = 99_000_001
NAMELESS_PRODUCT = 99_000_002
HOUSEHOLD_WITHOUT_AGE = 62
HOUSEHOLD_THAT_NEVER_BOUGHT = 99_000_005


@dataclass(frozen=True)
class Fault:
    """A row that ends in quarantine: a good row with some columns changed.

    Attributes
    ----------
    changes
        SQL expression by column, put over the values of a good row.
    loaded_at
        When the row arrives; a repeated key that arrives later pushes the earlier version out.
    """

    source_table: str
    reason: str
    changes: dict[str, str] = field(default_factory=dict)
    loaded_at: str = LOADED_AT


FAULTS = [
    Fault("transactions", "key is missing", {"basket_id": "null"}),
    Fault("transactions", "key is missing", {"product_id": "null"}),
    Fault("transactions", "household is missing", {"basket_id": "901", "household_id": "null"}),
    Fault("transactions", "store is missing", {"basket_id": "902", "store_id": "null"}),
    Fault("transactions", "time is missing", {"basket_id": "903", "transaction_timestamp": "null"}),
    Fault(
        "transactions",
        "dated after it was loaded",
        {"basket_id": "904", "transaction_timestamp": "timestamp '2031-01-01 12:00:00'"},
    ),
    Fault("transactions", "quantity is negative or missing", {"basket_id": "905", "quantity": "-1"}),
    Fault("transactions", "quantity is negative or missing", {"basket_id": "906", "quantity": "null"}),
    Fault("transactions", "amount is negative or missing", {"basket_id": "907", "sales_value": "-2.5"}),
    Fault("transactions", "amount is negative or missing", {"basket_id": "908", "sales_value": "null"}),
    Fault("transactions", "discount is negative", {"basket_id": "909", "retail_disc": "-0.5"}),
    Fault("transactions", "discount is negative", {"basket_id": "910", "coupon_disc": "-0.5"}),
    Fault("transactions", "discount is negative", {"basket_id": "911", "coupon_match_disc": "-0.5"}),
    Fault("transactions", "duplicate key"),
    Fault("transactions", "duplicate key", loaded_at=REDELIVERED_AT),
    Fault("products", "key is missing", {"product_id": "null"}),
    Fault("products", "department is missing", {"product_id": "99000003", "department": "null"}),
    Fault("products", "duplicate key", loaded_at=REDELIVERED_AT),
    Fault("demographics", "key is missing", {"household_id": "null"}),
    Fault("demographics", "duplicate key", loaded_at=REDELIVERED_AT),
    Fault("campaigns", "key is missing", {"campaign_id": "null"}),
    Fault("campaigns", "key is missing", {"household_id": "null"}),
    Fault("campaigns", "duplicate key"),
    Fault("campaign_descriptions", "key is missing", {"campaign_id": "null"}),
    Fault("campaign_descriptions", "date is missing", {"campaign_id": "901", "start_date": "null"}),
    Fault(
        "campaign_descriptions",
        "ends before it starts",
        {"campaign_id": "902", "end_date": "start_date - interval 1 day"},
    ),
    Fault("campaign_descriptions", "duplicate key", loaded_at=REDELIVERED_AT),
    Fault("coupons", "key is missing", {"product_id": "null"}),
    Fault("coupons", "exact duplicate"),
    Fault("coupon_redemptions", "key is missing", {"coupon_upc": "null"}),
    Fault("coupon_redemptions", "date is missing", {"redemption_date": "null"}),
    Fault("coupon_redemptions", "dated after it was loaded", {"redemption_date": "timestamp '2031-01-01'"}),
    Fault("coupon_redemptions", "duplicate key"),
    Fault("promotions", "key is missing", {"store_id": "null"}),
    Fault("promotions", "week is out of range", {"week": "0"}),
    Fault("promotions", "week is out of range", {"week": "54"}),
    Fault("promotions", "exact duplicate"),
]

# The words "NaN" and "null" stand for no value in these; a product that no catalogue lists is sold.
ODD_ROWS = [
    ("products", ODDITIES, LOADED_AT, {"product_id": "99000004", "product_category": "'NaN'"}),
    (
        "demographics",
        ODDITIES,
        LOADED_AT,
        {"household_id": str(HOUSEHOLD_WITHOUT_AGE), "age": "'NaN'", "income": "'null'"},
    ),
    ("demographics", ODDITIES, LOADED_AT, {"household_id": str(HOUSEHOLD_THAT_NEVER_BOUGHT)}),
    ("transactions", ODDITIES, LOADED_AT, {"basket_id": "920", "product_id": str(UNKNOWN_PRODUCT)}),
    ("transactions", ODDITIES, LOADED_AT, {"basket_id": "921", "product_id": str(NAMELESS_PRODUCT)}),
    ("transactions", CORRECTION, REDELIVERED_AT, {"sales_value": "sales_value + 1000"}),
]
# Its department is a word for no value: the catalogue's row is kept out, the product is known by its sale.
FAULTS.append(
    Fault(
        "products",
        "department is missing",
        {"product_id": str(NAMELESS_PRODUCT), "department": "' NaN '"},
    )
)
# The version before the correction.
CORRECTED = Fault("transactions", "duplicate key")


def plant(path: Path) -> None:
    """Add all faults and oddities to the raw tables; each changes a good row of its own."""
    rows = [(fault.source_table, "faults", fault.loaded_at, fault.changes) for fault in FAULTS] + ODD_ROWS
    with duckdb.connect(str(path)) as connection:
        planted: Counter[str] = Counter()
        for table, batch, loaded_at, changes in rows:
            replacements = {
                **changes,
                "_loaded_at": f"timestamp '{loaded_at}'",
                "_batch_id": f"'{batch}'",
            }
            replace = ", ".join(f"{expression} as {column}" for column, expression in replacements.items())
            connection.execute(
                f"insert into raw_complete_journey.{table} select * replace ({replace}) from ("
                f"select * from raw_complete_journey.{table} "
                f"where _batch_id = '{FIRST_DELIVERY}' order by all limit 1 offset {planted[table]})"
            )
            planted[table] += 1


def quarantined_counts() -> Counter[tuple[str, str]]:
    """How many rows end in quarantine, the pushed-out versions included: by table and reason."""
    return Counter((fault.source_table, fault.reason) for fault in [*FAULTS, CORRECTED])
