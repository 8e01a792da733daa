"""Every kind of dirt is there when it is set, and is not there when it is zero."""

from __future__ import annotations

from pathlib import Path

import pytest
from twin_files import Twin

from orchestration.settings import PROJECT_DIR
from simulation.digital_twin.configuration import Dirt, TwinSettings, TwinSettingsError

pytestmark = [pytest.mark.tier1, pytest.mark.slow]

_GIVEN = """
    select split_part(lower(FirstName), '@', 1) as written, lower(given_name) as given
    from crm_contacts join truth_record_person on system = 'crm' and record_key = ContactID
    join truth_people using (person_id)
"""
_EMAILS = """
    (select Email as email from crm_contacts union all select email from shop_accounts
    union all select requester_email from support_tickets)
"""
_SYSTEMS_PHONES = "(select Phone as phone from crm_contacts union all select Mobile from loyalty_members)"
_PHONES_OF_PEOPLE = """
    select right(regexp_replace(Phone, '[^0-9]', '', 'g'), 10) as number, min(household_id) as household
    from crm_contacts join truth_record_person on system = 'crm' and record_key = ContactID
    join truth_people using (person_id)
    where regexp_matches(Phone, '^[-0-9().+ ]{10,17}$') and length(regexp_replace(Phone, '[^0-9]',
        '', 'g')) in (10, 11)
        and Phone not in ('000-000-0000', '0000000000', '1234567890', '999-999-9999', '5555555555')
    group by number, person_id
"""

# Each query counts what the kind of dirt leaves behind: none without it.
DETECTORS: dict[str, str] = {
    "typos": f"""
        select count(*) from ({_GIVEN}) where length(written) > 3
            and written not in (select lower(given_name) from truth_people) and
                abs(length(written) - length(given)) <= 1
            and levenshtein(written, given) between 1 and 2 and regexp_matches(written, '^[a-z]+$')
    """,
    "nicknames": f"""
        select count(*) from ({_GIVEN}) where (written, given) in (('bill', 'william'), ('bob',
        'robert'), ('mike', 'michael'), ('liz', 'elizabeth'), ('jim', 'james'), ('pat', 'patricia'),
        ('jen', 'jennifer'), ('joe', 'joseph'), ('chris', 'christopher'), ('dan', 'daniel'), ('matt',
        'matthew'), ('tony', 'anthony'), ('steve', 'steven'), ('andy', 'andrew'), ('josh', 'joshua'),
        ('ken', 'kenneth'), ('tim', 'timothy'), ('becky', 'rebecca'), ('sandy', 'sandra'), ('kim',
        'kimberly'))
    """,
    "capitals": """
        select count(*) from crm_contacts where LastName <> trim(LastName) or (LastName =
        upper(LastName) and length(LastName) > 2) or Email <> lower(trim(Email))
    """,
    "mojibake": "select count(*) from crm_contacts where FirstName like '%Ã%' or LastName like '%Ã%'",
    "moved_house": """
        select count(*) from (select ContactID from crm_contacts group by ContactID having
        count(distinct Street) > 1)
    """,
    "family_emails": """
        select count(*) from (
            select lower(trim(Email)) as email from crm_contacts
            join truth_record_person on system = 'crm' and record_key = ContactID
            where Email like '%_@_%.%' and Email not in ('test@test.com', 'none@none.com',
                'noemail@noemail.com', 'a@a.a')
            group by 1 having count(distinct person_id) > 1
        )
    """,
    "shared_tablets": """
        select count(*) from (
            select visitor from truth_visitors join truth_people using (person_id)
            group by visitor having count(distinct person_id) > 1 and count(distinct household_id) = 1
        )
    """,
    "store_devices": """
        select count(*) from (
            select visitor from truth_visitors join truth_people using (person_id)
            group by visitor having count(distinct coalesce(household_id, -person_id)) > 2
        )
    """,
    "junk_identifiers": f"""
        select count(*) from {_EMAILS} where email in ('test@test.com', 'n/a', 'unknown')
    """,
    "recycled_phones": f"""
        select count(*) from (select number from ({_PHONES_OF_PEOPLE}) group by number having count(*) >
        1)
    """,
    "cards_not_on_file": """
        select count(*) from truth_people
        join truth_record_person using (person_id)
        where is_card_holder and system = 'shop' and person_id not in (
            select person_id from shop_accounts
            join truth_record_person on system = 'shop' and record_key = account_id
            where points_card is not null
        )
    """,
    "unconnected_profiles": """
        -- Whoever posts and has an account has at least one that tells of the profile.
        select count(*) from social_mentions
        join truth_row_person on table_name = 'social_mentions' and row_key = post_id
        join truth_record_person using (person_id)
        where (system = 'shop' and person_id not in (
            select person_id from shop_accounts
            join truth_record_person on system = 'shop' and record_key = account_id
            where social_login is not null
        )) or (system = 'loyalty' and person_id not in (
            select person_id from loyalty_members
            join truth_record_person on system = 'loyalty' and record_key = MemberNo
            where Follows is not null
        ))
    """,
    "malformed_emails": f"select count(*) from {_EMAILS} where email like '%@@%' or email like '% at %'",
    "malformed_phones": f"""
        select count(*) from {_SYSTEMS_PHONES} where phone like '%x' or phone like '%77777777'
    """,
    "lost_zeros": "select count(*) from crm_contacts where length(PostCode) = 4",
    "second_records": """
        select count(*) from (select person_id from truth_record_person group by system, person_id
        having count(*) > 1)
    """,
    "duplicate_rows": """
        select count(*) from (
            select * from shop_order_lines group by all having count(*) > 1
            union all by name select * from loyalty_ledger group by all having count(*) > 1
        )
    """,
    "late_rows": """
        select count(*) from web_events where received_at::timestamp - timestamp::timestamp > interval 1
        day
    """,
    "out_of_order_rows": """
        -- A step back between two blocks of people is none.
        select greatest(count(*) - 1, 0) from (
            select posted::bigint as posted, lag(posted::bigint) over () as before from social_mentions
        ) where posted < before
    """,
    "wrong_clocks": """
        select count(*) from app_events where ts_ms > ingested_ms or (ingested_ms - ts_ms between
        3600000 and 86000000)
    """,
    "impossible_dates": """
        select count(*) from shop_order_lines where PlacedAt::bigint not between 1e12 and 2e12
    """,
    "broken_prices": r"""
        select count(*) from shop_order_lines
        where not regexp_matches(UnitPrice, '^(USD\s|[$])?[0-9]+[.,][0-9]{2}$')
    """,
    "unknown_references": """
        select count(*) from web_events anti join shop_products on SKU = product_id where product_id is
        not null
    """,
    "unknown_events": "select count(*) from app_events where event_type = 'undefined'",
    "control_characters": """
        select count(*) from support_messages where regexp_matches(body, '[\\x07\\x0b\\x1b\\x1f\\x7f]')
    """,
    "bots": """
        select count(*) from (select anonymous_id from web_events group by anonymous_id, left(timestamp,
        10) having count(*) > 1000)
    """,
    "test_orders": "select count(*) from shop_order_lines where Status = 'TEST'",
    "unconsented_sends": """
        select count(*) from email_events join consent_log on contact_id = ContactID
        where event = 'delivered' and Purpose = 'MKT' and Channel = 'EMAIL' and Evidence in ('form', 'store')
            and Granted in ('N', 'false', '0') and epoch(ChangedAt::timestamptz) < ts
            and contact_id not in (
                select ContactID from consent_log
                where Purpose = 'MKT' and Channel = 'EMAIL' and Granted in ('Y', 'true',
                    '1') and ContactID is not null
            )
    """,
    "scanner_clicks": """
        select count(*) from (
            select message_id from email_events where event in ('open', 'click')
            group by message_id having max(ts) = min(ts) and count(distinct event) = 2
        )
    """,
    "batch_twice": "select count(*) from app_events where filename like '%again%'",
    "new_column": "select count(*) from (describe web_events) where column_name = 'context_screen_density'",
    "vanished_column": """
        select 1 - count(*) from (describe from read_parquet('{folder}/app_events_2017q4.parquet'))
        where column_name = 'device_model'
    """,
}


