from dataclasses import replace
from pathlib import Path

import pytest

from orchestration.identity.errors import IdentityError
from orchestration.identity.previewing import preview
from orchestration.identity.rule_files import COLUMNS, read_rules
from orchestration.settings import DBT_PROJECT_DIR
from orchestration.warehouse import WarehouseError

pytestmark = pytest.mark.tier1

RULES = "identity_rules", ",".join(COLUMNS["identity_rules"])
BLOCKED = "identity_blocked_values", ",".join(COLUMNS["identity_blocked_values"])
OVERRIDES = "identity_overrides", ",".join(COLUMNS["identity_overrides"])


def _file(folder: Path, *lines: str) -> Path:
    path = folder / "changed.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("seed", COLUMNS)
def test_the_seeds_themselves_can_be_used(seed):
    rows = read_rules(seed, DBT_PROJECT_DIR / "seeds" / "identity" / f"{seed}.csv")
    assert all(list(row) == list(COLUMNS[seed]) for row in rows)


def test_values_get_the_types_of_the_seed(tmp_path):
    path = _file(tmp_path, RULES[1], "email,same e-mail,2,12,FALSE,true,0.99,2024-01-01,")
    assert read_rules("identity_rules", path) == [
        {
            "identifier_type": "email",
            "rule_name": "same e-mail",
            "priority": 2,
            "max_records": 12,
            "is_exclusive": False,
            "is_checked_by_person": True,
            "link_probability": 0.99,
            "valid_from": "2024-01-01",
            "valid_to": None,
        }
    ]


@pytest.mark.parametrize(
    ("seed", "lines", "told"),
    [
        (RULES, ["email,a,two,12,false,true,0.9,,"], r"line 2, priority: 'two' .*whole number"),
        (RULES, ["email,a,2,1,false,true,0.9,,"], r"max_records: '1' .*from 2 on"),
        (RULES, ["email,a,2,12,no,true,0.9,,"], r"is_exclusive: 'no' .*true or false"),
        (RULES, ["email,a,2,12,false,true,nan,,"], r"link_probability: 'nan' .*up to 1"),
        (RULES, ["email,a,2,12,false,true,1.5,,"], r"link_probability: '1.5'"),
        (RULES, ["email,a,2,12,false,true,0.9,soon,"], r"valid_from: 'soon' .*moment in UTC"),
        (RULES, ["email,a,2,12,false,true,0.9,2024-02-01,2024-01-01"], r"valid_to: is not after valid_from"),
        (RULES, ["email,a,0,12,false,true,0.9,,"], r"priority: 0 is for must_link"),
        (RULES, ["email,a,2,12,false,true,0.9,,", "phone,a,3,8,false,true,0.9,,"], r"line 3, rule_name: the"),
        (RULES, ["email,a,2,12,false,true,0.9,,", "email,b,3,8,false,true,0.9,,"], r"at the same time"),
        (RULES, ["email,a,2,12"], r"has 4 values, not 9"),
        (BLOCKED, ["email,^(a,word"], r"value_pattern: .*unterminated.*mend the regular expression"),
        (BLOCKED, ["email,a,"], r"reason: is empty"),
        (OVERRIDES, ["a:1,a:1,must_link,2024-01-01,me,sure"], r"is the same record"),
        (OVERRIDES, ["a:1,a:2,link,2024-01-01,me,sure"], r"decision: 'link' .*must_link or cannot_link"),
    ],
)  # fmt: skip
def test_a_fault_names_line_column_and_fix(tmp_path, seed, lines, told):
    with pytest.raises(IdentityError, match=told):
        read_rules(seed[0], _file(tmp_path, seed[1], *lines))


def test_a_column_with_another_name_is_told_with_the_right_one(tmp_path):
    with pytest.raises(IdentityError, match="unknown column value_patern; did you mean value_pattern"):
        read_rules("identity_blocked_values", _file(tmp_path, "identifier_type,value_patern,reason"))


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b'a,"b'])
def test_a_file_that_is_no_csv_is_told(tmp_path, content):
    path = tmp_path / "changed.csv"
    path.write_bytes(content)
    with pytest.raises(IdentityError, match=r"changed.csv"):
        read_rules("identity_rules", path)


def test_a_missing_file_is_told(tmp_path):
    with pytest.raises(IdentityError, match="no such file"):
        read_rules("identity_rules", tmp_path / "nothing.csv")


def test_a_preview_needs_the_embedded_engine_a_file_and_a_build(settings, tmp_path):
    path = _file(tmp_path, OVERRIDES[1])
    with pytest.raises(IdentityError, match="embedded engine"):
        preview(replace(settings, engine="spark"), {"identity_overrides": path})
    with pytest.raises(IdentityError, match="--rules"):
        preview(settings, {})
    with pytest.raises(WarehouseError, match="insight build"):
        preview(settings, {"identity_overrides": path})
    assert not list(settings.warehouse_dir.glob("preview-*"))
