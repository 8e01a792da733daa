"""A block's people go through all systems: what each system records follows from those before it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from simulation.digital_twin import (
    activation,
    ads,
    campaigns,
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
from simulation.digital_twin.blocks import Block, Rows
from simulation.digital_twin.bots import bot_events
from simulation.digital_twin.browsing import browsing_of
from simulation.digital_twin.visits import APP, MINI, WEB, visits_of


@dataclass(frozen=True)
class Generated:
    """What one block gives: the rows of each table, and the truth behind them by its name."""

    tables: dict[str, Rows]
    truth: dict[str, pa.Table]


def records_and_events_of(block: Block) -> Generated:
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
    account[orders.visit] = orders.account
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
        rows,
        {
            "people": truth.people_truth(block),
            "traits": truth.traits_truth(block),
            "record_person": truth.records_truth(block, contacts, accounts, members),
            "row_person": truth.rows_truth(block, rows),
            "visitors": truth.visitors_truth(block, visits),
        },
    )


def _together(first: Rows, second: Rows) -> Rows:
    if not len(second.table):
        return first
    return Rows(
        pa.concat_tables([first.table, second.table]).unify_dictionaries().combine_chunks(),
        np.concatenate([first.written, second.written]),
        np.concatenate([first.key, second.key]),
    )
