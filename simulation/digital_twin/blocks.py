"""A block of people that is generated on its own, and the rows that come of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulation.digital_twin.configuration import Dirt, TwinSettings
from simulation.digital_twin.households import Baskets, Past
from simulation.digital_twin.people import People
from simulation.digital_twin.randomness import Dice, Integers


@dataclass(frozen=True)
class Block:
    """What the systems see of a block: its people, and their households' past.

    Attributes
    ----------
    settings
        Scale, seed and dirt.
    people
        The people; members of a household stand together, its card holder first.
    past
        What was known of the households in the block, week by week; no rows for people without a card.
    baskets
        Baskets of the households in the block.
    household_numbers
        Keys of the households in the block.
    """

    settings: TwinSettings
    people: People
    past: Past
    baskets: Baskets
    household_numbers: Integers

    @property
    def dirt(self) -> Dirt:
        """How much of each kind of dirt."""
        return self.settings.dirt

    def dice(self, system: str) -> Dice:
        """Return the dice of a system."""
        return Dice(self.settings.seed, system)


@dataclass(frozen=True)
class Rows:
    """Rows of one table as a system holds them, before they are delivered.

    Attributes
    ----------
    table
        The rows.
    written
        When the system wrote each, milliseconds, UTC: decides the order in the file, and the batch.
    key
        What stays the same for a row whatever else is in the table: dirt of rows is drawn by it.
    person
        Place of the person behind each row, where the row alone does not tell by the key of a record.
    """

    table: pa.Table
    written: Integers
    key: Integers
    person: Integers | None = None

    @classmethod
    def of(
        cls, columns: dict[str, pa.Array], written: Integers, key: Integers, person: Integers | None = None
    ) -> Rows:
        """Bundle columns with when and how they were written, and by whom."""
        return cls(pa.table(columns), written, np.asarray(key).astype(np.int64), person)
