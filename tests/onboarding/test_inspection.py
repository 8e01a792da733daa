"""What is found out about a file by looking at it, and what is told to be open instead of guessed."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy

from orchestration import warehouse
from orchestration.ingestion.errors import IngestionError
from orchestration.onboarding.databases import found_tables
from orchestration.onboarding.errors import OnboardingError
from orchestration.onboarding.inspection import inspect
from orchestration.onboarding.places import found_files

pytestmark = pytest.mark.tier1


def column(look, *values, name="x"):
    """The profile of a column of a table that has a key beside it."""
    quoted = ['"' + value.replace('"', '""') + '"' for value in values]
    lines = "\n".join(f"{number},{value}" for number, value in enumerate(quoted, start=1))
    return look(items=f'row_id,"{name}"\n{lines}\n')["items"].columns[name]


READINGS = {
    "iso day": (["2024-01-31", "2024-02-01"], "date", "year_first"),
    "iso time": (["2024-01-31 10:00", "2024-02-01T10:00:30"], "time", "year_first"),
    "iso time with its offset": (["2024-01-31T10:00:00Z", "2024-02-01 10:00:00+02:00"], "time", "utc"),
    "day first, by a 31": (["31.01.2024", "02.03.2024"], "date", "day_first"),
    "month first, by a 31": (["01/31/2024 5:07 PM", "02/03/2024 12:00 AM"], "time", "month_first"),
    "name of the month": (["31-Jan-2024", "01-OCT-2023"], "date", "month_name"),
}


@pytest.mark.parametrize(("values", "reads", "layout"), READINGS.values(), ids=READINGS)
def test_dates_are_read_in_the_order_that_their_values_prove(look, values, reads, layout) -> None:
    found = column(look, *values)
    assert (found.reading.reads, found.reading.layout, found.doubt) == (reads, layout, "")


def test_days_that_may_be_months_are_marked_and_not_guessed(look) -> None:
    found = column(look, "03/04/2024", "12/11/2024")
    assert found.reading.layout is None
    assert not found.is_readable
    assert "day first or month first (03/04/2024" in found.doubt


def test_both_orders_in_one_column_are_marked_and_stay_text(look) -> None:
    found = column(look, "31/12/2024", "12/31/2024")
    assert found.reading.reads == "text"
    assert "1 values have the day first and 1 the month" in found.doubt


def test_years_of_two_digits_are_marked_and_stay_text(look) -> None:
    found = column(look, "31/12/24", "01/02/68")
    assert found.reading.reads == "text"
    assert "which century" in found.doubt


@pytest.mark.parametrize(
    ("name", "value", "layout"),
    [("created_ts", "1704886440000", "epoch_milliseconds"), ("created_at", "1704886440", "epoch_seconds"),
     ("order_date", "20240131", "compact")],
)  # fmt: skip
def test_counts_are_times_only_where_the_name_says_so(look, name, value, layout) -> None:
    assert column(look, value, name=name).reading.layout == layout
    assert column(look, value, name="units").reading.reads == "integer"


AMOUNTS = {
    "comma": (["12,50", "1.249,00"], "comma", ""),
    "point": (["12.50", "1,249.00"], "point", ""),
    "whole": (["12", "-3"], "point", ""),
    "thousands or decimals": (["1.249", "3.100"], None, "thousands or decimals"),
}


@pytest.mark.parametrize(("values", "mark", "doubt"), AMOUNTS.values(), ids=AMOUNTS)
def test_amounts_are_read_by_the_mark_that_their_values_prove(look, values, mark, doubt) -> None:
    found = column(look, *values, name="price")
    assert (found.reading.reads, found.reading.decimal) == ("amount", mark)
    assert doubt in found.doubt
    assert found.is_readable == (mark is not None)


def test_both_marks_in_one_column_are_marked_and_stay_text(look) -> None:
    found = column(look, "12,50", "12.75", name="price")
    assert found.reading.reads == "text"
    assert "decimal comma and 1 a point" in found.doubt


@pytest.mark.parametrize(
    ("values", "currencies"),
    [(["€ 12,50", "3,00 EUR"], ("EUR",)), (["12.50 USD", "£3.00"], ("GBP", "USD")), (["12.50"], ())],
)
def test_currencies_are_those_beside_the_amounts(look, values, currencies) -> None:
    assert column(look, *values, name="amount").currencies == currencies


def test_a_column_of_currencies_names_them(look) -> None:
    assert column(look, "EUR", "chf", name="Currency").currencies == ("CHF", "EUR")


KINDS = {
    "e-mail": ("anything", ["a@b.invalid", "c@d.invalid"], "email"),
    "phone by name and shape": ("Mobile", ["0171 5550192", "+49 30 4412"], "phone"),
    "number with zeros before it": ("plain", ["007", "123"], "key"),
    "uuid": ("plain", ["6ba7b810-9dad-11d1-80b4-00c04fd430c8"], "key"),
    "truth": ("plain", ["yes", "No"], "boolean"),
    "ones and zeros are numbers": ("plain", ["0", "1"], "integer"),
    "ones and zeros are truths by name": ("is_active", ["0", "1"], "boolean"),
    "postal code": ("PLZ", ["10115", "20457"], "postal_code"),
    "bands are no numbers": ("household size", [*"1234" * 3, "5+"], "text"),
    "text": ("plain", ["some words", "12 of them"], "text"),
}


@pytest.mark.parametrize(("name", "values", "reads"), KINDS.values(), ids=KINDS)
def test_values_are_read_as_what_they_are(look, name, values, reads) -> None:
    assert column(look, *values, name=name).reading.reads == reads


def test_words_for_nothing_are_nulls_and_an_empty_column_is_marked(look) -> None:
    found = column(look, "n/a", "", "-", "x")
    assert (found.rows, found.filled) == (4, 1)
    empty = column(look, "", "null")
    assert (empty.reading.reads, empty.doubt) == ("ignored", "it is empty: is anything to come in it?")


def test_values_that_are_no_dates_are_counted(look) -> None:
    found = column(look, *["2024-01-31"] * 19, "soon")
    assert found.reading.layout == "year_first"
    assert "5.0% of its values are no date" in found.doubt


def test_a_key_is_one_column_or_two_or_the_whole_row(look) -> None:
    tables = look(
        tickets="Ticket ID,Subject\n1,a\n2,b\n",
        lines="order_no,line_no,qty\nA,1,1\nA,2,1\nB,1,1\n",
        notes="who,what\nann,x\nann,y\nbob,x\n",
        # A quantity that happens to differ in every row is no key.
        sold="order_no,qty,line_no\nA,1,1\nA,2,2\nB,3,1\n",
        measured="temperature,wind\n1,5\n2,5\n3,6\n",
    )
    assert [tables[name].key for name in ("tickets", "lines", "notes", "sold", "measured")] == [
        ("Ticket ID",),
        ("order_no", "line_no"),
        (),
        ("order_no", "line_no"),
        (),
    ]
    assert "the whole row is its key" in tables["notes"].doubt


def test_a_key_that_repeats_is_marked_and_not_taken(look) -> None:
    table = look(tickets="Ticket ID,Subject\n1,a\n1,b\n2,c\n")["tickets"]
    assert table.key == ()
    assert "'Ticket ID' looks like its key and repeats (2 values, 3 rows)" in table.doubt


def test_rows_that_repeat_in_full_leave_the_key_a_key_and_are_told(look) -> None:
    table = look(tickets="Ticket ID,Subject\n1,a\n1,a\n2,c\n")["tickets"]
    assert table.key == ("Ticket ID",)
    assert table.doubt == "1 rows repeat another one in full"


def test_lines_belong_to_the_orders_whose_number_they_carry(look) -> None:
    tables = look(
        orders="OrderNo,At\nA,2024-01-01\nB,2024-01-02\n",
        lines="OrderNo,LineNo,Qty\nA,1,1\nA,2,1\nB,1,1\n",
        others="OrderNo,LineNo,Qty\nX,1,1\nY,2,1\nZ,1,1\n",
    )
    assert tables["lines"].parents == {"orders": "OrderNo"}
    assert tables["others"].parents == {}


def test_any_name_of_a_column_is_taken(look) -> None:
    names = ["Kontakt-Nr", "it's", 'say "hi"', "客户", "order", "Straße", "a b", "A-B", "Row Count"]
    header = ",".join('"' + name.replace('"', '""') + '"' for name in names)
    table = look(odd=f"{header}\n1,2,3,4,5,6,7,8,9\n")["odd"]
    assert [column.base_name for column in table.columns.values()] == [
        "kontakt_nr", "it_s", "say_hi", "column_value", "order_value", "strasse", "a_b", "a_b_2",
        "row_count_value",
    ]  # fmt: skip


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_parts_all_lines_alike(look, delimiter) -> None:
    lines = [["id", "text"], ["1", "a, b"], ["2", "c; d"]]
    text = "\n".join(delimiter.join(f'"{value}"' for value in line) for line in lines)
    table = look(items=text)["items"]
    assert (list(table.columns), table.delimiter) == (["id", "text"], delimiter)


def test_the_encoding_is_told_by_the_bytes(tmp_path: Path) -> None:
    for name, encoding in [("western", "latin-1"), ("windows", "utf-16"), ("plain", "utf-8")]:
        (tmp_path / f"{name}.csv").write_bytes("id,ort\n1,Köln\n".encode(encoding))
    with warehouse.in_memory() as connection:
        tables = inspect(connection, found_files(connection, [tmp_path]))
    assert {name: table.encoding for name, table in tables.items()} == {
        "western": "latin-1", "windows": "utf-16", "plain": "utf-8",
    }  # fmt: skip


def test_files_that_differ_in_a_date_are_one_table_that_grows(look) -> None:
    tables = look(
        **{"orders_2024-01": "id,x\n1,a\n", "orders_2024-02": "id,x\n2,b\n", "shops": "id,x\n1,a\n"}
    )
    assert (tables["orders"].place, tables["orders"].mode, tables["orders"].rows) == (
        "orders*.csv",
        "append",
        2,
    )
    assert (tables["shops"].place, tables["shops"].mode) == ("shops.csv", "replace")


REFUSED = {
    "nothing in it": ("rows.csv", b"", "rows.csv: the file is empty (0 bytes)"),
    "a header alone": ("rows.csv", b"a,b\n", "rows.csv: it holds columns but no row"),
    "a name twice": ("rows.csv", b"a,A\n1,2\n", "has the column 'A' twice"),
    "a name missing": ("rows.csv", b"a,\n1,2\n", "has no name for column 2"),
    "lines of other widths": ("rows.csv", b"a,b\n1,2\n1,2,3\n", "rows.csv: it cannot be read"),
    "a spreadsheet": ("rows.xlsx", b"PK..", "rows.xlsx: .xlsx is not read. Fix: save the sheet as CSV"),
    "nothing to read": ("rows.doc", b"x", "no table is there; it holds rows.doc"),
}


@pytest.mark.parametrize(("name", "content", "message"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_read_is_an_error_that_says_why(tmp_path: Path, name, content, message) -> None:
    (tmp_path / name).write_bytes(content)
    with warehouse.in_memory() as connection, pytest.raises((OnboardingError, IngestionError)) as refused:
        found_files(connection, [tmp_path])
    assert message in str(refused.value)
    assert "Fix: " in str(refused.value)


def test_a_place_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with (
        warehouse.in_memory() as connection,
        pytest.raises(OnboardingError, match="there is no such file or folder"),
    ):
        found_files(connection, [tmp_path / "nowhere"])


def test_tables_of_a_database_are_looked_at_with_their_own_types(tmp_path: Path) -> None:
    address = f"sqlite:///{tmp_path / 'crm.db'}"
    engine = sqlalchemy.create_engine(address)
    with engine.begin() as database:
        database.execute(
            sqlalchemy.text("create table contacts (contact_id integer, mail text, joined timestamp)")
        )
        database.execute(sqlalchemy.text("create table empty_one (x integer)"))
        database.execute(
            sqlalchemy.text("insert into contacts values (1, 'a@b.invalid', '2024-01-31 10:00:00.000000')")
        )
    engine.dispose()
    with warehouse.in_memory() as connection:
        tables = inspect(connection, found_tables(connection, address))
    assert list(tables) == ["contacts"]
    columns = tables["contacts"].columns
    assert [(each.data_type, each.reading.reads) for each in columns.values()] == [
        ("bigint", "key"), ("string", "email"), ("timestamp", "time"),
    ]  # fmt: skip


def test_a_password_in_an_address_is_refused() -> None:
    with warehouse.in_memory() as connection, pytest.raises(OnboardingError, match="a password stands in it"):
        found_tables(connection, "postgresql://reader:hidden@host/crm")
