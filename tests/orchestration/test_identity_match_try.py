"""`insight match try`: any flat table of persons, measured as the warehouse would match it."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from orchestration.cli.main import main
from orchestration.identity.errors import IdentityError
from orchestration.identity.trying import try_table

pytestmark = pytest.mark.tier1

PERSONS = pd.DataFrame(
    [
        ("ana", "silva", "12.04.1980", "ana.silva@mail.com", 1.0),
        ("anna", "silva", "12.04.1980", "ana.silva@mail.com", 1.0),
        ("pedro", "costa", "30.01.1979", "pc@mail.com", 2.0),
        ("Na", "li", "05.05.1990", "na@mail.com", 3.0),
        ("who", "knows", "01.02.1980", "wk@mail.com", None),
    ],
    columns=["Vorname", "Last Name", "born", "E-Mail", "Person ID"],
)


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("WAREHOUSE_DIR", str(tmp_path / "warehouse"))


@pytest.mark.parametrize("layout", ["comma", "semicolon", "parquet", "latin"])
def test_a_table_of_any_layout_is_measured(tmp_path: Path, layout: str) -> None:
    path = tmp_path / f"persons.{'parquet' if layout == 'parquet' else 'csv'}"
    if layout == "parquet":
        PERSONS.to_parquet(path)
    else:
        encoding = "cp1252" if layout == "latin" else "utf-8-sig"
        PERSONS.replace("costa", "cóstá").to_csv(
            path, sep=";" if layout == "semicolon" else ",", index=False, encoding=encoding
        )
    answer = try_table(path, "Person ID")
    assert {row["role"]: row["column"] for row in answer["columns"]} == {
        "given_name": "Vorname", "family_name": "Last Name", "birth_date": "born", "email": "E-Mail",
    }  # fmt: skip
    assert answer["measures"]["pairwise_f1"] == 1
    assert (answer["records"], answer["measures"]["records"], answer["measures"]["persons"]) == (5, 4, 3)
    assert {"key": "email", "pairs": 1} in answer["blocking"]
    assert {row["comparison"] for row in answer["weights"]} == {
        "given_name",
        "family_name",
        "birth_date",
        "email",
    }


def test_the_answer_is_valid_json_also_without_anything_to_measure(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    PERSONS.iloc[[0, 2, 3]].assign(**{"Person ID": [1, 2, 2]}).to_csv(path, index=False)
    result = CliRunner().invoke(
        main, ["match", "try", str(path), "--truth", "Person ID", "--column", "born=-", "--json"]
    )
    assert result.exit_code == 0, result.output

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is no JSON")

    answer = json.loads(result.stdout, parse_constant=refuse)
    # Nothing was joined: there is no precision, and no number is made up for it.
    assert answer["measures"]["pairwise_precision"] is None
    assert answer["measures"]["pairwise_recall"] == 0
    assert len(answer["configuration"]) == 16
    assert "birth_date" not in {row["role"] for row in answer["columns"]}


def test_it_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "persons.csv"
    PERSONS.to_csv(path, index=False)
    result = CliRunner().invoke(main, ["match", "try", str(path), "--truth", "Person ID"])
    assert result.exit_code == 0, result.output
    for said in ("pairwise_precision", "bcubed_f1", "Blocking keys", "Weights in bits", "configuration"):
        assert said in result.output


def test_records_of_febrl_name_their_person(tmp_path: Path) -> None:
    path = tmp_path / "febrl.csv"
    PERSONS.assign(rec_id=["rec-1-org", "rec-1-dup-0", "rec-2-org", "rec-3-org", "rec-4-org"]).to_csv(
        path, index=False
    )
    assert try_table(path, "rec_id", {"Person ID": "-"})["measures"]["pairwise_recall"] == 1


@pytest.mark.parametrize(
    ("truth", "message"),
    [
        ("who", "no column who; there are Vorname, Last Name"),
        ("E-Mail 2", "every row has a E-Mail 2 of its own"),
        ("empty", "column empty is empty"),
    ],
)
def test_a_truth_that_cannot_be_is_refused(tmp_path: Path, truth: str, message: str) -> None:
    path = tmp_path / "persons.csv"
    PERSONS.assign(**{"E-Mail 2": range(5), "empty": ""}).to_csv(path, index=False)
    with pytest.raises(IdentityError, match=message):
        try_table(path, truth)
    with pytest.raises(IdentityError, match="no such file"):
        try_table(tmp_path / "nothing.csv", truth)
    with pytest.raises(IdentityError, match=r"name a \.csv or \.parquet file"):
        try_table(tmp_path / "nothing.xlsx", truth)
