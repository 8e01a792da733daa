"""Made-up invoices of a web shop, in the shape of the source `online_retail_ii`.

They hold everything that its staging treats in its own way.

The numbers come from a seeded generator, the oddities are written out one by one.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, replace

import pyarrow as pa

SCHEMA = pa.schema(
    {
        "sheet": pa.string(),
        "Invoice": pa.string(),
        "StockCode": pa.string(),
        "Description": pa.string(),
        "Quantity": pa.int64(),
        "InvoiceDate": pa.timestamp("us"),
        "Price": pa.float64(),
        "CustomerID": pa.int64(),
        "Country": pa.string(),
        "_loaded_at": pa.timestamp("us"),
        "_batch_id": pa.string(),
    }
)

# Their categories come from words in the name: at its edge, inside it, in no word, in two ways.
PRODUCTS = {
    "85048": "15CM CHRISTMAS GLASS BALL 20 LIGHTS",
    "85099B": "JUMBO BAG RED RETROSPOT",
    "22423": "REGENCY CAKESTAND 3 TIER",
    "84879": "ASSORTED COLOUR BIRD ORNAMENT",
    "20725": "LUNCH BAG RED RETROSPOT",
    "21212": 'PACK OF 72 "RETROSPOT" CAKE CASES',
    "22197": "CHILDREN'S APRON, O'BRIEN",
    "47566": "PÂTISSERIE BUNTING — ÆØÅ ß ☕ 🎄",
    "23298": "SPACEBOY\\BACKSLASH TIN",
    "22960": "JAM MAKING SET, 50% / £5",
    "21034": "BAGGAGE TAG {RED}: [1,2]",
    "15056N": "EDWARDIAN PARASOL\tNATURAL",
}
COUNTRIES = ["United Kingdom", "EIRE", "Germany", "Côte d'Ivoire"]

_FIRST_DAY = dt.date(2016, 5, 2)
_LAST_DAY = dt.date(2017, 12, 22)
_CUSTOMERS = range(12346, 12396)


@dataclass(frozen=True)
class InvoiceLine:
    """A line as the source hands it over."""

    invoice: str | None
    stock_code: str | None
    description: str | None
    quantity: int | None
    invoice_date: dt.datetime | None
    price: float | None
    customer: int | None = 12346
    country: str | None = "United Kingdom"

    def row(self, loaded_at: dt.datetime, batch_id: str) -> dict[str, object]:
        """Return the line as a row of the raw table."""
        values = [
            "Year 2010-2011",
            self.invoice,
            self.stock_code,
            self.description,
            self.quantity,
            self.invoice_date,
            self.price,
            self.customer,
            self.country,
            loaded_at,
            batch_id,
        ]
        return dict(zip(SCHEMA.names, values, strict=True))


def table(lines: list[InvoiceLine], loaded_at: dt.datetime, batch_id: str) -> pa.Table:
    """Return lines as rows of the raw table."""
    return pa.Table.from_pylist([line.row(loaded_at, batch_id) for line in lines], schema=SCHEMA)


def ordinary() -> list[InvoiceLine]:
    """Return sales and, now and then, what is taken back of them: some twenty months of fifty customers."""
    chance = random.Random(2010)
    lines = []
    number = 536365
    for customer in _CUSTOMERS:
        day = _FIRST_DAY + dt.timedelta(days=chance.randrange(120))
        while day <= _LAST_DAY:
            # Also at hours at which London and UTC are not on the same day.
            moment = dt.datetime.combine(day, dt.time(chance.randrange(24), chance.randrange(60)))
            sold = [
                InvoiceLine(
                    invoice=str(number),
                    stock_code=code,
                    description=PRODUCTS[code],
                    quantity=chance.choice([1, 2, 3, 6, 12, 24, 144]),
                    invoice_date=moment,
                    price=chance.choice([0.19, 0.42, 0.85, 1.25, 2.55, 4.95, 12.75]),
                    # Who buys without an account cannot be told from others who do.
                    customer=None if chance.random() < 0.1 else customer,
                    country=COUNTRIES[customer % len(COUNTRIES)],
                )
                for code in chance.sample(sorted(PRODUCTS), chance.randint(1, 6))
            ]
            lines += sold
            if chance.random() < 0.08:
                taken_back = sold[0]
                lines.append(
                    replace(
                        taken_back,
                        invoice=f"C{number + 500_000}",
                        quantity=-(taken_back.quantity or 0),
                        invoice_date=moment + dt.timedelta(days=chance.randint(1, 20)),
                    )
                )
            number += 1
            day += dt.timedelta(days=chance.choice([3, 8, 15, 21, 35, 60, 130]))
    return lines


def odd() -> list[InvoiceLine]:
    """Return one line or a few of everything that staging treats in its own way."""
    noon = dt.datetime(2017, 3, 14, 12, 0)
    good = InvoiceLine("600000", "85048", PRODUCTS["85048"], 12, noon, 6.95)

    def line(number: int, **changes: object) -> InvoiceLine:
        return replace(good, **{"invoice": str(number), **changes})  # type: ignore[arg-type]

    return [
        good,
        # An exact duplicate, also when its code and its name are spelt otherwise.
        good,
        replace(good, stock_code=" 85048 ", description=f" {PRODUCTS['85048']}"),
        line(600001, stock_code="85099b"),
        # Clocks in London go forward at one o'clock on 26 March 2017, and back at two o'clock on 29 October.
        *(
            line(600010 + number, invoice_date=moment)
            for number, moment in enumerate(
                [
                    dt.datetime(2017, 3, 26, 0, 59, 59),
                    dt.datetime(2017, 3, 26, 2, 0),
                    dt.datetime(2017, 10, 29, 0, 59, 59),
                    dt.datetime(2017, 10, 29, 2, 0),
                    dt.datetime(2016, 12, 31, 23, 59, 59, 999999),
                    dt.datetime(2017, 3, 14, 12, 0, 0, 500000),
                    dt.datetime(2017, 3, 14, 12, 0, 0, 120),
                ]
            )
        ),
        # Half a penny, up and down, and prices finer than staging keeps.
        *(
            line(600020 + number, price=price, quantity=quantity)
            for number, (price, quantity) in enumerate(
                [
                    (0.125, 1),
                    (0.125, 3),
                    (0.0025, 2),
                    (2.675, 1),
                    (1.00005, 1),
                    (0.00015, 10_000),
                    (1e-5, 1),
                    (0.0, 1),
                ]
            )
        ),
        line(600029, invoice="C600029", price=0.125, quantity=-1),
        line(600030, invoice="c600030", price=2.675, quantity=-3),
        # Fees, vouchers, manual entries; some invoiced, some taken back.
        *(
            line(600040 + number, stock_code=code, description=description, price=price)
            for number, (code, description, price) in enumerate(
                [
                    ("POST", "POSTAGE", 18.0),
                    ("DOT", None, 74.95),
                    ("C2", "CARRIAGE", 50.0),
                    ("M", "Manual", 1.5),
                    ("m", "Manual", 2.5),
                    ("D", "Discount", 5.0),
                    ("BANK CHARGES", "Bank Charges", 15.0),
                    ("gift_0001_20", "Dotcomgiftshop Gift Voucher £20.00", 17.02),
                    ("22016", None, 100.0),
                    ("ADJUST", "Adjustment by john on 26/01/2010 17", 3.4),
                ]
            )
        ),
        line(600050, invoice="C600050", stock_code="D", description="Discount", quantity=-1, price=27.5),
        line(
            600051,
            invoice="C600051",
            stock_code="AMAZONFEE",
            description="AMAZON FEE",
            quantity=-1,
            price=13541.33,
        ),
        line(
            600052,
            invoice="A600052",
            stock_code="B",
            description="Adjust bad debt",
            price=-11062.06,
            customer=None,
        ),
        line(
            600053,
            invoice="A600053",
            stock_code="B",
            description="Adjust bad debt",
            price=11062.06,
            customer=None,
        ),
        # Test products, and stock that moves without a customer or a price.
        line(600060, stock_code="TEST001", description="This is a test product.", price=4.5),
        line(600061, stock_code=" test002 ", description="This is a test product.", quantity=1, price=1.0),
        line(600062, description="damaged", quantity=-7, price=0.0, customer=None),
        line(600063, description="found", quantity=9, price=0.0, customer=None),
        line(600064, description="?", quantity=-20, price=0.0, customer=None),
        line(600064, stock_code="22423", description="lost", quantity=3, price=0.0, customer=None),
        # A sale with a free line, and a gift to a customer: no stock movement.
        line(600065, customer=None),
        line(600065, stock_code="22423", description=None, price=0.0, customer=None),
        line(600066, price=0.0),
        # Everything that breaks a rule.
        line(600070, invoice=None),
        line(600071, invoice="  "),
        line(600072, stock_code="nan"),
        line(600073, invoice_date=None),
        line(600074, invoice_date=dt.datetime(2031, 1, 1, 12)),
        line(600075, quantity=None),
        line(600076, price=None),
        line(600077, quantity=-12),
        line(600078, price=-6.95),
        # In quarantine a row is written out as JSON: quotes, backslashes, controls, whatever is not ASCII.
        line(600080, price=-1.0, description='"QUOTED" \\ BACK/SLASH \t TAB \n LINE \r\n \x1f END'),
        line(600081, price=-1.0, description="☕ 🎄 é \u2028 \u00a0 ß </script> & 'x' \x7f"),
        line(600082, price=-0.00004, quantity=0, description="", country="NULL"),
        line(600083, price=-1234567.8912, quantity=100_000, customer=None, description="n/a", country=None),
        # Names: which one sells most often, which is empty, which one only cancellations use.
        *(line(600090 + number, stock_code="90001", description="B NAME") for number in range(2)),
        *(line(600094 + number, stock_code="90001", description="A NAME") for number in range(2)),
        *(
            line(600097, invoice=f"C60009{number}", stock_code="90001", description="z", quantity=-1)
            for number in range(7, 9)
        ),
        line(600100, stock_code="90002", description=None),
        line(600101, stock_code="90002", description="nan"),
        line(600102, stock_code="90003", description="é NAME"),
        line(600103, stock_code="90003", description="Z NAME"),
        line(600104, stock_code="90003", description="z NAME"),
        line(600105, quantity=0),
        line(600106, country=" "),
    ]


def late() -> list[InvoiceLine]:
    """Return what else arrives with the second delivery: repeats, and an old invoice."""
    noon = dt.datetime(2017, 3, 14, 12, 0)
    good = InvoiceLine("600000", "85048", PRODUCTS["85048"], 12, noon, 6.95)
    return [
        good,
        # A line of an invoice that is known, and one of an old one that is not.
        replace(good, stock_code="22423", description=PRODUCTS["22423"]),
        replace(good, invoice="599999", invoice_date=dt.datetime(2016, 6, 1, 9, 30)),
        # A known product gets another name, by sales alone.
        *(
            replace(good, invoice=f"60011{number}", stock_code="90001", description="A NAME")
            for number in range(3)
        ),
    ]


def before(lines: list[InvoiceLine], moment: dt.datetime) -> tuple[list[InvoiceLine], list[InvoiceLine]]:
    """Return the lines dated before ``moment``, undated ones among them, and all others."""
    earlier = [line for line in lines if line.invoice_date is None or line.invoice_date < moment]
    return earlier, [line for line in lines if line.invoice_date is not None and line.invoice_date >= moment]
