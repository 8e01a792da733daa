"""A second kind of question, at another grain: how much a lead will be worth."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from ml.declaration import Declaration
from ml.examples import ExamplesError
from ml.leakage import LeakageError
from ml.tasks import TASKS
from ml.training import TrainingResult, train

pytestmark = pytest.mark.tier1

DECLARED: dict[str, Any] = {
    "name": "lead_value",
    "description": "What a lead will have signed for, in dollars, within four weeks.",
    "owner": "Sales",
    "question": "Which leads are worth a visit?",
    "grain": "leads",
    "task": "amount",
    "unit": "USD",
    "label": {"table": "features.label_leads__value", "column": "signed_amount"},
    "features": {"tables": ("features.feat_leads__visits",)},
    "estimator": "boosted_amounts",
    "baseline_rules": [
        {"name": "employees", "feature": "employee_count", "direction": "higher_is_riskier"},
        {"name": "visits", "feature": "visits_28d", "direction": "higher_is_riskier"},
    ],
    "metrics": ("rmse", "mae", "spearman", "mean_predicted", "mean_observed"),
    "slices": ("source_system",),
    "backtest": {"origins": 4, "minimum_origins": 3, "minimum_training_rows": 500, "minimum_test_rows": 50},
    "publish": {"beats_best_rule_in": ("rmse", "spearman")},
}


def declaration(**changes: Any) -> Declaration:
    return Declaration.model_validate(DECLARED | changes)


def leads(count: int = 300, weeks: int = 24, seed: int = 0) -> pd.DataFrame:
    """Return leads x weeks rows: the amount grows with employees and visits together, and with chance."""
    random = np.random.default_rng(seed)
    dates = pd.Timestamp("2017-01-02") + pd.to_timedelta(7 * np.repeat(np.arange(weeks), count), unit="D")
    employees = np.tile(random.lognormal(4, 1, count), weeks)
    visits = random.poisson(3, count * weeks).astype(float)
    amount = 10 * np.log(employees) * visits + random.normal(0, 30, count * weeks)
    is_known = dates + pd.Timedelta(days=28) <= dates.max()
    return pd.DataFrame(
        {
            "lead_id": np.tile([f"lead-{number:03d}" for number in range(count)], weeks),
            "source_system": "crm",
            "as_of_date": dates,
            "horizon_days": 28,
            "is_latest": dates == dates.max(),
            "employee_count": employees,
            "visits_28d": visits,
            "noise": random.normal(size=count * weeks),
            "signed_amount": np.where(is_known, amount, np.nan),
        }
    )


@pytest.fixture(scope="module")
def trained() -> TrainingResult:
    return train(declaration(), leads(), "run-1", report=lambda line: None)


def test_an_amount_is_published_when_it_beats_the_rules(trained: TrainingResult) -> None:
    assert trained.is_publishable, trained.verdict
    assert "beats the best rule in RMSE and rank correlation on 4 of 4 origins" in trained.verdict
    backtests = trained.frames["model_backtests"]
    assert set(backtests["metric"]) == set(DECLARED["metrics"])
    assert set(backtests["candidate"]) == {"model", "employees", "visits", "best_rule"}


def test_a_score_is_a_value_with_an_interval_and_a_unit(trained: TrainingResult) -> None:
    scores = trained.frames["scores"]
    assert list(scores["subject_id"]) == sorted(scores["subject_id"])
    assert len(scores) == 300
    assert set(scores["grain"]) == {"leads"}
    assert set(scores["score_unit"]) == {"USD"}
    assert (scores["score_lower"] < scores["score"]).all()
    assert (scores["score"] < scores["score_upper"]).all()


def test_the_interval_holds_as_much_as_it_says() -> None:
    random = np.random.default_rng(1)
    predictions = random.uniform(0, 100, 4000)
    labels = predictions + random.normal(0, 10, 4000)
    lower, upper = TASKS["amount"].interval(predictions[2000:], predictions[:2000], labels[:2000])
    inside = ((lower <= labels[2000:]) & (labels[2000:] <= upper)).mean()
    assert 0.77 < inside < 0.83


def test_the_interval_of_a_probability_holds_the_share_that_is_true() -> None:
    random = np.random.default_rng(2)
    probabilities = random.uniform(0, 1, 4000)
    labels = (random.random(4000) < probabilities).astype(float)
    scores = np.linspace(0.05, 0.95, 19)
    lower, upper = TASKS["binary"].interval(scores, probabilities, labels)
    assert ((lower <= scores) & (scores <= upper)).all()
    assert (upper - lower < 0.15).all()
    few = TASKS["binary"].interval(scores, probabilities[:200], labels[:200])
    assert (few[1] - few[0]).mean() > (upper - lower).mean()


def test_the_reasons_of_an_amount_sum_to_it(trained: TrainingResult) -> None:
    reasons = trained.frames["score_reasons"]
    sums = reasons.groupby("subject_id")["contribution"].sum()
    scores = trained.frames["scores"].set_index("subject_id")["score"]
    # Three features, three reasons: what is left is the amount of the average lead, the same for all.
    left = scores - sums
    assert np.allclose(left, left.iloc[0])
    assert set(reasons[reasons["reason_rank"] == 1]["feature_name"]) <= {"employee_count", "visits_28d"}


def test_chance_is_not_published() -> None:
    frame = leads()
    frame["signed_amount"] = np.random.default_rng(3).permutation(frame["signed_amount"].to_numpy())
    frame.loc[frame["as_of_date"] > pd.Timestamp("2017-05-15"), "signed_amount"] = np.nan
    frame["signed_amount"] = frame["signed_amount"].where(
        frame["as_of_date"] > pd.Timestamp("2017-05-15"), frame["signed_amount"].fillna(0)
    )
    result = train(declaration(), frame, "run-1", report=lambda line: None)
    assert not result.is_publishable
    assert "scores" not in result.frames


def test_a_feature_that_follows_the_amount_is_refused() -> None:
    frame = leads()
    frame["invoice"] = frame["signed_amount"].fillna(0) * 2 + 1
    with pytest.raises(LeakageError, match="invoice"):
        train(declaration(), frame, "run-1", report=lambda line: None)


def test_labels_that_are_no_numbers_are_refused() -> None:
    frame = leads()
    frame.loc[0, "signed_amount"] = np.inf
    with pytest.raises(ExamplesError, match="something else than finite numbers or empty"):
        train(declaration(), frame, "run-1", report=lambda line: None)


def test_a_lead_that_repeats_is_named_by_its_key() -> None:
    frame = pd.concat([leads(), leads().head(1)])
    with pytest.raises(ExamplesError, match="lead_id and as_of_date repeat in 1 rows"):
        train(declaration(), frame, "run-1", report=lambda line: None)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"metrics": ("roc_auc", "rmse")}, "metrics: roc_auc does not fit the task amount; use rmse, mae"),
        ({"estimator": "logistic"}, "estimator: logistic does not fit the task amount; use boosted_amounts"),
        ({"publish": {"beats_best_rule_in": ("brier",)}}, "publish.beats_best_rule_in: brier does not fit"),
        ({"task": "ranking"}, "'binary' or 'amount'"),
        ({"grain": "shops"}, "'customers', 'leads' or 'sessions'"),
    ],
)
def test_what_does_not_fit_the_task_is_named(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        declaration(**changes)
