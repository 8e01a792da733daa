"""The web shop: accounts, orders, returns and payments. Orders are what the browsing led to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulation.digital_twin import dirt as spoil
from simulation.digital_twin.arrays import stacked
from simulation.digital_twin.blocks import Block, Rows
from simulation.digital_twin.browsing import Browsing
from simulation.digital_twin.clock import (
    DAY,
    END,
    FIRST_DAY,
    HOUR,
    MINUTE,
    is_summer_time,
    utc_of,
)
from simulation.digital_twin.products import catalogue
from simulation.digital_twin.profiles import social_logins_of
from simulation.digital_twin.randomness import Flags, Integers
from simulation.digital_twin.records import (
    Records,
    addresses_of,
    clean_emails,
    emails_of,
    names_of,
    phones_of,
    records_of,
)
from simulation.digital_twin.text import (
    NOTHING,
    cents,
    choose,
    digits,
    fixed,
    join,
    numbered,
    taken,
    timestamps,
    uuids,
    where,
    whole_numbers,
)
from simulation.digital_twin.tracking import open_id_keys, visitor_keys
from simulation.digital_twin.visits import MINI, Visits

_REASONS = ("too small", "not as described", "damaged", "changed my mind", "arrived late", "wrong item")
_METHODS = ("visa", "mastercard", "paypal", "gift_card", "bank_transfer", "wechat_pay", "alipay")
_METHODS_BY_LANGUAGE = ((42, 25, 25, 5, 3, 0, 0), (15, 8, 5, 2, 2, 40, 28), (38, 30, 14, 4, 14, 0, 0))


def accounts_of(block: Block) -> Records:
    """Draw who has an account."""
    people = block.people
    share = np.where(people.has_household, np.where(people.member == 0, 0.57, 0.38), 0.8)
    share = share * np.where(people.activity > 0, 1.0, 0.25)
    return records_of(
        block.dice("shop"), people, share, already=0.65, second_records=block.dirt.second_records
    )


def account_keys(block: Block, number: Integers) -> pa.Array:
    """Return the keys of accounts."""
    dice = block.dice("shop")
    return uuids(dice.bits("account", number), dice.bits("account/second", number))


def with_offset(local: Integers) -> pa.Array:
    """Return moments of New York's clock in ISO 8601 with their offset."""
    return join(timestamps(local, "YYYY-MM-DDThh:mm:ss"), where(is_summer_time(local), "-04:00", "-05:00"))


