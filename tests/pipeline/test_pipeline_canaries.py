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
    products = sliced_data.read(data / "products.parquet")
    broken = sliced_data.changed(products, "product_id", "case when rowid % 20 > 0 then product_id end")
    pq.write_table(broken, data / "products.parquet")


def _a_tenth_of_the_products(data: Path, last_day: pa.Table) -> None:
    """The export stopped early."""
    products = sliced_data.read(data / "products.parquet")
    pq.write_table(products.slice(0, len(products) // 10), data / "products.parquet")


def _a_clock_half_a_year_ahead(data: Path, last_day: pa.Table) -> None:
    """Rows that are right one by one, but "today" moves with them: everybody seems to have stopped coming."""
    ahead = "transaction_timestamp + interval 26 weeks"
    ahead_of_time = sliced_data.changed(last_day, "transaction_timestamp", ahead)
    pq.write_table(ahead_of_time, data / "transactions_ahead.parquet")


def _amounts_without_a_decimal_point(data: Path, last_day: pa.Table) -> None:
    """A till that writes mills for dollars."""
    inflated = sliced_data.changed(last_day, "sales_value", "sales_value * 1000")
    pq.write_table(inflated, data / "transactions_inflated.parquet")


def _a_redemption_by_nobody(data: Path, last_day: pa.Table) -> None:
    """A household that no other table knows: a broken relationship, which is a dbt test."""
    redemptions = sliced_data.read(data / "coupon_redemptions.parquet").slice(0, 1)
    by_nobody = sliced_data.changed(redemptions, "household_id", "987654321")
    pq.write_table(by_nobody, data / "coupon_redemptions_by_nobody.parquet")


@dataclass(frozen=True)
class Canary:
    """A known-bad delivery.

    Attributes
    ----------
    stops_at
        The step that has to fail.
    says
        What the message has to name: gate or test, table, check.
    runs
        Which of the later steps still run: ``models`` (dbt, up to the features), ``training``, ``scores``
        (dbt, after the scores).
    """

    deliver: Callable[[Path, pa.Table], None]
    gate: str | None
    says: tuple[str, ...]
    runs: tuple[str, ...]


CANARIES = {
    "keys missing": Canary(
        _products_without_keys,
        "arrival_complete_journey",
        ("raw_complete_journey.products", "product_id", "expect_column_values_to_not_be_null"),
        (),
    ),
    "truncated": Canary(
        _a_tenth_of_the_products,
        "arrival_complete_journey",
        ("raw_complete_journey.products", "expect_table_row_count_to_be_between", "5,200"),
        (),
    ),
    "a failing dbt test": Canary(
        _a_redemption_by_nobody,
        None,
        ("relationships_fct_coupon_redemptions_customer_key",),
        ("models",),
    ),
    "customers seem gone": Canary(
        _a_clock_half_a_year_ahead,
        "training",
        ("features.feat_customers__rhythm", "recency_days", "expect_column_mean_to_be_between"),
        ("models",),
    ),
    "sales seem multiplied": Canary(
        _amounts_without_a_decimal_point,
        "publishing",
        ("core.fct_order_lines", "sales_amount", "expect_column_mean_to_be_between"),
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
    for words in (canary.gate or "dbt", *canary.says, "the last publication stays"):
        assert words in message


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
    gate = CANARIES[name].gate
    failed = stopped[name].installation.built(
        "select gate, schema_name || '.' || table_name "
        "from quality.validation_results where not is_passed and severity = 'critical'"
    )
    assert {row[0] for row in failed} == {gate}
    table = CANARIES[name].says[0]
    assert table in {row[1] for row in failed}


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
