"""The real households: who they are, and what is known of their baskets before each week.

Nothing here looks ahead: `Past` holds, for each week, only baskets from before its Sunday. The day between
leaves room for devices whose clocks are slow.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from simulation.digital_twin.clock import DAY, FIRST_MONDAY, WEEK, WEEKS, local_of
from simulation.digital_twin.products import CATEGORY_PATHS
from simulation.digital_twin.randomness import Flags, Integers, hash_of

# Categories of the grocery chain that hint at one of the shop.
_HINTS = {
    "Kitchen & Dining > Cookware": "COOKWARE|KITCHEN GADGETS|BAKEWARE",
    "Home & Living > Candles & Lighting": "CANDLE|LAMP|BULB",
    "Garden > Plants & Flowers": "FLORAL|FLOWER|PLANT|GARDEN",
    "Beauty > Make-up": "MAKEUP|COSMETIC",
    "Beauty > Skin & Body Care": "SKIN CARE|LOTION|HAND/BODY",
    "Health > Vitamins & Nutrition": "VITAMIN|NUTRITION|DIETARY",
    "Baby & Kids > Baby Care": "BABY|DIAPER|INFANT",
    "Baby & Kids > Toys & Games": "TOYS",
    "Pets > Dog & Cat Food": "DOG FOOD|CAT FOOD|PET CARE",
    "Pantry > Coffee & Tea": "COFFEE|TEAS",
    "Pantry > Wine": "WINE|LIQUOR",
    "Stationery > Cards, Books & Crafts": "GREETING|BOOK|MAGAZINE|STATIONERY",
}
HINTED_CATEGORIES = np.array([CATEGORY_PATHS.index(path) for path in _HINTS])
_MEMORY_OF_HINTS, _MEMORY_OF_BASKETS = 8, 4


# The files of the grocery data that the twin is made around; transactions may come in several.
TRANSACTIONS, PRODUCTS, DEMOGRAPHICS = "transactions*.parquet", "products.parquet", "demographics.parquet"


@dataclass(frozen=True)
class Households:
    """The register: every household, whether or not it has shopped yet.

    Attributes
    ----------
    number
        Key in the grocery data, sorted.
    size
        Persons, 1 to 5; 0 where it is not known.
    has_kids
        Whether children are known of.
    """

    number: Integers
    size: Integers
    has_kids: Flags

    def first(self, count: int) -> Households:
        """Return ``count`` of them, drawn independently of their data."""
        order = np.argsort(hash_of(np.uint64(0), self.number))
        kept = np.sort(order[:count])
        return Households(self.number[kept], self.size[kept], self.has_kids[kept])


@dataclass(frozen=True)
class Baskets:
    """Baskets, in the order of their time.

    Attributes
    ----------
    household
        Its key in the grocery data.
    basket, store
        Keys in the grocery data.
    local
        Moment of the checkout, milliseconds, New York's clock.
    cents
        What was paid.
    hints
        Bit ``i`` is set if the basket hints at ``HINTED_CATEGORIES[i]``.
    """

    household: Integers
    basket: Integers
    store: Integers
    local: Integers
    cents: Integers
    hints: Integers

    def before(self, local: int) -> Baskets:
        """Return the baskets from before a moment of New York's clock."""
        return self.where(self.local < local)

    def where(self, kept: Flags) -> Baskets:
        """Return some of the baskets."""
        return Baskets(**{name: values[kept] for name, values in vars(self).items()})


@dataclass(frozen=True)
class Past:
    """What was known of each household before each week; all have shape (households, weeks).

    Attributes
    ----------
    recent
        Baskets in the four weeks before.
    store
        Store of the last basket; 0 before the first.
    hints
        Bits of the last eight weeks, as in `Baskets`.
    """

    recent: Integers
    store: Integers
    hints: Integers


