"""What customers say: reviews of delivered products, answers to surveys, mentions on social networks."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulation.digital_twin import dirt as spoil
from simulation.digital_twin.arrays import numbered_within, stacked
from simulation.digital_twin.blocks import Block, Rows
from simulation.digital_twin.clock import DAY, END, FIRST_DAY, HOUR, utc_of
from simulation.digital_twin.names import LANGUAGES
from simulation.digital_twin.products import PER_CATEGORY, TOP_OF_CATEGORY, catalogue
from simulation.digital_twin.profiles import NETWORKS, handles_of, networks_of
from simulation.digital_twin.randomness import Bits, Floats, Integers
from simulation.digital_twin.records import clean_emails
from simulation.digital_twin.sentences import BAD, GOOD, MIDDLING, TOPICS, opinion, sentence
from simulation.digital_twin.service import Tickets
from simulation.digital_twin.shop import Orders
from simulation.digital_twin.text import (
    NOTHING,
    choose,
    fixed,
    hexadecimal,
    join,
    prefixed,
    taken,
    timestamps,
    where,
    whole_numbers,
)
from simulation.digital_twin.visits import Visits


def reviews(
    block: Block, visits: Visits, orders: Orders, account_keys: pa.Array, order_numbers: pa.Array
) -> Rows:
    """Return reviews of delivered lines; stars and words follow from the product's hidden quality."""
    dice, people, goods = block.dice("reviews"), block.people, catalogue(block.settings.seed)
    order = orders.line_order
    key = visits.key[orders.visit[order]] * 16 + orders.line_number
    written = orders.delivered[order] + DAY + dice.index(20 * DAY, "written", key)
    likely = 0.1 + 0.4 * people.sharing[orders.row[order]]
    writes = (
        dice.chance(likely, "writes", key)
        & (written < END)
        & ~orders.is_cancelled[order]
        & ~orders.is_test[order]
    )
    line = np.flatnonzero(writes & (orders.account[order] >= 0))
    order, key, written = order[line], key[line], written[line]
    product = orders.line_product[line]
    stars = _stars(goods.quality[product], dice.normal("stars", key))
    language = people.language[orders.row[order]]
    mood = np.where(stars <= 2, BAD, np.where(stars == 3, MIDDLING, GOOD))
    chances = _small(dice.bits("text", key))
    texts = [
        opinion(LANGUAGES[speaks], feels, goods.title[item], chance)
        for speaks, feels, item, chance in zip(
            language.tolist(), mood.tolist(), product.tolist(), chances, strict=True
        )
    ]
    titles = [
        sentence(LANGUAGES[speaks], "title", feels, chance >> 40)
        for speaks, feels, chance in zip(language.tolist(), mood.tolist(), chances, strict=True)
    ]
    text = spoil.spoilt(
        pa.array(texts, pa.string()),
        block.dirt.control_characters,
        spoil.with_control_character,
        dice,
        "control",
        key,
    )
    shown = where(dice.chance(0.08, "of five", key), join(whole_numbers(stars), "/5"), whole_numbers(stars))
    unknown = dice.chance(block.dirt.unknown_references, "unknown product", key)
    columns = {
        "review_id": fixed(prefixed("rv", hexadecimal(dice.bits("review", key)))),
        "sku": where(unknown, "SKU-999999", choose(goods.sku, product)),
        "account_id": taken(account_keys, orders.account[order]),
        "order_no": order_numbers.take(pa.array(order)),
        "stars": shown,
        "title": where(dice.chance(0.8, "title", key), pa.array(titles, pa.string()), NOTHING),
        "text": text,
        "lang": choose(LANGUAGES, language),
        "created": timestamps(utc_of(written), "YYYY-MM-DDThh:mm:ss"),
    }
    return Rows.of(columns, utc_of(written), key)


