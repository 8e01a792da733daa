"""Flat tables of persons: which column says what, and values in one spelling."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from ml.record_linkage.declaration import load_linkage
from ml.record_linkage.flat_tables import ROLES, FlatTableError, comparable_persons, guess_columns

pytestmark = pytest.mark.tier1


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (
            [
                "rec_id",
                "given_name",
                "surname",
                "street_number",
                "address_1",
                "address_2",
                "suburb",
                "postcode",
                "state",
                "date_of_birth",
                "soc_sec_id",
            ],
            {
                "given_name": "given_name",
                "family_name": "surname",
                "street_number": "street_number",
                "street_address": "address_1",
                "city": "suburb",
                "postal_code": "postcode",
                "birth_date": "date_of_birth",
                "national_id": "soc_sec_id",
            },
        ),
        (
            [
                "unique_id",
                "full_name",
                "first_and_surname",
                "first_name",
                "surname",
                "dob",
                "birth_place",
                "postcode_fake",
                "gender",
                "occupation",
            ],
            {
                "full_name": "full_name",
                "given_name": "first_name",
                "family_name": "surname",
                "birth_date": "dob",
                "birth_place": "birth_place",
                "postal_code": "postcode_fake",
                "gender": "gender",
                "occupation": "occupation",
            },
        ),
        (
            ["fname_c1", "fname_c2", "lname_c1", "lname_c2", "by", "bm", "bd"],
            {
                "given_name": "fname_c1",
                "family_name": "lname_c1",
                "birth_year": "by",
                "birth_month": "bm",
                "birth_day": "bd",
            },
        ),
        (
            ["FirstName", "Last Name", "E-Mail", "DateOfBirth", "Mobile Phone", "Company"],
            {
                "given_name": "FirstName",
                "family_name": "Last Name",
                "email": "E-Mail",
                "birth_date": "DateOfBirth",
                "phone": "Mobile Phone",
                "employer": "Company",
            },
        ),
        (
            ["customer_forename", "customer_surname"],
            {"given_name": "customer_forename", "family_name": "customer_surname"},
        ),
    ],
    ids=["febrl", "historical", "names in parts", "CRM", "with a prefix"],
)
def test_columns_are_recognised(names: list[str], expected: dict[str, str]) -> None:
    assert guess_columns(names) == expected


def test_columns_can_be_declared_and_left_out() -> None:
    names = ["who", "alias", "dob", "group"]
    assert guess_columns(names, {"who": "given_name", "dob": "-"}, ["group"]) == {"given_name": "who"}
    with pytest.raises(FlatTableError, match="no column whom; there are who"):
        guess_columns(names, {"whom": "given_name"})
    with pytest.raises(FlatTableError, match="shoe_size: no such role; there are given_name"):
        guess_columns(names, {"who": "shoe_size"})
    with pytest.raises(FlatTableError, match="--column NAME=given_name"):
        guess_columns(["a", "b"])


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (["19990219", "19601310"], ["1999-02-19", "1960-13-10"]),
        ([19990219.0, None], ["1999-02-19", None]),
        (["1861-19-19", "1850"], ["1861-19-19", "1850"]),
        (["02/03/1980", "25/12/1981"], ["1980-03-02", "1981-12-25"]),
        (["02/03/1980", "12/25/1981"], ["1980-02-03", "1981-12-25"]),
        (["3 Mar 1980", "March 3, 1980"], ["1980-03-03", "1980-03-03"]),
        (["1980-03-02 00:00:00", "1980/3/2"], ["1980-03-02", "1980-03-02"]),
        ([dt.date(1980, 3, 2), None], ["1980-03-02", None]),
        (pd.to_datetime(["1980-03-02", None]), ["1980-03-02", None]),
        (["unknown", ""], [None, None]),
    ],
    ids=[
        "digits",
        "numbers",
        "impossible",
        "day first",
        "month first",
        "words",
        "times",
        "dates",
        "timestamps",
        "none",
    ],
)
def test_dates_of_any_format_are_read_and_impossible_ones_kept(told: list, expected: list) -> None:
    table = pd.DataFrame({"dob": told, "surname": ["silva", "costa"]})
    read = comparable_persons(table, guess_columns(list(table.columns)))["birth_date"].tolist()
    assert read == expected


def test_values_come_in_one_spelling_and_na_is_a_name() -> None:
    table = pd.DataFrame(
        {
            "first_name": ["  Na ", "NA", "Inês-Maria"],
            "surname": ["O'Neill", "n/a", "SILVA"],
            "phone": ["(330) 123-4567", "+1 330 123 4567", ""],
            "gender": ["Female", "f", "M"],
            "ssn": [1234567.0, None, 7.0],
            "email": ["Na@Mail.COM", None, "x@y"],
        }
    )
    read = comparable_persons(table, guess_columns(list(table.columns)))
    assert read["given_name"].tolist() == ["na", None, "ines maria"]
    assert read["family_name"].tolist() == ["oneill", None, "silva"]
    assert read["phone"].tolist() == ["3301234567", "3301234567", None]
    assert read["gender"].tolist() == ["f", "f", "m"]
    assert read["national_id"].tolist() == ["1234567", None, "7"]
    assert read["email"].tolist() == ["na@mail.com", None, "x@y"]
    assert set(read.columns) == load_linkage("person_matching").columns
    assert set(ROLES) - {"full_name", "street_number", "birth_year", "birth_month", "birth_day"} <= set(
        read.columns
    )


def test_names_in_one_field_are_taken_apart() -> None:
    table = pd.DataFrame({"name": ["Ana Maria Silva", "Silva, Ana", "Silva", None]})
    read = comparable_persons(table, guess_columns(["name"]))
    assert read["given_name"].tolist() == ["ana", "ana", None, None]
    assert read["family_name"].tolist() == ["silva", "silva", "silva", None]


def test_dates_in_three_columns_are_put_together() -> None:
    table = pd.DataFrame(
        {"lname": ["a", "b", "c"], "by": ["1949", "1950", None], "bm": ["7", "", "1"], "bd": ["22", "", "1"]}
    )
    assert comparable_persons(table, guess_columns(list(table.columns)))["birth_date"].tolist() == [
        "1949-07-22",
        "1950",
        None,
    ]