def past_of(numbers: Integers, baskets: Baskets) -> Past:
    """Return what ``baskets`` tell of the households with these keys, week by week, without looking ahead."""
    count = len(numbers)
    mine = baskets.where(np.isin(baskets.household, numbers))
    place = np.searchsorted(numbers, mine.household)
    # Sunday's baskets count as the next week's: see the head of this module.
    week = np.clip((mine.local + DAY - FIRST_MONDAY) // WEEK, 0, WEEKS - 1)
    cell = place * WEEKS + week
    counts = np.bincount(cell, minlength=count * WEEKS).reshape(count, WEEKS)
    so_far = np.hstack([np.zeros((count, 1), dtype=np.int64), np.cumsum(counts, axis=1)])
    weeks = np.arange(WEEKS)
    recent = so_far[:, weeks] - so_far[:, np.maximum(weeks - _MEMORY_OF_BASKETS, 0)]
    stores = np.zeros(count * WEEKS, dtype=np.int64)
    stores[cell] = mine.store
    flat = np.zeros(count * WEEKS, dtype=np.int64)
    np.bitwise_or.at(flat, cell, mine.hints)
    hints: Integers = flat.reshape(count, WEEKS)
    remembered = np.zeros_like(hints)
    for back in range(1, _MEMORY_OF_HINTS + 1):
        remembered[:, back:] |= hints[:, :-back]
    return Past(recent, _last_known(stores.reshape(count, WEEKS)), remembered)


def _last_known(stores: Integers) -> Integers:
    """Return, for each week, the last store of the weeks before it."""
    shifted = np.hstack([np.zeros((len(stores), 1), dtype=np.int64), stores[:, :-1]])
    place = np.where(shifted > 0, np.arange(shifted.shape[1]), 0)
    return np.take_along_axis(shifted, np.maximum.accumulate(place, axis=1), axis=1)


@dataclass(frozen=True)
class Grocery:
    """The households' data: the register, which may be known whole, and the baskets up to some moment."""

    households: Households
    baskets: Baskets


def read_grocery(folder: Path) -> Grocery:
    """Read the households' data: ``transactions``, ``products`` and ``demographics`` as Parquet.

    Parameters
    ----------
    folder
        Where ``complete_journey`` lies.

    Raises
    ------
    OSError
        If a file is missing or cannot be read.
    """
    files = sorted(folder.glob(TRANSACTIONS))
    if not files:
        raise FileNotFoundError(f"there is no {TRANSACTIONS}")
    lines = pq.read_table(
        files,
        columns=[
            "household_id", "basket_id", "store_id", "product_id", "sales_value", "transaction_timestamp",
        ],
    )  # fmt: skip
    lines = lines.append_column("hint", _hints_of_lines(folder, lines["product_id"]))
    baskets = lines.group_by("basket_id").aggregate(
        [
            ("household_id", "min"),
            ("store_id", "min"),
            ("sales_value", "sum"),
            ("transaction_timestamp", "min"),
        ]
    )
    baskets = baskets.sort_by([("transaction_timestamp_min", "ascending"), ("basket_id", "ascending")])
    utc = baskets["transaction_timestamp_min"].cast(pa.timestamp("ms")).cast(pa.int64()).to_numpy()
    numbers = baskets["basket_id"].to_numpy().astype(np.int64)
    read = Baskets(
        household=baskets["household_id_min"].to_numpy().astype(np.int64),
        basket=numbers,
        store=baskets["store_id_min"].to_numpy().astype(np.int64),
        local=local_of(utc),
        cents=np.rint(baskets["sales_value_sum"].to_numpy() * 100).astype(np.int64),
        hints=_hints_of_baskets(numbers, lines),
    )
    return Grocery(_register(folder, read), read)


def _hints_of_lines(folder: Path, product: pa.ChunkedArray) -> pa.Array:
    products = pq.read_table(folder / PRODUCTS, columns=["product_id", "product_category"])
    bits = np.zeros(len(products), dtype=np.int64)
    for place, pattern in enumerate(_HINTS.values()):
        found = pc.match_substring_regex(products["product_category"], pattern).fill_null(False)
        bits |= found.to_numpy().astype(np.int64) << place
    keys = products["product_id"].to_numpy()
    order = np.argsort(keys)
    wanted = product.to_numpy()
    at = np.minimum(np.searchsorted(keys, wanted, sorter=order), len(keys) - 1)
    rows = order[at]
    return pa.array(np.where(keys[rows] == wanted, bits[rows], 0))


def _hints_of_baskets(baskets: Integers, lines: pa.Table) -> Integers:
    hinting = lines.filter(pc.greater(lines["hint"], 0))
    order = np.argsort(baskets)
    rows = order[np.searchsorted(baskets, hinting["basket_id"].to_numpy(), sorter=order)]
    hints = np.zeros(len(baskets), dtype=np.int64)
    np.bitwise_or.at(hints, rows, hinting["hint"].to_numpy())
    return hints


def _register(folder: Path, baskets: Baskets) -> Households:
    numbers = np.unique(baskets.household)
    known = pq.read_table(
        folder / DEMOGRAPHICS, columns=["household_id", "household_size", "kids_count"]
    ).to_pydict()
    sizes = {
        key: int(str(size).rstrip("+"))
        for key, size in zip(known["household_id"], known["household_size"], strict=True)
    }
    kids = {
        key
        for key, count in zip(known["household_id"], known["kids_count"], strict=True)
        if count and str(count)[0] in "123456789"
    }
    return Households(
        number=numbers,
        size=np.array([sizes.get(number, 0) for number in numbers.tolist()], dtype=np.int64),
        has_kids=np.array([number in kids for number in numbers.tolist()]),
    )
