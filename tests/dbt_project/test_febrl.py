"""Febrl, from files in its shape to links: its sets themselves are not kept here."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dbt_runs
import duckdb
import pandas as pd
import pytest
from dbt_runs import DbtRuns

from ml.record_linkage.declaration import load_linkage
from orchestration.ingestion.entries import load_entry
from orchestration.ingestion.landing import land
from orchestration.modelling.record_linkage import link_and_store
from orchestration.settings import Settings

pytestmark = pytest.mark.tier3

COLUMNS = (
    "rec_id", "given_name", "surname", "street_number", "address_1", "suburb", "postcode", "date_of_birth",
    "soc_sec_id",
)  # fmt: skip
# Typos, names exchanged, a birth date that no calendar has; and a brother at the same address.
PERSONS = """
rec-1-org,lachlan,berry,69,giblin street,bittern,4814,19990219,7364009
rec-1-dup-0,lachlsn,bery,,giblin street,bittern,4814,19990219,7364019
rec-1-dup-1,berry,lachlan,69,giblin street,bittern,4814,19990219,7364009
rec-2-org,deakin,sondergeld,48,goldfinch circuit,canterbury,2776,19600210,2635962
rec-2-dup-0,deakin,sondergeld,48,goldfinch circuit,canterbury,2776,19601310,2635962
rec-3-org,isabella,lodder,156,messenger street,bayswater,4870,19650714,2790666
rec-4-org,patrick,berry,69,giblin street,bittern,4814,20010630,1797144
rec-5-org,kayla,harrington,,maltby circuit,coolaroo,3465,19150612,9004242
rec-6-org,luke,purdon,23,ramsay place,garbutt,2260,19831024,8099933
rec-7-org,darcie,turtur,10,blacket street,eureka,2263,,2025650
rec-8-org,william,bishop,21,neworra place,worongary,6225,19490130,9773843
"""


@pytest.fixture(scope="module")
def built(
    dbt_project_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Settings, DbtRuns]]:
    """The persons landed, and what records compare by built from them."""
    folder = tmp_path_factory.mktemp("febrl")
    (folder / "arrivals").mkdir()
    rows = [[value or None for value in line.split(",")] for line in PERSONS.strip().splitlines()]
    frame = pd.DataFrame(rows, columns=list(COLUMNS), dtype="string")
    for column in ("address_2", "state"):
        frame[column] = pd.Series([None] * len(frame), dtype="string")
    frame.to_parquet(folder / "arrivals" / "dataset1.parquet")
    settings = Settings(
        sources=("febrl",),
        data=str(folder / "arrivals"),
        warehouse_dir=folder / "warehouse",
        engine="duckdb",
        as_of=None,
        memory_limit="1GB",
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(dbt_runs.SETTINGS, "WAREHOUSE_SOURCES", "febrl")
        runs = DbtRuns(dbt_project_dir, tmp_path_factory.mktemp("dbt"))
        land(settings, load_entry("febrl"))
        untested = ("--exclude-resource-type", "unit_test", "--indirect-selection", "buildable")
        runs.run(
            settings.warehouse_dir,
            "build",
            *untested,
            "--select",
            "+int_customer_records__comparable",
            "stg_febrl__quarantined_rows",
        )
        yield settings, runs


def test_unit_tests_of_febrl_pass(built: tuple[Settings, DbtRuns]) -> None:
    settings, runs = built
    statuses = runs.run(settings.warehouse_dir, "test", "--select", "staging.febrl,test_type:unit")
    told = {name: status for name, status in statuses.items() if name.startswith("unit_test.")}
    assert set(told.values()) == {"pass"}


def test_records_compare_in_one_spelling(built: tuple[Settings, DbtRuns]) -> None:
    settings, _ = built
    with duckdb.connect(str(settings.build_path), read_only=True) as connection:
        rows = connection.execute(
            "select given_name, family_name, birth_date, street_address, postal_code, national_id "
            "from identity.int_customer_records__comparable "
            "where customer_key like 'febrl:rec-2-%' order by birth_date nulls last"
        ).fetchall()
        kept_out = connection.execute("select count(*) from staging.stg_febrl__quarantined_rows").fetchone()
    address = ("48 goldfinch circuit", "2776", "2635962")
    assert rows == [
        ("deakin", "sondergeld", "1960-02-10", *address),
        ("deakin", "sondergeld", "1960-13-10", *address),
    ]
    assert kept_out == (0,)


def test_duplicates_are_linked_and_the_brother_is_not(built: tuple[Settings, DbtRuns]) -> None:
    settings, _ = built
    link_and_store(settings, load_linkage("person_matching"), "run-1")
    with duckdb.connect(str(settings.build_path), read_only=True) as connection:
        links = connection.execute(
            "select split_part(customer_key_a, ':', 2), split_part(customer_key_b, ':', 2) "
            "from matching.record_links where is_above_threshold order by 1, 2"
        ).fetchall()
    assert links == [
        ("rec-1-dup-0", "rec-1-dup-1"),
        ("rec-1-dup-0", "rec-1-org"),
        ("rec-1-dup-1", "rec-1-org"),
        ("rec-2-dup-0", "rec-2-org"),
    ]
