"""However rows are split into files, in whatever order and however often these come, each file lands once."""

from __future__ import annotations

import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from shop import deliver, orders, orders_entry, rows

from orchestration.ingestion.entries import FilesEntry
from orchestration.ingestion.landing import land
from orchestration.settings import Settings

pytestmark = [pytest.mark.tier1, pytest.mark.slow]

FILES = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=4), min_size=1, max_size=5)


@given(data=st.data(), files=FILES)
@hypothesis_settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_each_distinct_file_lands_once(
    settings: Settings, data: st.DataObject, files: list[list[int]]
) -> None:
    entry = FilesEntry.model_validate(orders_entry())
    deliveries = data.draw(st.lists(st.sampled_from(range(len(files))), min_size=1, max_size=8))
    together = data.draw(st.lists(st.booleans(), min_size=len(deliveries), max_size=len(deliveries)))
    with tempfile.TemporaryDirectory() as folder:
        arrivals = Path(folder) / "arrivals"
        arrivals.mkdir()
        fresh = replace(settings, data=str(arrivals), warehouse_dir=Path(folder) / "warehouse")
        moments = []
        for position, (file, waits) in enumerate(zip(deliveries, together, strict=True)):
            deliver(arrivals, f"orders_{position}.parquet", orders(*files[file]))
            if waits and position + 1 < len(deliveries):
                continue
            moments += [batch.loaded_at for batch in land(fresh, entry)]
            assert land(fresh, entry) == []
        distinct = {tuple(files[file]) for file in deliveries}
        expected = Counter(order_id for content in distinct for order_id in content)
        landed = rows(fresh, "select order_id from raw_shop.orders")
        assert Counter(order_id for (order_id,) in landed) == expected
        assert moments == sorted(set(moments))
        assert len(moments) == len(distinct)