def surveys(block: Block, visits: Visits, orders: Orders, tickets: Tickets, order_numbers: pa.Array) -> Rows:
    """Return answers: NPS after orders, CSAT after tickets, each with a comment at times."""
    dice, people, goods = block.dice("surveys"), block.people, catalogue(block.settings.seed)
    order_key = visits.key[orders.visit] * 2
    asked = orders.delivered + 3 * DAY + dice.index(4 * DAY, "nps after", order_key)
    answers = dice.chance(0.1 + 0.1 * people.response[orders.row], "nps", order_key) & (asked < END)
    order = np.flatnonzero(answers & ~orders.is_cancelled & ~orders.is_test)
    ticket_key = tickets.key * 2 + 1
    closed = np.minimum(tickets.solved, END) + HOUR + dice.index(2 * DAY, "csat after", ticket_key)
    ticket = np.flatnonzero(dice.chance(0.35, "csat", ticket_key) & (closed < END))
    is_csat = np.arange(len(order) + len(ticket)) >= len(order)
    row = stacked(orders.row[order], tickets.row[ticket])
    when = stacked(asked[order], closed[ticket])
    key = stacked(order_key[order], ticket_key[ticket])
    product = stacked(orders.line_product[orders.first_line[order]], tickets.product[ticket])
    waited = stacked(
        (orders.delivered - orders.placed)[order] / DAY, (tickets.solved - tickets.created)[ticket] / DAY
    )
    quality = np.where(product >= 0, goods.quality[np.maximum(product, 0)], 0.7)
    feeling = np.clip(
        quality + 0.15 * people.loyalty[row] - 0.02 * waited + 0.12 * dice.normal("feels", key), 0, 1
    )
    stars = _stars(feeling, np.zeros(len(key)))
    score = np.where(is_csat, stars, np.clip(np.rint(feeling * 12.2), 0, 10)).astype(np.int64)
    mood = np.where(is_csat, np.where(stars <= 2, BAD, np.where(stars == 3, MIDDLING, GOOD)),
                    np.where(score <= 6, BAD, np.where(score <= 8, MIDDLING, GOOD)))  # fmt: skip
    chances = _small(dice.bits("text", key))
    language = people.language[row]
    comments = [
        sentence(LANGUAGES[speaks], "service" if csat else TOPICS[chance % 6], feels, chance >> 8,
                 goods.title[item] if item >= 0 else "order")
        for speaks, feels, item, csat, chance in zip(
            language.tolist(), mood.tolist(), product.tolist(), is_csat.tolist(), chances, strict=True
        )
    ]  # fmt: skip
    comment = where(dice.chance(0.55, "comments", key), pa.array(comments, pa.string()), NOTHING)
    comment = spoil.spoilt(
        comment, block.dirt.control_characters, spoil.with_control_character, dice, "control", key
    )
    email = clean_emails(people, row, dice.chance(0.1, "second", key), True)
    email = spoil.spoilt(email, block.dirt.capitals, spoil.careless_email, dice, "careless", key)
    number = stacked(np.full(len(order), -1), tickets.number[ticket])
    of_order = pa.concat_arrays([order_numbers.take(pa.array(order)), pa.nulls(len(ticket), pa.string())])
    columns = {
        "ResponseID": fixed(prefixed("SR", hexadecimal(dice.bits("response", key)))),
        "Survey": choose(("NPS", "CSAT"), is_csat.astype(np.int64)),
        "Email": email,
        "OrderNo": of_order,
        "TicketID": whole_numbers(number, number < 0),
        "Score": whole_numbers(score),
        "Comment": comment,
        "Language": choose(("English", "Chinese", "Portuguese"), language),
        "AnsweredOn": timestamps(utc_of(when), "DD-Mon-YYYY hh:mm"),
    }
    return Rows.of(columns, utc_of(when), key, row)


def social_mentions(block: Block) -> Rows:
    """Return mentions by people who like to share, about products of the categories they like."""
    dice, people, goods = block.dice("social"), block.people, catalogue(block.settings.seed)
    count = dice.poisson(0.9 * people.sharing * (people.activity > 0), "posts", people.person, largest=12)
    row, within = numbered_within(count)
    key = people.person[row] * 16 + within
    posted = FIRST_DAY + DAY + (dice.uniform("posted", key) * (END - FIRST_DAY - 2 * DAY)).astype(np.int64)
    limits = np.cumsum(people.interest[row], axis=1)
    category = np.minimum(
        (limits < dice.uniform("category", key)[:, None]).sum(axis=1), len(TOP_OF_CATEGORY) - 1
    )
    product = category * PER_CATEGORY + dice.index(PER_CATEGORY, "product", key)
    stars = _stars(goods.quality[product], dice.normal("stars", key))
    mood = np.where(stars <= 2, BAD, np.where(stars == 3, MIDDLING, GOOD))
    language = people.language[row]
    chances = _small(dice.bits("text", key))
    hashtags = [brand.replace(" ", "") for brand in goods.brand]
    texts = [
        f"{opinion(LANGUAGES[speaks], feels, goods.title[item], chance)} #{hashtags[item]}"
        for speaks, feels, item, chance in zip(
            language.tolist(), mood.tolist(), product.tolist(), chances, strict=True
        )
    ]
    columns = {
        "post_id": fixed(prefixed("p", hexadecimal(dice.bits("post", key)))),
        "network": choose(NETWORKS, networks_of(block, row)),
        "handle": join("@", handles_of(people, row)),
        "email_guess": where(
            dice.chance(0.2, "public", people.person[row]),
            clean_emails(people, row, np.zeros(len(row), dtype=np.bool_), False),
            NOTHING,
        ),
        "sku": where(dice.chance(0.7, "tags", key), choose(goods.sku, product), NOTHING),
        "text": spoil.spoilt(
            pa.array(texts, pa.string()),
            block.dirt.control_characters,
            spoil.with_control_character,
            dice,
            "control",
            key,
        ),
        "lang": choose(LANGUAGES, language),
        "followers": pa.array(
            (20 * np.exp(1.6 * dice.normal("followers", people.person[row]) + 2)).astype(np.int64)
        ),
        "posted": whole_numbers(utc_of(posted)),
    }
    return Rows.of(columns, utc_of(posted), key, row)


def _stars(quality: Floats, noise: Floats) -> Integers:
    return np.clip(np.rint(0.2 + 5.0 * quality + 0.8 * noise), 1, 5).astype(np.int64)


def _small(bits: Bits) -> list[int]:
    values: list[int] = (bits >> np.uint64(1)).tolist()
    return values
