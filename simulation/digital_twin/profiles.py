"""Who people are on social networks: they post as that, sign in with it and follow the shop with it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from simulation.digital_twin import dirt as spoil
from simulation.digital_twin.blocks import Block
from simulation.digital_twin.people import People
from simulation.digital_twin.randomness import Dice, Flags, Integers
from simulation.digital_twin.records import Records, given_name, surname
from simulation.digital_twin.text import NOTHING, choose, join, where, whole_numbers

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
    """Return with which profile each account of the shop is signed in to; null for those with a password.

    It is written as the plug-in of each network hands it over: ``instagram:anasouza12``,
    ``Instagram:@AnaSouza12`` or the page of the profile.
    """
    dice, row, number = block.dice("social logins"), accounts.row, accounts.number
    network, handle = networks_of(block, row), handles_of(block.people, row)
    name = choose(NETWORKS, network)
    spelling = dice.pick((6, 3, 1), "spelling", number)
    login = where(
        spelling == 0,
        pc.utf8_lower(join(name, ":", handle)),
        where(spelling == 1, join(name, ":@", handle), join(choose(_SITES, network), handle)),
    )
    return where(_connects(dice, block, accounts), login, NOTHING)


def followers_of(block: Block, members: Records) -> pa.Array:
    """Return the profile with which each member of the loyalty programme follows the shop; null without one.

    Members type it: ``Instagram @AnaSouza12`` or ``instagram anasouza12``, at times with a slip.
    """
    dice, row, number = block.dice("followers"), members.row, members.number
    handle = spoil.spoilt(
        handles_of(block.people, row), block.dirt.typos, spoil.typo, dice, "typo in profile", number
    )
    name = choose(NETWORKS, networks_of(block, row))
    typed = where(
        dice.chance(0.5, "small letters", number),
        pc.utf8_lower(join(name, " ", handle)),
        join(name, " @", handle),
    )
    return where(_connects(dice, block, members), typed, NOTHING)


def _connects(dice: Dice, block: Block, records: Records) -> Flags:
    """Return who tells a system of a profile: who opens a second record does so as nobody knew the first."""
    connects = ~dice.chance(block.dirt.unconnected_profiles, "unconnected", records.number)
    return connects & (block.people.activity[records.row] > 0) & (records.number % 2 == 0)
