"""Visits to the grocery chain's stores, as sensors and appointments see them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulation.digital_twin.arrays import numbered_within
from simulation.digital_twin.blocks import Block, Rows
from simulation.digital_twin.clock import (
    DAY,
    END,
    FIRST_MONDAY,
    HOUR,
    MINUTE,
    WEEK,
    WEEKS,
    utc_of,
)
from simulation.digital_twin.crm import card_texts
from simulation.digital_twin.randomness import Integers
from simulation.digital_twin.text import (
    NOTHING,
    choose,
    fixed,
    hexadecimal,
    numbered,
    timestamps,
    where,
    whole_numbers,
)

_SENSORS = ("WIFI", "BEACON", "CARD", "APPT")


def store_visits(block: Block) -> Rows:
    """Return visits of households that shopped in the four weeks before, in the store they were in last."""
    dice, people, past = block.dice("stores"), block.people, block.past
    member = np.flatnonzero(people.has_household)
    of_household = people.household[member]
    recent = past.recent[of_household] if len(member) else np.zeros((0, WEEKS))
    # Sensors see a part of all visits: mostly of the card holder, whose phone has the chain's app.
    seen = np.where(people.member[member] == 0, 0.09, 0.02) * np.where(people.activity[member] > 0, 1.4, 0.6)
    rate = np.minimum(recent, 16) / 4 * 1.2 * seen[:, None]
    person = people.person[member]
    counts = dice.poisson(rate, "visits", person[:, None], np.arange(WEEKS)[None, :], largest=7)
    cell, within = numbered_within(counts.ravel())
    place, week = np.divmod(cell, WEEKS)
    key = (person[place] * 64 + week) * 8 + within
    row = member[place]
    local = FIRST_MONDAY + week * WEEK + np.where(week == 0, 6, dice.index(7, "day", key)) * DAY
    local += (dice.between(8.5, 20.5, "hour", key) * HOUR).astype(np.int64)
    stays = (dice.between(4, 55, "stays", key) * MINUTE).astype(np.int64)
    store = past.store[people.household[row], week]
    kept = (store > 0) & (local + stays < END)
    key, row, local, stays, store = (values[kept] for values in (key, row, local, stays, store))

    sensor = dice.pick((50, 25, 18, 7), "sensor", key)
    # Appointments and card readers run on the store's own tablet: one device, many people.
    on_tablet = (sensor >= 2) & dice.chance(0.5, "on tablet", key)
    tablets = fixed(hexadecimal(dice.bits("tablet", store)))
    hashed = where(on_tablet, tablets, phone_hashes(block, people.person[row]))
    shows = (sensor == 2) | ((sensor == 3) & dice.chance(0.6, "shows card", key))
    card = block.household_numbers[people.household[row]] if len(row) else row
    swapped = dice.chance(block.dirt.impossible_dates, "left before", key)
    left = np.where(swapped, local - stays, local + stays)
    unknown = dice.chance(block.dirt.unknown_references, "unknown store", key)
    columns = {
        "VisitID": numbered("V", (key * 7_777_777 + 13) % 10**11, 11),
        "StoreNo": where(unknown, "99999", whole_numbers(store)),
        "Sensor": choose(_SENSORS, sensor),
        "DeviceHash": where((sensor == 2) & ~on_tablet, NOTHING, hashed),
        "CardNo": where(shows, card_texts(card), NOTHING),
        "InAt": timestamps(local, "DD/MM/YYYY hh:mm"),
        "OutAt": timestamps(left, "DD/MM/YYYY hh:mm"),
    }
    return Rows.of(columns, utc_of(local), key, row)


def phone_hashes(block: Block, person: Integers) -> pa.Array:
    """Return how sensors see the phones of people."""
    return fixed(hexadecimal(block.dice("stores").bits("phone", person)))
