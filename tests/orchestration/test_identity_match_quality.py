"""`insight match-quality`: a build of six records against who is whom."""

import json

import pandas as pd
import pytest
from click.testing import CliRunner

from orchestration.cli.main import main
from orchestration.identity.errors import IdentityError
from orchestration.identity.measuring import measure
from orchestration.identity.truth_files import read_truth
from orchestration.warehouse import reading, tables, writing

pytestmark = pytest.mark.tier1

# Anna's survey is missing from her customer; Ben's and Carl's CRM contacts are one; nobody knows who Dora is.
_TRUTH = """customer_key,person_id
twin:crm:1,anna
twin:shop:1,anna
twin:survey:1,anna
twin:crm:2,ben
twin:crm:3,carl
"""


@pytest.fixture
def truth(settings, tmp_path):
    with writing(settings) as connection:
        connection.execute(
            """
            create schema identity;
            create schema core;
            create table core.dim_customer_records as
            select * from (values ('twin:crm:1', 'crm'), ('twin:crm:2', 'crm'), ('twin:crm:3', 'crm'),
                ('twin:shop:1', 'shop'), ('twin:survey:1', 'survey'), ('grocery:1', null))
                as records (customer_key, record_system);
            create table identity.bdg_customer_keys as
            select * from (values ('twin:crm:1', 'a', 'twin'), ('twin:shop:1', 'a', 'twin'),
                ('twin:survey:1', 's', 'twin'), ('twin:crm:2', 'b', 'twin'), ('twin:crm:3', 'b', 'twin'),
                ('grocery:1', 'd', 'grocery')) as keys (customer_key, customer_id, source_system);
            create table identity.int_customer_links__listed as
            select 'twin:crm:1' as customer_key, 'twin:shop:1' as first_customer_key,
                'email' as identifier_type
            union all select 'twin:crm:2', 'twin:crm:3', 'probabilistic';
            create table identity.fct_customer_confidence as
            select 'a' as customer_id, 0.99 as confidence union all select 'b', 0.95;
            """
        )
    path = tmp_path / "truth.csv"
    path.write_text(_TRUTH, encoding="utf-8")
    return path


def test_a_build_is_measured_as_a_whole_and_by_system(settings, truth):
    answer = measure(settings, truth)
    assert answer["record_count"] == 5
    quality = {row["metric"]: row for row in answer["quality"]}
    assert quality["pairwise_precision"]["full"] == 0.5
    assert quality["pairwise_precision"]["deterministic"] == 1
    assert quality["pairwise_recall"]["full"] == pytest.approx(1 / 3)
    systems = {row["system"]: row for row in answer["systems"]}
    assert list(systems) == ["crm", "shop", "survey"]
    assert (systems["crm"]["records"], systems["crm"]["persons"]) == (3, 3)
    assert systems["crm"]["bcubed_precision"] == pytest.approx((1 + 0.5 + 0.5) / 3)
    assert systems["crm"]["pairwise_precision"] == 0
    assert systems["survey"]["bcubed_recall"] == pytest.approx(1 / 3)
    # One survey makes no pair.
    assert systems["survey"]["pairwise_precision"] is None


def test_the_measures_of_systems_are_rows_of_the_same_table(settings, truth):
    run_ids = {measure(settings, truth)["run_id"] for _ in range(2)}
    with reading(settings.build_path) as connection:
        rows = connection.execute(
            "select run_id, scope, metric_value from quality.match_quality where metric = 'records'"
        ).fetchall()
    assert {row[0] for row in rows} == run_ids
    assert {row[1:] for row in rows} == {
        ("full", 5), ("deterministic", 5), ("system: crm", 3), ("system: shop", 1), ("system: survey", 1),
    }  # fmt: skip


def test_the_command_shows_a_line_per_system(settings, truth, monkeypatch):
    monkeypatch.setenv("WAREHOUSE_DIR", str(settings.warehouse_dir))
    shown = CliRunner().invoke(main, ["match-quality", "--truth", str(truth)])
    assert shown.exit_code == 0, shown.output
    assert "By the system that keeps the record" in shown.output
    (line,) = [line.split() for line in shown.output.splitlines() if line.startswith("crm ")]
    assert line[1:4] == ["3", "0.6667", "0.8889"]
    answer = CliRunner().invoke(main, ["match-quality", "--json", "--truth", str(truth)])
    assert [row["system"] for row in json.loads(answer.stdout)["systems"]] == ["crm", "shop", "survey"]


def test_a_truth_about_other_records_is_refused(settings, truth):
    truth.write_text("customer_key,person_id\nelsewhere:1,anna\n", encoding="utf-8")
    with pytest.raises(IdentityError, match="names none of the records"):
        measure(settings, truth)


def test_the_truth_of_the_twin_names_the_holder_of_each_card(settings, tmp_path):
    folder = tmp_path / "digital_twin_truth"
    folder.mkdir()
    # Whoever has no household leaves a gap in the column.
    people = {"person_id": [1, 2, 3], "household_id": [7, 7, None], "is_card_holder": [True, False, False]}
    pd.DataFrame(people).to_parquet(folder / "people.parquet")
    named = {"system": ["crm"], "record_key": ["C1"], "person_id": [3]}
    pd.DataFrame(named).to_parquet(folder / "record_person.parquet")
    mentioned = {"table_name": ["surveys"], "row_key": ["R1"], "person_id": [2]}
    pd.DataFrame(mentioned).to_parquet(folder / "row_person.parquet")
    with writing(settings) as connection:
        connection.execute("create table nothing (number integer)")

    with tables(settings) as build:
        truth = read_truth(folder, build)

    assert dict(truth.itertuples(index=False)) == {
        "digital_twin:crm:C1": "3",
        "complete_journey:7": "1",
        "digital_twin:card:7": "1",
    }
