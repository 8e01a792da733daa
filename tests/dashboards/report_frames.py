"""Small published tables that look like the real ones.

A grocer in dollars, a simulated gift shop in pounds with every channel, a web shop of which only clicks are
known, and a butcher who knows of nothing but purchases.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

START, AS_OF = pd.Timestamp("2023-01-02"), pd.Timestamp("2024-01-04")
SEGMENTS = [
    ["lapsed", "lapsed", "hibernating", "at risk", "cannot lose"],
    ["hibernating", "hibernating", "at risk", "at risk", "cannot lose"],
    ["about to sleep", "about to sleep", "need attention", "loyal", "loyal"],
    ["recent", "promising", "potential loyal", "loyal", "champions"],
    ["recent", "promising", "potential loyal", "champions", "champions"],
]
STAGES = ["loyal", "active", "new", "won_back", "at_risk", "dormant", "lost"]
CATEGORIES = [
    ("cheese", "Cheese", "Dairy"), ("milk", "Milk", "Dairy"), ("bread", "Bread", "Bakery"),
    ("cakes", "Cakes", "Bakery"), ("wine", "Wine", "Drinks"), ("vouchers", "Vouchers", "Other"),
]  # fmt: skip
FEATURES = [
    "Days since the last order",
    "Shopping days in four weeks",
    "Days against own rhythm",
    "Discount share",
]


def full_frames() -> dict[str, pd.DataFrame]:
    """Every table that the report reads, for two source systems."""
    frames = {
        "core.dim_source_systems": pd.DataFrame(
            {
                "source_system": ["grocer", "gift_shop"],
                "source_name": ["The Grocer", "The Gift Shop"],
                "is_simulated": [False, True],
                "time_zone": ["America/New_York", "Europe/London"],
                "currency": ["USD", "GBP"],
            }
        ),
        "marts.fct_channel_days": pd.concat([_channel_days(), _print_days()], ignore_index=True),
        "marts.fct_session_days": _session_days(),
        "quality.entity_counts": pd.DataFrame(
            [
                ("orders", "grocer", 15000),
                ("orders", "gift_shop", 14000),
                ("campaigns", "grocer", 7),
                ("behaviour events", "gift_shop", 91000),
                ("tickets", "gift_shop", 4100),
            ],
            columns=["entity", "source_system", "row_count"],
        ),
        "quality.data_notes": pd.DataFrame(
            {
                "source_system": ["grocer", "grocer", "gift_shop"],
                "note": [
                    "order lines with quantity zero",
                    "order lines that are returns",
                    "order lines that are returns",
                ],
                "row_count": [8869, 0, 120],
            }
        ),
        "quality.quarantine_summary": pd.DataFrame(
            {
                "source_system": ["grocer", "gift_shop"],
                "source_table": ["coupons", "invoices"],
                "landed_row_count": [116204, 5000],
                "accepted_row_count": [111332, 4700],
                "quarantined_row_count": [4872, 300],
                "quarantined_share": [4872 / 116204, 0.06],
            }
        ),
        "quality.quarantine_reasons": pd.DataFrame(
            {
                "source_system": ["grocer", "gift_shop"],
                "source_table": ["coupons", "invoices"],
                "reason": ["exact duplicate", "no date"],
                "quarantined_row_count": [4872, 300],
                "example_row_content": ['{"coupon_upc": 1}', '{"invoice": 2}'],
            }
        ),
        "ops.publication": pd.DataFrame(
            {"run_id": ["run-7"], "published_at": [pd.Timestamp("2024-01-04 05:06")]}
        ),
    }
    frames["marts.fct_golden_coverage"] = _coverage()
    frames |= _identity()
    both = [_marts("grocer", 1), _marts("gift_shop", 2)]
    frames |= {name: pd.concat([marts[name] for marts in both], ignore_index=True) for name in both[0]}
    frames["marts.fct_campaign_effect"] = _campaigns("grocer")
    return with_scores(frames)


def with_scores(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Add what predictive models and gates write: scores, reasons, evaluation and validation results."""
    random = np.random.default_rng(5)
    customers = frames["marts.dim_customers"]["customer_id"]
    count = len(customers)
    score = random.beta(0.7, 5, count).round(4)
    rank = pd.Series(score).rank(ascending=False, pct=True).to_numpy()
    scores = pd.DataFrame(
        {
            "customer_id": customers,
            "churn_score": score,
            "churn_band": np.select([rank < 0.1, rank < 0.3], ["high", "medium"], "low"),
            "churn_as_of_date": AS_OF,
        }
    )
    for number in (1, 2, 3):
        label = FEATURES[number - 1]
        scores[f"churn_reason_{number}"] = [
            f"{label}: {random.integers(1, 60)}.00 (raises)" for _ in range(count)
        ]
    return frames | {"ml.customer_scores": scores} | _model(random) | {"quality.validation_results": _gates()}


