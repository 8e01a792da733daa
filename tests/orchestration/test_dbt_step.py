"""dbt in the graph: a failed test stops the Python that follows, also where its input was built."""

import subprocess
import sys
import time

import dagster as dg
import pytest

from orchestration.assets.dbt_models import (
    dbt_models,
    load_manifest,
    published_keys,
)
from orchestration.assets.running import JOB_NAME, close_failed_build
from orchestration.builds import history
from orchestration.transformation.command import Dbt, DbtError
from orchestration.transformation.stages import stages
from orchestration.warehouse import WarehouseError, writing

pytestmark = pytest.mark.tier3

PROJECT = """
name: insight
version: "0.1.0"
config-version: 2
profile: insight
flags: {send_anonymous_usage_stats: false, version_check: false}
models:
  insight:
    staging: {+schema: staging}
    features: {+schema: features, +materialized: table}
    marts: {+schema: marts, +materialized: table}
"""
PROFILE = """
insight:
  target: duckdb
  outputs:
    duckdb: {type: duckdb, path: "{{ env_var('WAREHOUSE_DIR') }}/build.duckdb", threads: 2}
"""
SOURCES = """
groups:
  - name: features
    owner: {name: Data science}
sources:
  - name: raw_toy
    tables: [{name: orders}]
  - name: ml
    config: {meta: {written_by: python}}
    tables: [{name: scores}]
models:
  - name: stg_toy__orders
    columns:
      - {name: order_id, data_tests: [not_null]}
  - name: label_customers__churn
    description: Who left; one row per customer.
    config: {group: features}
    columns:
      - {name: customer_id, data_tests: [not_null]}
"""
MODELS = {
    "staging/stg_toy__orders": "select * from {{ source('raw_toy', 'orders') }}",
    # Does not read the model whose test fails.
    "features/label_customers__churn": "select customer_id from {{ source('raw_toy', 'orders') }}",
    "marts/dim_customers": "select customer_id from {{ source('ml', 'scores') }}",
}


READS = {"ml": ["features.label_customers__churn"]}


@pytest.fixture
def dbt(settings, tmp_path):
    project = tmp_path / "dbt_project"
    (project / "macros").mkdir(parents=True)
    (project / "dbt_project.yml").write_text(PROJECT)
    (project / "profiles.yml").write_text(PROFILE)
    (project / "macros" / "generate_schema_name.sql").write_text(
        "{% macro generate_schema_name(name, node) %}{{ name or target.schema }}{% endmacro %}"
    )
    for path, sql in MODELS.items():
        (project / "models" / path).parent.mkdir(parents=True, exist_ok=True)
        (project / "models" / f"{path}.sql").write_text(sql)
    (project / "models" / "sources.yml").write_text(SOURCES)
    return Dbt(settings, project)


def _land(settings, order_id):
    with writing(settings) as connection:
        connection.execute("create schema if not exists raw_toy")
        connection.execute(
            f"create or replace table raw_toy.orders as select {order_id} as order_id, 7 as customer_id"
        )


def _run(dbt, manifest, ran):
    @dg.asset(key=["ml", "scores"], deps=[dg.AssetKey(["features", "label_customers__churn"])])
    def churn():
        ran.append("train")
        with writing(dbt.settings) as connection:
            connection.execute("create schema if not exists ml")
            connection.execute(
                "create or replace table ml.scores as select * from features.label_customers__churn"
            )

    @dg.asset(deps=published_keys(manifest))
    def publish():
        ran.append("publish")

    before, after = (dbt_models(dbt, manifest, stage, READS) for stage in stages(manifest, READS))
    definitions = dg.Definitions(
        assets=[before, after, churn, publish],
        jobs=[
            dg.define_asset_job(JOB_NAME, dg.AssetSelection.all(), hooks={close_failed_build(dbt.settings)})
        ],
        executor=dg.in_process_executor,
    )
    return before, definitions.resolve_job_def(JOB_NAME).execute_in_process(raise_on_error=False)


def test_a_failed_dbt_test_stops_training_and_publishing(dbt, settings):
    manifest = load_manifest(dbt)
    stamp = dbt.manifest_path.stat().st_mtime_ns
    load_manifest(dbt)
    assert dbt.manifest_path.stat().st_mtime_ns == stamp, "parsed again although nothing changed"

    ran = []
    _land(settings, "null")
    before, result = _run(dbt, manifest, ran)
    assert ran == []
    assert not result.success
    failure = next(event for event in result.all_events if event.is_step_failure)
    assert failure.step_key == "models"
    message = failure.step_failure_data.user_failure_data.description
    assert "not_null_stg_toy__orders_order_id" in message
    assert "compiled SQL: " in message
    assert history.recent(settings)[0]["status"] == history.FAILED
    with writing(settings) as connection:
        # The model that training reads was built all the same: what stopped training is the step, not its
        # input.
        assert connection.execute("select count(*) from features.label_customers__churn").fetchone() == (1,)

    label = dg.AssetKey(["features", "label_customers__churn"])
    assert before.group_names_by_key[label] == "features"
    assert before.specs_by_key[label].owners == ["team:data-science"]
    assert before.specs_by_key[label].description == "Who left; one row per customer."

    _land(settings, "1")
    _, result = _run(dbt, manifest, ran)
    assert result.success
    assert ran == ["train", "publish"]
    newest = history.recent(settings)[0]
    assert newest["full_refresh_reason"] is None, "nothing here is incremental"


KILLED = """
import sys
from pathlib import Path
from orchestration.transformation.command import Dbt
from orchestration.settings import Settings
dbt = Dbt(Settings(("toy",), None, Path(sys.argv[1]), "duckdb", None, "1GB"), Path(sys.argv[2]))
for event in dbt.build_events(["--select", "slow"], is_full_refresh=True):
    if event["info"]["name"] == "LogStartLine":
        print("building", flush=True)
"""


def test_dbt_dies_with_a_killed_build_and_frees_the_warehouse(dbt, settings):
    """Left alone, dbt would go on writing, and the next build would find the warehouse locked."""
    (dbt.project_dir / "models" / "marts" / "slow.sql").write_text(
        "select count(*) as pairs from range(1000000) as a(x), range(1000000) as b(y) where a.x * b.y % 7 = 1"
    )
    build = subprocess.Popen(
        [sys.executable, "-c", KILLED, str(settings.warehouse_dir), str(dbt.project_dir)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert build.stdout.readline() == "building\n"
    with pytest.raises(WarehouseError, match="open in another process"), writing(settings):
        pass
    build.kill()
    build.wait()
    deadline = time.monotonic() + 10
    while True:
        try:
            with writing(settings) as connection:
                assert connection.execute("select 1").fetchone() == (1,)
            break
        except WarehouseError:
            assert time.monotonic() < deadline, "dbt still holds the warehouse"
            time.sleep(0.1)


def test_a_project_that_does_not_parse_is_named(dbt):
    (dbt.project_dir / "models" / "marts" / "dim_customers.sql").write_text(
        "select * from {{ ref('no_such_model') }}"
    )
    with pytest.raises(DbtError, match="no_such_model"):
        dbt.prepare_manifest()
    assert not (dbt.settings.dbt_target_dir / "manifest.key").exists()
