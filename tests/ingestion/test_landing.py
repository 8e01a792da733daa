"""Each batch lands once; what changes is said."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from shop import COLUMNS, deliver, logged, orders, orders_entry, rows

from orchestration import warehouse
from orchestration.ingestion.entries import SourceEntry
from orchestration.ingestion.errors import IngestionError
from orchestration.ingestion.file_stamps import FileStamps
from orchestration.ingestion.landing import (
    accept,
    land,
    pending,
    unaccepted_since,
    withdraw,
)
from orchestration.ledger import store as ledger
from orchestration.ledger.landing_log import source_batches
from orchestration.settings import Settings

pytestmark = pytest.mark.tier1

EVERYTHING = "select * from raw_shop.orders order by all"
IDS = "select order_id from raw_shop.orders order by 1"


def test_a_batch_lands_with_its_log_row(settings: Settings, entry: SourceEntry, arrivals: Path) -> None:
    deliver(arrivals, "orders.parquet", orders(1, 2, 3))
    said: list[str] = []
    (batch,) = land(settings, entry, said.append)
    assert said[0].startswith("shop.orders: 3 rows in ")
    assert (batch.row_count, batch.file_name, batch.is_replacement) == (3, "orders.parquet", False)
    assert batch.column_names == list(COLUMNS)
    assert rows(settings, "select distinct _batch_id, _loaded_at from raw_shop.orders") == [
        (batch.batch_id, batch.loaded_at)
    ]
    logged = rows(settings, "select source_system, table_name, batch_id, row_count from ops.landed_batches")
    assert logged == [("shop", "orders", batch.batch_id, 3)]


def test_the_same_batch_twice_changes_nothing(settings: Settings, entry: SourceEntry, arrivals: Path) -> None:
    path = deliver(arrivals, "orders.parquet", orders(1, 2))
    land(settings, entry)
    before = rows(settings, EVERYTHING), rows(settings, "from ops.landed_batches")
    said: list[str] = []
    assert land(settings, entry, said.append) == []
    path.rename(arrivals / "orders_again.parquet")
    os.utime(arrivals / "orders_again.parquet", (1, 1))
    assert land(settings, entry) == []
    assert (rows(settings, EVERYTHING), rows(settings, "from ops.landed_batches")) == before
    assert said == ["shop.orders: nothing new"]


def test_appended_files_add_up_in_order(settings: Settings, entry: SourceEntry, arrivals: Path) -> None:
    deliver(arrivals, "orders_2.parquet", orders(3))
    deliver(arrivals, "orders_1.parquet", orders(1, 2))
    deliver(arrivals, "orders_3_copy_of_1.parquet", orders(1, 2))
    first, second = land(settings, entry)
    deliver(arrivals, "orders_0.parquet", orders(4))
    (third,) = land(settings, entry)
    assert first.loaded_at < second.loaded_at < third.loaded_at
    assert rows(settings, IDS) == [(1,), (2,), (3,), (4,)]


def test_what_is_held_back_is_taken_out_and_lands_again(
    settings: Settings, entry: SourceEntry, arrivals: Path
) -> None:
    deliver(arrivals, "orders_1.parquet", orders(1, 2))
    land(settings, entry)
    accept(settings, entry)
    assert unaccepted_since(settings, entry) == {}
    path = deliver(arrivals, "orders_2.parquet", orders(3, 4))
    (batch,) = land(settings, entry)
    assert unaccepted_since(settings, entry) == {"orders": batch.loaded_at}
    (line,) = withdraw(settings, entry, ["orders"])
    assert line == "shop.orders: 2 rows taken out, to be delivered again"
    assert rows(settings, IDS) == [(1,), (2,)]
    assert [waiting.file_name for waiting in pending(settings, entry)] == [path.name]
    deliver(arrivals, "orders_2.parquet", orders(3))
    land(settings, entry)
    assert rows(settings, IDS) == [(1,), (2,), (3,)]


def test_nothing_that_was_let_through_is_taken_out(
    settings: Settings, entry_of: Callable[[Any], SourceEntry], arrivals: Path
) -> None:
    deliver(arrivals, "orders.parquet", orders(1, 2))
    appended, replaced = entry_of(orders_entry()), entry_of(orders_entry(mode="replace"))
    land(settings, appended)
    accept(settings, appended)
    assert withdraw(settings, appended, ["orders"]) == []
    deliver(arrivals, "orders.parquet", orders(3))
    land(settings, replaced)
    # Nothing else is there to take the place of a delivery that replaced the table.
    assert unaccepted_since(settings, replaced) == {}
    assert withdraw(settings, replaced, ["orders"]) == []
    assert rows(settings, IDS) == [(3,)]


def test_a_first_delivery_that_is_held_back_leaves_no_table(
    settings: Settings, entry_of: Callable[[Any], SourceEntry], arrivals: Path
) -> None:
    deliver(arrivals, "orders.parquet", orders(1, 2))
    entry = entry_of(orders_entry())
    land(settings, entry)
    withdraw(settings, entry, ["orders"])
    # So that a contract may be corrected, too.
    corrected = {**COLUMNS, "amount": {"type": "decimal(18,2)", "description": "Pounds"}}
    land(settings, entry_of(orders_entry(columns=corrected)))
    assert rows(settings, "select distinct typeof(amount) from raw_shop.orders") == [("DECIMAL(18,2)",)]


def test_replacement_is_marked_and_may_return(
    settings: Settings, entry_of: Callable[[Any], SourceEntry], arrivals: Path
) -> None:
    entry = entry_of(orders_entry(mode="replace"))
    contents = [orders(1, 2), orders(3), orders(1, 2)]
    landed = []
    for content in contents:
        deliver(arrivals, "orders.parquet", content)
        landed += land(settings, entry)
        assert land(settings, entry) == []
    assert [batch.is_replacement for batch in landed] == [False, True, True]
    assert landed[0].batch_id == landed[2].batch_id
    assert rows(settings, "select order_id, _loaded_at from raw_shop.orders order by 1") == [
        (1, landed[2].loaded_at),
        (2, landed[2].loaded_at),
    ]
    with ledger.writing(settings) as log:
        assert source_batches(log, ["shop"]) == [f"shop.orders:{landed[2].batch_id}"]
        assert source_batches(log, ["another"]) == []


def test_a_row_that_a_replacement_brings_again_stays_known_since_it_first_came(
    settings: Settings, entry_of: Callable[[Any], SourceEntry], arrivals: Path
) -> None:
    entry = entry_of(orders_entry(mode="replace"))
    landed = []
    for content in [orders(1, 2), orders(3, 2, 1), orders(2, 4)]:
        deliver(arrivals, "orders.parquet", content)
        landed += land(settings, entry)
    assert rows(settings, "select order_id, _loaded_at, _batch_id from raw_shop.orders order by 1") == [
        (2, landed[0].loaded_at, landed[2].batch_id),
        (4, landed[2].loaded_at, landed[2].batch_id),
    ]


def test_what_lands_together_has_one_moment_whatever_the_order_of_the_files(
    settings: Settings, entry: SourceEntry, arrivals: Path
) -> None:
    for name in ("orders_b.parquet", "orders_a.parquet", "orders_c.parquet"):
        deliver(arrivals, name, orders(len(name), ord(name[7])))
    first = {batch.loaded_at.replace(microsecond=0) for batch in land(settings, entry)}
    deliver(arrivals, "orders_d.parquet", orders(99))
    (second,) = land(settings, entry)
    assert len(first) == 1
    # The next landing is another moment, even within the same second.
    assert second.loaded_at.replace(microsecond=0) > first.pop()


def test_extra_column_is_added_and_noted(settings: Settings, entry: SourceEntry, arrivals: Path) -> None:
    deliver(arrivals, "orders_1.parquet", orders(1))
    land(settings, entry)
    deliver(arrivals, "orders_2.parquet", orders(2, channel=pa.array(["web"])))
    said: list[str] = []
    (batch,) = land(settings, entry, said.append)
    deliver(arrivals, "orders_3.parquet", orders(3))
    land(settings, entry)
    assert batch.extra_columns == ["channel"]
    assert said[0].endswith("; not in the contract: channel")
    assert rows(settings, "select order_id, channel from raw_shop.orders order by 1") == [
        (1, None),
        (2, "web"),
        (3, None),
    ]
    deliver(arrivals, "orders_4.parquet", orders(4, gifts=pa.array([[1, 2]])))
    land(settings, entry)
    assert rows(settings, "select gifts from raw_shop.orders where order_id = 4") == [("[1,2]",)]
    (arrivals / "orders_4.parquet").unlink()
    deliver(arrivals, "orders_4.parquet", orders(4, channel=pa.array([[1, 2]])))
    land(settings, entry)
    assert rows(settings, "select channel from raw_shop.orders order by _loaded_at desc limit 1") == [
        ("[1,2]",)
    ]


def test_optional_column_lands_as_nulls(
    settings: Settings, entry_of: Callable[[Any], SourceEntry], arrivals: Path
) -> None:
    columns = {**COLUMNS, "note": {"type": "string", "required": False, "description": "Note"}}
    deliver(arrivals, "orders.parquet", orders(1))
    land(settings, entry_of(orders_entry(columns=columns)))
    assert rows(settings, "select order_id, note from raw_shop.orders") == [(1, None)]


def test_changed_contract(settings: Settings, entry_of: Callable[[Any], SourceEntry], arrivals: Path) -> None:
    deliver(arrivals, "orders.parquet", orders(1))
    columns = {**COLUMNS, "amount": {"type": "decimal(10,2)", "description": "Pounds"}}
    land(settings, entry_of(orders_entry()))
    with pytest.raises(
        IngestionError, match=r"says decimal\(10,2\), but the column has landed as double"
    ) as caught:
        land(settings, entry_of(orders_entry(columns=columns)))
    assert caught.value.field == "tables.orders.columns.amount"
    (batch,) = land(settings, entry_of(orders_entry(columns=columns, mode="replace")))
    assert batch.is_replacement
    assert rows(settings, "select typeof(amount), amount::varchar from raw_shop.orders") == [
        ("DECIMAL(10,2)", "0.25")
    ]


@pytest.mark.parametrize("file_format", ["csv", "jsonl"])
def test_text_formats_take_their_types_from_the_contract(
    settings: Settings, entry_of: Callable[[Any], SourceEntry], arrivals: Path, file_format: str
) -> None:
    if file_format == "csv":
        text = (
            "order_id,customer,amount,ordered_at\n"
            '1,"007, Bond",2.5e-1,2024-01-01T12:00:00+02:00\n'
            "2,,1.5,2024-01-02\n"
        )
    else:
        text = (
            '{"order_id": 1, "customer": "007, Bond", "amount": "0.25", '
            '"ordered_at": "2024-01-01T12:00:00+02:00"}\n'
            '{"order_id": 2, "amount": 1.5, "ordered_at": "2024-01-02"}\n'
        )
    (arrivals / f"orders.{file_format}").write_text(text)
    land(settings, entry_of(orders_entry(path=f"orders.{file_format}", format=file_format)))
    assert rows(
        settings,
        "select order_id, customer, amount::varchar, ordered_at::varchar from raw_shop.orders order by 1",
    ) == [
        (1, "007, Bond", "0.25", "2024-01-01 10:00:00"),
        (2, None, "1.5", "2024-01-02 00:00:00"),
    ]


def test_pending_asks_no_warehouse(settings: Settings, entry: SourceEntry, arrivals: Path) -> None:
    deliver(arrivals, "orders_1.parquet", orders(1))
    (expected,) = pending(settings, entry)
    assert not settings.warehouse_dir.exists()
    (landed,) = land(settings, entry)
    assert (expected.batch_id, expected.file_name) == (landed.batch_id, landed.file_name)
    deliver(arrivals, "orders_2.parquet", orders(2))
    with warehouse.writing(settings):  # a build holds the file
        assert [batch.file_name for batch in pending(settings, entry)] == ["orders_2.parquet"]
    (settings.warehouse_dir / "file_stamps.json").write_text("damaged")
    assert len(pending(settings, entry)) == 2
    assert len(land(settings, entry)) == 1
    assert pending(settings, entry) == []
    settings.build_path.unlink()
    assert pending(settings, entry) == [], "what has landed is in raw and in the ledger"
    settings.ledger_path.unlink()
    assert len(pending(settings, entry)) == 2


def test_a_file_that_changes_while_it_is_read(
    settings: Settings, entry: SourceEntry, arrivals: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(arrivals, "orders.parquet", orders(1))

    def hash_then_change(stamps: FileStamps, path: Path) -> str:
        deliver(arrivals, path.name, orders(1, 2))
        return "0" * 64

    monkeypatch.setattr(FileStamps, "content_hash", hash_then_change)
    with pytest.raises(IngestionError, match="changed while it was read"):
        land(settings, entry)
    monkeypatch.undo()
    assert logged(settings) == []
    assert [batch.row_count for batch in land(settings, entry)] == [2]


def test_where_a_source_is_looked_for(
    settings: Settings, entry_of: Callable[[Any], SourceEntry], arrivals: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    deliver(own, "orders_own.parquet", orders(1))
    entry = entry_of({**orders_entry(), "location": str(own)})

    def found(settings: Settings) -> list[str]:
        return [batch.file_name for batch in pending(settings, entry)]

    assert found(replace(settings, data=None)) == ["orders_own.parquet"]
    with pytest.raises(IngestionError, match="no such file"):  # what the user gives is what counts
        found(settings)
    # ... unless it is there for another source.
    assert found(replace(settings, sources=("shop", "another"))) == ["orders_own.parquet"]
    deliver(arrivals, "orders_given.parquet", orders(2))
    assert found(settings) == ["orders_given.parquet"]
    (arrivals / "shop").mkdir()
    deliver(arrivals / "shop", "orders_beside.parquet", orders(3))
    assert found(settings) == ["orders_beside.parquet"]


def test_folder_names_are_taken_literally(settings: Settings, entry: SourceEntry, tmp_path: Path) -> None:
    folder = tmp_path / "a[b]*'c=1"
    folder.mkdir()
    deliver(folder, "orders 'x'.parquet", orders(1))
    (batch,) = land(replace(settings, data=str(folder)), entry)
    assert batch.column_names == list(COLUMNS)
