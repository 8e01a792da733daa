"""A second predictive model, of another grain and another kind, is a declaration and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path

import dagster as dg
import numpy as np
import pandas as pd
import pytest
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "ml"))

from test_ml_amounts import DECLARED, leads

from ml.declaration import Declaration, load_declaration
from orchestration.assets.gate_checks import gate_check
from orchestration.assets.predictive_models import (
    predictive_model,
    shared_tables,
    training_set,
    training_set_key,
)
from orchestration.assets.running import JOB_NAME, close_failed_build
from orchestration.gates.running import training_gate
from orchestration.settings import PROJECT_DIR, Settings
from orchestration.warehouse import tables, writing

pytestmark = pytest.mark.tier3


@pytest.fixture
def lead_value(tmp_path: Path) -> Declaration:
    """Return the declaration as a user writes it: a file."""
    content = yaml.safe_load(yaml.safe_dump(Declaration.model_validate(DECLARED).model_dump(mode="json")))
    (tmp_path / "lead_value.yml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return load_declaration("lead_value", tmp_path)


def _write(settings: Settings, rows: pd.DataFrame) -> None:
    """Write label and features apart, as dbt would, and one row of churn's training gate beside them."""
    label = ["lead_id", "as_of_date", "source_system", "horizon_days", "is_latest", "signed_amount"]
    features = ["lead_id", "as_of_date", "employee_count", "visits_28d", "noise"]
    with writing(settings) as connection:
        connection.execute("create schema if not exists features")
        for name, columns in [("label_leads__value", label), ("feat_leads__visits", features)]:
            connection.register("rows", rows[columns])
            connection.execute(f"create or replace table features.{name} as select * from rows")


def _job(settings: Settings, declarations: list[Declaration]) -> dg.JobDefinition:
    inputs = sorted({table for each in declarations for table in each.input_tables})

    @dg.multi_asset(specs=[dg.AssetSpec(table.split(".")) for table in inputs])
    def models():
        for table in inputs:
            yield dg.MaterializeResult(asset_key=table.split("."))

    return dg.Definitions(
        assets=[
            models,
            *(training_set(settings, each) for each in declarations),
            *(predictive_model(settings, each) for each in declarations),
            shared_tables(settings, declarations),
        ],
        asset_checks=[
            gate_check(settings, training_gate(each), "Plausible.", at=training_set_key(each))
            for each in declarations
        ],
        jobs=[dg.define_asset_job(JOB_NAME, dg.AssetSelection.all(), hooks={close_failed_build(settings)})],
        executor=dg.in_process_executor,
    ).resolve_job_def(JOB_NAME)


def test_it_stands_beside_the_first_one(settings: Settings, lead_value: Declaration) -> None:
    """What failed before: two models clashed over the shared tables, and over the training gate."""
    job = _job(settings, [load_declaration("churn"), lead_value])
    keys = {key.to_user_string() for key in job.asset_layer.selected_asset_keys}
    assert {"ml/churn", "ml/lead_value", "ml/scores", "ml/model_runs"} <= keys
    assert job.asset_layer.get(dg.AssetKey(["ml", "scores"])).parent_keys == {
        dg.AssetKey(["ml", "churn"]),
        dg.AssetKey(["ml", "lead_value"]),
    }


def test_it_is_gated_trained_and_scored(settings: Settings, lead_value: Declaration) -> None:
    _write(settings, leads())
    result = _job(settings, [lead_value]).execute_in_process(raise_on_error=False)
    assert result.success
    with tables(settings) as opened:
        scores = opened.frame("select * from ml.scores")
        runs = opened.frame("select * from ml.model_runs")
    assert len(scores) == 300
    assert set(scores["predictive_model"]) == {"lead_value"}
    assert set(scores["grain"]) == {"leads"}
    assert set(scores["score_unit"]) == {"USD"}
    assert runs["is_published"].tolist() == [True]
    event = next(
        event.asset_key
        for event in result.all_events
        if event.is_step_materialization and event.asset_key.path[-1] == "scores"
    )
    assert event == dg.AssetKey(["ml", "scores"])


def test_its_gate_follows_from_the_declaration_and_turns_red(
    settings: Settings, lead_value: Declaration
) -> None:
    rows = leads()
    rows.loc[3, "lead_id"] = None
    _write(settings, rows)
    result = _job(settings, [lead_value]).execute_in_process(raise_on_error=False)
    assert not result.success
    red = [
        event.asset_check_evaluation_data
        for event in result.all_events
        if event.event_type_value == "ASSET_CHECK_EVALUATION" and not event.asset_check_evaluation_data.passed
    ]
    assert {check.asset_key for check in red} == {training_set_key(lead_value)}
    assert "lead_id" in red[0].description
    with tables(settings) as opened:
        assert not opened.exists("ml.scores")


def test_too_few_examples_turn_its_gate_red(settings: Settings, lead_value: Declaration) -> None:
    rows = leads()
    rows["signed_amount"] = np.where(np.arange(len(rows)) < 100, rows["signed_amount"], np.nan)
    _write(settings, rows)
    assert not _job(settings, [lead_value]).execute_in_process(raise_on_error=False).success


def test_every_shipped_declaration_is_picked_up() -> None:
    """Nothing has to be listed: a file in the folder is an asset."""
    definitions = (PROJECT_DIR / "orchestration" / "defs" / "predictive_models" / "declared.py").read_text()
    assert "churn" not in definitions
