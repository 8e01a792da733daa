"""When a record was first known does not depend on the order of files, nor on how often they come."""

from __future__ import annotations

import itertools
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from orchestration import warehouse
from orchestration.ingestion.entries import FilesEntry
from orchestration.ingestion.landing import land
from orchestration.settings import Settings

pytestmark = pytest.mark.tier1

CONTACTS = FilesEntry.model_validate(
    {
        "source": "shop",
        "description": "A shop.",
        "owner": "shop@example.com",
        "is_simulated": True,
        "connector": "files",
        "tables": {
            "contacts": {
                "description": "One row per contact.",
                "path": "contacts*.parquet",
                "format": "parquet",
                "mode": "append",
                "columns": {"contact": {"type": "string", "description": "Contact"}},
            }
        },
    }
)
FIRST_KNOWN = """
    select contact, date_trunc('second', min(_loaded_at)) from raw_shop.contacts group by contact
"""
FILES = [["ana", "bruno"], ["bruno", "carla"], ["dora"]]


def deliver(folder: Path, *files: tuple[str, list[str]]) -> None:
    for name, contacts in files:
        parquet.write_table(pa.table({"contact": pa.array(contacts)}), folder / f"contacts_{name}.parquet")


def first_known(settings: Settings, started_at: datetime) -> dict[str, datetime]:
    land(settings, CONTACTS, started_at=started_at)
    with warehouse.writing(settings) as connection:
        return dict(connection.execute(FIRST_KNOWN).fetchall())


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_order_of_files_and_redelivery_move_nobody(tmp_path: Path, order: tuple[int, ...]) -> None:
    arrivals = tmp_path / "arrivals"
    arrivals.mkdir()
    settings = Settings(
        sources=("shop",),
        data=str(arrivals),
        warehouse_dir=tmp_path / "warehouse",
        engine="duckdb",
        as_of=None,
        memory_limit="1GB",
    )
    monday, tuesday, wednesday = (datetime(2026, 1, day, 6) for day in (5, 6, 7))
    deliver(arrivals, *((f"{place}", FILES[number]) for place, number in enumerate(order)))
    known = first_known(settings, monday)
    assert known == dict.fromkeys(["ana", "bruno", "carla", "dora"], monday)

    # The same content under other names, known people in a new file, and one who is new.
    deliver(arrivals, *((f"again_{number}", FILES[number]) for number in order), ("new", ["ana", "emil"]))
    assert first_known(settings, tuesday) == {**known, "emil": tuesday}

    # A clock that went back: what lands later is known later all the same.
    deliver(arrivals, ("last", ["carla", "fred"]))
    later = first_known(settings, monday)
    assert later.pop("fred") > tuesday
    assert later == {**known, "emil": tuesday}
    assert first_known(settings, wednesday)["fred"] < wednesday
