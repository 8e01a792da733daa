"""The service desk: tickets that follow from orders and accounts, and the conversations in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulation.digital_twin import dirt as spoil
from simulation.digital_twin import sentences
from simulation.digital_twin.arrays import stacked
from simulation.digital_twin.blocks import Block, Rows
from simulation.digital_twin.clock import DAY, END, FIRST_DAY, HOUR, MINUTE, utc_of
from simulation.digital_twin.crm import NEVER
from simulation.digital_twin.names import LANGUAGES
from simulation.digital_twin.products import catalogue
from simulation.digital_twin.randomness import Bits, Flags, Integers
from simulation.digital_twin.records import (
    Records,
    clean_emails,
    given_name,
    phone_texts,
    surname,
)
from simulation.digital_twin.shop import Orders, with_offset
from simulation.digital_twin.text import (
    NOTHING,
    choose,
    fixed,
    hexadecimal,
    join,
    prefixed,
    taken,
    where,
)
from simulation.digital_twin.visits import Visits

_STATUSES = ("new", "open", "pending", "solved", "closed")
_SLOW = 2 * DAY


@dataclass(frozen=True)
class Tickets:
    """Tickets; one element each.

    Attributes
    ----------
    row, order, product, account
        Place of the person and of the order, number of the product, place of the account; -1 without.
    category
        Place in ``sentences.CATEGORIES``.
    key
        Number of the ticket.
    created, replied, solved
        Milliseconds, New York; `NEVER` if it did not happen in the year.
    """

    row: Integers
    order: Integers
    product: Integers
    account: Integers
    category: Integers
    key: Integers
    created: Integers
    replied: Integers
    solved: Integers

    def __len__(self) -> int:
        return len(self.row)

    @property
    def number(self) -> Integers:
        """The desk's number of each ticket."""
        return (self.key * 4_999_999 + 21) % 10**11


def tickets_of(block: Block, visits: Visits, orders: Orders, accounts: Records) -> Tickets:
    """Draw tickets: about slow or disappointing orders, and at times about accounts, points and bills."""
    dice, goods = block.dice("service"), catalogue(block.settings.seed)
    key = visits.key[orders.visit]
    slow = orders.delivered - orders.placed > 6 * DAY
    quality = goods.quality[orders.line_product[orders.first_line]] if len(orders) else np.zeros(0)
    likely = 0.04 + 0.1 * slow + 0.2 * np.clip(0.7 - quality, 0, 1)
    asks = np.flatnonzero(dice.chance(likely, "asks", key) & ~orders.is_test)
    category = np.where(slow[asks], 0, np.array([1, 2, 2, 5])[dice.index(4, "category", key[asks])])
    about_delivery = orders.placed[asks] + _SLOW + dice.index(3 * DAY, "waits", key[asks])
    about_goods = orders.delivered[asks] + dice.index(8 * DAY, "uses", key[asks])
    at = np.where(category == 0, about_delivery, about_goods)

    # Trouble with the account has nothing to do with an order.
    trouble = np.flatnonzero(dice.chance(0.05, "trouble", accounts.number))
    since = np.maximum(accounts.created[trouble], FIRST_DAY) + HOUR
    when = since + (dice.uniform("trouble at", accounts.number[trouble]) * (END - since)).astype(np.int64)
    of_account = np.where(dice.chance(0.6, "login", accounts.number[trouble]), 3, 4)

    row = stacked(orders.row[asks], accounts.row[trouble])
    created = stacked(at, when)
    ticket_key = stacked(key[asks] * 2, accounts.number[trouble] * 2 + 1)
    kept = created < END - HOUR
    row, created, ticket_key = row[kept], created[kept], ticket_key[kept]
    order = stacked(asks, np.full(len(trouble), -1))[kept]
    account = stacked(orders.account[asks], trouble)[kept]
    first = orders.first_line[order] if len(orders) else order
    product = np.where(order >= 0, orders.line_product[first], -1) if len(orders) else order
    reply = created + (dice.between(0.1, 1, "reply", ticket_key) ** 3 * 3 * DAY).astype(np.int64) + 4 * MINUTE
    solved = reply + (dice.between(0.05, 1, "solve", ticket_key) ** 2 * 6 * DAY).astype(np.int64) + 9 * MINUTE
    never = dice.chance(0.04, "never solved", ticket_key)
    return Tickets(
        row=row,
        order=order,
        product=product,
        account=np.where(dice.chance(0.6, "logged in", ticket_key), account, -1),
        category=stacked(category, of_account)[kept],
        key=ticket_key,
        created=created,
        replied=np.where(reply < END, reply, NEVER),
        solved=np.where((solved < END) & ~never, solved, NEVER),
    )


