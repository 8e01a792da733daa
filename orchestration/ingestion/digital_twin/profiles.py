"""Whom people are on social networks: there they post, and with that some sign in to the shop."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.ingestion.digital_twin.blocks import Block
from orchestration.ingestion.digital_twin.people import People
from orchestration.ingestion.digital_twin.randomness import Integers
from orchestration.ingestion.digital_twin.records import Records, given_name, surname
from orchestration.ingestion.digital_twin.text import NOTHING, choose, join, where, whole_numbers

NETWORKS = ("Instagram", "Twitter", "Facebook", "Weibo")
_WEIBO = 3
_SITES = tuple(f"https://www.{network.lower()}.com/" for network in NETWORKS)


def networks_of(block: Block, row: Integers) -> Integers:
    """Return the network that people are on: places in `NETWORKS`."""
    people = block.people
    other = block.dice("social").index(_WEIBO, "network", people.person[row])
    return np.where(people.language[row] == 1, _WEIBO, other)


def handles_of(people: People, row: Integers) -> pa.Array:
    """Return the names of people on their network, without the ``@``."""
    return join(given_name(people, row), surname(people, row), whole_numbers(people.person[row] * 7 % 1000))


def social_logins_of(block: Block, accounts: Records) -> pa.Array:
    """Return with which profile each account is signed in to; null for those that have a password.

    Who opens a second account does so because the first one was forgotten: a profile has one. It is written
    as the plug-in of each network hands it over: ``instagram:anasouza12``, ``Instagram:@AnaSouza12`` or the
    page of the profile.
    """
    dice, people, row, number = block.dice("social logins"), block.people, accounts.row, accounts.number
    connects = ~dice.chance(block.dirt.unconnected_profiles, "password", number)
    connects &= (people.activity[row] > 0) & (number % 2 == 0)
    network, handle = networks_of(block, row), handles_of(people, row)
    name = choose(NETWORKS, network)
    spelling = dice.pick((6, 3, 1), "spelling", number)
    login = where(
        spelling == 0,
        pc.utf8_lower(join(name, ":", handle)),
        where(spelling == 1, join(name, ":@", handle), join(choose(_SITES, network), handle)),
    )
    return where(connects, login, NOTHING)
