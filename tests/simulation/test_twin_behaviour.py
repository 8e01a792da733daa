"""Behaviour follows from what came before it, and from nothing that comes later."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from twin_files import Twin

from simulation.digital_twin import campaigns, crm, shop
from simulation.digital_twin.clock import DAY, moment, utc_of
from simulation.digital_twin.configuration import Dirt, TwinSettings
from simulation.digital_twin.generation import blocks_of
from simulation.digital_twin.households import Baskets, Grocery
from simulation.digital_twin.systems import Generated, records_and_events_of
from simulation.digital_twin.visits import visits_of

pytestmark = [pytest.mark.tier1, pytest.mark.slow]

# Where the moment of the world stands in a table, if it is not the moment the row was written.
_HAPPENED = {"web_events": "timestamp", "mini_program_events": "time", "email_events": "ts"}


def _first_block(grocery: Grocery, baskets: Baskets) -> Generated:
    dirt = Dirt(impossible_dates=0.0, wrong_clocks=0.0)
    settings = TwinSettings(scale=0.04, seed=3, dirt=dirt)
    return records_and_events_of(blocks_of(settings, replace(grocery, baskets=baskets))[0]())


def _before(generated: Generated, table: str, local: int) -> pa.Table:
    rows = generated.tables[table]
    kept = rows.written < utc_of(np.array([local]))[0]
    order = np.argsort(rows.key[kept], kind="stable")
    return _plain(rows.table.filter(pa.array(kept)).take(pa.array(order)))


def _plain(table: pa.Table) -> pa.Table:
    kinds = [
        each.type.value_type if pa.types.is_dictionary(each.type) else each.type for each in table.schema
    ]
    return table.cast(pa.schema(list(zip(table.column_names, kinds, strict=True))))


@pytest.fixture(scope="module")
def whole_year(grocery: Grocery) -> Generated:
    return _first_block(grocery, grocery.baskets)


@pytest.mark.parametrize(
    "cut", ["2017-02-08T15:30", "2017-06-05T00:00", "2017-10-01T23:59", "2017-12-31T12:00"]
)
def test_nothing_depends_on_later_purchases(grocery: Grocery, whole_year: Generated, cut: str) -> None:
    local = moment(cut)
    known = _first_block(grocery, grocery.baskets.before(local))
    for table in whole_year.tables:
        assert _before(known, table, local).equals(_before(whole_year, table, local)), table
    for table, column in _HAPPENED.items():
        then, now = (_happened_before(each, table, column, local) for each in (known, whole_year))
        assert then.num_rows
        assert _plain(then).equals(_plain(now)), table


def _happened_before(generated: Generated, table: str, column: str, local: int) -> pa.Table:
    rows = generated.tables[table].table
    utc = int(utc_of(np.array([local]))[0])
    limit: object = utc // 1000
    if column != "ts":
        shown = np.datetime64(utc + (8 * 3_600_000 if column == "time" else 0), "ms")
        limit = str(shown).replace("-", "/").replace("T", " ") if column == "time" else f"{shown}Z"
    kept = rows.filter(pc.less(rows[column], pa.scalar(limit)))
    return kept.sort_by(rows.column_names[0])


def test_a_household_is_the_same_whatever_others_there_are(grocery: Grocery) -> None:
    """Whoever has shopped by some day only changes who is there, not what they do."""
    settings = TwinSettings(scale=1.0, seed=3, dirt=Dirt.none())
    few = replace(grocery, households=grocery.households.first(15))
    more = replace(grocery, households=grocery.households.first(30))
    accounts = [
        records_and_events_of(blocks_of(settings, each)[0]()).tables["shop_accounts"].table
        for each in (few, more)
    ]
    lesser, greater = ({tuple(row.values()) for row in each.to_pylist()} for each in accounts)
    assert lesser < greater


def test_the_past_does_matter(grocery: Grocery, whole_year: Generated) -> None:
    without = _first_block(grocery, grocery.baskets.before(moment("2017-01-01")))
    for table in ("web_events", "store_visits", "loyalty_ledger"):
        assert not without.tables[table].table.equals(whole_year.tables[table].table)


_STEPS = """
    create or replace view steps as
    select anonymous_id as visitor, event, product_id as sku,
        epoch_ms(timestamp::timestamp) as happened_ms, order_id
    from web_events
    union all
    select install_id, case event_type when 'product_viewed' then 'Product Viewed'
        when 'cart_product_added' then 'Product Added' when 'order_completed' then 'Order Completed' end,
        sku, ts_ms, order_ref
    from app_events
    union all
    select openid, case action when 'viewGoods' then 'Product Viewed'
        when 'addCart' then 'Product Added' when 'paySuccess' then 'Order Completed' end,
        goods, epoch_ms(strptime(time, '%Y/%m/%d %H:%M:%S')) - 8 * 3600000, order_sn
    from mini_program_events
