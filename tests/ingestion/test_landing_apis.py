"""A REST API lands like files do: once, typed, page by page, by its cursor, whatever the server does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from shop import orders_entry, rows

from orchestration.ingestion.connectors import apis
from orchestration.ingestion.entries import SourceEntry
from orchestration.ingestion.errors import IngestionError
from orchestration.ingestion.landing import land, pending
from orchestration.settings import Settings
from tests.support.web_api import PAGES, Api, serving

pytestmark = pytest.mark.tier1

COLUMNS = {
    "id": {"type": "bigint", "nullable": False, "description": "Order"},
    "customer": {"type": "string", "description": "Customer"},
    "price": {"type": "decimal(10,2)", "description": "Pounds"},
    "changed_at": {"type": "timestamp", "description": "Moment of the last change"},
}


@pytest.fixture
def api() -> Iterator[Api]:
    with serving() as shop:
        yield shop


@pytest.fixture
def over_http(settings: Settings, api: Api, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setattr(apis, "FIRST_WAIT_SECONDS", 0.01)
    return replace(settings, data=api.address)


def order(number: int, changed_at: str, **others: Any) -> dict[str, Any]:
    return {
        "id": number,
        "customer": f"customer {number}",
        "price": number + 0.5,
        "changed_at": changed_at,
        **others,
    }


def content(**table: Any) -> dict[str, Any]:
    orders = {
        "description": "Orders.",
        "path": "orders",
        "mode": "append",
        "cursor": "changed_at",
        "cursor_parameter": "since",
        "rows_at": "result.orders",
        "pages": PAGES,
        "columns": COLUMNS,
    }
    kept = {name: value for name, value in {**orders, **table}.items() if value is not None}
    return {**orders_entry(), "connector": "rest_api", "tables": {"orders": kept}}


EntryOf = Callable[[dict[str, Any]], SourceEntry]
LANDED = "select id, customer, price, changed_at::varchar from raw_shop.orders order by id"


def test_all_pages_land_with_the_types_of_the_contract(
    api: Api, over_http: Settings, entry_of: EntryOf
) -> None:
    api.orders = [order(number, f"2024-01-0{number}T10:00:00Z") for number in range(1, 6)]
    assert [batch.row_count for batch in land(over_http, entry_of(content()))] == [5]
    assert [call.get("page") for call in api.calls] == ["1", "2", "3"]
    found = rows(over_http, LANDED)
    assert len(found) == 5
    assert [str(value) for value in found[0]] == ["1", "customer 1", "1.50", "2024-01-01 10:00:00"]


def test_a_busy_and_a_failing_server_are_asked_again(
    api: Api, over_http: Settings, entry_of: EntryOf
) -> None:
    api.orders = [order(1, "2024-01-01T10:00:00Z")]
    api.failures = [429, 500, 503]
    assert [batch.row_count for batch in land(over_http, entry_of(content()))] == [1]
    assert api.failures == []


def test_a_server_that_goes_on_failing_is_an_error_and_nothing_lands(
    api: Api, over_http: Settings, entry_of: EntryOf
) -> None:
    entry = entry_of(content())
    api.orders = [order(1, "2024-01-01T10:00:00Z")]
    land(over_http, entry)
    api.failures = [500] * apis.MOST_ATTEMPTS
    with pytest.raises(
        IngestionError, match=r"orders: the API answers 500 .*after 5 attempts. Fix: build again"
    ):
        land(over_http, entry)
    assert len(rows(over_http, LANDED)) == 1


def test_only_what_is_beyond_the_cursor_is_asked_for_and_lands(
    api: Api, over_http: Settings, entry_of: EntryOf
) -> None:
    entry = entry_of(content())
    api.orders = [order(1, "2024-01-01T10:00:00Z"), order(2, "2024-01-02T10:00:00.250Z")]
    land(over_http, entry)
    assert land(over_http, entry) == []
    api.orders.append(order(3, "2024-01-03T10:00:00Z"))
    api.calls.clear()
    assert [batch.row_count for batch in land(over_http, entry)] == [1]
    assert {call["since"][:19] for call in api.calls} == {"2024-01-02T10:00:00"}
    assert [number for number, *_ in rows(over_http, LANDED)] == [1, 2, 3]


def test_an_api_that_knows_no_parameter_gives_no_row_twice(
    api: Api, over_http: Settings, entry_of: EntryOf
) -> None:
    entry = entry_of(content(cursor="id", cursor_parameter=None))
    api.orders = [order(1, "2024-01-01T10:00:00Z")]
    land(over_http, entry)
    api.orders.append(order(2, "2024-01-02T10:00:00Z"))
    assert [batch.row_count for batch in land(over_http, entry)] == [1]
    assert [number for number, *_ in rows(over_http, LANDED)] == [1, 2]


def test_a_list_that_is_replaced_is_new_only_if_it_changed(
    api: Api, over_http: Settings, entry_of: EntryOf
) -> None:
    entry = entry_of(content(mode="replace", cursor=None, cursor_parameter=None))
    api.orders = [order(1, "2024-01-01T10:00:00Z"), order(2, "2024-01-02T10:00:00Z")]
    land(over_http, entry)
    api.orders.reverse()
    assert land(over_http, entry) == []
    api.orders = api.orders[:1]
    assert [batch.row_count for batch in land(over_http, entry)] == [1]
    assert [number for number, *_ in rows(over_http, LANDED)] == [2]


def test_a_secret_comes_from_the_environment_and_is_never_shown(
    api: Api, over_http: Settings, entry_of: EntryOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = entry_of({**content(), "auth": {"type": "bearer", "token": "${SHOP_TOKEN}"}})
    api.orders, api.token = [order(1, "2024-01-01T10:00:00Z")], "s3cret"
    with pytest.raises(IngestionError, match="environment variable SHOP_TOKEN, which is not set"):
        land(over_http, entry)
    monkeypatch.setenv("SHOP_TOKEN", "wr0ng")
    with pytest.raises(IngestionError, match="orders: the API answers 401") as refused:
        land(over_http, entry)
    assert "wr0ng" not in str(refused.value)
    monkeypatch.setenv("SHOP_TOKEN", "s3cret")
    assert [batch.row_count for batch in land(over_http, entry)] == [1]


def test_what_is_not_in_the_contract_lands_as_text(api: Api, over_http: Settings, entry_of: EntryOf) -> None:
    api.orders = [order(1, "2024-01-01T10:00:00Z", gift=True, lines=[{"sku": "x"}])]
    land(over_http, entry_of(content()))
    [(gift, lines)] = rows(over_http, "select gift, lines from raw_shop.orders")
    assert (gift, json.loads(lines)) == ("true", [{"sku": "x"}])


def test_a_value_that_does_not_fit_refuses_the_delivery(
    api: Api, over_http: Settings, entry_of: EntryOf
) -> None:
    api.orders = [order(1, "2024-01-01T10:00:00Z"), {**order(2, "2024-01-02T10:00:00Z"), "price": "a lot"}]
    with pytest.raises(IngestionError, match="column 'price' should be decimal") as refused:
        land(over_http, entry_of(content()))
    assert "'a lot'" in str(refused.value)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"path": "order"}, "order: the API answers 404"),
        (
            {"mode": "replace", "cursor": None, "cursor_parameter": None, "rows_at": "result.other"},
            "without a row",
        ),
        ({"pages": {"type": "by_magic"}}, r"shop.yml: auth or pages: .*by_magic"),
    ],
)
def test_a_mistake_in_the_entry_is_named(
    api: Api, over_http: Settings, entry_of: EntryOf, table: dict[str, Any], message: str
) -> None:
    api.orders = [order(1, "2024-01-01T10:00:00Z")]
    with pytest.raises(IngestionError, match=message):
        land(over_http, entry_of(content(**table)))


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({"cursor": None}, "give both or none"),
        ({"cursor": "moment"}, "the cursor 'moment' is not one of the columns"),
        ({"page": 1}, "tables.orders.page"),
    ],
)
def test_an_entry_that_cannot_be_used_is_refused(
    entry_of: EntryOf, table: dict[str, Any], message: str
) -> None:
    with pytest.raises(IngestionError, match=message):
        entry_of(content(**table))


def test_nobody_there_is_an_error(
    over_http: Settings, entry_of: EntryOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apis, "MOST_ATTEMPTS", 2)
    nobody = replace(over_http, data="http://127.0.0.1:9/v1")
    with pytest.raises(IngestionError, match="orders: the API does not answer"):
        land(nobody, entry_of(content()))


def test_an_api_is_not_asked_whether_there_is_anything_new(over_http: Settings, entry_of: EntryOf) -> None:
    assert pending(over_http, entry_of(content())) == []
