"""Generate the twin: block after block of people, each through all systems, into files.

Blocks are made by two threads while a third writes; at most a few are in memory at a time, so that memory
does not grow with the scale.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa

from orchestration.ingestion.digital_twin import (
    activation,
    ads,
    campaigns,
    companies,
    crm,
    feedback,
    loyalty,
    messages,
    service,
    shop,
    stores,
    tracking,
    truth,
)
from orchestration.ingestion.digital_twin.blocks import Block, Rows
from orchestration.ingestion.digital_twin.bots import bot_events
from orchestration.ingestion.digital_twin.browsing import browsing_of
from orchestration.ingestion.digital_twin.clock import moment
from orchestration.ingestion.digital_twin.configuration import TwinSettings
from orchestration.ingestion.digital_twin.dirt import delivered_rows
from orchestration.ingestion.digital_twin.households import Baskets, Grocery, Households, past_of
from orchestration.ingestion.digital_twin.people import people_of_households, people_without_card
from orchestration.ingestion.digital_twin.products import shop_products
from orchestration.ingestion.digital_twin.randomness import Dice, Integers
from orchestration.ingestion.digital_twin.visits import APP, MINI, WEB, visits_of
from orchestration.ingestion.digital_twin.writing import Files
from orchestration.ingestion.entries import FilesEntry, FileTable

# Web-only people beside all households, and how many more for each further unit of scale.
_WITHOUT_CARD, _MORE_WITHOUT_CARD = 5_000, 9_000
_HOUSEHOLDS_PER_BLOCK, _PEOPLE_PER_BLOCK = 1_250, 2_500
_AT_ONCE = 2
# What comes in deliveries by quarter, by when it was received.
_QUARTERLY = ("web_events", "app_events", "mini_program_events", "email_events", "ad_touches")
_QUARTERS = np.array([moment(day) for day in ("2017-04-01", "2017-07-01", "2017-10-01")])
_AGAIN, _LAST = 1, 3
_SCREENS = ("1x", "2x", "3x")


@dataclass(frozen=True)
class Generated:
    """What one block gives: rows by file, and truth by file."""

    tables: list[tuple[str, str, pa.Table]]
    truth: dict[str, pa.Table]


def generate(
    folder: Path,
    entry: FilesEntry,
    settings: TwinSettings,
    grocery: Grocery,
    *,
    truth_folder: Path | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> dict[str, int]:
    """Write the twin's files into ``folder``, and the truth into ``truth_folder`` if there is one.

    Parameters
    ----------
    entry
        The contract: formats and delimiters of the tables.
    grocery
        The real data. Baskets may end before the year does: what the twin has from before then
        stays as it is.
    report
        Called with a line of progress per block.

    Returns
    -------
    dict
        Rows by file name.
    """
    households = grocery.households
    count = max(1, min(len(households.number), round(len(households.number) * settings.scale)))
    chosen = households.first(count)
    places = np.searchsorted(households.number, chosen.number)
    blocks = _blocks(settings, chosen, places, grocery.baskets)
    total = -(-count // _HOUSEHOLDS_PER_BLOCK) + -(-_without_card(settings) // _PEOPLE_PER_BLOCK)
    with Files(folder) as files, Files(truth_folder or folder) as truths:
        _write(files, entry, "shop_products", "", shop_products(settings.seed))
        _write(files, entry, "channel_campaigns", "", campaigns.channel_campaigns(settings.seed))
        _write_companies(files, entry, settings, truths if truth_folder else None)
        if truth_folder:
            truths.write("campaign_effects.parquet", truth.effects_truth(settings.seed))
        for number, generated in enumerate(_generated(blocks), start=1):
            for table, batch, rows in generated.tables:
                _write(files, entry, table, batch, rows)
            if truth_folder:
                for name, rows in generated.truth.items():
                    truths.write(f"{name}.parquet", rows)
            report(f"digital twin: {number} of {total} blocks of people, {sum(files.rows.values()):,} rows")
        return dict(files.rows)


def _without_card(settings: TwinSettings) -> int:
    scale = settings.scale
    return (
        round(_WITHOUT_CARD * scale)
        if scale <= 1
        else round(_WITHOUT_CARD + _MORE_WITHOUT_CARD * (scale - 1))
    )


def _blocks(
    settings: TwinSettings, households: Households, places: Integers, baskets: Baskets
) -> Iterator[Callable[[], Block]]:
    """Yield what makes each block, so that it is made only when its turn comes."""
    dice, dirt = Dice(settings.seed, "people"), settings.dirt
    rates = (dirt.family_emails, dirt.shared_tablets, dirt.recycled_phones)

    def with_card(first: int) -> Block:
        part = slice(first, first + _HOUSEHOLDS_PER_BLOCK)
        some = Households(households.number[part], households.size[part], households.has_kids[part])
        people = people_of_households(dice, some, places[part], dirt.moved_house, rates)
        mine = baskets.where(np.isin(baskets.household, some.number))
        return Block(settings, people, past_of(some.number, mine), mine, some.number)

    def without_card(first: int) -> Block:
        count = min(_PEOPLE_PER_BLOCK, _without_card(settings) - first)
        people = people_without_card(dice, first, count, dirt.moved_house, rates)
        nobody = np.zeros(0, dtype=np.int64)
        nothing = baskets.where(np.zeros(len(baskets.household), dtype=np.bool_))
        return Block(settings, people, past_of(nobody, nothing), nothing, nobody)

    for first in range(0, len(households.number), _HOUSEHOLDS_PER_BLOCK):
        yield partial(with_card, first)
    for first in range(0, _without_card(settings), _PEOPLE_PER_BLOCK):
        yield partial(without_card, first)


def _generated(blocks: Iterator[Callable[[], Block]]) -> Iterator[Generated]:
    """Yield what the blocks give, in their order, while the next ones are being made."""
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        waiting: deque[Future[Generated]] = deque()
        for make in blocks:
            waiting.append(threads.submit(_made, make))
            if len(waiting) > _AT_ONCE:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _made(make: Callable[[], Block]) -> Generated:
    return _systems(make())


def _systems(block: Block) -> Generated:
    """Take a block's people through all systems."""
    contacts, accounts, members = crm.contacts_of(block), shop.accounts_of(block), loyalty.members_of(block)
    outreach = campaigns.outreach_of(block, contacts)
    visits = visits_of(block, contacts, outreach.sends, accounts)
    browsing = browsing_of(block, visits, accounts)
    orders = shop.orders_of(block, visits, browsing, accounts)
    returns = shop.returns_of(block, visits, orders)
    tickets = service.tickets_of(block, visits, orders, accounts)
    invited = loyalty.invitations_of(block, members)
    clicked = messages.clicks_of(visits, len(outreach.sends))
    keys, numbers = shop.account_keys(block, accounts.number), shop.order_keys(visits)
    of_orders = numbers.take(pa.array(orders.visit))
    account = accounts.place_of(visits.row, visits.starts)
    web, app, mini = (
        tracking.tracked(block, visits, browsing, account, channel) for channel in (WEB, APP, MINI)
    )
    web_rows = tracking.web_events(block, visits, web, keys, numbers)
    deliveries, responses = activation.audience_deliveries(block, contacts)
    rows: dict[str, Rows] = {
        "crm_contacts": crm.crm_contacts(block, contacts),
        "shop_accounts": shop.shop_accounts(block, accounts),
        "shop_order_lines": shop.shop_order_lines(block, visits, orders, numbers, keys),
        "shop_returns": shop.shop_returns(block, visits, orders, returns, numbers),
        "shop_payments": shop.shop_payments(block, visits, orders, returns, numbers),
        "web_events": _together(web_rows, bot_events(block, web_rows.table.schema)),
        "app_events": tracking.app_events(block, visits, app, keys, numbers),
        "mini_program_events": tracking.mini_program_events(block, visits, mini, keys, numbers),
        "campaign_cells": campaigns.campaign_cells(block, contacts, outreach),
        "email_events": messages.email_events(block, contacts, outreach, clicked),
        "mobile_messages": messages.mobile_messages(block, contacts, outreach, clicked),
        "ad_touches": ads.ad_touches(block, visits, accounts),
        "store_visits": stores.store_visits(block),
        "support_tickets": service.support_tickets(block, tickets, keys, of_orders),
        "support_messages": service.support_messages(block, tickets),
        "reviews": feedback.reviews(block, visits, orders, keys, of_orders),
        "surveys": feedback.surveys(block, visits, orders, tickets, of_orders),
        "social_mentions": feedback.social_mentions(block),
        "loyalty_members": loyalty.loyalty_members(block, members),
        "loyalty_ledger": loyalty.loyalty_ledger(block, members, visits, orders, invited),
        "invitations": loyalty.invitations(block, members, invited),
        "consent_log": crm.consent_log(block, contacts, outreach.unsubscribed),
        "audience_deliveries": deliveries,
        "audience_responses": responses,
    }
    return Generated(
        [part for table, of_table in rows.items() for part in _delivered(block, table, of_table)],
        {
            "people": truth.people_truth(block),
            "traits": truth.traits_truth(block),
            "record_person": truth.records_truth(block, contacts, accounts, members),
            "visitors": truth.visitors_truth(block, visits),
        },
    )


