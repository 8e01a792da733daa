"""A red gate stops everything after it: the real factories, around steps that only say that they ran."""

from functools import partial
from types import MappingProxyType

import dagster as dg
import pandas as pd
import pytest

from expectations.report import RESULT_COLUMNS, GateReport
from expectations.suites import ROW_COUNT, Check, Suite
from orchestration.assets import publication as publication_steps
from orchestration.assets.gate_checks import gate_check
from orchestration.assets.landing import landing_asset
from orchestration.assets.publication import (
    CANDIDATE_KEY,
    INSIGHT_KEY,
    candidate,
    published_report,
    published_warehouse,
)
from orchestration.assets.running import JOB_NAME, close_failed_build
from orchestration.builds import history
from orchestration.gates import running
from orchestration.gates.running import GateRedError, arrival_gate, require_green
from orchestration.ingestion.entries import FilesEntry
from orchestration.ledger.mirror import GATE_RESULTS
from orchestration.warehouse import writing

pytestmark = pytest.mark.tier3

ORDERS = FilesEntry(
    source="toy",
    description="A shop.",
    owner="Data engineering",
    is_simulated=True,
    location=None,
    connector="files",
    tables={
        "orders": {
            "description": "Orders.",
            "mode": "replace",
            "path": "orders.csv",
            "format": "csv",
            "columns": {
                "order_id": {"type": "bigint", "description": "Identifier.", "nullable": False},
                "amount": {"type": "double", "description": "Paid.", "min": 0},
            },
        }
    },
)


@pytest.fixture
def orders(tmp_path):
    """Write the file that arrives."""

    def write(*amounts):
        (tmp_path / "data").mkdir(exist_ok=True)
        rows = "".join(f"{number},{amount}\n" for number, amount in enumerate(amounts))
        (tmp_path / "data" / "orders.csv").write_text("order_id,amount\n" + rows)

    write(1, 2, 3)
    return write


@pytest.fixture
def ran(monkeypatch):
    """Collect the steps that ran; publishing and drawing the report only say that they did."""
    steps = []

    class Published:
        row_counts = MappingProxyType({})
        as_of = fingerprint = ""

    monkeypatch.setattr(
        publication_steps,
        "release",
        lambda settings, accept_new_levels, is_forced: steps.append("publish") or Published(),
    )
    monkeypatch.setattr(
        publication_steps,
        "write_report",
        lambda settings: steps.append("report") or settings.report_path,
    )
    return steps


def _suite(gate, table):
    return Suite(
        gate=gate,
        tables={table: [Check(expect=ROW_COUNT, kwargs={"min_value": 1}, why="Empty.")]},
    )


def _saying(red, suite):
    """Return a gate runner that looks at nothing and finds what the test wants it to find."""

    def run(run_id, accept_new_levels=False):
        rows = [
            {
                "run_id": run_id,
                "gate": suite.gate,
                "schema_name": table.split(".")[0],
                "table_name": table.split(".")[1],
                "severity": check.severity,
                "is_passed": suite.gate not in red,
                "message": f"{table} is empty",
            }
            for table, check in suite.checks()
        ]
        return GateReport(suite.gate, run_id, pd.DataFrame(rows, columns=list(RESULT_COLUMNS)))

    return run


