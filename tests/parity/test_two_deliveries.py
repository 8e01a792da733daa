"""The deliveries hold what a comparison of incremental models needs: else equal results prove little."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc
import pytest
import two_deliveries

pytestmark = [pytest.mark.tier1, pytest.mark.slow]


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory) -> tuple[dict[str, pa.Table], dict[str, pa.Table]]:
    first, second = two_deliveries.write(tmp_path_factory.mktemp("deliveries"))
    return first.tables(), second.tables()


def test_both_bring_rows_for_every_table_in_the_same_columns(deliveries) -> None:
    first, second = deliveries
    assert first.keys() == second.keys()
    assert len(first) == 8 + 1 + 30
    for name, rows in first.items():
        assert rows.num_rows > 0
        assert second[name].num_rows > 0
        assert second[name].schema == rows.schema


def test_the_second_is_loaded_later_and_in_batches_of_its_own(deliveries) -> None:
    first, second = deliveries
    for name, rows in first.items():
        assert pc.max(rows["_loaded_at"]).as_py() < pc.min(second[name]["_loaded_at"]).as_py()


def test_the_same_is_made_every_time(deliveries, tmp_path) -> None:
    again = two_deliveries.write(tmp_path)
    for tables, repeated in zip(deliveries, again, strict=True):
        for name, rows in repeated.tables().items():
            assert rows.sort_by([(column, "ascending") for column in rows.column_names]).equals(
                tables[name].sort_by([(column, "ascending") for column in rows.column_names])
            )


def test_a_month_loses_its_only_line_and_another_one_of_two(deliveries) -> None:
    first, second = (tables["raw_complete_journey.transactions"] for tables in deliveries)
    for month, before in ((two_deliveries.EMPTIED_MONTH, 1), (two_deliveries.KEPT_MONTH, 2)):
        baskets = [
            row["basket_id"]
            for row in first.select(["basket_id", "transaction_timestamp"]).to_pylist()
            if row["transaction_timestamp"] and row["transaction_timestamp"].date().replace(day=1) == month
        ]
        assert len(baskets) == before
        moved = second.filter(pc.is_in(second["basket_id"], pa.array(baskets)))
        assert moved.num_rows == 1
        assert moved["transaction_timestamp"][0].as_py().year == 2017
