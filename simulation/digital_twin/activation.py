"""What the tool before this warehouse handed to destinations, and how customers responded."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulation.digital_twin.arrays import stacked
from simulation.digital_twin.blocks import Block, Rows
from simulation.digital_twin.clock import DAY, END, FIRST_DAY, HOUR, utc_of
from simulation.digital_twin.crm import Contacts, contact_keys
from simulation.digital_twin.shop import price_texts
from simulation.digital_twin.text import (
    NOTHING,
    choose,
    fixed,
    hexadecimal,
    prefixed,
    timestamps,
    where,
)

_AUDIENCES = ("frequent_shoppers", "lapsed_customers", "wine_lovers", "new_parents", "high_value")
_DESTINATIONS = ("ad platform", "call centre", "print")
_ERRORS = ("address not matched", "no consent at the destination", "limit reached", "malformed record")
_EVERY = 28


def audience_deliveries(block: Block, contacts: Contacts) -> tuple[Rows, Rows]:
    """Return deliveries and the responses to them; every four weeks, each audience to its destination."""
    dice, records, people = block.dice("activation"), contacts.records, block.people
    rounds = np.arange((END - FIRST_DAY) // DAY // _EVERY)
    moments = FIRST_DAY + (rounds * _EVERY + 9) * DAY + 6 * HOUR
    number = records.number[:, None]
    chosen = dice.chance(0.07, "chosen", number, rounds[None, :]) & (
        records.created[:, None] < moments[None, :]
    )
    contact, which = np.nonzero(chosen)
    key = records.number[contact] * 16 + which
    audience = dice.index(len(_AUDIENCES), "audience", key)
    utc = utc_of(moments[which]) + dice.index(1_800_000, "at", key)
    rejected = dice.chance(0.05, "rejected", key)
    leaves = dice.chance(0.4, "removed", key) & (utc + _EVERY * DAY < END)
    everyone, removed = np.arange(len(key)), np.flatnonzero(leaves & ~rejected)
    at = stacked(everyone, removed)
    is_removal = np.arange(len(at)) >= len(key)
    when = np.where(is_removal, utc[at] + (_EVERY - 1) * DAY, utc[at])
    row_key = key[at] * 2 + is_removal
    delivery = fixed(prefixed("D", hexadecimal(dice.bits("delivery", row_key))))
    failed = rejected[at] & ~is_removal
    unknown = dice.chance(block.dirt.unknown_references, "unknown contact", row_key)
    deliveries = {
        "DeliveryID": delivery,
        "Destination": choose(_DESTINATIONS, audience[at] % len(_DESTINATIONS)),
        "Audience": choose(_AUDIENCES, audience[at]),
        "ContactID": where(unknown, "C99999999", contact_keys(records.number[contact[at]])),
        "Action": choose(("ADD", "REMOVE"), is_removal.astype(np.int64)),
        "Result": choose(("OK", "REJECTED"), failed.astype(np.int64)),
        "Error": where(failed, choose(_ERRORS, dice.index(len(_ERRORS), "error", row_key)), NOTHING),
        "At": timestamps(when, "YYYY-MM-DDThh:mm:ssZ"),
    }
    likely = 0.12 * people.response[records.row[contact]]
    answered = utc + DAY + dice.index(9 * DAY, "answers at", key)
    answers = np.flatnonzero(dice.chance(likely, "answers", key) & ~rejected & (answered < END))
    kind = dice.pick((5, 3, 2, 1), "kind", key[answers])
    value = price_texts(
        900 + dice.index(9_000, "value", key[answers]), np.zeros(len(answers), dtype=np.int64)
    )
    responses = {
        "ResponseID": fixed(prefixed("A", hexadecimal(dice.bits("response", key[answers])))),
        "DeliveryID": delivery.take(pa.array(answers)),
        "ContactID": contact_keys(records.number[contact[answers]]),
        "Kind": choose(("VISIT", "ORDER", "REPLY", "OPTOUT"), kind),
        "Value": where(kind == 1, value, NOTHING),
        "At": timestamps(answered[answers], "YYYY-MM-DDThh:mm:ssZ"),
    }
    return Rows.of(deliveries, when, row_key), Rows.of(responses, answered[answers], key[answers])
