"""Made-up files in the shapes of the public sources: a marketplace (olist), and clicks in a clothes shop."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

WHOLE_NUMBER, NUMBER, TEXT, MOMENT = pa.int64(), pa.float64(), pa.string(), pa.timestamp("us")

MARKETPLACE: dict[str, dict[str, pa.DataType]] = {
    "customers": {
        "customer_id": TEXT,
        "customer_unique_id": TEXT,
        "customer_zip_code_prefix": WHOLE_NUMBER,
        "customer_city": TEXT,
        "customer_state": TEXT,
    },
    "orders": {
        "order_id": TEXT,
        "customer_id": TEXT,
        "order_status": TEXT,
        "order_purchase_timestamp": MOMENT,
        "order_approved_at": MOMENT,
        "order_delivered_carrier_date": MOMENT,
        "order_delivered_customer_date": MOMENT,
        "order_estimated_delivery_date": MOMENT,
    },
    "order_items": {
        "order_id": TEXT,
        "order_item_id": WHOLE_NUMBER,
        "product_id": TEXT,
        "seller_id": TEXT,
        "shipping_limit_date": MOMENT,
        "price": NUMBER,
        "freight_value": NUMBER,
    },
    "order_payments": {
        "order_id": TEXT,
        "payment_sequential": WHOLE_NUMBER,
        "payment_type": TEXT,
        "payment_installments": WHOLE_NUMBER,
        "payment_value": NUMBER,
    },
    "order_reviews": {
        "review_id": TEXT,
        "order_id": TEXT,
        "review_score": WHOLE_NUMBER,
        "review_comment_title": TEXT,
        "review_comment_message": TEXT,
        "review_creation_date": MOMENT,
        "review_answer_timestamp": MOMENT,
    },
    "products": {
        "product_id": TEXT,
        "product_category_name": TEXT,
        "product_name_lenght": WHOLE_NUMBER,
        "product_description_lenght": WHOLE_NUMBER,
        "product_photos_qty": WHOLE_NUMBER,
        "product_weight_g": WHOLE_NUMBER,
        "product_length_cm": WHOLE_NUMBER,
        "product_height_cm": WHOLE_NUMBER,
        "product_width_cm": WHOLE_NUMBER,
    },
    "category_translation": {"product_category_name": TEXT, "product_category_name_english": TEXT},
    "sellers": {
        "seller_id": TEXT,
        "seller_zip_code_prefix": WHOLE_NUMBER,
        "seller_city": TEXT,
        "seller_state": TEXT,
    },
    "mql": {"mql_id": TEXT, "first_contact_date": pa.date32(), "landing_page_id": TEXT, "origin": TEXT},
    "closed_deals": {
        "mql_id": TEXT,
        "seller_id": TEXT,
        "sdr_id": TEXT,
        "sr_id": TEXT,
        "won_date": MOMENT,
        "business_segment": TEXT,
        "lead_type": TEXT,
        "lead_behaviour_profile": TEXT,
        "has_company": pa.bool_(),
        "has_gtin": pa.bool_(),
        "average_stock": TEXT,
        "business_type": TEXT,
        "declared_product_catalog_size": NUMBER,
        "declared_monthly_revenue": NUMBER,
    },
}

CLICKS: dict[str, pa.DataType] = {
    "year": WHOLE_NUMBER,
    "month": WHOLE_NUMBER,
    "day": WHOLE_NUMBER,
    "order": WHOLE_NUMBER,
    "country": WHOLE_NUMBER,
    "session ID": WHOLE_NUMBER,
    "page 1 (main category)": WHOLE_NUMBER,
    "page 2 (clothing model)": TEXT,
    "colour": WHOLE_NUMBER,
    "location": WHOLE_NUMBER,
    "model photography": WHOLE_NUMBER,
    "price": WHOLE_NUMBER,
    "price 2": WHOLE_NUMBER,
    "page": WHOLE_NUMBER,
}


def deliver(path: Path, types: dict[str, pa.DataType], rows: Sequence[Sequence[object]]) -> None:
    """Write rows, with their values in the order of the columns; columns left over at the end are null."""
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = {
        name: pa.array([row[place] if place < len(row) else None for row in rows], data_type)
        for place, (name, data_type) in enumerate(types.items())
    }
    parquet.write_table(pa.table(columns), path)


def deliver_marketplace(folder: Path) -> None:
    """Write what belongs to three orders, and the lists; the orders themselves come by ``deliver_orders``."""
    rows: dict[str, list[tuple[object, ...]]] = {
        "customers": [
            ("c1", "ana", 13023, "campinas", "SP"),
            ("c2", "ana", 1151, "sao paulo", "SP"),
            ("c3", "bia", 14409, "franca", "SP"),
        ],
        "order_items": [
            ("o1", 1, "p1", "s1", _moment(2), 58.9, 13.29),
            ("o1", 2, "p1", "s1", _moment(2), 58.9, 13.29),
            ("o2", 1, "p2", "s1", _moment(12), 20.0, 0.0),
            ("o3", 1, "p1", "s2", _moment(22), 58.9, 20.0),
        ],
        "order_payments": [
            ("o1", 1, "credit_card", 3, 100.0),
            ("o1", 2, "voucher", 1, 44.38),
            ("o2", 1, "boleto", 1, 20.0),
            ("o3", 1, "debit_card", 1, 78.9),
        ],
        "order_reviews": [
            ("r1", "o1", 5, "Ótimo", "Entrega antes do prazo.", _moment(5), _moment(6)),
            ("r1", "o3", 1, None, "Não recebi o produto.", _moment(25), _moment(26)),
        ],
        "products": [("p1", "beleza_saude", 40, 287, 1, 225, 16, 10, 14), ("p2",)],
        "category_translation": [("beleza_saude", "health_beauty")],
        "sellers": [("s1", 13023, "campinas / sp", "SP"), ("s2", 20031, "rio de janeiro", "RJ")],
        "mql": [
            ("m1", dt.date(2018, 4, 1), "page", "social"),
            ("m2", dt.date(2018, 4, 2), "page", "unknown"),
        ],
        "closed_deals": [("m1", "s3", "d", "r", _moment(1), "pet", "online medium")],
    }
    for name, table_rows in rows.items():
        deliver(folder / f"{name}.parquet", MARKETPLACE[name], table_rows)


def deliver_orders(folder: Path, name: str, order_ids: Sequence[str]) -> None:
    """Write some of the three orders into one file: ``o1`` and ``o2`` by Ana, ``o3`` by Bia was cancelled."""
    days = {"o1": 1, "o2": 11, "o3": 21}
    rows = [
        (
            order_id,
            order_id.replace("o", "c"),
            "canceled" if order_id == "o3" else "delivered",
            _moment(days[order_id]),
            _moment(days[order_id], hour=11),
            None,
            None if order_id == "o3" else _moment(days[order_id] + 3),
            _moment(days[order_id] + 7, hour=0),
        )
        for order_id in order_ids
    ]
    deliver(folder / name, MARKETPLACE["orders"], rows)


def deliver_clicks(folder: Path) -> None:
    """Write two sessions: one of two clicks, and one of a click on the sale."""
    rows = [
        (2008, 4, 1, 1, 29, 1, 1, "A13", 1, 5, 1, 28, 2, 1),
        (2008, 4, 1, 2, 29, 1, 2, "B4", 10, 2, 1, 52, 1, 1),
        (2008, 4, 2, 1, 9, 2, 4, "P67", 9, 5, 1, 38, 1, 4),
    ]
    deliver(folder / "eshop_clicks.parquet", CLICKS, rows)


def _moment(day: int, hour: int = 10) -> dt.datetime:
    """Return a moment of May 2018, or of June where the day is beyond the thirty-first."""
    return dt.datetime(2018, 5, 1, hour) + dt.timedelta(days=day - 1)
