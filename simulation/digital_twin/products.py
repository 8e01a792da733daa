"""The catalogue of the web shop: 24 categories, 25 products in each."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pyarrow as pa

from simulation.digital_twin.randomness import Dice, Floats, Integers

PER_CATEGORY = 25

# Category, things, typical price in dollars, typical weight in grams.
_CATEGORIES: tuple[tuple[str, str, float, int], ...] = (
    ("Kitchen & Dining > Cookware", "Frying Pan,Saucepan,Stock Pot,Wok,Roasting Tin", 38, 1400),
    ("Kitchen & Dining > Tableware", "Dinner Plate Set,Mug,Glass Set,Serving Bowl,Cutlery Set", 24, 1100),
    ("Kitchen & Dining > Small Appliances", "Blender,Toaster,Kettle,Hand Mixer,Coffee Maker", 62, 2300),
    ("Home & Living > Decor", "Vase,Picture Frame,Wall Clock,Mirror,Door Wreath", 27, 900),
    ("Home & Living > Bedding & Textiles", "Duvet Cover,Cushion,Throw,Towel Set,Table Cloth", 41, 1200),
    ("Home & Living > Storage", "Storage Box,Laundry Basket,Shelf,Hanger Set,Bread Bin", 22, 1500),
    (
        "Home & Living > Candles & Lighting",
        "Scented Candle,Table Lamp,Fairy Lights,Lantern,Tea Lights",
        19,
        700,
    ),
    ("Garden > Plants & Flowers", "Orchid,Rose Bush,Herb Pot,Bulb Mix,Hanging Basket", 17, 1300),
    ("Garden > Outdoor & BBQ", "Charcoal Grill,Garden Chair,Parasol,Grill Tongs,Fire Pit", 74, 5200),
    ("Beauty > Make-up", "Lipstick,Mascara,Foundation,Eyeshadow Palette,Blush", 18, 60),
    ("Beauty > Skin & Body Care", "Face Cream,Body Lotion,Hand Soap,Serum,Sun Cream", 21, 250),
    ("Beauty > Fragrance", "Eau de Toilette,Perfume,Body Mist,Cologne,Scent Set", 47, 220),
    ("Health > Vitamins & Nutrition", "Multivitamin,Protein Powder,Omega 3,Vitamin D,Magnesium", 23, 400),
    ("Baby & Kids > Baby Care", "Diaper Pack,Baby Lotion,Bottle Set,Wipes,Bath Tub", 25, 1200),
    ("Baby & Kids > Toys & Games", "Building Blocks,Puzzle,Board Game,Plush Bear,Toy Train", 26, 800),
    ("Pets > Dog & Cat Food", "Dry Dog Food,Wet Cat Food,Puppy Food,Cat Treats,Dog Biscuits", 29, 3000),
    ("Pets > Pet Accessories", "Dog Lead,Cat Tree,Pet Bed,Food Bowl,Chew Toy", 24, 900),
    ("Pantry > Coffee & Tea", "Espresso Beans,Ground Coffee,Green Tea,Earl Grey,Hot Chocolate", 14, 500),
    ("Pantry > Snacks & Sweets", "Dark Chocolate,Salted Almonds,Shortbread,Popcorn,Gummy Bears", 8, 300),
    ("Pantry > Wine", "Pinot Noir,Chardonnay,Prosecco,Malbec,Riesling", 16, 1300),
    ("Fashion > Clothing", "Cotton Shirt,Wool Sweater,Summer Dress,Jeans,Rain Jacket", 49, 450),
    ("Fashion > Bags & Accessories", "Tote Bag,Backpack,Scarf,Umbrella,Leather Belt", 36, 500),
    ("Fashion > Jewellery", "Silver Necklace,Stud Earrings,Bracelet,Ring,Brooch", 44, 40),
    (
        "Stationery > Cards, Books & Crafts",
        "Birthday Cards,Notebook,Cookbook,Knitting Set,Wrapping Paper",
        12,
        350,
    ),
)
CATEGORY_PATHS = tuple(category[0] for category in _CATEGORIES)
TOP_CATEGORIES = tuple(dict.fromkeys(path.split(" > ")[0] for path in CATEGORY_PATHS))
TOP_OF_CATEGORY = np.array([TOP_CATEGORIES.index(path.split(" > ")[0]) for path in CATEGORY_PATHS])
# Where the shop offers a virtual try-on.
TRY_ON = np.array([path.startswith(("Beauty > Make-up", "Fashion")) for path in CATEGORY_PATHS])

_KINDS = ("Classic", "Rustic", "Modern", "Deluxe", "Everyday")
_BRANDS = (
    "Alder & Finch", "Brightwell", "Casa Lume", "Dovecote", "Everfield", "Fable & Co", "Goldleaf",
    "Harbor Lane", "Ivory Oak", "Juniper", "Kestrel", "Larkspur", "Moss & Stone", "Northbay",
    "Olive Tree", "Pinecrest", "Quill", "Rosedale", "Saltbox", "Thistle",
)  # fmt: skip


@dataclass(frozen=True)
class Catalogue:
    """The products of the shop, by their number from 0; category is ``number // PER_CATEGORY``.

    Attributes
    ----------
    sku, title, brand
        Text per product.
    cents
        List price, US cents.
    grams
        Weight.
    popularity
        Cumulated share of each product within its category, shape (categories, products per category).
    quality
        Hidden: from 0, disappointing, to 1; reviews and returns follow from it.
    """

    sku: list[str]
    title: list[str]
    brand: list[str]
    cents: Integers
    grams: Integers
    popularity: Floats
    quality: Floats


@lru_cache(maxsize=4)
def catalogue(seed: int) -> Catalogue:
    """Return the catalogue of a twin; the same for every block."""
    dice = Dice(seed, "catalogue")
    number = np.arange(len(_CATEGORIES) * PER_CATEGORY)
    category, within = np.divmod(number, PER_CATEGORY)
    things = [_CATEGORIES[place][1].split(",") for place in category]
    typical = np.array([_CATEGORIES[place][2] for place in category])
    weight = np.array([_CATEGORIES[place][3] for place in category])
    kind = within // 5
    dollars = np.maximum(2.0, typical * np.exp(0.35 * dice.normal("price", number)) * (0.85 + 0.15 * kind))
    rank = (
        dice.uniform("rank", number).reshape(len(_CATEGORIES), PER_CATEGORY).argsort(axis=1).argsort(axis=1)
    )
    share = 1.0 / (rank + 1.5)
    return Catalogue(
        sku=[f"SKU-{100_000 + 137 * int(place):06d}" for place in number],
        title=[
            f"{_KINDS[int(k)]} {names[int(place) % 5]}"
            for k, names, place in zip(kind, things, within, strict=True)
        ],
        brand=[_BRANDS[int(place)] for place in dice.index(len(_BRANDS), "brand", number)],
        cents=(np.floor(dollars) * 100 + 99).astype(np.int64),
        grams=(weight * np.exp(0.3 * dice.normal("weight", number))).astype(np.int64) + 5,
        popularity=np.cumsum(share / share.sum(axis=1, keepdims=True), axis=1),
        quality=np.clip(0.72 + 0.16 * dice.normal("quality", number), 0.05, 0.98),
    )


def category_of(product: Integers) -> Integers:
    """Return the category's place in ``CATEGORY_PATHS``."""
    return product // PER_CATEGORY