def without_scores(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Empty what predictive models and gates write."""
    return {
        name: frame.iloc[0:0] if name.startswith("ml.") or name == "quality.validation_results" else frame
        for name, frame in frames.items()
    }


def with_clicks_only(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Add a real web shop of which only clicks are known, years before the others."""
    start = pd.Timestamp("2019-04-01")
    days = pd.date_range(start, periods=60, freq="D")
    clicks = pd.DataFrame(
        {"activity_date": days, "activity_count": 100.0, "channel": "web", "activity_type": "Product Viewed"}
    )
    sessions = pd.DataFrame(
        {
            "session_date": days, "channel": "web", "session_count": 10.0, "converted_session_count": 0.0,
            "event_count": 100.0, "mean_session_seconds": float("nan"),
        }
    )  # fmt: skip
    return _with_source(
        frames
        | {
            "marts.fct_channel_days": _with_rows(frames, "marts.fct_channel_days", clicks, "web_shop"),
            "marts.fct_session_days": _with_rows(frames, "marts.fct_session_days", sessions, "web_shop"),
        },
        ("web_shop", "The Web Shop", False, "Europe/Warsaw", "PLN"),
    )


def with_purchases_only(frames: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Add a real source that knows of nothing but purchases and returns."""
    days = frames["marts.fct_sales_daily"]
    sales = days[days["source_system"] == "grocer"]
    bought = pd.DataFrame(
        {
            "activity_date": sales["order_date"], "activity_count": sales["order_count"], "channel": "store",
            "activity_type": "Purchase Made",
        }
    )  # fmt: skip
    returned = bought.assign(activity_type="Purchase Returned")
    activities = pd.concat([bought, returned], ignore_index=True)
    return _with_source(
        frames
        | {
            "marts.fct_sales_daily": _with_rows(frames, "marts.fct_sales_daily", sales, "butcher"),
            "marts.fct_channel_days": _with_rows(frames, "marts.fct_channel_days", activities, "butcher"),
        },
        ("butcher", "The Butcher", False, "America/New_York", "USD"),
    )


def _with_source(
    frames: dict[str, pd.DataFrame], source: tuple[str, str, bool, str, str]
) -> dict[str, pd.DataFrame]:
    known = frames["core.dim_source_systems"]
    added = pd.DataFrame([source], columns=list(known.columns))
    return frames | {"core.dim_source_systems": pd.concat([known, added], ignore_index=True)}


def _with_rows(frames: dict[str, pd.DataFrame], table: str, rows: pd.DataFrame, source: str) -> pd.DataFrame:
    return pd.concat([frames[table], rows.assign(source_system=source)], ignore_index=True)


# Touches a day of the gift shop; every kind that the report looks at in its own way is among them.
_TOUCHES = {
    ("web", "Product Viewed"): 200, ("web", "Product Added"): 40, ("app", "Product Viewed"): 90,
    ("store", "Purchase Made"): 25, ("store", "Store Visited"): 60, ("ad", "Ad Seen"): 500,
    ("ad", "Ad Clicked"): 9,
    ("email", "Message Sent"): 100, ("email", "Message Opened"): 30, ("email", "Message Clicked"): 4,
    ("email", "Message Unsubscribed"): 1, ("sms", "Message Sent"): 50, ("sms", "Message Clicked"): 5,
    ("phone", "Ticket Opened"): 3,
}  # fmt: skip


def _channel_days() -> pd.DataFrame:
    days = pd.date_range(START, AS_OF - pd.Timedelta(days=1), freq="D")
    rows = [(channel, kind, day, count) for (channel, kind), count in _TOUCHES.items() for day in days]
    return pd.DataFrame(rows, columns=["channel", "activity_type", "activity_date", "activity_count"]).assign(
        source_system="gift_shop"
    )


def _print_days() -> pd.DataFrame:
    days = pd.date_range(START, AS_OF - pd.Timedelta(days=1), freq="D")
    sends = pd.DataFrame({"activity_date": days[::28], "activity_count": 100.0}).assign(
        channel="print", activity_type="Campaign Sent"
    )
    bought = pd.DataFrame({"activity_date": days, "activity_count": 40.0}).assign(
        channel="store", activity_type="Purchase Made"
    )
    return pd.concat([sends, bought], ignore_index=True).assign(source_system="grocer")


def _session_days() -> pd.DataFrame:
    days = pd.date_range(START, AS_OF - pd.Timedelta(days=1), freq="D")
    rows = [
        (channel, day, sessions, converted, 8.0 * sessions, seconds)
        for day in days
        for channel, sessions, converted, seconds in (("web", 50, 2, 240.0), ("app", 20, 1, 90.0))
    ]
    columns = [
        "channel", "session_date", "session_count", "converted_session_count", "event_count",
        "mean_session_seconds",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).assign(source_system="gift_shop")


def _marts(source: str, seed: int) -> dict[str, pd.DataFrame]:
    random = np.random.default_rng(seed)
    days = pd.date_range(START, AS_OF - pd.Timedelta(days=1), freq="D")
    orders = random.integers(20, 60, len(days))
    sales = (orders * random.uniform(25, 35, len(days))).round(2)
    is_shop = source == "gift_shop"
    daily = pd.DataFrame(
        {
            "order_date": days,
            "order_count": orders,
            "return_count": random.integers(0, 3, len(days)) if is_shop else 0,
            "customer_count": orders,
            "new_customer_count": random.integers(0, 5, len(days)),
            "sales_amount": sales,
            "discount_amount": sales * 0.1,
            "anonymous_sales_amount": sales * 0.2 if is_shop else 0.0,
        }
    )
    cells = pd.DataFrame(
        [
            (r + 1, f + 1, SEGMENTS[r][f], 10 + r + f, 100.0 * (r + 1) * (f + 1))
            for r in range(5)
            for f in range(5)
        ],
        columns=["recency_score", "frequency_score", "rfm_segment", "customer_count", "sales_amount"],
    )
    dates = pd.date_range(end=AS_OF, start=START + pd.Timedelta(days=7), freq="7D")[::-1]
    stages = pd.DataFrame(
        [
            (date, stage, 20 + 3 * at + number)
            for number, date in enumerate(dates)
            for at, stage in enumerate(STAGES)
        ],
        columns=["as_of_date", "lifecycle_stage", "customer_count"],
    )
    stages["as_of_date"] += AS_OF - stages["as_of_date"].max()
    week = pd.DataFrame(
        [(day, hour, 5 + day * hour % 17, 100.0 * day) for day in range(1, 8) for hour in range(8, 21)],
        columns=["weekday_number", "hour_of_day", "order_count", "sales_amount"],
    )
    tables = {
        "marts.fct_sales_daily": daily,
        "marts.fct_cohort_retention": _cohorts(),
        "marts.fct_rfm_cells": cells,
        "marts.fct_lifecycle_stages": stages,
        "marts.fct_category_sales": _category_sales(random),
        "marts.fct_category_affinity": _affinity(),
        "marts.fct_sales_by_hour": week,
        "marts.dim_customers": _customers(source, random),
    }
    return {name: frame.assign(source_system=source) for name, frame in tables.items()}


def _cohorts() -> pd.DataFrame:
    rows = []
    months = pd.date_range("2023-01-01", "2024-01-01", freq="MS")
    for at, cohort in enumerate(months):
        size = 400 // (at + 1)
        for later in range(len(months) - at):
            active = size if later == 0 else round(size * (0.8 - 0.02 * at - 0.01 * later))
            month = cohort + pd.DateOffset(months=later)
            rows.append(
                (
                    cohort,
                    later,
                    size,
                    active,
                    active / size,
                    30.0 * active,
                    month < pd.Timestamp("2024-01-01"),
                )
            )
    columns = [
        "cohort_month", "months_since_first_order", "cohort_customer_count", "active_customer_count",
        "retention_share", "sales_amount", "is_complete_month",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _category_sales(random: np.random.Generator) -> pd.DataFrame:
    rows = []
    for at, (key, name, department) in enumerate(CATEGORIES):
        for number, month in enumerate(pd.date_range("2023-01-01", "2024-01-01", freq="MS")):
            base = -5.0 if key == "vouchers" else 3000.0 / (at + 1)
            # Cheese grows towards the end of the year, wine shrinks.
            trend = {"cheese": 1.05, "wine": 0.93}.get(key, 1.0) ** number
            rows.append((month, key, name, department, 100, base * trend * random.uniform(0.98, 1.02)))
    columns = [
        "order_month",
        "category_id",
        "category_name",
        "department_name",
        "order_count",
        "sales_amount",
    ]
    return pd.DataFrame(rows, columns=columns)


def _affinity() -> pd.DataFrame:
    pairs = [
        ("bread", "cheese", 900, 0.09, 0.45, 1.9),
        ("cakes", "milk", 400, 0.04, 0.3, 1.3),
        ("bread", "wine", 20, 0.002, 0.1, 9.0),
    ]
    columns = ["category_id", "other_category_id", "order_count", "support", "confidence", "lift"]
    there = pd.DataFrame(pairs, columns=columns)
    back = there.rename(columns={"category_id": "other_category_id", "other_category_id": "category_id"})
    return pd.concat([there, back.assign(confidence=there["confidence"] / 2)], ignore_index=True)


def _customers(source: str, random: np.random.Generator) -> pd.DataFrame:
    count = 300
    # A third of the grocer's customers is known to the gift shop as well, with two records each.
    is_shared = (np.arange(count) % 3 == 0) & (source == "grocer")
    return pd.DataFrame(
        {
            "customer_id": [f"{source}:{number}" for number in range(count)],
            "source_systems": np.where(is_shared, "gift_shop, grocer", source),
            "record_count": np.where(is_shared, 3, 1),
            "has_simulated_records": is_shared | (source == "gift_shop"),
            "rfm_segment": random.choice(["champions", "loyal", "at risk"], count),
            "lifecycle_stage": random.choice(STAGES, count),
            "value_tier": "gold",
            "order_count": random.integers(0, 40, count),
            "sales_amount": random.gamma(2, 600, count).round(2),
            "recency_days": random.integers(1, 200, count),
            "last_order_date": AS_OF - pd.Timedelta(days=3),
        }
    )


def _coverage() -> pd.DataFrame:
    known = [
        ("grocer", "age_band", "grocer", False, 200),
        ("grocer", "language", "grocer", False, 30),
        ("grocer", "language", "gift_shop", True, 20),
        ("grocer", "email", "gift_shop", True, 100),
        ("gift_shop", "email", "gift_shop", True, 270),
    ]
    columns = ["source_system", "attribute_name", "value_source_system", "is_simulated", "customer_count"]
    frame = pd.DataFrame(known, columns=columns)
    return frame.assign(customer_share=frame["customer_count"] / 300)


def _campaigns(source: str) -> pd.DataFrame:
    rows = []
    for number in range(6):
        effect, half = 10.0 * number - 5, 12.0
        rows.append(
            (
                f"{source}:{number}",
                f"Campaign {number}",
                True,
                100 + number,
                effect,
                effect - half,
                effect + half,
            )
        )
    rows.append((f"{source}:9", "Campaign too early", False, None, None, None, None))
    columns = [
        "campaign_id", "campaign_name", "is_measurable", "compared_recipient_count",
        "effect_per_recipient_amount", "effect_lower_amount", "effect_upper_amount",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns).assign(
        source_system=source,
        campaign_type="Type A",
        start_date=pd.Timestamp("2023-06-01"),
        end_date=pd.Timestamp("2023-07-01"),
        send_count=120,
        redeemer_count=12,
        redemption_rate=0.1,
        compared_other_count=900,
        window_days=30,
    )


def _model(random: np.random.Generator) -> dict[str, pd.DataFrame]:
    run = {"run_id": "run-7", "predictive_model": "churn"}
    runs = pd.DataFrame(
        [
            run
            | {
                "trained_at": pd.Timestamp("2024-01-04 05:00"),
                "is_published": True,
                "verdict": "published: beats the best rule in AUC on 5 of 5 origins",
                "as_of_date": AS_OF,
                "training_row_count": 41250,
                "origin_count": 5,
                "estimator": "boosted_and_logistic",
                "features": "recency_days, shopping_days",
                "source_systems": "grocer, gift_shop",
            }
        ]
    )
    metrics = {"roc_auc": 0.86, "average_precision": 0.42, "lift_top_decile": 4.1, "brier": 0.078}
    worse = {
        "model": 1.0,
        "recency": 0.93,
        "recency_against_rhythm": 0.95,
        "mean_gap": 0.88,
    }
    tests = []
    for origin in pd.date_range("2023-07-03", periods=5, freq="28D"):
        for candidate, factor in worse.items():
            for metric, value in metrics.items():
                measured = (value / factor if metric == "brier" else value * factor) * random.uniform(
                    0.99, 1.01
                )
                tests.append((origin, candidate, candidate != "model", metric, measured, 1800, 215))
    columns = [
        "origin_date",
        "candidate",
        "is_baseline",
        "metric",
        "metric_value",
        "row_count",
        "positive_count",
    ]
    predicted = np.linspace(0.01, 0.6, 10) ** 1.2
    slices = [
        ("value_tier", "gold", 0.88, 700, 60), ("value_tier", "bronze", 0.83, 3100, 500),
        ("source_system", "gift_shop", 0.71, 90, 9),
    ]  # fmt: skip
    return {
        "ml.model_runs": runs,
        "ml.model_backtests": pd.DataFrame(tests, columns=columns).assign(**run),
        "ml.model_calibration": pd.DataFrame(
            {
                "bin_number": range(1, 11),
                "row_count": 900,
                "mean_predicted": predicted,
                "observed_share": predicted * random.uniform(0.85, 1.15, 10),
            }
        ).assign(**run),
        "ml.model_slices": pd.DataFrame(
            [
                (*row[:2], metric, value, *row[3:])
                for row in slices
                for metric, value in metrics.items()
                if metric != "roc_auc"
            ]
            + [(*row[:2], "roc_auc", *row[2:]) for row in slices],
            columns=["slice_name", "slice_value", "metric", "metric_value", "row_count", "positive_count"],
        ).assign(**run),
    }


def _gates() -> pd.DataFrame:
    rows = []
    for hour, (gate, table, checks) in enumerate(
        [
            ("arrival", "raw_grocer.transactions", 14),
            ("training", "features.customers", 8),
            ("publishing", "marts.dim_customers", 22),
        ]
    ):
        schema, name = table.split(".")
        for number in range(checks):
            is_passed = not (gate == "arrival" and number == 3)
            rows.append(
                {
                    "run_id": "run-7",
                    "gate": gate,
                    "schema_name": schema,
                    "table_name": name,
                    "column_name": "quantity",
                    "expectation": "expect_column_values_to_be_between",
                    "is_passed": is_passed,
                    "severity": "warning",
                    "message": f"{table}.quantity: expected every value to be at least 0; saw "
                    + (
                        "all of them"
                        if is_passed
                        else "12 of 4,000 rows break it (0.30%). Returns are rows of their own."
                    ),
                    "why": "Returns are rows of their own.",
                    "validated_at": pd.Timestamp("2024-01-04 04:00", tz="UTC") + pd.Timedelta(hours=hour / 2),
                }
            )
    return pd.DataFrame(rows)


def _identity() -> dict[str, pd.DataFrame]:
    rules = [
        ("same loyalty card", "grocer", 1, 900, 1000, 0),
        ("same e-mail address", "gift_shop", 3, 600, 700, 20),
    ]
    bands = [("grocer", 0, None, None, 50, 50, 1.0), ("grocer", 4, 0.8, 0.9, 30, 90, 0.86)]
    bands += [("grocer", 9, 0.995, 1.0, 900, 2000, 0.999), ("gift_shop", 8, 0.99, 0.995, 60, 150, 0.991)]
    measures = [("pairwise_precision", 0.998, 0.999), ("pairwise_recall", 0.975, 0.781)]
    measures += [("bcubed_f1", 0.985, 0.921), ("over_merged_clusters", 18.0, 11.0)]
    return {
        "identity.fct_identity_rule_counts": pd.DataFrame(
            rules,
            columns=[
                "rule_name", "source_system", "priority", "joined_record_count", "accepted_edge_count",
                "rejected_edge_count",
            ],
        ),
        "identity.fct_confidence_bands": pd.DataFrame(
            bands,
            columns=[
                "source_system", "band_number", "lower_limit", "upper_limit", "customer_count",
                "record_count", "mean_confidence",
            ],
        ),
        "identity.fct_identity_changes": pd.DataFrame({"change_type": ["created"] * 4 + ["merged", "split"]}),
        "quality.match_quality": pd.DataFrame(
            [
                (run_id, "labels.csv", measured_at, scope, metric, value)
                for run_id, measured_at in (("old", START), ("new", AS_OF))
                for metric, *values in measures
                for scope, value in zip(("full", "deterministic"), values, strict=True)
            ],
            columns=["run_id", "truth", "measured_at", "scope", "metric", "metric_value"],
        ),
        "quality.match_calibration": pd.DataFrame(
            {
                "run_id": ["old", "new", "new"],
                "bin_number": [4, 4, 9],
                "cluster_count": [1, 40, 900],
                "mean_confidence": [0.5, 0.86, 0.999],
                "observed_share": [0.5, 0.91, 0.998],
            }
        ),
    }  # fmt: skip
