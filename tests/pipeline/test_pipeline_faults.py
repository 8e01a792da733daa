"""Faults of data: a clear error and the last publication, or a row in quarantine with its reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sliced_data
from finished_builds import Grown
from installations import Installation, identity_of

from orchestration.ingestion.entries import load_entry
from orchestration.ingestion.errors import IngestionError
from orchestration.ingestion.landing import land

pytestmark = [pytest.mark.tier3, pytest.mark.builds(2), pytest.mark.timeout(1800)]

FILE = "transactions_faulty.parquet"


def _truncated(path: Path, rows: pa.Table) -> None:
    pq.write_table(rows, path)
    path.write_bytes(path.read_bytes()[:-200])


def _not_parquet(path: Path, rows: pa.Table) -> None:
    path.write_text("household_id,basket_id\n1,2\n")


def _no_bytes(path: Path, rows: pa.Table) -> None:
    path.touch()


def _column_missing(path: Path, rows: pa.Table) -> None:
    pq.write_table(rows.drop_columns("quantity"), path)


def _wrong_type(path: Path, rows: pa.Table) -> None:
    texts = sliced_data.derived(rows, "select * replace (sales_value || ' dollars' as sales_value) from rows")
    pq.write_table(texts, path)


def _no_rows(path: Path, rows: pa.Table) -> None:
    pq.write_table(rows.slice(0, 0), path)


# What is delivered, and the words that the message has to hold: what is wrong, where, and what to do.
REFUSED: dict[str, tuple[Callable[[Path, pa.Table], None], tuple[str, ...]]] = {
    "truncated Parquet": (_truncated, ("truncated Parquet file", "deliver it again")),
    "no Parquet": (_not_parquet, ("no Parquet file", "deliver it again")),
    "no bytes": (_no_bytes, ("0 bytes", "deliver it again")),
    "missing column": (_column_missing, ("'quantity' is missing", "deliver it with 'quantity'")),
    "wrong type": (_wrong_type, ("'sales_value' should be double", "dollars", "correct the values")),
    "empty table": (_no_rows, ("no row", "deliver it again")),
}
# One that is found while looking for anything new, and two that are found by landing; landing alone is quick.
BY_COMMAND_LINE = {"no bytes", "truncated Parquet", "wrong type"}


@pytest.fixture(scope="module")
def offended(sliced: Installation, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A published warehouse that gets one faulty file after the other."""
    return sliced.copy_to(tmp_path_factory.mktemp("offended") / "installation")


def _refusal(installation: Installation, by_command_line: bool) -> str:
    if by_command_line:
        answer = installation.insight("build", "--json")
        assert answer.exit_code == 1
        assert "Traceback" not in answer.output + answer.progress
        return str(answer.content["error"])
    with pytest.raises(IngestionError) as caught:
        land(installation.settings, load_entry("complete_journey"))
    return str(caught.value)


@pytest.mark.parametrize("fault", REFUSED)
def test_what_cannot_land_is_an_error_that_says_what_to_do(
    offended: Installation, last_day: Path, fault: str
) -> None:
    settings = offended.settings
    before = identity_of(settings.published_path), offended.row_counts("raw_complete_journey")
    deliver, words = REFUSED[fault]
    deliver(offended.data / FILE, sliced_data.sound(sliced_data.read(last_day)))
    message = _refusal(offended, fault in BY_COMMAND_LINE)
    (offended.data / FILE).unlink()
    for expected in (FILE, *words, "Fix: "):
        assert expected in message
    assert (identity_of(settings.published_path), offended.row_counts("raw_complete_journey")) == before


def test_without_the_faulty_files_all_is_as_before(offended: Installation) -> None:
    assert not offended.build().content["is_new"]


# Kinds of wrong rows in the batch of the last day, by the reason for which they are kept out.
KEPT_OUT = {
    "duplicate key": ("repeated in the batch", "corrected"),
    "quantity is negative or missing": ("negative quantity",),
    "amount is negative or missing": ("negative sales",),
    "dated after it was loaded": ("in the future",),
    "household is missing": ("without a household",),
    "key is missing": ("without a product",),
}


