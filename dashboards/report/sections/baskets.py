"""What is bought together: pairs of categories that meet in a basket more often than chance would have it."""

from __future__ import annotations

import pandas as pd

from dashboards.report import formats
from dashboards.report.parts import Bar, Figure, Section, bars
from dashboards.report.source import Source
from dashboards.report.tables import records

KEY = "baskets"
TITLE = "What is bought together"

MIN_SUPPORT = 0.01
MIN_ORDERS = 50
SHOWN = 12


def section(source: Source) -> Section:
    """Return the strongest pairs of categories of a source."""
    rows = source.rows("marts.fct_category_affinity")
    if rows.empty:
        return Section(KEY, TITLE, missing="No baskets with two categories are published for this source.")
    pairs = strongest_pairs(rows, source)
    if pairs.empty:
        return Section(
            KEY,
            TITLE,
            missing=f"No two categories meet in {formats.share(MIN_SUPPORT)} of the baskets or more.",
        )
    most = pairs["lift"].max()
    items = [
        Bar(
            f"{row.category_name} + {row.other_name}",
            (row.lift - 1) / (most - 1) if most > 1 else 0.0,
            f"× {formats.decimal(row.lift, 2)}",
            f"{formats.share(row.confidence)} of baskets with {row.category_name} hold {row.other_name} too; "
            f"{formats.share(row.reverse_confidence)} the other way round",
            f"{formats.count(row.order_count)} baskets, {formats.share(row.support, 1)}",
        )
        for row in records(pairs)
    ]
    return Section(
        KEY,
        TITLE,
        [
            Figure(
                takeaway(pairs),
                bars(items, "paired"),
                "Lift: how many times more often two categories share a basket than if they were bought "
                f"independently; the {len(pairs)} strongest pairs that meet in at least "
                f"{formats.share(MIN_SUPPORT)} of all baskets (and in {MIN_ORDERS}). Bars start at 1, which "
                "is chance. Source: marts.fct_category_affinity.",
                ["Large baskets hold more of everything, which lifts all pairs a little."],
            )
        ],
    )


def strongest_pairs(rows: pd.DataFrame, source: Source) -> pd.DataFrame:
    """Return the pairs by lift, each once, with the names of their categories."""
    named = source.rows("marts.fct_category_sales").drop_duplicates("category_id")
    names = named.set_index("category_id")["category_name"].to_dict()
    reverse = rows.set_index(["other_category_id", "category_id"])["confidence"].to_dict()
    once = rows[
        (rows["category_id"] < rows["other_category_id"])
        & (rows["support"] >= MIN_SUPPORT)
        & (rows["order_count"] >= MIN_ORDERS)
    ]
    keys = list(zip(once["category_id"], once["other_category_id"], strict=True))
    worded = once.assign(
        category_name=[names.get(key, formats.words(key)) for key, _ in keys],
        other_name=[names.get(key, formats.words(key)) for _, key in keys],
        reverse_confidence=[reverse.get(key, float("nan")) for key in keys],
    )
    return worded.sort_values("lift", ascending=False).head(SHOWN)


def takeaway(pairs: pd.DataFrame) -> str:
    """Say which pair is the strongest, in the direction in which it says more."""
    top = pairs.iloc[0]
    first, other, share = top["category_name"], top["other_name"], top["confidence"]
    if top["reverse_confidence"] > share:
        first, other, share = other, first, top["reverse_confidence"]
    return (
        f"{formats.share(share)} of the baskets with “{first}” also hold “{other}”: "
        f"{formats.decimal(top['lift'], 1)} times as many as by chance."
    )