def _together(first: Rows, second: Rows) -> Rows:
    return Rows(
        pa.concat_tables([first.table, second.table]).unify_dictionaries().combine_chunks(),
        np.concatenate([first.written, second.written]),
        np.concatenate([first.key, second.key]),
    )


def _delivered(block: Block, table: str, rows: Rows) -> list[tuple[str, str, pa.Table]]:
    """Return a table's rows as they stand in its files: table, batch, rows."""
    dirt = block.dirt
    order = delivered_rows(block.dice("delivery"), table, rows, dirt)
    if table not in _QUARTERLY:
        return [(table, "", rows.table.take(pa.array(order)))]
    quarter = np.searchsorted(_QUARTERS, rows.written[order], side="right")
    batches = [rows.table.take(pa.array(order[quarter == number])) for number in range(4)]
    parts = [(table, f"_2017q{number + 1}", part) for number, part in enumerate(batches)]
    if table == "web_events" and dirt.new_column:
        last = batches[_LAST]
        density = np.arange(len(last)) % len(_SCREENS)
        parts[_LAST] = (
            *parts[_LAST][:2],
            last.append_column("context_screen_density", pa.array(_SCREENS).take(pa.array(density))),
        )
    if table == "app_events" and dirt.vanished_column:
        parts[_LAST] = (*parts[_LAST][:2], batches[_LAST].drop_columns(["device_model"]))
    if table == "app_events" and dirt.batch_twice:
        again = batches[_AGAIN]
        backwards = pa.array(np.arange(len(again))[::-1])
        parts.append((table, f"_2017q{_AGAIN + 1}_again", again.take(backwards)))
    return parts


def _write_companies(files: Files, entry: FilesEntry, settings: TwinSettings, truths: Files | None) -> None:
    made = companies.companies_of(settings)
    dice = Dice(settings.seed, "delivery")
    for table, rows in (
        ("b2b_accounts", made.accounts),
        ("b2b_contacts", made.contacts),
        ("b2b_leads", made.leads),
        ("b2b_opportunities", made.opportunities),
    ):
        order = delivered_rows(dice, table, rows, settings.dirt)
        _write(files, entry, table, "", rows.table.take(pa.array(order)))
    if truths:
        truths.write(
            "company_contacts.parquet",
            pa.table({"contact_no": made.contact_keys, "company": made.works_for}),
        )


def _write(files: Files, entry: FilesEntry, table: str, batch: str, rows: pa.Table) -> None:
    of_table: FileTable = entry.tables[table]
    ending = {"parquet": "parquet", "csv": "csv", "jsonl": "jsonl"}[of_table.format]
    files.write(f"{table}{batch}.{ending}", rows, of_table.delimiter)