@pytest.mark.parametrize("reason", KEPT_OUT)
def test_a_wrong_row_is_kept_out_with_its_reason(grown: Grown, reason: str) -> None:
    expected = sum(sliced_data.WARTS[kind][0] for kind in KEPT_OUT[reason])
    where = f"source_table = 'transactions' and reason = '{reason}'"
    installation = grown.installation
    assert installation.published(f"select count(*) from quality.quarantine where {where}") == [(expected,)]
    assert installation.published(
        f"select quarantined_row_count from quality.quarantine_reasons where {where}"
    ) == [(expected,)]


def test_no_wrong_row_is_kept_out_for_another_reason(grown: Grown) -> None:
    reasons = grown.installation.published(
        "select distinct reason from quality.quarantine where source_table = 'transactions'"
    )
    assert {reason for (reason,) in reasons} == set(KEPT_OUT)


def test_an_unknown_product_is_kept_and_flagged(grown: Grown) -> None:
    count = sliced_data.WARTS["unknown product"][0]
    is_unknown = f"cast(split_part(product_id, ':', 2) as bigint) >= {sliced_data.UNKNOWN_PRODUCT}"
    products = grown.installation.published(
        f"select is_catalogued, is_sold, category_id from core.dim_products where {is_unknown}"
    )
    assert products == [(False, True, "unclassified")] * count
    lines = grown.installation.published(f"select count(*) from core.fct_order_lines where {is_unknown}")
    assert lines == [(count,)]
    noted = grown.installation.published(
        "select row_count from quality.data_notes "
        "where note = 'order lines of products that no catalogue lists'"
    )
    assert noted == grown.installation.published(
        "select count(*) from core.fct_order_lines "
        "join core.dim_products using (product_id) where not is_catalogued"
    )


def test_a_correction_takes_the_place_of_what_it_corrects(grown: Grown, sliced: Installation) -> None:
    corrected = grown.installation.settings.published_path, sliced.settings.published_path
    with duckdb.connect() as connection:
        for name, path in zip(("now", "before"), corrected, strict=True):
            connection.execute(f"attach '{path}' as {name} (read_only)")
        changes = connection.execute(
            "select now.sales_amount - before.sales_amount as change from now.core.fct_order_lines as now "
            "join before.core.fct_order_lines as before using (order_line_id) where change <> 0"
        ).fetchall()
    assert changes == [(1,)] * sliced_data.WARTS["corrected"][0]


def test_what_landed_was_accepted_or_is_in_quarantine(grown: Grown) -> None:
    rows = grown.installation.published(
        "select source_table, landed_row_count, accepted_row_count, quarantined_row_count "
        "from quality.quarantine_summary"
    )
    raw = grown.installation.row_counts("raw_complete_journey")
    assert {f"raw_complete_journey.{table}": landed for table, landed, _, _ in rows} == raw
    assert all(landed == accepted + kept_out for _, landed, accepted, kept_out in rows)
    accepted = {table: accepted for table, _, accepted, _ in rows}["transactions"]
    assert grown.installation.published("select count(*) from core.fct_order_lines") == [(accepted,)]


def test_sales_are_those_of_the_rows_that_are_right(grown: Grown) -> None:
    data = grown.installation.data
    # Said once more and otherwise than in dbt: what is right, and that the later file knows better.
    expected = duckdb.sql(
        f"""
        select round(sum(arg_max), 2)
        from (
            select arg_max(sales_value, (filename, sales_value))
            from read_parquet('{data}/transactions*.parquet', filename = true)
            where quantity >= 0 and sales_value >= 0 and transaction_timestamp < '2018-02-01'
                and household_id is not null and product_id is not null
            group by basket_id, product_id
        ) as latest (arg_max)
        """
    ).fetchall()[0][0]
    sales = grown.installation.published(
        "select (select cast(sum(sales_amount) as double) from core.fct_order_lines), "
        "(select cast(sum(sales_amount) as double) from core.fct_orders), "
        "(select cast(sum(sales_amount) as double) from marts.dim_customers)"
    )[0]
    assert sales == (expected,) * 3
