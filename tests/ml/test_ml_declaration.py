from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
import yaml

from ml.declaration import (
    DECLARATIONS_DIR,
    ESTIMATORS_OF,
    METRICS_OF,
    ComparableMetricName,
    DeclarationError,
    EstimatorName,
    MetricName,
    TaskName,
    declared_names,
    load_declaration,
)
from ml.estimators import ESTIMATORS, build_estimator
from ml.metrics import METRICS
from ml.tasks import TASKS
from ml.verdict import WORDS

pytestmark = pytest.mark.tier1

CHURN = yaml.safe_load((DECLARATIONS_DIR / "churn.yml").read_text(encoding="utf-8"))
RECENCY = {"name": "recency", "feature": "recency_days", "direction": "higher_is_riskier"}

BROKEN = {
    "no label": ({"label": None}, "label: Input should be"),
    "label table without schema": (
        {"label": {"table": "churn", "column": "y"}},
        "label.table: String should match",
    ),
    "no feature table": ({"features": {"tables": []}}, "features.tables: Tuple should have at least 1 item"),
    "unknown estimator": ({"estimator": "oracle"}, "estimator: Input should be 'boosted_and_logistic'"),
    "unknown metric": ({"metrics": ["accuracy"]}, "metrics.0: Input should be 'roc_auc'"),
    "misspelt field": ({"baseline_rule": []}, "baseline_rule: Extra inputs are not permitted"),
    "no rule": ({"baseline_rules": []}, "baseline_rules: Tuple should have at least 1 item"),
    "no direction": (
        {"baseline_rules": [{"name": "recency", "feature": "recency_days"}]},
        "baseline_rules.0.direction: Field required",
    ),
    "rule twice": ({"baseline_rules": [RECENCY, RECENCY]}, "recency is declared twice; rename one"),
    "rule named like a candidate": (
        {"baseline_rules": [RECENCY | {"name": "model"}]},
        "model is taken by the evaluation; rename the rule",
    ),
    "nothing to beat": ({"baseline_rules": [RECENCY | {"role": "reference"}]}, "there is nothing to beat"),
    "decides unseen": (
        {"metrics": ["brier"]},
        "publish: roc_auc decides but is not reported; add it to metrics",
    ),
    "more needed than tried": (
        {"backtest": {"origins": 3, "minimum_origins": 5}},
        "raise origins or lower minimum_origins",
    ),
    "description cannot be compared": (
        {"publish": {"beats_best_rule_in": ["mean_predicted"]}},
        "publish.beats_best_rule_in.0: Input should be",
    ),
}


def test_every_declaration_in_the_house_loads() -> None:
    assert "churn" in declared_names()
    for name in declared_names():
        assert load_declaration(name).name == name


def test_churn_reads_label_and_feature_tables() -> None:
    assert load_declaration("churn").input_tables == (
        "features.label_customers__churn",
        "features.feat_customers__rhythm",
        "features.feat_customers__spending",
        "features.feat_customers__campaigns",
    )


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_declaration_names_file_field_and_fix(case: str, tmp_path: Path) -> None:
    changes, expected = BROKEN[case]
    (tmp_path / "churn.yml").write_text(yaml.safe_dump(CHURN | changes), encoding="utf-8")
    with pytest.raises(DeclarationError) as caught:
        load_declaration("churn", tmp_path)
    assert expected in str(caught.value)
    assert str(tmp_path / "churn.yml") in str(caught.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("name: [", "is not YAML"),
        ("", "declaration: Input should be a valid dictionary"),
        (yaml.safe_dump(CHURN | {"name": "lapse"}), "name is 'lapse'; write 'churn', like the file"),
    ],
)
def test_a_file_that_is_no_declaration_is_refused(content: str, expected: str, tmp_path: Path) -> None:
    (tmp_path / "churn.yml").write_text(content, encoding="utf-8")
    with pytest.raises(DeclarationError, match=expected):
        load_declaration("churn", tmp_path)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(DeclarationError, match="Known: churn"):
        load_declaration("chrun")


def test_the_names_a_declaration_may_use_are_the_names_that_exist() -> None:
    assert set(get_args(EstimatorName)) == set(ESTIMATORS)
    assert sorted(ESTIMATORS) == sorted(name for names in ESTIMATORS_OF.values() for name in names)
    assert set(get_args(TaskName)) == set(TASKS) == set(ESTIMATORS_OF) == set(METRICS_OF)
    assert set(get_args(MetricName)) == set(METRICS)
    comparable = {name for name, metric in METRICS.items() if metric.better}
    assert set(get_args(ComparableMetricName)) == comparable == set(WORDS)


def test_an_unknown_estimator_is_answered_with_the_known_ones() -> None:
    with pytest.raises(KeyError, match="boosted_and_logistic"):
        build_estimator("oracle", seed=0)


def test_reading_a_declaration_imports_no_machine_learning() -> None:
    script = (
        "import sys, ml.declaration; sys.exit(any(m in sys.modules for m in ('sklearn', 'pandas', 'shap')))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
