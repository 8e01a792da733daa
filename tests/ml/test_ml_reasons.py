from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import VotingClassifier
from sklearn.naive_bayes import GaussianNB
from synthetic_examples import small_declaration, small_examples

from ml.declaration import ESTIMATORS_OF
from ml.estimators import ESTIMATORS, build_estimator, one_thread
from ml.examples import check_examples
from ml.reasons import Explanation, explain, main_reasons
from ml.tasks import TASKS

pytestmark = [pytest.mark.tier1, pytest.mark.usefixtures("on_one_thread")]

EXAMPLES = check_examples(small_declaration(), small_examples())
LEARNT, SCORED = EXAMPLES.matrix(EXAMPLES.labelled()), EXAMPLES.matrix(EXAMPLES.latest())


@pytest.fixture
def on_one_thread() -> Iterator[None]:
    with one_thread():
        yield


@cache
def fitted(name: str) -> Any:
    return build_estimator(name, seed=0).fit(LEARNT, EXAMPLES.labelled()["churn_label"].to_numpy())


def predicted(name: str, features: np.ndarray) -> np.ndarray:
    task = next(task for task, names in ESTIMATORS_OF.items() if name in names)
    return TASKS[task].predict(fitted(name), features)


@pytest.mark.parametrize("name", ESTIMATORS)
def test_contributions_and_baseline_sum_to_the_score(name: str) -> None:
    explanation = explain(fitted(name), LEARNT, SCORED)
    assert np.isnan(SCORED).any()
    assert explanation.contributions.shape == SCORED.shape
    scores = predicted(name, SCORED)
    np.testing.assert_allclose(
        explanation.baseline + explanation.contributions.sum(axis=1), scores, atol=1e-9
    )
    assert 0 < explanation.baseline < 1


@pytest.mark.parametrize("name", ESTIMATORS)
def test_without_its_main_reason_a_score_moves_back(name: str) -> None:
    estimator = fitted(name)
    contributions = explain(estimator, LEARNT, SCORED).contributions
    top = np.abs(contributions).argmax(axis=1)
    customers = np.arange(len(SCORED))
    typical = SCORED.copy()
    typical[customers, top] = np.nanmedian(LEARNT, axis=0)[top]
    moved = predicted(name, SCORED) - predicted(name, typical)
    agrees = np.sign(moved) == np.sign(contributions[customers, top])
    # Not for everyone: the median customer is not the average one, and alike features share an effect.
    assert agrees[moved != 0].mean() > 0.9


@pytest.mark.parametrize("name", ESTIMATORS)
def test_noise_is_hardly_ever_a_main_reason(name: str) -> None:
    contributions = np.abs(explain(fitted(name), LEARNT, SCORED).contributions)
    top = contributions.argmax(axis=1)
    assert (top == EXAMPLES.features.index("noise")).mean() < 0.05


def test_the_average_customer_of_a_regression_has_no_reasons() -> None:
    estimator = fitted("logistic")
    alike = np.tile(np.nanmedian(LEARNT, axis=0), (3, 1))
    explanation = explain(estimator, alike, alike)
    np.testing.assert_allclose(explanation.contributions, 0, atol=1e-12)


def test_an_estimator_without_an_exact_explanation_is_refused() -> None:
    labels = EXAMPLES.labelled()["churn_label"].to_numpy()
    learnt = np.nan_to_num(LEARNT)
    for estimator in (GaussianNB(), VotingClassifier([("naive", GaussianNB())], voting="soft")):
        with pytest.raises(TypeError, match="GaussianNB has no exact explanation"):
            explain(estimator.fit(learnt, labels), learnt, learnt)


def test_reasons_are_ranked_by_size_whatever_their_sign() -> None:
    rows = pd.DataFrame(
        {
            "customer_id": ["a", "b"],
            "as_of_date": pd.Timestamp("2017-01-02"),
            "x": [1.0, 2.0],
            "y": [3.0, np.nan],
        }
    )
    rows["z"] = 5.0
    explanation = Explanation(np.array([[0.1, -0.3, 0.2], [0.0, 0.1, -0.1]]), baseline=0.2)
    reasons = main_reasons(rows, ("x", "y", "z"), explanation, count=2)
    assert reasons[["customer_id", "reason_rank", "feature_name", "contribution"]].values.tolist() == [
        ["a", 1, "y", -0.3],
        ["a", 2, "z", 0.2],
        ["b", 1, "y", 0.1],
        ["b", 2, "z", -0.1],
    ]
    assert reasons["feature_value"].fillna(-1).tolist() == [3.0, 5.0, -1.0, 5.0]


def test_features_that_say_the_same_give_one_reason() -> None:
    rows = pd.DataFrame(
        {"customer_id": ["anna"], "as_of_date": ["2017-01-02"], "a": [1.0], "b": [2.0], "c": [3.0]}
    )
    explanation = Explanation(np.array([[0.10, 0.15, -0.20]]), baseline=0.1)

    apart = main_reasons(rows, ("a", "b", "c"), explanation, 2)
    assert apart["feature_name"].tolist() == ["c", "b"]

    together = main_reasons(rows, ("a", "b", "c"), explanation, 2, {"visits": ["a", "b"]})
    assert together["feature_name"].tolist() == ["b", "c"]
    assert together["feature_value"].tolist() == [2.0, 3.0]
    assert np.allclose(together["contribution"], [0.25, -0.20])
