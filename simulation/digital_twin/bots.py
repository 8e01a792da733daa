"""Bots: visitors that look at one product after the other, all day, and buy nothing."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulation.digital_twin.arrays import numbered_within
from simulation.digital_twin.blocks import Block, Rows
from simulation.digital_twin.clock import DAY, FIRST_DAY, HOUR, utc_of
from simulation.digital_twin.products import catalogue
from simulation.digital_twin.text import (
    cents,
    choose,
    coded,
    fixed,
    hexadecimal,
    prefixed,
    timestamps,
)
from simulation.digital_twin.tracking import visitor_keys

_SECONDS_BETWEEN = 2.2


def bot_events(block: Block, like: pa.Schema) -> Rows:
    """Return the events of the block's bots, in the columns of ``web_events``."""
    dice, goods = block.dice("bots"), catalogue(block.settings.seed)
    makers = block.people.person[dice.chance(block.dirt.bots, "bot", block.people.person)]
    count = 1_500 + dice.index(2_500, "events", makers)
    place, within = numbered_within(count)
    bot = makers[place]
    start = FIRST_DAY + (3 + dice.index(355, "day", bot)) * DAY + 9 * HOUR
    local = (
        start + (within * _SECONDS_BETWEEN * 1000).astype(np.int64) + dice.index(900, "jitter", bot, within)
    )
    utc, product = utc_of(local), dice.index(len(goods.sku), "product", bot, within)
    identity = dice.bits("event", bot, within)
    zero = np.zeros(len(bot), dtype=np.int64)
    moment = timestamps(utc, "YYYY-MM-DDThh:mm:ss.fffZ")
    columns: dict[str, pa.Array] = {
        "message_id": fixed(prefixed("ajs-", hexadecimal(identity))),
        "type": coded(("track",), zero),
        "event": coded(("Product Viewed",), zero),
        "anonymous_id": visitor_keys(dice.bits("visitor", bot)).dictionary_encode(),
        "timestamp": moment,
        "received_at": timestamps(utc + 350, "YYYY-MM-DDThh:mm:ss.fffZ"),
        "context_page_path": coded([f"/p/{sku.lower()}" for sku in goods.sku], product),
        "context_device_type": coded(("desktop",), zero),
        "product_id": choose(goods.sku, product).dictionary_encode(),
        "price": cents(goods.cents[product]).dictionary_encode(),
        "time_on_page_ms": pa.repeat(pa.scalar("400"), len(bot)),
    }
    filled = {
        field.name: columns[field.name].cast(field.type)
        if field.name in columns
        else pa.nulls(len(bot), field.type)
        for field in like
    }
    return Rows.of(filled, utc + 350, identity.astype(np.int64))
