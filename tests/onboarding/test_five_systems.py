"""Five systems of one company, plugged in by few written lines: one build, one customer across them."""

from __future__ import annotations

import shutil
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from five_systems import FILES, SYSTEMS, NewProject, written_lines

pytestmark = [pytest.mark.tier3, pytest.mark.builds(2), pytest.mark.timeout(1800)]

ODD = FILES.with_name("odd")
MOST_WRITTEN_LINES = 150
# What has types already is read by them: a time without a zone is on the source's clock.
TYPED = """
    select 7::bigint as order_id, 12::integer as "Customer No", 12.505::double as price,
        25.01::decimal(10, 2) as total, timestamp '2024-01-31 10:00' as ordered_at, true as is_gift
    union all
    select 8, null, -3.5, -3.5, timestamp '2024-07-31 10:00', false
"""


@pytest.fixture(scope="module")
def plugged_in(tmp_path_factory: pytest.TempPathFactory) -> NewProject:
    """All systems plugged in by the command, and built; a sixth has all that is odd in names and values."""
    project = NewProject.at(tmp_path_factory.mktemp("newcomer") / "project")
    for system in SYSTEMS:
        mapping = FILES / f"{system}.yml"
        project.insight("source", "new", system, str(FILES / system), "--mapping", str(mapping))
    odd = project.folder / "odd"
    shutil.copytree(ODD, odd)
    duckdb.execute(f"copy ({TYPED}) to '{odd / 'orders.parquet'}' (format parquet)")
    project.insight("source", "new", "odd", str(odd), "--mapping", str(ODD.with_suffix(".yml")))
    project.insight("source", "generate", "--check")
    project.insight("build", sources=(*SYSTEMS, "odd"))
    return project


def test_a_person_writes_few_lines() -> None:
    assert sum(written_lines().values()) <= MOST_WRITTEN_LINES, written_lines()


def test_nothing_of_the_project_is_edited(plugged_in: NewProject) -> None:
    written = {path.relative_to(plugged_in.folder) for path in plugged_in.edited()}
    assert written == set()


def test_every_person_is_one_customer_across_the_systems(plugged_in: NewProject) -> None:
    people = {
        tuple(sorted(keys))
        for (keys,) in plugged_in.published(
            "select list(customer_key) from identity.bdg_customer_keys group by customer_id"
        )
    }
    assert len(people) == 14
    # By e-mail in all five: in capitals in a bill, as the only name in the support desk.
    assert (
        "app:u00", "billing:C500", "crm:K-1001", "partner:774100", "support:lena.vogt@post.invalid",
    ) in people  # fmt: skip
    # With another e-mail address in each: by the telephone, which each writes in its own way.
    assert ("billing:C503", "crm:K-1004", "partner:774174") in people
    assert plugged_in.published("select count(*) from marts.dim_customers") == [(14,)]


def test_orders_and_tickets_arrive_in_the_marts(plugged_in: NewProject) -> None:
    orders = "select count(*), sum(sales_amount) from marts.fct_customer_orders"
    assert plugged_in.published(orders) == [(24, Decimal("16884.00"))]
    lena = "select customer_id from identity.bdg_customer_keys where customer_key = 'crm:K-1001'"
    bought = f"select count(*) from marts.fct_customer_orders where customer_id = ({lena})"
    assert plugged_in.published(bought) == [(5,)]
    tickets = f"""
        select count(*) from marts.fct_customer_activities
        where activity_type = 'Ticket Opened' and customer_id = ({lena})
    """
    assert plugged_in.published(tickets) == [(3,)]
    # A ticket about an order of another system finds it.
    about = "select count(*) from core.fct_tickets inner join core.fct_orders using (order_id)"
    assert plugged_in.published(about) == [(10,)]


def test_times_are_those_of_the_clock_that_was_declared(plugged_in: NewProject) -> None:
    first = "select occurred_at, occurred_at_local from core.fct_order_lines order by occurred_at limit 1"
    assert plugged_in.built(first) == [(datetime(2024, 1, 8, 13, 9), datetime(2024, 1, 8, 14, 9))]
    joined = "select occurred_at from core.fct_loyalty_ledger where loyalty_entry_id = 'partner:774137'"
    assert plugged_in.built(joined) == [(datetime(2023, 4, 2, 22, 0),)]


def test_no_row_vanishes_and_none_is_kept_out(plugged_in: NewProject) -> None:
    kept = plugged_in.published(
        "select sum(landed_row_count), sum(quarantined_row_count) from quality.quarantine_summary"
    )
    assert kept == [(12 + 24 + 48 + 10 + 76 + 7 + 4 + 2, 0)]


def test_odd_names_and_values_are_read_as_they_were_declared(plugged_in: NewProject) -> None:
    read = plugged_in.built(
        "select day_of, who, mes_m_d, named, compact, when_utc, preis, point, truth, tel_mobile "
        "from staging.base_odd__readings order by no"
    )
    assert read == [
        (
            date(2024, 12, 31), "安娜", datetime(2024, 1, 31, 16, 7), datetime(2024, 3, 16, 23),
            date(2024, 3, 17), datetime(2024, 1, 31, 8), Decimal("1249.50"), 1249.5, True, "+49304412998",
        ),
        (
            date(2024, 2, 1), "Ann", datetime(2024, 11, 30, 23), datetime(2023, 10, 1, 6, 30),
            date(2023, 10, 1), datetime(2024, 1, 31, 10), Decimal("-3.00"), 1249.5, False, "+49304412998",
        ),
        (
            None, None, None, None, None, datetime(2024, 1, 31, 10), Decimal("-12.00"), None, None, None,
        ),
        (
            date(2024, 6, 5), "Bob", datetime(2024, 2, 29, 22, 59, 59), datetime(2024, 2, 27, 23),
            date(2024, 2, 28), datetime(2024, 6, 30, 23, 59, 59), None, 0.5, True, "+49304412998",
        ),
    ]  # fmt: skip


def test_what_has_types_is_read_by_them(plugged_in: NewProject) -> None:
    columns = "order_id, customer_no, price, total, ordered_at, is_gift"
    assert plugged_in.built(f"select {columns} from staging.base_odd__orders order by 1") == [
        ("7", "12", Decimal("12.51"), Decimal("25.01"), datetime(2024, 1, 31, 9), True),
        ("8", None, Decimal("-3.50"), Decimal("-3.50"), datetime(2024, 7, 31, 8), False),
    ]


def test_what_was_written_and_cannot_be_read_is_counted(plugged_in: NewProject) -> None:
    unread = plugged_in.built(
        "select column_name, unread_value_count from quality.int_unread_values__unioned "
        "where source_system = 'odd' order by 1"
    )
    assert unread == [
        (name, 1)
        for name in ("compact", "day_of", "mes_m_d", "named", "point", "preis", "tel_mobile", "truth")
    ]


def test_a_person_may_answer_instead(plugged_in: NewProject, tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("note_id,Mail,At\n1,a@b.invalid,01/02/2024\n")
    # Name, owner, clock, order of dates.
    answers = "Notes\nme@post.invalid\nEurope/Berlin\nmonth_first\n"
    plugged_in.insight("source", "new", "notes", str(tmp_path), answers=answers)
    written = (plugged_in.folder / "dbt_project/mappings/notes.yml").read_text()
    assert "At: {reads: date, layout: month_first}" in written
    assert "time_zone: Europe/Berlin" in written
