"""What is written for a new source, and what is said where it cannot be."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml

from orchestration.ingestion.entries import load_entry, parsed_entry
from orchestration.onboarding.errors import OnboardingError
from orchestration.onboarding.mapping import TO_CONFIRM, mapping_of, read_yaml
from orchestration.onboarding.plugging import generate, require_free, stale_files, write
from orchestration.settings import PROJECT_DIR

sys.path.insert(0, str(PROJECT_DIR / "tests" / "lint"))

import portable_sql

pytestmark = pytest.mark.tier1

CONTACTS = (
    "Contact No,First Name,Mail,Joined\n"
    "7,Ann,ann@post.invalid,31/01/2024\n8,Bob,bob@post.invalid,01/02/2024\n"
)
TICKETS = (
    "Ticket ID,Requester Email,Created,Status,Subject\n"
    "1,ann@post.invalid,2024-02-01 10:00,Closed,Late\n2,bob@post.invalid,2024-02-02 11:00,Parked,Broken\n"
)
ORDERS = "OrderNo,CustomerNo,OrderDate\nA,7,2024-01-01\nB,8,2024-01-02\n"
LINES = 'OrderNo,LineNo,SKU,Qty,Net Amount\nA,1,x,1,"1,50"\nA,2,y,2,"3,00"\nB,1,x,-1,"-1,50"\n'


def text_of(new, ending):
    return next(text for path, text in new.files.items() if str(path).endswith(ending))


def mapping_in(new):
    return yaml.safe_load(text_of(new, "mappings/shop.yml"))


def test_every_file_that_a_source_needs_is_written(plug) -> None:
    new = plug(contacts=CONTACTS)
    staging = "dbt_project/models/staging/shop"
    assert {str(path) for path in new.files} == {
        "orchestration/ingestion/sources/shop.yml",
        "dbt_project/mappings/shop.yml",
        "dbt_project/macros/sources/shop.sql",
        "dbt_project/seeds/shop/shop__customer_rules.csv",
        f"{staging}/_shop__sources.yml",
        f"{staging}/_shop__models.yml",
        f"{staging}/_shop__seeds.yml",
        f"{staging}/base/base_shop__contacts.sql",
        *(
            f"{staging}/stg_shop__{entity}.sql"
            for entity in (
                "customer_records", "customer_rules", "identifiers", "quarantined_rows", "row_counts",
                "source_systems", "unread_values",
            )
        ),
        "docs/sources/shop.md",
    }  # fmt: skip


def test_the_entry_and_the_mapping_are_what_the_command_reads_again(plug, project) -> None:
    new = plug(contacts=CONTACTS, tickets=TICKETS)
    entry = parsed_entry(text_of(new, "ingestion/sources/shop.yml"), "shop.yml")
    assert {name: table.mode for name, table in entry.tables.items()} == {
        "contacts": "replace",
        "tickets": "replace",
    }
    assert mapping_of(mapping_in(new), "shop.yml") == new.mapping
    write(new, project)
    assert load_entry("shop", project.entries) == entry
    assert stale_files("shop", project) == {}


def test_the_same_files_give_the_same_texts(plug) -> None:
    assert plug(contacts=CONTACTS, tickets=TICKETS) == plug(contacts=CONTACTS, tickets=TICKETS)


def test_what_is_written_keeps_the_rules_of_style(plug, project) -> None:
    write(plug(contacts=CONTACTS, tickets=TICKETS, orders=ORDERS, order_lines=LINES), project)
    shutil.copytree(PROJECT_DIR / "dbt_project/macros", project.dbt / "macros", dirs_exist_ok=True)
    assert portable_sql.findings(project.dbt) == []
    texts = {path: path.read_text(encoding="utf-8") for path in project.folder.rglob("*shop*.*")}
    assert len(texts) > 20
    del texts[project.dbt / "seeds/shop/shop__customer_rules.csv"]
    long = [
        (path.name, line) for path, text in texts.items() for line in text.splitlines() if len(line) > 120
    ]
    assert long == []
    assert [path.name for path, text in texts.items() if re.search(r"[ \t]+$", text, re.MULTILINE)] == []
    assert [
        path.name for path in texts if path.suffix == ".sql" and len(texts[path].splitlines()) > 120
    ] == []


def test_shared_columns_inherit_their_descriptions(plug) -> None:
    new = plug({"date_order": "day_first"}, contacts=CONTACTS)
    models = {model["name"]: model for model in yaml.safe_load(text_of(new, "_shop__models.yml"))["models"]}
    described = {column["name"]: column["description"] for column in models["base_shop__contacts"]["columns"]}
    assert described["first_name"] == "{{ doc('column_given_name') }}"
    assert described["contact_no"] == "What the source calls Contact No."
    staged = models["stg_shop__customer_records"]["columns"]
    assert {column["description"] for column in staged} == {
        f"{{{{ doc('column_{c['name']}') }}}}" for c in staged
    }


def test_what_is_open_is_marked_and_listed(plug) -> None:
    new = plug(contacts=CONTACTS.replace("31/01", "03/01"), tickets=TICKETS)
    assert set(new.doubts) == {
        "tables.contacts.columns.Joined", "tables.contacts.columns", "entities.tickets.ticket_status",
        "time_zone", "owner",
    }  # fmt: skip
    assert (
        "'Parked' of status: which of open, pending, solved?" in new.doubts["entities.tickets.ticket_status"]
    )
    marked = text_of(new, "mappings/shop.yml")
    assert all(f"# {TO_CONFIRM} {entry}: " in marked for entry in new.doubts)
    assert f"owner: {TO_CONFIRM}" in text_of(new, "ingestion/sources/shop.yml")
    # Until somebody has said in which order, the column is there as text, and nothing is made of it.
    assert mapping_in(new)["tables"]["contacts"]["columns"]["Joined"] == "text"
    assert "first_known_at" not in mapping_in(new)["entities"]["customer_records"][0]


def test_what_a_person_says_goes_before_what_the_data_tell(plug) -> None:
    new = plug(
        {
            "name": "The shop", "owner": "shop@post.invalid", "time_zone": "Europe/Paris", "currency": "EUR",
            "tables": {
                "contacts": {"columns": {"Joined": {"layout": "month_first"}, "First Name": "ignored"}},
            },
            "entities": {
                "tickets": {"table": "tickets", "channel": {"value": "email"}, "subject": "Status"},
                "identifiers": None,
            },
        },
        contacts=CONTACTS.replace("31/01", "03/01"),
        tickets=TICKETS,
    )  # fmt: skip
    said = mapping_in(new)
    assert said["time_zone"] == "Europe/Paris"
    assert said["tables"]["contacts"]["columns"]["Joined"] == {"reads": "date", "layout": "month_first"}
    [ticket] = said["entities"]["tickets"]
    assert (ticket["channel"], ticket["subject"], ticket["ticket_id"]) == (
        {"value": "email"},
        "status",
        "ticket_id",
    )
    assert "identifiers" not in said["entities"]
    assert "first_name" not in text_of(new, "base_shop__contacts.sql")
    assert not {"owner", "time_zone", "tables.contacts.columns.Joined"} & set(new.doubts)


def test_lines_find_customer_and_time_in_the_order_that_they_belong_to(plug) -> None:
    new = plug(orders=ORDERS, order_lines=LINES)
    [part] = mapping_in(new)["entities"]["order_lines"]
    assert (part["customer_key"], part["occurred_at"]) == ("orders.customer_no", "orders.order_date")
    lines = text_of(new, "stg_shop__order_lines.sql")
    assert "inner join orders on order_lines.order_no = orders.order_no" in lines
    # A day is known when it is over.
    assert "days_after('orders.order_date', 1)" in lines
    assert "'order_no is not among orders'" in text_of(new, "base_shop__order_lines.sql")


def test_of_several_tables_the_one_that_says_most_of_a_customer_is_believed(plug) -> None:
    new = plug(
        bills="Bill No,Customer No,Bill Date,Total\nA,7,2024-01-01,1.50\nB,8,2024-01-02,2.50\n",
        customers="Customer No,First Name,City\n7,Ann,Paris\n8,Bob,Lyon\n",
    )
    parts = mapping_in(new)["entities"]["customer_records"]
    assert [part["table"] for part in parts] == ["customers", "bills"]


def test_orders_without_lines_are_lines_of_one_product(plug) -> None:
    new = plug(invoices="Invoice No,Client ID,Invoice Date,Total\nA,7,2024-01-01,1.50\nB,8,2024-01-02,2.50\n")
    [part] = mapping_in(new)["entities"]["order_lines"]
    assert part == {
        "table": "invoices", "customer_key": "client_id", "order_id": "invoice_no", "sales_amount": "total",
        "occurred_at": "invoice_date", "product_id": {"value": "unspecified"}, "store_id": {"value": "main"},
    }  # fmt: skip
    assert {"entities.order_lines.product_id", "entities.stores"} <= set(new.doubts)
    assert "{{ source_key(['invoices.invoice_no']) }} as order_line_id" in text_of(
        new, "stg_shop__order_lines.sql"
    )


def test_a_row_without_a_key_is_told_apart_by_all_that_it_says(plug) -> None:
    new = plug(contacts="Mail,Note\na@b.invalid,x\na@b.invalid,y\n")
    assert "{{ whole_row_key([raw_column('Mail'), raw_column('Note')]) }} as row_key" in text_of(
        new, "base_shop__contacts.sql"
    )
    assert "quarantined_rows('base_shop__contacts', 'contacts', ['row_key'])" in text_of(
        new, "quarantined_rows.sql"
    )


def test_an_edited_mapping_is_made_into_its_models(plug, project) -> None:
    write(plug(contacts=CONTACTS, tickets=TICKETS), project)
    path = project.mappings / "shop.yml"
    said = read_yaml(path)
    said["entities"]["tickets"][0]["channel"] = {"value": "phone"}
    path.write_text(yaml.safe_dump(said, sort_keys=False))
    staging = Path("models/staging/shop")
    assert set(stale_files("shop", project)) == {
        staging / "stg_shop__tickets.sql",
        staging / "_shop__models.yml",
    }
    generate("shop", project)
    assert "'phone' as channel" in (project.dbt / staging / "stg_shop__tickets.sql").read_text()
    assert stale_files("shop", project) == {}

    del said["entities"]["tickets"]
    path.write_text(yaml.safe_dump(said, sort_keys=False))
    generate("shop", project)
    assert not (project.dbt / staging / "stg_shop__tickets.sql").exists()
    assert "tickets" not in (project.dbt / "macros/sources/shop.sql").read_text()


def test_a_mapping_knows_columns_by_either_of_their_names(plug, project) -> None:
    write(plug(orders=ORDERS, order_lines=LINES), project)
    path = project.mappings / "shop.yml"
    said = read_yaml(path)
    said["tables"]["order_lines"] |= {"key": ["OrderNo", "LineNo"], "belongs_to": {"orders": "OrderNo"}}
    said["entities"]["order_lines"][0] |= {"customer_key": "orders.CustomerNo", "sales_amount": "Net Amount"}
    path.write_text(yaml.safe_dump(said, sort_keys=False))
    assert stale_files("shop", project) == {}


def test_what_somebody_wrote_by_hand_is_left_alone(plug, project) -> None:
    write(plug(contacts=CONTACTS, tickets=TICKETS), project)
    path, model = project.mappings / "shop.yml", project.dbt / "models/staging/shop/stg_shop__tickets.sql"
    model.write_text("select 1 as mine\n")
    with pytest.raises(OnboardingError, match=r"stg_shop__tickets.sql: somebody wrote it by hand. Fix: list"):
        generate("shop", project)
    said = read_yaml(path)
    del said["entities"]["tickets"]
    path.write_text(yaml.safe_dump({**said, "written_by_hand": ["tickets"]}, sort_keys=False))
    generate("shop", project)
    assert model.read_text() == "select 1 as mine\n"
    assert "'tickets'" in (project.dbt / "macros/sources/shop.sql").read_text()
    assert "stg_shop__tickets" not in (project.dbt / "models/staging/shop/_shop__models.yml").read_text()


def test_a_second_source_of_one_name_and_a_file_that_is_there_are_refused(plug, project) -> None:
    require_free("shop", project)
    write(plug(contacts=CONTACTS), project)
    with pytest.raises(
        OnboardingError, match=r"shop.yml: there is a source 'shop' already. Fix: take another"
    ):
        require_free("shop", project)
    with pytest.raises(OnboardingError, match="it is there already"):
        write(plug(contacts=CONTACTS), project)
    with pytest.raises(OnboardingError, match="there is a source 'olist' already"):
        require_free("olist", project)
    with pytest.raises(OnboardingError, match="use small letters"):
        require_free("My Shop", project)


WRONG = {
    "an unknown key": ({"tabels": {}}, "tabels: nothing is called so here. Fix: write 'tables'"),
    "an unknown table": (
        {"tables": {"kontacts": {}}}, "tables.kontacts: no table is called so. Fix: write 'contacts'",
    ),
    "an unknown column": (
        {"tables": {"contacts": {"columns": {"Join": "date"}}}},
        "tables.contacts.columns.Join: 'Join' is no column of contacts. Fix: write 'Joined'",
    ),
    "an unknown reading": (
        {"tables": {"contacts": {"columns": {"Joined": "dat"}}}}, "it says 'dat'. Fix: correct",
    ),
    "an unknown entity": (
        {"entities": {"customers": {"table": "contacts"}}},
        "entities.customers: core has no such entity. Fix: write 'customer_records'",
    ),
    "an unknown field": (
        {"entities": {"customer_records": {"table": "contacts", "giben_name": "First Name"}}},
        "entities.customer_records.giben_name: customer_records has no such field. Fix: write 'given_name'",
    ),
    "a column of a field": (
        {"entities": {"customer_records": {"table": "contacts", "city": "town"}}},
        "entities.customer_records.city: there is no column 'town'. Fix: use one of",
    ),
    "a table that it does not belong to": (
        {"entities": {"tickets": {"table": "tickets", "subject": "contacts.mail"}}},
        "entities.tickets.subject: tickets belongs to no table 'contacts'",
    ),
    "a value of no kind": (
        {"entities": {"tickets": {"table": "tickets", "subject": {"colum": "x"}}}},
        "entities.tickets.0.subject: this is no value of a field",
    ),
    "a field that is needed": (
        {"entities": {"payments": {"table": "tickets", "occurred_at": "Created"}}},
        "entities.payments: tickets gives no payment_amount, without which a row is none of payments",
    ),
    "an order of dates": ({"date_order": "dmy"}, "date_order: 'dmy' is no order. Fix: write day_first"),
    "an identifier that is no address": (
        {"entities": {"identifiers": {"table": "tickets", "email": "Subject"}}},
        "entities.identifiers.email: subject is read as text. Fix: read it as email",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("given", "message"), WRONG.values(), ids=WRONG)
def test_a_mapping_that_names_what_is_not_there_is_an_error_with_its_fix(plug, given, message) -> None:
    with pytest.raises(OnboardingError) as refused:
        plug(given, contacts=CONTACTS, tickets=TICKETS)
    assert str(refused.value).startswith("shop_mapping.yml: ")
    assert message in str(refused.value)


def test_a_mapping_file_that_is_missing_or_no_yaml_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OnboardingError, match=r"none.yml: there is no file"):
        read_yaml(tmp_path / "none.yml")
    (tmp_path / "broken.yml").write_text("a: [1")
    with pytest.raises(OnboardingError, match=r"broken.yml: this is no YAML"):
        read_yaml(tmp_path / "broken.yml")
