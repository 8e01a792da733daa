"""The truth behind the records. It is written beside the twin, and only tests look there: it never lands."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from simulation.digital_twin.blocks import Block, Rows
from simulation.digital_twin.campaigns import campaigns_of
from simulation.digital_twin.crm import Contacts, contact_keys
from simulation.digital_twin.loyalty import member_keys
from simulation.digital_twin.names import LANGUAGES
from simulation.digital_twin.products import CATEGORY_PATHS
from simulation.digital_twin.records import Records, given_name, surname
from simulation.digital_twin.shop import account_keys
from simulation.digital_twin.stores import phone_hashes
from simulation.digital_twin.text import choose, constant, where
from simulation.digital_twin.tracking import open_id_keys, visitor_keys
from simulation.digital_twin.visits import MINI, Visits

_NAMES_OF_CHANNELS = ("web", "app", "mini_program")


def people_truth(block: Block) -> pa.Table:
    """Return one row per person: who they are."""
    people = block.people
    household = np.full(len(people), 0)
    member = people.has_household
    household[member] = block.household_numbers[people.household[member]]
    rows = np.arange(len(people))
    return pa.table(
        {
            "person_id": people.person,
            "household_id": pa.array(household, mask=~member),
            "is_card_holder": people.card > 0,
            "given_name": given_name(people, rows),
            "family_name": surname(people, rows),
            "language": choose(LANGUAGES, people.language),
        }
    )


def traits_truth(block: Block) -> pa.Table:
    """Return one row per person: the hidden traits."""
    people = block.people
    columns = {
        "person_id": pa.array(people.person),
        "price_sensitivity": pa.array(people.price_sensitivity),
        "loyalty": pa.array(people.loyalty),
        "response": pa.array(people.response),
        "sharing": pa.array(people.sharing),
        "leaving": pa.array(people.leaving),
        "activity": pa.array(people.activity),
        "leaves_at": pa.array(people.leaves_at, pa.timestamp("ms")),
    }
    columns |= {
        f"channel_{name}": pa.array(people.channel[:, place]) for place, name in enumerate(_NAMES_OF_CHANNELS)
    }
    columns |= {
        f"interest: {path}": pa.array(people.interest[:, place]) for place, path in enumerate(CATEGORY_PATHS)
    }
    return pa.table(columns)


def records_truth(block: Block, contacts: Contacts, accounts: Records, members: Records) -> pa.Table:
    """Return one row per record of a person: system, key, person."""
    parts = [
        ("crm", contacts.records, contact_keys(contacts.records.number)),
        ("shop", accounts, account_keys(block, accounts.number)),
        ("loyalty", members, member_keys(members.number)),
    ]
    return pa.concat_tables(
        pa.table(
            {
                "system": constant(system, len(records)),
                "record_key": keys,
                "person_id": block.people.person[records.row],
            }
        )
        for system, records, keys in parts
    )


def rows_truth(block: Block, tables: dict[str, Rows]) -> pa.Table:
    """Return one row per row that may name nobody by the key of a record: table, its key, person.

    Guest orders, tickets, answers, posts and visits to stores are known by an e-mail, a handle or a phone,
    as it was written at the time.
    """
    return pa.concat_tables(
        pa.table(
            {
                "table_name": constant(name, len(rows.table)),
                "row_key": rows.table.column(0).cast(pa.string()),
                "person_id": block.people.person[rows.person],
            }
        )
        for name, rows in tables.items()
        if rows.person is not None
    )


def visitors_truth(block: Block, visits: Visits) -> pa.Table:
    """Return one row per visitor, channel and person who used it; phones seen in stores are visitors too."""
    person = block.people.person[visits.row]
    used = pa.table({"channel": visits.channel, "visitor": visits.visitor, "person_id": person})
    distinct = used.group_by(["channel", "visitor", "person_id"], use_threads=False).aggregate([])
    channel, visitor = distinct["channel"].to_numpy(), distinct["visitor"].to_numpy()
    keys = where(channel == MINI, open_id_keys(visitor), visitor_keys(visitor))
    owner = block.people.person[block.people.has_household]
    return pa.table(
        {
            "channel": pa.concat_arrays([choose(_NAMES_OF_CHANNELS, channel), constant("store", len(owner))]),
            "visitor": pa.concat_arrays([keys, phone_hashes(block, owner)]),
            "person_id": np.concatenate([distinct["person_id"].to_numpy(), owner]),
        }
    )


def effects_truth(seed: int) -> pa.Table:
    """Return one row per campaign: its true effect on the visits of an average person in the week after."""
    campaigns = campaigns_of(seed)
    return pa.table({"campaign_code": campaigns.code(), "effect": campaigns.effect})
