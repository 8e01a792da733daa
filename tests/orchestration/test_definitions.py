"""What Dagster shows of the real project: every asset says what it is and whose, every gate blocks."""

import dagster as dg
import pytest

from orchestration.assets.running import JOB_NAME

pytestmark = pytest.mark.tier3

STEPS = {
    "land_complete_journey": set(),
    "arrival_complete_journey_gate": {"land_complete_journey"},
    "land_digital_twin": set(),
    "arrival_digital_twin_gate": {"land_digital_twin"},
    "models": {
        "land_complete_journey",
        "arrival_complete_journey_gate",
        "land_digital_twin",
        "arrival_digital_twin_gate",
    },
    "person_matching": {"models"},
    "models_after_matching": {"models", "person_matching"},
    "ml__churn_training_set": {"models_after_matching"},
    "training_churn_gate": {"ml__churn_training_set"},
    "ml__churn": {"ml__churn_training_set", "training_churn_gate"},
    "predictive_model_tables": {"ml__churn"},
    "models_after_ml": {"models", "predictive_model_tables"},
    "published__candidate": {"models", "models_after_matching", "models_after_ml"},
    "publishing_gate": {"published__candidate"},
    "published__insight": {"published__candidate", "publishing_gate"},
    "published__report": {"published__insight"},
}


@pytest.fixture(scope="module")
def definitions(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WAREHOUSE_DIR", str(tmp_path_factory.mktemp("warehouse")))
        patch.delenv("WAREHOUSE_SOURCES", raising=False)
        from orchestration.definitions import defs

        yield defs()


def test_the_steps_follow_each_other_through_the_gates(definitions):
    dependencies = definitions.resolve_job_def(JOB_NAME).graph.dependencies
    steps = {
        node.alias or node.name: {
            upstream.node for each in inputs.values() for upstream in each.get_node_dependencies()
        }
        for node, inputs in dependencies.items()
    }
    assert steps == STEPS


def test_every_asset_says_what_it_is_and_whose(definitions):
    specs = [spec for spec in definitions.resolve_all_asset_specs() if spec.group_name != "seeds"]
    layers = {"ingestion", "staging", "core", "identity", "features", "ml", "scores"}
    layers |= {"marts", "quality", "publishing"}
    assert {spec.group_name for spec in specs} == layers
    silent = [
        spec.key.to_user_string() for spec in specs if not (spec.description and spec.owners and spec.kinds)
    ]
    assert silent == []


def test_every_gate_blocks(definitions):
    checks = [spec for checks in definitions.asset_checks or [] for spec in checks.check_specs]
    assert checks
    assert all(spec.blocking for spec in checks)


def test_it_runs_by_itself(definitions):
    assert {schedule.name for schedule in definitions.schedules} == {"every_morning"}
    assert {sensor.name for sensor in definitions.sensors} == {"new_raw_files"}
    with dg.DagsterInstance.ephemeral() as instance:
        context = dg.build_sensor_context(instance)
        answer = next(iter(definitions.sensors)).evaluate_tick(context)
    # On a fresh warehouse everything is new.
    assert len(answer.run_requests) == 1