"""
_NOT_SEEN_BEFORE = """
    from shop_order_lines as line
    where not exists (
        from steps where event = '{event}' and visitor = line.VisitorID and sku = line.SKU
            and happened_ms between line.PlacedAt::bigint - 3 * 3600000 and line.PlacedAt::bigint
    )
"""


def test_every_order_line_was_viewed_and_added_before_by_the_same_visitor(clean_twin: Twin) -> None:
    clean_twin.views.execute(_STEPS)
    assert len(clean_twin.rows_of("from shop_order_lines")) > 300
    for event in ("Product Viewed", "Product Added"):
        assert clean_twin.rows_of(_NOT_SEEN_BEFORE.replace("{event}", event)) == []
    completed = "(select order_id as OrderNo from steps where event = 'Order Completed')"
    assert clean_twin.rows_of(f"from shop_order_lines anti join {completed} using (OrderNo)") == []
    assert clean_twin.rows_of(f"from {completed} anti join shop_order_lines using (OrderNo)") == []
    assert clean_twin.rows_of("from shop_order_lines anti join shop_payments on order_no = OrderNo") == []


def test_a_payment_is_the_sum_of_its_lines(clean_twin: Twin) -> None:
    assert (
        clean_twin.number(
            """
            with line_sums as (
                select OrderNo, round(100 * sum(Quantity::int
                    * replace(replace(replace(UnitPrice, 'USD ', ''), '$', ''), ',', '.')::decimal(9, 2)
                    - Discount::decimal(9, 2))) as cents
                from shop_order_lines group by OrderNo
            )
            select count(*) from shop_payments join line_sums on OrderNo = order_no
            where status = 'captured' and amount_cents::int <> cents
            """
        )
        == 0
    )


def test_reviews_follow_delivered_orders_and_returns_their_lines(clean_twin: Twin) -> None:
    assert (
        clean_twin.number(
            """
            select count(*) from reviews where not exists (
                from shop_order_lines where OrderNo = order_no and SKU = reviews.sku
                    and AccountID = account_id and epoch_ms(created::timestamp) > PlacedAt::bigint
            )
            """
        )
        == 0
    )
    assert clean_twin.rows_of("from shop_returns anti join shop_order_lines using (OrderNo, LineNo)") == []


_WITHOUT_CONSENT = """
    with sends as (
        select contact_id as contact, min(ts) as sent_s, 'EMAIL' as channel from email_events
        where event in ('delivered', 'bounce') and contact_id is not null group by contact_id, message_id
        union all
        select ContactID, epoch(timezone('America/New_York', SentAt::timestamp)), replace(Kind, 'MSG', 'MSG')
        from mobile_messages where ContactID <> 'C99999999'
    ),
    changes as (
        select ContactID as contact, Channel as channel, epoch(ChangedAt::timestamptz) as changed_s,
            Granted in ('Y', 'true', '1') as is_granted
        from consent_log where Purpose = 'MKT'
    )
    select count(*) from sends asof left join changes
        on sends.contact = changes.contact and sends.channel = changes.channel
            and sends.sent_s >= changes.changed_s
    where not coalesce(is_granted, false)