def shop_accounts(block: Block, accounts: Records) -> Rows:
    """Return every state of every account."""
    dice, people, number = block.dice("shop"), block.people, accounts.number
    row = accounts.row
    updates = dice.chance(0.2, "updates", number)
    updated = np.maximum(accounts.created, FIRST_DAY) + dice.whole(DAY, 330 * DAY, "updated", number)
    moved = np.where(
        people.moves_at[row] < END,
        people.moves_at[row] + dice.whole(DAY, 30 * DAY, "moved", number),
        END,
    )
    tells = dice.chance(0.5, "tells move", number) & (moved > accounts.created)
    everyone = np.arange(len(accounts))
    again, moves = np.flatnonzero(updates & (updated < END)), np.flatnonzero(tells & (moved < END))
    at = stacked(everyone, again, moves)
    when = stacked(accounts.created, updated[again], moved[moves])
    names = names_of(dice, people, accounts, block.dirt, in_characters=0.25)
    address = addresses_of(
        people, row[at], tells[at] & (when >= moved[at]), dice.chance(0.3, "in full", number)[at]
    )
    has_address = dice.chance(0.75, "address", number)[at]
    none = NOTHING
    place = pa.array(at)
    columns = {
        "account_id": account_keys(block, number).take(place),
        "email": emails_of(dice, people, accounts, block.dirt, second=0.2).take(place),
        "first_name": names.given.take(place),
        "last_name": names.surname.take(place),
        "phone": phones_of(dice, people, accounts, block.dirt, present=0.55).take(place),
        "address_line": where(has_address, address.line, none),
        "city": where(has_address, address.city, none),
        "zip": where(has_address, address.zip, none),
        "locale": choose(("en_US", "zh_CN", "pt_BR"), people.language[row]).take(place),
        "social_login": social_logins_of(block, accounts).take(place),
        "points_card": _points_cards(block, accounts).take(place),
        "created_at": with_offset(accounts.created[at]),
        "updated_at": with_offset(when),
    }
    return Rows.of(columns, utc_of(when), number[at] * 1000 + when // DAY % 1000)


def _points_cards(block: Block, accounts: Records) -> pa.Array:
    """Return the grocery card that each account collects points on, typed with or without its gaps; or null.

    A second account was opened by somebody who knew nothing of the first, nor where the card was.
    """
    dice, number, card = block.dice("points cards"), accounts.number, block.people.card[accounts.row]
    is_on_file = ~dice.chance(block.dirt.cards_not_on_file, "not on file", number)
    has_card = (card > 0) & is_on_file & (number % 2 == 0)
    front, back = numbered("", card // 10_000, 6), numbered("", card % 10_000, 4)
    gap = choose(("", " ", "-"), dice.pick((6, 3, 1), "gap", number))
    return where(has_card, join(front, gap, back), NOTHING)


@dataclass(frozen=True)
class Orders:
    """Web orders; one element per order, and per line for the lines.

    Attributes
    ----------
    visit, row
        Place of the visit and of the person.
    placed
        Milliseconds, New York.
    account
        Place of the account; -1 for guests.
    is_cancelled, is_test
        Whether it was called off before it was shipped; whether staff placed it to try something.
    delivered
        When it arrived, milliseconds, New York; after the end of the year if it did not yet.
    first_line, lines
        Where the order's lines begin among all lines, and how many there are.
    line_order, line_product, line_quantity, line_cents, line_discount
        Lines: place of the order, product, pieces, price of a piece and discount of the line in cents.
    total
        What the order costs, cents.
    """

    visit: Integers
    row: Integers
    placed: Integers
    account: Integers
    is_cancelled: Flags
    is_test: Flags
    delivered: Integers
    first_line: Integers
    lines: Integers
    line_order: Integers
    line_product: Integers
    line_quantity: Integers
    line_cents: Integers
    line_discount: Integers
    total: Integers

    def __len__(self) -> int:
        return len(self.visit)

    @property
    def line_number(self) -> Integers:
        """Number of each line within its order, from 1."""
        return np.arange(len(self.line_order)) - self.first_line[self.line_order] + 1


def order_keys(visits: Visits) -> pa.Array:
    """Return the order number that each visit would have."""
    day = timestamps(visits.starts, "MMDD")
    return join("W17", day, "-", numbered("", (visits.key * 7_654_321 + 99_991) % 10**10, 10))


def orders_of(block: Block, visits: Visits, browsing: Browsing, accounts: Records) -> Orders:
    """Return the orders that the visits ended in."""
    dice, goods, people = block.dice("orders"), catalogue(block.settings.seed), block.people
    looked = browsing.considerations
    visit = np.flatnonzero(browsing.ordered > 0)
    order_of_visit = np.full(len(visits), -1)
    order_of_visit[visit] = np.arange(len(visit))
    bought = looked.is_kept & (order_of_visit[looked.visit] >= 0)
    line_order, product = order_of_visit[looked.visit[bought]], looked.product[bought]
    quantity, key = looked.quantity[bought], looked.key[bought]
    order_key, row, placed = visits.key[visit], visits.row[visit], browsing.ordered[visit]
    lines = np.bincount(line_order, minlength=len(visit))
    price = goods.cents[product]
    # Whoever is sensitive to prices looks for a code, and finds one at times.
    has_code = dice.chance(0.05 + 0.3 * people.price_sensitivity[row], "code", order_key)
    percent = np.where(has_code, np.array([5, 10, 15, 20])[dice.pick((3, 4, 2, 1), "percent", order_key)], 0)
    discount = np.where(
        dice.chance(0.9, "line on offer", key), price * quantity * percent[line_order] // 100, 0
    )
    owner = accounts.place_of(row, placed)
    member = owner >= 0
    member &= visits.is_logged_in[visit] | dice.chance(0.85, "logs in", order_key)
    days = 2 + dice.pick((2, 4, 3, 2, 1, 1, 1), "days", order_key)
    return Orders(
        visit=visit,
        row=row,
        placed=placed,
        account=np.where(member, owner, -1),
        is_cancelled=dice.chance(0.03, "cancelled", order_key),
        is_test=dice.chance(block.dirt.test_orders, "test", order_key),
        delivered=placed // DAY * DAY + days * DAY + dice.whole(9 * HOUR, 18 * HOUR, "at", order_key),
        first_line=np.cumsum(lines) - lines,
        lines=lines,
        line_order=line_order,
        line_product=product,
        line_quantity=quantity,
        line_cents=price,
        line_discount=discount,
        total=np.bincount(line_order, weights=price * quantity - discount, minlength=len(visit)).astype(
            np.int64
        ),
    )


def price_texts(amount: Integers, spelling: Integers) -> pa.Array:
    """Return cents as ``USD 12.34``, ``$12.34`` or ``12,34``."""
    text = cents(amount)
    comma = join(whole_numbers(amount // 100), ",", fixed(digits(amount % 100, 2)))
    return where(spelling == 0, join("USD ", text), where(spelling == 1, join("$", text), comma))


def shop_order_lines(
    block: Block, visits: Visits, orders: Orders, keys: pa.Array, accounts: pa.Array
) -> Rows:
    """Return the lines of the orders."""
    dice, goods, dirt = block.dice("order_lines"), catalogue(block.settings.seed), block.dirt
    order = orders.line_order
    key = visits.key[orders.visit[order]] * 16 + orders.line_number
    guest = orders.account < 0
    email = clean_emails(
        block.people, orders.row, dice.chance(0.3, "second", visits.key[orders.visit]), False
    )
    email = spoil.spoilt(email, dirt.typos, spoil.mistyped_email, dice, "typo", visits.key[orders.visit])
    email = spoil.spoilt(
        email, dirt.junk_identifiers, spoil.junk_email, dice, "junk", visits.key[orders.visit]
    )
    none = NOTHING
    whose = taken(accounts, orders.account)
    seen = visits.visitor[orders.visit]
    visitor = where(visits.channel[orders.visit] == MINI, open_id_keys(seen), visitor_keys(seen))
    status = np.where(orders.is_test, 3, np.where(orders.is_cancelled, 2, orders.delivered < END - 2 * DAY))
    unit = price_texts(orders.line_cents, dice.pick((5, 3, 2), "spelling", key))
    unit = spoil.spoilt(unit, dirt.broken_prices, spoil.broken_price, dice, "broken price", key)
    unknown = dice.chance(dirt.unknown_references, "unknown product", key)
    placed = utc_of(orders.placed)
    odd = dice.chance(dirt.impossible_dates, "odd date", visits.key[orders.visit])
    shown = np.where(odd, np.where(visits.key[orders.visit] % 2 == 0, 0, 4_102_444_800_000), placed)
    place = pa.array(order)
    columns = {
        "OrderNo": keys.take(pa.array(orders.visit)).take(place),
        "LineNo": pa.array(orders.line_number),
        "AccountID": whose.take(place),
        "GuestEmail": where(guest, email, none).take(place),
        "VisitorID": visitor.take(place),
        "SKU": where(unknown, "SKU-999999", choose(goods.sku, orders.line_product)),
        "Quantity": whole_numbers(orders.line_quantity),
        "UnitPrice": unit,
        "Discount": where(orders.line_discount > 0, cents(orders.line_discount), "0.00"),
        "Status": choose(("placed", "shipped", "cancelled", "TEST"), status)[:].take(place),
        "PlacedAt": whole_numbers(shown).take(place),
    }
    return Rows.of(columns, placed[order], key, orders.row[order])


@dataclass(frozen=True)
class Returns:
    """Returned lines; one element each: place of the line, when (milliseconds, New York), pieces, cents."""

    line: Integers
    at: Integers
    quantity: Integers
    refund: Integers


def returns_of(block: Block, visits: Visits, orders: Orders) -> Returns:
    """Draw what is sent back: disappointing products more often."""
    dice, goods = block.dice("returns"), catalogue(block.settings.seed)
    order = orders.line_order
    key = visits.key[orders.visit[order]] * 16 + orders.line_number
    likely = 0.16 * (1.1 - goods.quality[orders.line_product])
    at = orders.delivered[order] + dice.whole(DAY, 25 * DAY, "after", key)
    sent_back = dice.chance(likely, "returns", key) & ~orders.is_cancelled[order] & ~orders.is_test[order]
    line = np.flatnonzero(sent_back & (at < END - DAY))
    whole = orders.line_cents * orders.line_quantity - orders.line_discount
    return Returns(line, at[line], orders.line_quantity[line], whole[line])


def shop_returns(block: Block, visits: Visits, orders: Orders, returns: Returns, keys: pa.Array) -> Rows:
    """Return the returned lines."""
    dice = block.dice("shop_returns")
    order = orders.line_order[returns.line]
    key = visits.key[orders.visit[order]] * 16 + orders.line_number[returns.line]
    unknown = dice.chance(block.dirt.unknown_references * 2, "unknown order", key)
    number = keys.take(pa.array(orders.visit[order]))
    columns = {
        "ReturnNo": numbered("R", (key * 3_333_331 + 17) % 10**11, 11),
        "OrderNo": where(unknown, "W170000-0000000000", number),
        "LineNo": pa.array(orders.line_number[returns.line]),
        "Quantity": whole_numbers(returns.quantity),
        "Refund": join(cents(returns.refund), " USD"),
        "Reason": choose(_REASONS, dice.index(len(_REASONS), "reason", key)),
        "ReturnedAt": whole_numbers(utc_of(returns.at)),
    }
    return Rows.of(columns, utc_of(returns.at), key)


def shop_payments(block: Block, visits: Visits, orders: Orders, returns: Returns, keys: pa.Array) -> Rows:
    """Return payments and refunds: a card is declined at times, and a returned line paid back."""
    dice, people = block.dice("payments"), block.people
    key = visits.key[orders.visit]
    language = people.language[orders.row]
    limits = np.cumsum(np.array(_METHODS_BY_LANGUAGE, dtype=np.float64) / 100, axis=1)[language]
    method = np.minimum((limits < dice.uniform("method", key)[:, None]).sum(axis=1), len(_METHODS) - 1)
    instalments = np.where(
        (language == 2) & (method < 2), 1 + dice.pick((4, 2, 2, 1, 0, 2), "instalments", key), 1
    )
    declined = np.flatnonzero(dice.chance(0.04, "declined", key))
    gone = np.flatnonzero(orders.is_cancelled & (orders.placed + 3 * DAY < END))
    everyone = np.arange(len(orders))
    returned = orders.line_order[returns.line]
    at = stacked(everyone, declined, gone, returned)
    kind = np.repeat([0, 1, 2, 2], [len(everyone), len(declined), len(gone), len(returned)])
    amount = stacked(orders.total, orders.total[declined], -orders.total[gone], -returns.refund)
    when = stacked(
        orders.placed + MINUTE,
        orders.placed[declined] + 10_000,
        orders.placed[gone] + DAY,
        returns.at + 2 * HOUR,
    )
    number = stacked(everyone * 0, declined * 0 + 1, gone * 0 + 2, 2 + orders.line_number[returns.line])
    row_key = key[at] * 32 + number
    unknown = dice.chance(block.dirt.unknown_references, "unknown order", row_key)
    columns = {
        "payment_id": numbered("PAY", (row_key * 9_999_991 + 31) % 10**12, 12),
        "order_no": where(unknown, "W170000-0000000000", keys.take(pa.array(orders.visit[at]))),
        "method": choose(_METHODS, method[at]),
        "amount_cents": whole_numbers(amount),
        "instalments": whole_numbers(np.where(kind == 2, 1, instalments[at])),
        "status": choose(("captured", "declined", "refunded"), kind),
        "captured_at": timestamps(utc_of(when), "YYYY-MM-DDThh:mm:ssZ"),
    }
    return Rows.of(columns, utc_of(when), row_key)
