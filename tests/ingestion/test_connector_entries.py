"""An entry that cannot be used is refused with file, field and fix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from shop import COLUMNS, orders_entry

from orchestration.ingestion.entries import DatabaseEntry, load_entry
from orchestration.ingestion.errors import IngestionError
from orchestration.ingestion.landing import pending
from orchestration.ingestion.locations import address_of
from orchestration.settings import Settings, known_sources

pytestmark = pytest.mark.tier1


@pytest.mark.parametrize(
    ("broken", "field", "words"),
    [
        ({**orders_entry(), "onwer": "me"}, "onwer", "not permitted"),
        ({**orders_entry(), "connector": "ftp"}, "connector", "files"),
        (
            orders_entry(columns={**COLUMNS, "x": {"type": "text", "description": ""}}),
            "columns.x.type",
            "bigint",
        ),
        (orders_entry(columns={**COLUMNS, "x": {"type": "string"}}), "columns.x.description", "required"),
        (
            orders_entry(columns={**COLUMNS, "_batch_id": {"type": "string", "description": ""}}),
            "columns",
            "added",
        ),
        (orders_entry(columns={**COLUMNS, "Amount": COLUMNS["amount"]}), "columns", "upper and lower"),
        (orders_entry(columns={}), "columns", "at least 1"),
        (orders_entry(format="excel"), "format", "parquet, csv, jsonl. Save the sheet as CSV"),
        (orders_entry(mode="merge"), "mode", "'append' or 'replace'"),
        ({**orders_entry(), "source": "store"}, "source", "one name"),
        (["not", "a", "mapping"], "connector", "dictionary"),
    ],
)
def test_unusable_entry(tmp_path: Path, broken: Any, field: str, words: str) -> None:
    (tmp_path / "shop.yml").write_text(yaml.safe_dump(broken))
    with pytest.raises(IngestionError) as caught:
        load_entry("shop", tmp_path)
    assert caught.value.file == "shop.yml"
    assert caught.value.field.endswith(field)
    assert words in str(caught.value)
    assert caught.value.fix


def test_entry_that_is_no_yaml(tmp_path: Path) -> None:
    (tmp_path / "shop.yml").write_text("source: [shop")
    with pytest.raises(IngestionError, match="no YAML"):
        load_entry("shop", tmp_path)


def test_unknown_entry_names_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(IngestionError, match=r"no connector entry for 'ship'; known: none.*add-a-source"):
        load_entry("ship", tmp_path)


@pytest.mark.parametrize("name", known_sources())
def test_every_entry_loads_and_describes_itself(name: str) -> None:
    entry = load_entry(name)
    for table in entry.tables.values():
        assert table.description
        assert all(column.description for column in table.columns.values())


def test_secrets_come_from_the_environment(
    entry_of: Callable[[Any], Any], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = {"description": "Orders.", "table": "orders", "mode": "replace", "columns": COLUMNS}
    content = {
        **orders_entry(),
        "connector": "sql_database",
        "location": "postgresql://reader:${SHOP_PASSWORD}@db/shop",
    }
    entry = entry_of({**content, "tables": {"orders": table}})
    assert isinstance(entry, DatabaseEntry)
    with pytest.raises(IngestionError, match=r"SHOP_PASSWORD, which is not set.*Fix: export SHOP_PASSWORD"):
        address_of(settings, entry)
    monkeypatch.setenv("SHOP_PASSWORD", "secret")
    assert address_of(settings, entry) == "postgresql://reader:secret@db/shop"
    assert address_of(replace(settings, data="sqlite://"), entry) == "sqlite://"


@pytest.mark.parametrize(
    ("cursor", "mode", "words"),
    [
        (None, "append", "needs a cursor"),
        ("order_id", "replace", "whole table"),
        ("nope", "append", "not one of"),
    ],
)
def test_database_modes(entry_of: Callable[[Any], Any], cursor: str | None, mode: str, words: str) -> None:
    table = {"description": "Orders.", "table": "orders", "mode": mode, "cursor": cursor, "columns": COLUMNS}
    with pytest.raises(IngestionError, match=words):
        entry_of({**orders_entry(), "connector": "sql_database", "tables": {"orders": table}})


@pytest.mark.parametrize(
    ("location", "words"),
    [
        (None, "no location.*WAREHOUSE_DATA"),
        ("package:no_such_package/data", "'no_such_package' is not installed"),
        ("${SHOP_FOLDER}/data", "SHOP_FOLDER, which is not set"),
        ("no/such/folder", "cannot be read: No such file"),
    ],
)
def test_location_that_leads_nowhere(
    entry_of: Callable[[Any], Any], settings: Settings, location: str | None, words: str
) -> None:
    entry = entry_of({**orders_entry(), "location": location})
    with pytest.raises(IngestionError, match=words) as caught:
        pending(replace(settings, data=None), entry)
    assert caught.value.field == "location"


def test_data_that_is_a_file_or_an_address(entry_of: Callable[[Any], Any], settings: Settings) -> None:
    entry = entry_of(orders_entry())
    with pytest.raises(IngestionError, match="cannot be read: Not a directory"):
        pending(replace(settings, data=__file__), entry)
    with pytest.raises(IngestionError, match=r"address \(s3://...\); this source reads files"):
        pending(replace(settings, data="s3://bucket"), entry)