def _run(settings, ran, red=(), arrival_runner=None):
    def step(name, keys, *deps):
        """Stand for a dbt step: it builds a model and one that reads it."""

        @dg.multi_asset(
            name=name,
            specs=[
                dg.AssetSpec(key.split("."), deps=[dep.split(".") for dep in (*deps, *keys[:number])])
                for number, key in enumerate(keys)
            ],
        )
        def run_step():
            ran.append(name)
            for key in keys:
                yield dg.MaterializeResult(asset_key=key.split("."))

        return run_step

    def gate(suite, at=None, runner=None):
        return gate_check(settings, suite, "", at, run=runner or _saying(red, suite))

    training_set = dg.AssetKey(["ml", "churn_training_set"])
    definitions = dg.Definitions(
        assets=[
            landing_asset(settings, ORDERS),
            step("models", ["features.label_customers__churn", "features.feat"], "raw_toy.orders"),
            step("training_set", ["ml.churn_training_set"], "features.feat"),
            step("train", ["ml.scores"], "ml.churn_training_set"),
            step("marts", ["marts.dim_customers", "marts.fct_customer_lifecycle"], "ml.scores"),
            candidate(settings, [dg.AssetKey(["marts", "fct_customer_lifecycle"])]),
            published_warehouse(settings),
            published_report(settings),
        ],
        asset_checks=[
            gate(arrival_gate(ORDERS), runner=arrival_runner),
            gate(_suite("training", "features.label_customers__churn"), at=training_set),
            gate(_suite("publishing", "marts.dim_customers"), at=CANDIDATE_KEY),
        ],
        jobs=[dg.define_asset_job(JOB_NAME, dg.AssetSelection.all(), hooks={close_failed_build(settings)})],
        executor=dg.in_process_executor,
    )
    return definitions.resolve_job_def(JOB_NAME).execute_in_process(raise_on_error=False)


@pytest.mark.parametrize(
    ("red", "steps"),
    [
        ([], ["models", "training_set", "train", "marts", "publish", "report"]),
        (["arrival_toy"], []),
        (["training"], ["models", "training_set"]),
        (["publishing"], ["models", "training_set", "train", "marts"]),
    ],
)
def test_a_red_gate_stops_everything_after_it(settings, orders, ran, red, steps):
    result = _run(settings, ran, red)
    assert ran == steps
    assert result.success == (not red)
    build = history.recent(settings)[0]
    if red:
        assert (build["status"], build["message"]) == (history.FAILED, f"{red[0]}_gate failed")


def test_a_known_bad_batch_turns_the_arrival_gate_red(settings, orders, ran):
    """The canary: real landing, and Great Expectations itself looks at the rows."""
    orders(1, -2, -3)
    result = _run(settings, ran, arrival_runner=partial(running.run_arrival_gate, settings, ORDERS))
    assert not result.success
    assert ran == []
    with writing(settings) as connection:
        kept = connection.execute(
            f"select gate, column_name, unexpected_count from {GATE_RESULTS} where not is_passed"
        ).fetchall()
    assert kept == [("arrival_toy", "amount", 2)]


def test_a_missing_column_stops_before_the_gate(settings, orders, ran, tmp_path):
    (tmp_path / "data" / "orders.csv").write_text("order_id\n1\n")
    result = _run(settings, ran)
    failure = next(event for event in result.all_events if event.is_step_failure)
    assert "orders.csv" in failure.step_failure_data.user_failure_data.description
    assert ran == []


def test_a_second_build_is_turned_away(settings, orders, ran, monkeypatch):
    monkeypatch.setattr(
        "orchestration.assets.running.locking.hold", lambda settings: (_ for _ in ()).throw(_in_progress())
    )
    assert not _run(settings, ran).success
    assert ran == []


def _in_progress():
    from orchestration.builds.locking import BuildInProgressError

    return BuildInProgressError("Another build is using the warehouse.")


def test_no_way_leads_around_the_publishing_gate(settings, monkeypatch):
    suite = _suite("publishing", "marts.dim_customers")
    history.begin(settings, "run-1")
    says_red = _saying(["publishing"], suite)
    monkeypatch.setattr(running, "run_gate", lambda settings, suite, run_id, accept: says_red(run_id, accept))
    with pytest.raises(GateRedError, match=r"marts\.dim_customers is empty"):
        require_green(settings, suite, "run-1")


def test_the_report_follows_the_publication(settings):
    keys = {
        key.to_user_string()
        for key in published_report(settings).asset_deps[dg.AssetKey(["published", "report"])]
    }
    assert keys == {INSIGHT_KEY.to_user_string()}
