"""Generate the twin: block after block of people, each through all systems, into files.

Blocks are made by two threads while a third writes; at most a few are in memory at a time, so that memory
does not grow with the scale.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from simulation.digital_twin import campaigns, companies, truth
from simulation.digital_twin.blocks import Block, Rows
from simulation.digital_twin.configuration import TwinSettings, TwinSettingsError
from simulation.digital_twin.deliveries import delivered
from simulation.digital_twin.households import Grocery, Households, past_of
from simulation.digital_twin.people import (
    LAST_HOUSEHOLD,
    people_of_households,
    people_without_card,
)
from simulation.digital_twin.products import shop_products
from simulation.digital_twin.randomness import Dice
from simulation.digital_twin.systems import records_and_events_of
from simulation.digital_twin.writing import Files, TableFormat

# Web-only people beside all households, and how many more for each further unit of scale.
_WITHOUT_CARD, _MORE_WITHOUT_CARD = 5_000, 9_000
_HOUSEHOLDS_PER_BLOCK, _PEOPLE_PER_BLOCK = 1_250, 2_500
_AT_ONCE = 2


def generate(
    folder: Path,
    formats: Mapping[str, TableFormat],
    settings: TwinSettings,
    grocery: Grocery,
    *,
    truth_folder: Path | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> dict[str, int]:
    """Write the twin's files into ``folder``, and the truth into ``truth_folder`` if there is one.

    Parameters
    ----------
    formats
        By table: how its files are written.
    grocery
        The real data. Baskets may end before the year does: what the twin has from before then
        stays as it is.
    report
        Called with a line of progress per block.

    Returns
    -------
    dict
        Rows by file name.

    Raises
    ------
    TwinSettingsError
        If a household has a number that is larger than the twin can take.
    """
    if (largest := grocery.households.number.max()) > LAST_HOUSEHOLD:
        raise TwinSettingsError(
            f"household {largest}: the digital twin takes numbers up to {LAST_HOUSEHOLD}. "
            "Build it around the households of complete_journey."
        )
    blocks = blocks_of(settings, grocery)
    with Files(folder) as files, Files(truth_folder or folder) as truths:
        _write(files, formats, "shop_products", "", shop_products(settings.seed))
        _write(files, formats, "channel_campaigns", "", campaigns.channel_campaigns(settings.seed))
        _write_companies(files, formats, settings, truths if truth_folder else None)
        if truth_folder:
            truths.write("campaign_effects.parquet", truth.effects_truth(settings.seed))
        for number, generated in enumerate(_generated(settings, blocks), start=1):
            for table, batches in generated.tables.items():
                for batch, rows in batches.items():
                    _write(files, formats, table, batch, rows)
            if truth_folder:
                for name, rows in generated.truth.items():
                    truths.write(f"{name}.parquet", rows)
            report(
                f"digital twin: {number} of {len(blocks)} blocks of people, {sum(files.rows.values()):,} rows"
            )
        return dict(files.rows)


def _without_card(settings: TwinSettings) -> int:
    scale = settings.scale
    return (
        round(_WITHOUT_CARD * scale)
        if scale <= 1
        else round(_WITHOUT_CARD + _MORE_WITHOUT_CARD * (scale - 1))
    )


def blocks_of(settings: TwinSettings, grocery: Grocery) -> list[Callable[[], Block]]:
    """Return what makes each block, so that it is made only when its turn comes."""
    everyone, baskets = grocery.households, grocery.baskets
    households = everyone.first(
        max(1, min(len(everyone.number), round(len(everyone.number) * settings.scale)))
    )
    dice, dirt = Dice(settings.seed, "people"), settings.dirt
    rates = (dirt.family_emails, dirt.shared_tablets, dirt.recycled_phones)

    def with_card(first: int) -> Block:
        part = slice(first, first + _HOUSEHOLDS_PER_BLOCK)
        some = Households(households.number[part], households.size[part], households.has_kids[part])
        people = people_of_households(dice, some, dirt.moved_house, rates)
        mine = baskets.where(np.isin(baskets.household, some.number))
        return Block(settings, people, past_of(some.number, mine), mine, some.number)

    def without_card(first: int) -> Block:
        count = min(_PEOPLE_PER_BLOCK, _without_card(settings) - first)
        people = people_without_card(dice, first, count, dirt.moved_house, rates)
        nobody = np.zeros(0, dtype=np.int64)
        nothing = baskets.where(np.zeros(len(baskets.household), dtype=np.bool_))
        return Block(settings, people, past_of(nobody, nothing), nothing, nobody)

    return [
        *(partial(with_card, first) for first in range(0, len(households.number), _HOUSEHOLDS_PER_BLOCK)),
        *(partial(without_card, first) for first in range(0, _without_card(settings), _PEOPLE_PER_BLOCK)),
    ]


@dataclass(frozen=True)
class _Delivered:
    """What one block delivers: rows by table and batch, and the truth behind them by its name."""

    tables: dict[str, dict[str, pa.Table]]
    truth: dict[str, pa.Table]


def _generated(settings: TwinSettings, blocks: list[Callable[[], Block]]) -> Iterator[_Delivered]:
    """Yield what the blocks give, in their order, while the next ones are being made."""

    def made(make: Callable[[], Block]) -> _Delivered:
        generated = records_and_events_of(make())
        tables = {table: delivered(settings, table, rows) for table, rows in generated.tables.items()}
        return _Delivered(tables, generated.truth)

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        waiting: deque[Future[_Delivered]] = deque()
        for make in blocks:
            waiting.append(threads.submit(made, make))
            if len(waiting) > _AT_ONCE:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _write_companies(
    files: Files, formats: Mapping[str, TableFormat], settings: TwinSettings, truths: Files | None
) -> None:
    made = companies.companies_of(settings)
    tables: dict[str, Rows] = {
        "b2b_accounts": made.accounts,
        "b2b_contacts": made.contacts,
        "b2b_leads": made.leads,
        "b2b_opportunities": made.opportunities,
    }
    for table, rows in tables.items():
        for batch, part in delivered(settings, table, rows).items():
            _write(files, formats, table, batch, part)
    if truths:
        truths.write(
            "company_contacts.parquet",
            pa.table({"contact_no": made.contact_keys, "company": made.works_for}),
        )


def _write(files: Files, formats: Mapping[str, TableFormat], table: str, batch: str, rows: pa.Table) -> None:
    of_table = formats[table]
    files.write(f"{table}{batch}.{of_table.format}", rows, of_table.delimiter)