"""


def test_messages_are_sent_under_consent_only(clean_twin: Twin, dirty_twin: Twin) -> None:
    clean_twin.views.execute("set timezone = 'UTC'")
    dirty_twin.views.execute("set timezone = 'UTC'")
    assert clean_twin.number("select count(*) from email_events where event = 'delivered'") > 300
    assert clean_twin.number(_WITHOUT_CONSENT) == 0
    assert dirty_twin.number(_WITHOUT_CONSENT) > 0


def test_cells_hold_out_what_they_say_and_nobody_in_control_is_written_to(clean_twin: Twin) -> None:
    control = "(from campaign_cells where Cell = 'C')"
    assert clean_twin.number(f"select count(*) from {control}") > 50
    written = """
        (select campaign_code as CampaignCode, contact_id as ContactID from email_events
        union all select CampaignCode, ContactID from mobile_messages)
    """
    assert clean_twin.rows_of(f"from {control} join {written} using (CampaignCode, ContactID)") == []


def test_clicks_start_visits(clean_twin: Twin) -> None:
    """Each click is followed within seconds by the first event of a visit."""
    clean_twin.views.execute("set timezone = 'UTC'")
    found = clean_twin.number(
        """
        with events as (
            select epoch_ms(timestamp::timestamp) as happened_ms from web_events
            union all select ts_ms from app_events
            union all select epoch_ms(strptime(time, '%Y/%m/%d %H:%M:%S')) - 28800000 from mini_program_events
        )
        select count(*) from email_events where event = 'click'
            and not exists (from events where happened_ms between ts * 1000 and ts * 1000 + 4000)
        """
    )
    assert found == 0


def test_people_sign_in_and_follow_with_the_profile_that_they_post_with(clean_twin: Twin) -> None:
    clean_twin.views.execute(
        r"""
        create or replace view profiles as
        select system, record_key, person_id, told,
            trim(regexp_replace(lower(told), '^https://www[.]|[.]com/|:@?| @', ' ', 'g')) as profile
        from (
            select 'shop' as system, account_id::varchar as record_key, social_login as told
            from shop_accounts
            union all select 'loyalty', MemberNo, Follows from loyalty_members
        ) join truth_record_person using (system, record_key)
        where told is not null
        """
    )
    posts = """
        (select person_id, replace(lower(network || ' ' || handle), '@', '') as author from social_mentions
        join truth_row_person on table_name = 'social_mentions' and row_key = post_id)
    """
    for system in ("shop", "loyalty"):
        ours = f"from profiles join {posts} using (person_id) where system = '{system}'"
        assert clean_twin.number(f"select count(*) {ours} and profile = author") > 10
        assert clean_twin.number(f"select count(*) {ours} and profile <> author") == 0
        # No profile is that of two accounts, or of two members.
        assert (
            clean_twin.number(
                f"select count(*) from (select profile from profiles where system = '{system}' "
                "group by profile having count(distinct record_key) > 1)"
            )
            == 0
        )
    for spelling in ("https://www.%", "%:@%", "instagram:%", "Instagram @%", "instagram %"):
        assert clean_twin.number(f"select count(*) from profiles where told like '{spelling}'") > 0


def test_an_account_collects_points_on_the_card_of_its_owner(clean_twin: Twin) -> None:
    cards = r"""
        from shop_accounts join truth_record_person on system = 'shop' and record_key = account_id
        join truth_people using (person_id) where points_card is not null
    """
    assert clean_twin.number(f"select count(distinct account_id) {cards}") > 10
    wrong = (
        "not is_card_holder or "
        "cast(replace(replace(points_card, ' ', ''), '-', '') as bigint) <> household_id::bigint"
    )
    assert clean_twin.number(f"select count(*) {cards} and ({wrong})") == 0
    for spelling in ("% %", "%-%", "0000%"):
        assert clean_twin.number(f"select count(*) {cards} and points_card like '{spelling}'") > 0


def test_the_year_is_not_left(clean_twin: Twin) -> None:
    first, last = "2017-01-01T05:00", "2018-01-01T05:00"
    assert (
        clean_twin.number(
            f"select count(*) from web_events where timestamp not between '{first}' and '{last}'"
        )
        == 0
    )
    assert clean_twin.number("select count(*) from web_events where received_at < timestamp") == 0


def test_measured_effects_are_the_true_ones(grocery: Grocery) -> None:
    """Treated against held out, campaign by campaign: visits in the week after, set against the truth."""
    settings = TwinSettings(scale=4, seed=11, dirt=Dirt.none())
    truth = campaigns.campaigns_of(settings.seed)
    visits_in, people_in = np.zeros((2, len(truth))), np.zeros((2, len(truth)))
    for make in blocks_of(settings, grocery)[2:]:
        block = make()
        contacts, accounts = crm.contacts_of(block), shop.accounts_of(block)
        outreach = campaigns.outreach_of(block, contacts)
        visits = visits_of(block, contacts, outreach.sends, accounts)
        moments = np.sort(visits.row * 10**13 + visits.starts)
        sent = contacts.records.row[outreach.cell_contact] * 10**13 + truth.sends_at[outreach.cell_campaign]
        count = np.searchsorted(moments, sent + 7 * DAY) - np.searchsorted(moments, sent)
        np.add.at(visits_in, (outreach.is_treated.astype(int), outreach.cell_campaign), count)
        np.add.at(people_in, (outreach.is_treated.astype(int), outreach.cell_campaign), 1)
    control, treated = visits_in / np.maximum(people_in, 1)

    def lift(chosen: np.ndarray) -> float:
        """What the treated did beyond what as many of the held out of their campaign would have done."""
        expected = (people_in[1] * control)[chosen].sum()
        return float((people_in[1] * treated)[chosen].sum() / expected - 1)

    was_sent = people_in[1] > 0
    assert abs(lift((truth.effect == 0) & was_sent)) < 0.03
    # A little less than the truth: other messages add visits to both sides.
    assert 0.05 < lift((truth.effect > 0) & (truth.effect < 0.3)) < 0.3
    assert 0.4 < lift(truth.effect >= 0.35) < 0.7
    assert -0.5 < lift(truth.effect < 0) < -0.15
