"""Known-bad deliveries: each turns one gate red, or fails a dbt test, and nothing after it happens.

The real pipeline, started by the command line, on a warehouse that is published already.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sliced_data
from installations import Answer, Installation, identity_of, side_by_side

pytestmark = [pytest.mark.tier3, pytest.mark.timeout(1800)]

WRITTEN_BY_DBT = ("staging", "core", "identity", "features", "marts", "quality")


def _products_without_keys(data: Path, last_day: pa.Table) -> None:
    """One product in twenty has lost its number."""
    broken = sliced_data.derived(
        sliced_data.read(data / "products.parquet"),
        "select * replace (case when row_number() over () % 20 > 0 then product_id end as product_id) "
        "from rows",
    )
    pq.write_table(broken, data / "products.parquet")


def _a_tenth_of_the_products(data: Path, last_day: pa.Table) -> None:
    """The export stopped early."""
    products = sliced_data.read(data / "products.parquet")
    pq.write_table(products.slice(0, len(products) // 10), data / "products.parquet")


def _a_redemption_by_nobody(data: Path, last_day: pa.Table) -> None:
    """A household that no other table knows: a broken relationship, which is a dbt test."""
    by_nobody = sliced_data.derived(
        sliced_data.read(data / "coupon_redemptions.parquet"),
        "select * replace (987654321 as household_id) from rows limit 1",
    )
    pq.write_table(by_nobody, data / "coupon_redemptions_by_nobody.parquet")


def _a_sale_to_everybody_every_day(data: Path, last_day: pa.Table) -> None:
    """A till that tries itself out: rows that are right one by one, and customers who never stay away."""
    every_day = sliced_data.derived(
        sliced_data.read(data / "transactions.parquet"),
        """
        with lines as (
            select distinct on (household_id) * from rows order by household_id, basket_id, product_id
        ),
        days as (
            select unnest(range(timestamp '2017-10-01 17:00', timestamp '2017-12-30', interval 1 day)) as day
        )
        select
            lines.* replace (
                2_000_000_000_000 + row_number() over (order by household_id, day) as basket_id,
                day as transaction_timestamp
            )
        from lines
        cross join days
        """,
    )
    pq.write_table(every_day, data / "transactions_tried.parquet")


def _amounts_without_a_decimal_point(data: Path, last_day: pa.Table) -> None:
    """A till that writes mills for dollars."""
    inflated = sliced_data.derived(last_day, "select * replace (sales_value * 1000 as sales_value) from rows")
    pq.write_table(inflated, data / "transactions_inflated.parquet")


@dataclass(frozen=True)
class Canary:
    """A known-bad delivery.

    Attributes
    ----------
    deliver
        Puts it into the folder of deliveries; gets the sound rows of the last day.
    gate
        The gate that has to turn red; ``None`` if a dbt test has to fail.
    table, check
        What the message has to name.
    runs
        Which steps after arrival still run: ``models`` (dbt, up to the features), ``training``, ``scores``
        (dbt, after the scores).
    """

    deliver: Callable[[Path, pa.Table], None]
    gate: str | None
    table: str
    check: str
    runs: tuple[str, ...]


CANARIES = {
    "keys missing": Canary(
        _products_without_keys,
        "arrival_complete_journey",
        "raw_complete_journey.products",
        ".product_id: expected no empty values in at least 0.99 of the rows; saw 2,600 of 52,000",
        (),
    ),
    "truncated": Canary(
        _a_tenth_of_the_products,
        "arrival_complete_journey",
        "raw_complete_journey.products",
        ": expected a row count of at least 50,000; saw 5,200",
        (),
    ),
    "a failing dbt test": Canary(
        _a_redemption_by_nobody,
        None,
        "fct_coupon_redemptions",
        "test relationships_fct_coupon_redemptions_customer_key",
        ("models",),
    ),
    "customers never stay away": Canary(
        _a_sale_to_everybody_every_day,
        "training",
        "features.feat_customers__rhythm",
        ".shopping_days_28d: expected a mean of",
        ("models",),
    ),
    "sales seem multiplied": Canary(
        _amounts_without_a_decimal_point,
        "publishing",
        "core.fct_order_lines",
        ".sales_amount: expected a mean of",
        ("models", "training", "scores"),
    ),
}


@dataclass(frozen=True)
class Traces:
    """What steps leave behind, so that it can be told whether they ran."""

    dbt_started_at: Any
    dbt_invocation: str
    model_row_counts: dict[str, int]
    training_row_counts: dict[str, int]
    customers_scored_by: str
    publication: tuple[int, int, str]
    report: tuple[int, int, str]


def _traces(installation: Installation) -> Traces:
    settings = installation.settings
    results = json.loads((settings.dbt_target_dir / "run" / "run_results.json").read_text())
    return Traces(
        installation.built("select max(dbt_started_at) from ops.builds")[0][0],
        results["metadata"]["invocation_id"],
        installation.row_counts(*WRITTEN_BY_DBT) | {"quality.validation_results": 0},
        installation.row_counts("ml"),
        installation.built("select max(run_id) from ml.int_churn_scores__latest")[0][0],
        identity_of(settings.published_path),
        identity_of(settings.report_path),
    )


@dataclass(frozen=True)
class Stopped:
    """A build that met a known-bad delivery."""

    installation: Installation
    answer: Answer
    before: Traces
    after: Traces


@pytest.fixture(scope="module")
def stopped(
    sliced: Installation, last_day: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Stopped]:
    rows = sliced_data.read(last_day)
    right = sliced_data.sound(rows)

    def meet(canary: Canary) -> Stopped:
        installation = sliced.copy_to(tmp_path_factory.mktemp("canary") / "installation")
        before = _traces(installation)
        canary.deliver(installation.data, right)
        answer = installation.insight("build", "--json")
        return Stopped(installation, answer, before, _traces(installation))

    met = side_by_side(*(lambda canary=canary: meet(canary) for canary in CANARIES.values()))
    return dict(zip(CANARIES, met, strict=True))


@pytest.mark.parametrize("name", CANARIES)
def test_the_message_names_gate_table_and_check(stopped: dict[str, Stopped], name: str) -> None:
    canary, answer = CANARIES[name], stopped[name].answer
    assert answer.exit_code == 1
    message = answer.content["error"]
    assert message.startswith(f"{canary.gate}_gate is red" if canary.gate else "dbt failed")
    assert "the last publication stays" in message
    assert (canary.table + canary.check if canary.gate else canary.check) in message


@pytest.mark.parametrize("name", CANARIES)
def test_nothing_after_it_happens(stopped: dict[str, Stopped], name: str) -> None:
    canary, before, after = CANARIES[name], stopped[name].before, stopped[name].after
    assert (after.dbt_started_at != before.dbt_started_at) == ("models" in canary.runs)
    assert (after.dbt_invocation != before.dbt_invocation) == ("models" in canary.runs)
    if "models" not in canary.runs:
        assert after.model_row_counts == before.model_row_counts
    assert (after.training_row_counts != before.training_row_counts) == ("training" in canary.runs)
    assert (after.customers_scored_by != before.customers_scored_by) == ("training" in canary.runs)
    [(built_at,)] = stopped[name].installation.built(
        "select built_at from ops.builds order by started_at desc limit 1"
    )
    assert (built_at is not None) == ("scores" in canary.runs)


@pytest.mark.parametrize("name", CANARIES)
def test_the_last_publication_stays(stopped: dict[str, Stopped], name: str) -> None:
    before, after = stopped[name].before, stopped[name].after
    assert after.publication == before.publication
    assert after.report == before.report
    assert not stopped[name].installation.settings.previous_path.exists()


@pytest.mark.parametrize("name", CANARIES)
def test_status_says_what_stopped_the_build(stopped: dict[str, Stopped], name: str) -> None:
    installation = stopped[name].installation
    status = installation.insight("status", "--json").content
    newest, before = status["builds"]
    assert (newest["status"], before["status"]) == ("failed", "complete")
    assert (CANARIES[name].gate or "dbt failed") in newest["message"]
    assert status["publication"]["run_id"] == before["run_id"]


@pytest.mark.parametrize("name", [name for name, canary in CANARIES.items() if canary.gate])
def test_the_results_of_a_red_gate_are_kept_as_rows(stopped: dict[str, Stopped], name: str) -> None:
    failed = stopped[name].installation.built(
        "select gate, schema_name || '.' || table_name "
        "from quality.validation_results where not is_passed and severity = 'critical'"
    )
    assert {gate for gate, _ in failed} == {CANARIES[name].gate}
    assert CANARIES[name].table in {table for _, table in failed}


def test_no_way_leads_around_a_red_publishing_gate(stopped: dict[str, Stopped]) -> None:
    case = stopped["sales seem multiplied"]
    answer = case.installation.insight("publish", "--json")
    assert answer.exit_code == 1
    assert "core.fct_order_lines" in answer.content["error"]
    assert identity_of(case.installation.settings.published_path) == case.before.publication


def test_a_build_that_a_test_stopped_cannot_be_published(stopped: dict[str, Stopped]) -> None:
    case = stopped["a failing dbt test"]
    answer = case.installation.insight("publish", "--json")
    assert answer.exit_code == 1
    assert "no whole build" in answer.content["error"]
    assert identity_of(case.installation.settings.published_path) == case.before.publication


def test_the_right_delivery_makes_the_next_build_green(
    stopped: dict[str, Stopped], sliced: Installation
) -> None:
    installation = stopped["keys missing"].installation
    installation.deliver(sliced.data / "products.parquet")
    assert installation.build().content["is_new"]
    assert installation.published("select count(*) from core.dim_products where is_catalogued") == [
        (sliced_data.PRODUCTS,)
    ]
