"""Behaviour events as three systems write them: web in the Segment spec's shape, app, mini-program."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulation.digital_twin import dirt as spoil
from simulation.digital_twin.blocks import Block, Rows
from simulation.digital_twin.browsing import (
    CART,
    COMPARED,
    EVENTS,
    ORDERED,
    PAGE,
    SEARCHED,
    SHARED,
    VIEWED,
    Browsing,
)
from simulation.digital_twin.clock import BEIJING_AHEAD, DAY, END, HOUR, utc_of
from simulation.digital_twin.products import CATEGORY_PATHS, Catalogue, catalogue
from simulation.digital_twin.randomness import Bits, Flags, Integers, hash_of
from simulation.digital_twin.text import (
    NOTHING,
    coded,
    dictionary,
    fixed,
    hexadecimal,
    prefixed,
    timestamps,
    uuids,
    where,
    whole_numbers,
)
from simulation.digital_twin.visits import APP, DESKTOP, STORE_TABLET, TABLET, WEB, Visits

_APP_EVENTS = (
    "search_performed", "category_opened", "product_viewed", "compare_opened", "try_on_started",
    "wishlist_added", "wishlist_removed", "product_shared", "cart_product_added", "cart_product_removed",
    "screen_viewed", "banner_viewed", "cart_opened", "checkout_started", "checkout_step_viewed",
    "checkout_step_completed", "payment_entered", "order_completed",
)  # fmt: skip
_MINI_EVENTS = (
    "search", "viewList", "viewGoods", "compare", "tryOn", "favour", "unfavour", "share", "addCart",
    "delCart", "viewPage", "viewBanner", "openCart", "settle", "settleStep", "settleStepDone", "payInfo",
    "paySuccess",
)  # fmt: skip
_WEB_NETWORKS = ("facebook", "twitter", "email", "pinterest")
_APP_NETWORKS = ("instagram", "whatsapp", "sms", "mail")
_MINI_NETWORKS = ("moments", "group", "friend", "friend")
_PAGES = ("/", "/sale", "/about", "/cart", "/checkout", "/checkout/done", "/search", "/list", "/compare")
_PHONES = ("iPhone8,1", "iPhone9,3", "iPhone10,6", "SM-G950", "SM-G930", "Pixel 2", "Moto G5", "iPad7,5")


@dataclass(frozen=True)
class Tracked:
    """Events of one channel with what they refer to; one element per event.

    Attributes
    ----------
    visit, kind, product, quantity, step, dwell
        As in `browsing.Events`.
    utc, received
        When it happened by the device's clock, and when the server got it; milliseconds.
    identity
        128 random bits that name the event.
    account
        Place of the account that was logged in; -1 if none was.
    chance
        A number from 0 to below 1,000, for what is drawn per event.
    """

    visit: Integers
    kind: Integers
    product: Integers
    quantity: Integers
    step: Integers
    dwell: Integers
    utc: Integers
    received: Integers
    identity: tuple[Bits, Bits]
    account: Integers
    chance: Integers

    def __len__(self) -> int:
        return len(self.visit)

    @property
    def key(self) -> Integers:
        """What dirt of rows is drawn by."""
        return self.identity[0].astype(np.int64)


def tracked(
    block: Block, visits: Visits, browsing: Browsing, accounts_of_visits: Integers, channel: int
) -> Tracked:
    """Return the events of one channel.

    Parameters
    ----------
    accounts_of_visits
        Place of the account that each visit would be made with; -1 for none.
    """
    dice, events = block.dice("tracking"), browsing.events
    mine = np.flatnonzero(visits.channel[events.visit] == channel)
    visit, kind, place = events.visit[mine], events.kind[mine], events.place[mine]
    key = visits.key[visit]
    first = dice.bits("event", key, place)
    second = dice.bits("event/second", key, place) if channel != WEB else first
    utc = utc_of(events.local[mine])
    delay = 200 + (first >> np.uint64(40)).astype(np.int64) % 2800
    received = utc + delay
    # Phones without a network hand over what happened when they have one again.
    late = dice.chance(block.dirt.late_rows, "late", key)
    offline = DAY + (dice.uniform("late by", key) ** 2 * 40 * DAY).astype(np.int64)
    late &= utc + offline + DAY < END
    received = np.where(late, received + offline, received)
    if channel == APP:
        wrong = dice.chance(block.dirt.wrong_clocks, "wrong clock", key)
        utc = utc - np.where(wrong, (dice.between(-2, 9, "hours off", key) * HOUR).astype(np.int64), 0)
    # Whoever checks out with an account is logged in from there on.
    logged_in = visits.is_logged_in[visit] | (kind > CART)
    return Tracked(
        visit=visit,
        kind=kind,
        product=events.product[mine],
        quantity=events.quantity[mine],
        step=events.step[mine],
        dwell=events.dwell[mine],
        utc=utc,
        received=received,
        identity=(first, second),
        account=np.where(logged_in, accounts_of_visits[visit], -1),
        chance=(first & np.uint64(0xFFFFF)).astype(np.int64) % 1000,
    )


def web_events(
    block: Block, visits: Visits, of: Tracked, account_keys: pa.Array, order_keys: pa.Array
) -> Rows:
    """Return the events of the web shop."""
    goods = catalogue(block.settings.seed)
    unknown = _unknown(block, of)
    device = visits.device[of.visit]
    words = np.where(device == DESKTOP, 0, np.where((device == TABLET) | (device == STORE_TABLET), 2, 1))
    columns = {
        "message_id": fixed(prefixed("ajs-", hexadecimal(of.identity[0]))),
        "type": coded(("track", "page"), (of.kind == PAGE).astype(np.int64)),
        "event": _event_names(block, of, EVENTS, absent=of.kind == PAGE),
        "anonymous_id": _visitors(visits, of),
        "user_id": dictionary(account_keys, of.account),
        "timestamp": timestamps(of.utc, "YYYY-MM-DDThh:mm:ss.fffZ"),
        "received_at": timestamps(of.received, "YYYY-MM-DDThh:mm:ss.fffZ"),
        "context_page_path": _paths(goods, of),
        "context_device_type": coded(("desktop", "mobile", "tablet"), words),
        "product_id": _products(goods, of, unknown),
        "price": _prices(block, goods, of),
        "quantity": coded([str(number) for number in range(6)], of.quantity, of.quantity == 0),
        "query": _queries(goods, of),
        "order_id": dictionary(order_keys, np.where(of.kind == ORDERED, of.visit, -1)),
        "step": coded([str(number) for number in range(4)], of.step, of.step == 0),
        "share_via": coded(_WEB_NETWORKS, of.chance % 4, of.kind != SHARED),
        "time_on_page_ms": _measured(of.dwell),
    }
    return Rows.of(columns, of.received, of.key)


def app_events(
    block: Block, visits: Visits, of: Tracked, account_keys: pa.Array, order_keys: pa.Array
) -> Rows:
    """Return the events of the app."""
    goods = catalogue(block.settings.seed)
    named, unknown = of.product >= 0, _unknown(block, of)
    models = visits.visitor[of.visit] % np.uint64(len(_PHONES))
    price = np.where(named, goods.cents[of.product], 0)
    broken = named & block.dice("tracking").chance(block.dirt.broken_prices, "broken", of.key)
    screens = ("search", "list", "product", "compare", "try_on", "cart", "checkout", "home")
    columns = {
        "event_uuid": uuids(*of.identity),
        "event_type": _event_names(block, of, _APP_EVENTS),
        "install_id": _visitors(visits, of),
        "account": dictionary(account_keys, of.account),
        "ts_ms": pa.array(of.utc),
        "ingested_ms": pa.array(of.received),
        "screen": coded(screens, _SCREENS[of.kind]),
        "device_model": coded(_PHONES, models.astype(np.int64)),
        "sku": _products(goods, of, unknown),
        "price_cents": pa.array(np.where(broken, -price, price), mask=~named),
        "qty": pa.array(of.quantity, mask=of.quantity == 0),
        "search_text": _queries(goods, of),
        "order_ref": dictionary(order_keys, np.where(of.kind == ORDERED, of.visit, -1)),
        "checkout_step": pa.array(of.step, mask=of.step == 0),
        "shared_to": coded(_APP_NETWORKS, of.chance % 4, of.kind != SHARED),
        "dwell_s": pa.array(of.dwell / 1000.0, mask=of.dwell == 0),
    }
    return Rows.of(columns, of.received, of.key)


def mini_program_events(
    block: Block, visits: Visits, of: Tracked, account_keys: pa.Array, order_keys: pa.Array
) -> Rows:
    """Return the events of the mini-program."""
    goods = catalogue(block.settings.seed)
    unknown = _unknown(block, of)
    names, codes = np.unique(visits.visitor[of.visit], return_inverse=True)
    columns = {
        "id": fixed(prefixed("mp", hexadecimal(of.identity[0]))),
        "action": _event_names(block, of, _MINI_EVENTS),
        "openid": dictionary(open_id_keys(names), codes),
        "unionid": dictionary(account_keys, of.account),
        "time": timestamps(of.utc + BEIJING_AHEAD, "YYYY/MM/DD hh:mm:ss"),
        "page": coded([f"pages{path.rstrip('/') or '/index'}" for path in _PAGES], _PAGE_OF[of.kind]),
        "goods": _products(goods, of, unknown),
        "goods_price": _prices(block, goods, of),
        "num": coded([str(number) for number in range(6)], of.quantity, of.quantity == 0),
        "keyword": _queries(goods, of),
        "order_sn": dictionary(order_keys, np.where(of.kind == ORDERED, of.visit, -1)),
        "settle_step": coded([str(number) for number in range(4)], of.step, of.step == 0),
        "share_to": coded(_MINI_NETWORKS, of.chance % 4, of.kind != SHARED),
        "stay": _measured(of.dwell // 1000),
    }
    return Rows.of(columns, of.received, of.key)


# Of each event in `EVENTS`: the screen of the app, and the page of web shop and mini-program.
_SCREENS = np.array([0, 1, 2, 3, 4, 2, 2, 2, 2, 2, 7, 7, 5, 6, 6, 6, 6, 6])
_PAGE_OF = np.array([6, 7, 0, 8, 0, 0, 0, 0, 0, 0, 0, 1, 3, 4, 4, 4, 4, 5])


def _event_names(block: Block, of: Tracked, names: tuple[str, ...], absent: Flags | None = None) -> pa.Array:
    unknown = block.dice("tracking").chance(block.dirt.unknown_events, "unknown event", of.key)
    vocabulary = (*names, "undefined")
    return coded(vocabulary, np.where(unknown, len(vocabulary) - 1, of.kind), absent)


def _visitors(visits: Visits, of: Tracked) -> pa.DictionaryArray:
    names, codes = np.unique(visits.visitor, return_inverse=True)
    return dictionary(visitor_keys(names), codes[of.visit])


def visitor_keys(visitor: Bits) -> pa.Array:
    """Return visitors as browsers and installations are written."""
    return uuids(visitor, hash_of(np.uint64(0), visitor))


def open_id_keys(visitor: Bits) -> pa.Array:
    """Return visitors as users of the messenger are written."""
    return fixed(prefixed("o", hexadecimal(visitor)))


def _unknown(block: Block, of: Tracked) -> Flags:
    named = of.product >= 0
    return named & block.dice("tracking").chance(block.dirt.unknown_references, "unknown product", of.key)


def _products(goods: Catalogue, of: Tracked, unknown: Flags) -> pa.Array:
    return coded([*goods.sku, "SKU-999999"], np.where(unknown, len(goods.sku), of.product), of.product < 0)


def _prices(block: Block, goods: Catalogue, of: Tracked) -> pa.Array:
    broken = block.dice("tracking").chance(block.dirt.broken_prices, "broken", of.key)
    words = [*(f"{number / 100:.2f}" for number in goods.cents), *spoil.BROKEN_PRICES]
    places = np.where(broken, len(goods.cents) + of.chance % len(spoil.BROKEN_PRICES), of.product)
    priced = (of.product >= 0) & ((of.kind == VIEWED) | (of.kind > COMPARED))
    return coded(words, places, ~priced)


def _paths(goods: Catalogue, of: Tracked) -> pa.Array:
    words = [*_PAGES, *(f"/p/{sku.lower()}" for sku in goods.sku)]
    on_product = (of.product >= 0) & (of.kind != COMPARED)
    places = np.where(on_product, len(_PAGES) + of.product, _PAGE_OF[of.kind])
    return coded(words, np.where((of.kind == PAGE) & (of.chance > 700), 2, places))


def _queries(goods: Catalogue, of: Tracked) -> pa.Array:
    """Return what was searched: words of a title, as people type them."""
    words = []
    for title, path in zip(
        goods.title, np.repeat(CATEGORY_PATHS, len(goods.title) // len(CATEGORY_PATHS)), strict=True
    ):
        words += [title.lower(), title.split(" ", 1)[1].lower(), str(path).split(" > ")[-1].lower()]
    drawn = (of.identity[0] >> np.uint64(20)).astype(np.int64) % len(words)
    # Who searches goes on to look at what was found: the next product of the visit, if it is the next event.
    following = np.append(of.product[1:], -1)
    place = np.where(following >= 0, following * 3 + of.chance % 3, drawn)
    return coded(words, place, of.kind != SEARCHED)


def _measured(numbers: Integers) -> pa.Array:
    return where(numbers > 0, whole_numbers(numbers), NOTHING)