def shop_products(seed: int) -> pa.Table:
    """Return the products as the shop lists them: weights and prices in whatever unit and spelling."""
    goods = catalogue(seed)
    dice = Dice(seed, "shop_products")
    number = np.arange(len(goods.sku))
    unit, spelling = dice.pick((5, 2, 2, 1), "unit", number), dice.pick((5, 3, 2), "price", number)
    return pa.table(
        {
            "SKU": goods.sku,
            "Title": goods.title,
            "CategoryPath": [CATEGORY_PATHS[place] for place in category_of(number)],
            "Brand": goods.brand,
            "Weight": [_weight(int(g), int(u)) for g, u in zip(goods.grams, unit, strict=True)],
            "ListPrice": [price_text(int(c), int(s)) for c, s in zip(goods.cents, spelling, strict=True)],
        }
    )


def price_text(cents: int, spelling: int) -> str:
    """Return a price as ``USD 12.34``, ``$12.34`` or ``12,34``."""
    amount = f"{cents / 100:.2f}"
    return (f"USD {amount}", f"${amount}", amount.replace(".", ","))[spelling]


def _weight(grams: int, unit: int) -> str:
    ounce, pound = 28.349523125, 453.59237
    return (f"{grams} g", f"{grams / 1000:.2f} kg", f"{grams / ounce:.1f} oz", f"{grams / pound:.2f} lb")[
        unit
    ]