@pytest.mark.parametrize("kind", sorted(Dirt.model_fields))
def test_each_kind_of_dirt_is_there_when_set_and_only_then(
    clean_twin: Twin, dirty_twin: Twin, kind: str
) -> None:
    found = [
        twin.number(DETECTORS[kind].replace("{folder}", str(twin.folder)))
        for twin in (clean_twin, dirty_twin)
    ]
    assert found[0] == 0
    assert found[1] > 0


def test_the_share_is_the_one_that_was_set(dirty_twin: Twin) -> None:
    late = DETECTORS["late_rows"].replace(
        "count(*)", "count(*) / (select count(*) from web_events where event = 'Product Added') * 1000"
    )
    assert 60 < dirty_twin.number(f"{late} and event = 'Product Added'") < 120


def test_the_second_delivery_repeats_the_first_in_another_order(dirty_twin: Twin) -> None:
    first, again = (dirty_twin.folder / f"app_events_2017q2{name}.parquet" for name in ("", "_again"))
    assert first.read_bytes() != again.read_bytes()
    one, other = f"from read_parquet('{first}')", f"from read_parquet('{again}')"
    assert dirty_twin.number(f"select count(*) {other}") > 0
    assert dirty_twin.number(f"select count(*) from ({other} except all {one})") == 0


def test_rates_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "dirt.yml"
    path.write_text("typos: 0.5\nbatch_twice: false\n", encoding="utf-8")
    settings = TwinSettings.from_environment(
        {"WAREHOUSE_TWIN_DIRT": str(path), "WAREHOUSE_TWIN_SCALE": "0.1", "WAREHOUSE_TWIN_SEED": "5"}
    )
    assert (settings.scale, settings.seed) == (0.1, 5)
    assert settings.dirt == Dirt(typos=0.5, batch_twice=False)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("typos: 2\n", "typos"),
        ("typo: 0.1\n", "Kinds of dirt"),
        ("- 1\n", "cannot be read"),
        ("typos: [\n", "cannot be read"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "dirt.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(TwinSettingsError, match=says):
        Dirt.load(path)


@pytest.mark.parametrize(
    ("name", "value"), [("SCALE", "0"), ("SCALE", "much"), ("SCALE", "41"), ("SEED", "-1")]
)
def test_a_setting_that_cannot_be_used_is_refused(name: str, value: str) -> None:
    with pytest.raises(TwinSettingsError, match=f"WAREHOUSE_TWIN_{name}"):
        TwinSettings.from_environment({f"WAREHOUSE_TWIN_{name}": value})


def test_the_documentation_names_every_kind_with_its_default() -> None:
    page = (PROJECT_DIR / "docs" / "sources" / "digital_twin.md").read_text(encoding="utf-8")
    for kind, field in Dirt.model_fields.items():
        shown = "on" if field.default is True else f"{field.default * 100:g} %"
        assert f"| `{kind}` | {shown} | {field.description} |" in page
