"""A SQL database lands like files do: once, typed, and by its cursor."""

from __future__ import annotations

import socket
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from shop import orders_entry, rows

from orchestration.ingestion.entries import SourceEntry
from orchestration.ingestion.errors import IngestionError
from orchestration.ingestion.landing import land, pending
from orchestration.settings import Settings

pytestmark = [pytest.mark.tier1, pytest.mark.slow]

COLUMNS = {
    "id": {"type": "bigint", "nullable": False, "description": "Order"},
    "customer": {"type": "string", "description": "Customer"},
    "price": {"type": "decimal(10,2)", "description": "Pounds"},
    "placed_at": {"type": "timestamp", "description": "Moment of the order"},
    "is_gift": {"type": "boolean", "description": "Gift"},
}


@pytest.fixture
def database(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "shop.sqlite", isolation_level=None)
    connection.execute(
        "create table orders "
        "(id integer, customer text, price numeric(10, 2), placed_at timestamp, is_gift boolean)"
    )
    connection.executemany(
        "insert into orders values (?, ?, ?, ?, ?)",
        [(1, "Ann", 1.25, "2024-01-01 10:00:00", 1), (2, None, None, None, None)],
    )
    yield connection
    connection.close()


@pytest.fixture
def from_database(settings: Settings, tmp_path: Path) -> Settings:
    return replace(settings, data=f"sqlite:///{tmp_path / 'shop.sqlite'}")


def _content(**table: Any) -> dict[str, Any]:
    orders = {
        "description": "Orders.",
        "table": "orders",
        "mode": "append",
        "cursor": "id",
        "columns": COLUMNS,
    }
    return {**orders_entry(), "connector": "sql_database", "tables": {"orders": {**orders, **table}}}


@pytest.fixture(autouse=True)
def _no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError(f"an attempt to reach {arguments}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def test_types_and_nulls(
    database: sqlite3.Connection, from_database: Settings, entry_of: Callable[[Any], SourceEntry]
) -> None:
    entry = entry_of(_content())
    (batch,) = land(from_database, entry)
    assert (batch.file_name, batch.row_count) == ("orders", 2)
    assert rows(from_database, f"select {', '.join(COLUMNS)} from raw_shop.orders order by 1") == [
        (1, "Ann", Decimal("1.25"), datetime(2024, 1, 1, 10), True),
        (2, None, None, None, None),
    ]
    assert pending(from_database, entry) == []


def test_only_rows_beyond_the_cursor_are_added(
    database: sqlite3.Connection, from_database: Settings, entry_of: Callable[[Any], SourceEntry]
) -> None:
    entry = entry_of(_content())
    land(from_database, entry)
    assert land(from_database, entry) == []
    database.execute("insert into orders (id) values (3)")
    (batch,) = land(from_database, entry)
    assert batch.row_count == 1
    assert rows(from_database, "select id from raw_shop.orders order by 1") == [(1,), (2,), (3,)]


def test_a_replaced_table_is_compared_by_its_rows_not_their_order(
    database: sqlite3.Connection, from_database: Settings, entry_of: Callable[[Any], SourceEntry]
) -> None:
    entry = entry_of(_content(mode="replace", cursor=None))
    land(from_database, entry)
    database.execute("create table turned as select * from orders order by id desc")
    database.execute("delete from orders")
    database.execute("insert into orders select * from turned")
    assert land(from_database, entry) == []
    database.execute("insert into orders select * from turned where id = 1")
    (batch,) = land(from_database, entry)
    assert (batch.row_count, batch.is_replacement) == (3, True)


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("drop table orders", "orders: the database has no such table or view"),
        ("update orders set placed_at = 'yesterday'", "did not hand it over: .*yesterday"),
        ("delete from orders", "the table holds no row"),
        ("alter table orders drop column price", "column 'price' is missing"),
    ],
)
def test_fault(
    database: sqlite3.Connection,
    from_database: Settings,
    entry_of: Callable[[Any], SourceEntry],
    statement: str,
    words: str,
) -> None:
    database.execute(statement)
    with pytest.raises(IngestionError, match=words) as caught:
        land(from_database, entry_of(_content(mode="replace", cursor=None)))
    assert caught.value.fix


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("no address://", "location: "),
        ("nosuchdialect://host/shop", "location: .*nosuchdialect"),
        ("sqlite:////no/such/folder/shop.sqlite", "did not hand it over: .*unable to open"),
    ],
)
def test_address_that_leads_nowhere(
    from_database: Settings, entry_of: Callable[[Any], SourceEntry], address: str, words: str
) -> None:
    with pytest.raises(IngestionError, match=words):
        land(replace(from_database, data=address), entry_of(_content()))
