"""Known-bad deliveries: each turns one gate red, or fails a dbt test, and nothing after it happens.

The real pipeline, started by the command line, on a warehouse that is published already.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sliced_data
from installations import Answer, Installation, identity_of, new_installation

from orchestration.builds import history
from orchestration.gates.running import run_arrival_gate
from orchestration.ingestion.entries import load_entry
from orchestration.ingestion.landing import land

pytestmark = [pytest.mark.tier3, pytest.mark.builds(5), pytest.mark.timeout(1800)]

WRITTEN_BY_DBT = ("staging", "core", "identity", "features", "marts", "quality")


def _products_without_keys(installation: Installation, last_day: pa.Table) -> None:
    """One product in twenty has lost its number."""
    broken = sliced_data.derived(
        sliced_data.read(installation.data / "products.parquet"),
        "select * replace (case when row_number() over () % 20 > 0 then product_id end as product_id) "
        "from rows",
    )
    pq.write_table(broken, installation.data / "products.parquet")


def _a_tenth_of_the_products(installation: Installation, last_day: pa.Table) -> None:
    """The export stopped early."""
    products = sliced_data.read(installation.data / "products.parquet")
    pq.write_table(products.slice(0, len(products) // 10), installation.data / "products.parquet")


def _a_line_that_is_there_twice(installation: Installation, last_day: pa.Table) -> None:
    """What bad rows cannot do, for they are kept out: a key that is not one, as if a model had a fault."""
    pq.write_table(last_day, installation.data / sliced_data.LAST_DAY_FILE)
    with duckdb.connect(str(installation.settings.build_path)) as connection:
        connection.execute(
            "insert into core.fct_order_lines from core.fct_order_lines order by order_line_id limit 1"
        )


def _a_sale_to_everybody_every_day(installation: Installation, last_day: pa.Table) -> None:
    """A till that tries itself out: rows that are right one by one, and customers who never stay away."""
    every_day = sliced_data.derived(
        sliced_data.read(installation.data / "transactions.parquet"),
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
    pq.write_table(every_day, installation.data / "transactions_tried.parquet")


def _amounts_without_a_decimal_point(installation: Installation, last_day: pa.Table) -> None:
    """A till that writes mills for dollars."""
    inflated = sliced_data.derived(last_day, "select * replace (sales_value * 1000 as sales_value) from rows")
    pq.write_table(inflated, installation.data / "transactions_inflated.parquet")


@dataclass(frozen=True)
class Canary:
    """A known-bad delivery.

    Attributes
    ----------
    deliver
        Puts it where the next build meets it; gets the sound rows of the last day.
    gate
        The gate that has to turn red; ``None`` if a dbt test has to fail.
    table, check
        What the message has to name.
    runs
        Which steps after arrival still run: ``models`` (dbt, up to the features), ``training``, ``scores``
        (dbt, after the scores).
    """

    deliver: Callable[[Installation, pa.Table], None]
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
        _a_line_that_is_there_twice,
        None,
        "core.fct_order_lines",
        "test primary_key_fct_order_lines_order_line_id",
        ("models",),
    ),
    "customers never stay away": Canary(
        _a_sale_to_everybody_every_day,
        "training_churn",
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
        max(build["dbt_started_at"] for build in installation.builds() if build["dbt_started_at"]),
        results["metadata"]["invocation_id"],
        installation.row_counts(*WRITTEN_BY_DBT) | {"quality.validation_results": 0},
        installation.row_counts("ml"),
        installation.built("select max(run_id) from ml.int_scores__latest")[0][0],
        identity_of(settings.published_path),
        identity_of(settings.report_path),
    )


@dataclass(frozen=True)
class Stopped:
    """A build that met a known-bad delivery.

    Attributes
    ----------
    status
        What `insight status` said right after it.
    """

    installation: Installation
    answer: Answer
    before: Traces
    after: Traces
    status: dict[str, Any]


# Which known-bad deliveries one warehouse gets, one after the other; before each, the right products again.
CHAINS = [
    ("sales seem multiplied",),
    ("keys missing", "customers never stay away"),
    ("a failing dbt test", "truncated"),
]


@pytest.fixture(scope="module")
def stopped(
    workers: ThreadPoolExecutor,
    sliced: Installation,
    last_day: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, Stopped]:
    sound = sliced_data.sound(sliced_data.read(last_day))

    def meet(names: Sequence[str], folder: Path) -> dict[str, Stopped]:
        installation = sliced.copy_to(folder / "installation")
        met = {}
        for name in names:
            installation.deliver(sliced.data / "products.parquet")
            CANARIES[name].deliver(installation, sound)
            before = _traces(installation)
            answer = installation.insight("build", "--json")
            status = installation.insight("status", "--json").content
            met[name] = Stopped(installation, answer, before, _traces(installation), status)
        return met

    met = [workers.submit(meet, names, tmp_path_factory.mktemp("canary")) for names in CHAINS]
    return {name: case for chain in met for name, case in chain.result().items()}


def test_every_known_bad_delivery_is_met() -> None:
    assert sorted(name for names in CHAINS for name in names) == sorted(CANARIES)


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
    is_built = stopped[name].status["builds"][0]["built_at"] is not None
    assert is_built == ("scores" in canary.runs)


@pytest.mark.parametrize("name", CANARIES)
def test_the_last_publication_stays(stopped: dict[str, Stopped], name: str) -> None:
    before, after = stopped[name].before, stopped[name].after
    assert after.publication == before.publication
    assert after.report == before.report
    assert not stopped[name].installation.settings.previous_path.exists()


@pytest.mark.parametrize("name", CANARIES)
def test_status_says_what_stopped_the_build(stopped: dict[str, Stopped], name: str) -> None:
    status = stopped[name].status
    newest, first = status["builds"][0], status["builds"][-1]
    assert (newest["status"], first["status"]) == ("failed", "complete")
    assert (CANARIES[name].gate or "dbt failed") in newest["message"]
    assert status["publication"]["run_id"] == first["run_id"]


@pytest.mark.parametrize("name", [name for name, canary in CANARIES.items() if canary.gate])
def test_the_results_of_a_red_gate_are_kept_as_rows(stopped: dict[str, Stopped], name: str) -> None:
    run_id = stopped[name].status["builds"][0]["run_id"]
    failed = stopped[name].installation.built(
        "select gate, schema_name || '.' || table_name from quality.validation_results "
        f"where run_id = '{run_id}' and not is_passed and severity = 'critical'"
    )
    assert {gate for gate, _ in failed} == {CANARIES[name].gate}
    assert CANARIES[name].table in {table for _, table in failed}


def test_the_right_delivery_turns_the_arrival_gate_green_again(stopped: dict[str, Stopped]) -> None:
    case = stopped["customers never stay away"]
    newest, red = case.status["builds"][:2]
    assert red["message"].startswith("arrival_complete_journey_gate is red")
    # The products of the red build have landed, and must vanish from what is built on them.
    delivered = duckdb.sql(
        f"select count(distinct product_id) from '{case.installation.data}/products.parquet'"
    ).fetchall()
    assert case.installation.built("select count(*) from staging.stg_complete_journey__products") == delivered
    assert (
        case.installation.built("select count(distinct product_id) from raw_complete_journey.products")
        == delivered
    )
    assert case.installation.built(
        "select bool_and(is_passed) from quality.validation_results "
        f"where run_id = '{newest['run_id']}' and gate = 'arrival_complete_journey'"
    ) == [(True,)]


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


@pytest.fixture
def arrivals(tmp_path: Path) -> Installation:
    """The slice delivered, nothing built; for landing and the arrival gate alone."""
    return new_installation(tmp_path / "installation")


def _arrival_gate_passes(installation: Installation, run_id: str) -> bool:
    settings, entry = installation.settings, load_entry("complete_journey")
    land(settings, entry)
    history.begin(settings, run_id)
    return run_arrival_gate(settings, entry, run_id).passed


def test_a_day_without_keys_turns_the_arrival_gate_red(arrivals: Installation, last_day: Path) -> None:
    nobody = sliced_data.derived(
        sliced_data.sound(sliced_data.read(last_day)),
        "select * replace (cast(null as bigint) as household_id) from rows",
    )
    assert _arrival_gate_passes(arrivals, "the days before")
    pq.write_table(nobody, arrivals.data / last_day.name)
    assert not _arrival_gate_passes(arrivals, "a bad day")


def test_a_corrected_file_takes_the_place_of_the_one_that_turned_the_gate_red(
    arrivals: Installation,
) -> None:
    path = arrivals.data / "transactions.parquet"
    right = sliced_data.read(path)
    broken = sliced_data.derived(
        right,
        "select * replace (case when row_number() over () % 20 > 0 then household_id end as household_id) "
        "from rows",
    )
    pq.write_table(broken, path)
    assert not _arrival_gate_passes(arrivals, "broken")
    pq.write_table(right, path)
    assert _arrival_gate_passes(arrivals, "corrected")