def support_tickets(block: Block, tickets: Tickets, account_keys: pa.Array, order_numbers: pa.Array) -> Rows:
    """Return every state of every ticket: new, open once answered, solved."""
    dice, people, dirt, goods = (
        block.dice("service"),
        block.people,
        block.dirt,
        catalogue(block.settings.seed),
    )
    key, row = tickets.key, tickets.row
    via = dice.pick((4, 3, 2, 3), "via", key)
    email = clean_emails(people, row, dice.chance(0.25, "second address", key), True)
    email = spoil.spoilt(email, dirt.typos, spoil.mistyped_email, dice, "typo", key)
    email = spoil.spoilt(email, dirt.malformed_emails, spoil.malformed_email, dice, "malformed", key)
    phone = phone_texts(people.phone[row], dice.index(6, "style", key))
    phone = spoil.spoilt(phone, dirt.junk_identifiers, spoil.junk_phone, dice, "junk", key)
    name = join(given_name(people, row), " ", surname(people, row))
    name = spoil.spoilt(name, dirt.typos, spoil.typo, dice, "typo in name", key)
    name = spoil.spoilt(name, dirt.capitals, spoil.capitals, dice, "capitals", key)
    calls, gives_phone = via == 2, dice.chance(0.2, "gives phone", key)
    bits = dice.bits("subject", key).astype(np.int64) & 0xFFFF
    subjects = [
        sentences.subject(LANGUAGES[language], sentences.CATEGORIES[category], chance)
        for language, category, chance in zip(
            people.language[row].tolist(), tickets.category.tolist(), bits.tolist(), strict=True
        )
    ]
    unknown = dice.chance(dirt.unknown_references, "unknown order", key)
    order = where(
        tickets.order >= 0, where(unknown, "W170000-0000000000", taken(order_numbers, tickets.order)), NOTHING
    )
    everyone = np.arange(len(tickets))
    answered, solved = np.flatnonzero(tickets.replied < END), np.flatnonzero(tickets.solved < END)
    at = stacked(everyone, answered, solved)
    state = np.repeat([0, 1, 2], [len(everyone), len(answered), len(solved)])
    waits = dice.chance(0.3, "pending", key)[at]
    status = np.where(state == 0, 0, np.where(state == 1, 1 + waits, 3 + dice.chance(0.4, "closed", key)[at]))
    when = stacked(tickets.created, tickets.replied[answered], tickets.solved[solved])
    place = pa.array(at)
    columns = {
        "ticket_id": pa.array(tickets.number[at]),
        "requester_email": where(calls, NOTHING, email).take(place),
        "requester_phone": where(calls | gives_phone, phone, NOTHING).take(place),
        "requester_name": name.take(place),
        "account_id": taken(account_keys, tickets.account).take(place),
        "via": choose(("email", "chat", "phone", "web_form"), via).take(place),
        "subject": pa.array(subjects, pa.string()).take(place),
        "category": choose(sentences.CATEGORIES, tickets.category).take(place),
        "priority": choose(("P1", "P2", "P3", "P4"), dice.pick((1, 3, 5, 2), "priority", key)).take(place),
        "status": choose(_STATUSES, status),
        "order_no": order.take(place),
        "sku": taken(pa.array(goods.sku), tickets.product).take(place),
        "created_at": with_offset(tickets.created[at]),
        "first_reply_at": where(state >= 1, with_offset(tickets.replied[at]), NOTHING),
        "solved_at": where(state == 2, with_offset(tickets.solved[at]), NOTHING),
        "updated_at": with_offset(when),
    }
    return Rows.of(columns, utc_of(when), key[at] * 4 + state, row[at])


def support_messages(block: Block, tickets: Tickets) -> Rows:
    """Return the messages: the complaint, an answer, the solution, and thanks at times."""
    dice, goods = block.dice("conversations"), catalogue(block.settings.seed)
    language = block.people.language[tickets.row]
    names = [goods.title[product] if product >= 0 else "" for product in tickets.product.tolist()]
    grateful = (tickets.solved < END - HOUR) & dice.chance(0.4, "thanks", tickets.key)
    parts: list[tuple[str, Flags, Integers]] = [
        ("complaint", tickets.created < END, tickets.created),
        ("answers", tickets.replied < END, tickets.replied),
        ("solutions", tickets.solved < END, tickets.solved),
        ("thanks", grateful, tickets.solved + 20 * MINUTE),
    ]
    bodies: list[str] = []
    at, part, when = [], [], []
    for place, (kind, happens, moment) in enumerate(parts):
        rows = np.flatnonzero(happens)
        for row, chance in zip(rows.tolist(), _small(dice.bits(kind, tickets.key[rows])), strict=True):
            speaks, category = LANGUAGES[language[row]], sentences.CATEGORIES[tickets.category[row]]
            bodies.append(
                sentences.complaint(speaks, category, names[row], chance)
                if kind == "complaint"
                else sentences.reply(speaks, kind, names[row], chance)
            )
        at.append(rows)
        part.append(np.full(len(rows), place))
        when.append(moment[rows])
    rows, which, local = np.concatenate(at), np.concatenate(part), np.concatenate(when)
    key = tickets.key[rows] * 4 + which
    body = pa.array(bodies, pa.string())
    body = spoil.spoilt(
        body, block.dirt.control_characters, spoil.with_control_character, dice, "control", key
    )
    columns = {
        "message_no": fixed(prefixed("T", hexadecimal(dice.bits("message", key)))),
        "ticket_id": pa.array(tickets.number[rows]),
        "author": choose(("end-user", "agent"), ((which == 1) | (which == 2)).astype(np.int64)),
        "body": body,
        "lang": choose(LANGUAGES, language[rows]),
        "sent_at": with_offset(local),
    }
    return Rows.of(columns, utc_of(local), key)


def _small(bits: Bits) -> list[int]:
    values: list[int] = (bits >> np.uint64(1)).tolist()
    return values
