"""What is learnt, from what, against what and when it is published: one small YAML file per predictive model.

Reading a declaration imports no machine-learning library: definitions that only need names and tables stay
quick to load.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from ml.errors import LearningError

DECLARATIONS_DIR = Path(__file__).with_name("predictive_models")

MODEL = "model"
BEST_RULE = "best_rule"

TaskName = Literal["binary", "amount"]
MetricName = Literal[
    "roc_auc", "average_precision", "brier", "lift_top_decile", "mean_predicted", "positive_share",
    "rmse", "mae", "spearman", "mean_observed",
]  # fmt: skip
ComparableMetricName = Literal[
    "roc_auc", "average_precision", "brier", "lift_top_decile", "rmse", "mae", "spearman"
]
# What each kind of question can be measured and learnt by.
METRICS_OF: dict[str, tuple[str, ...]] = {
    "binary": (
        "roc_auc", "average_precision", "brier", "lift_top_decile", "mean_predicted", "positive_share",
    ),
    "amount": ("rmse", "mae", "spearman", "mean_predicted", "mean_observed"),
}  # fmt: skip
ESTIMATORS_OF: dict[str, tuple[str, ...]] = {
    "binary": ("boosted_and_logistic", "boosted_trees", "logistic"),
    "amount": ("boosted_amounts", "ridge"),
}
# What a row of label and features is about, and the column that tells it apart from others of its kind.
KEY_COLUMNS = {"customers": "customer_id", "leads": "lead_id", "sessions": "session_id"}
Grain = Literal["customers", "leads", "sessions"]
EstimatorName = Literal["boosted_and_logistic", "boosted_trees", "logistic", "boosted_amounts", "ridge"]
Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
Table = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$")]


class DeclarationError(LearningError):
    """A declaration cannot be used; the message names the file, the field and the fix."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Label(_Part):
    """What is predicted.

    Attributes
    ----------
    table
        ``schema.table`` with one row per customer and as-of date: population, horizon, label and slices.
    column
        1 if it happened within the horizon, 0 if not, empty while the horizon is not over.
    """

    table: Table
    column: Name


class Features(_Part):
    """What it is predicted from.

    Attributes
    ----------
    tables
        ``schema.table`` of each feature table, with one row per customer and as-of date.
    columns
        The features to learn from; ``None`` for every numeric column of the tables but the keys.
    """

    tables: tuple[Table, ...] = Field(min_length=1)
    columns: tuple[Name, ...] | None = Field(default=None, min_length=1)


class Rule(_Part):
    """A baseline: customers ordered by one feature, nothing learnt.

    Attributes
    ----------
    name
        Name of the candidate in the evaluation.
    feature
        Column that orders the customers.
    direction
        Which end of the column is the risky one.
    role
        A ``bar`` has to be beaten; a ``reference`` is measured and named in the verdict, but does not decide.
    """

    name: Name
    feature: Name
    direction: Literal["higher_is_riskier", "lower_is_riskier"]
    role: Literal["bar", "reference"] = "bar"


class BacktestPlan(_Part):
    """How the past is replayed.

    Attributes
    ----------
    origins
        Number of origins, one horizon apart.
    minimum_origins
        With fewer usable origins there is no verdict but "not published".
    minimum_training_rows
        An origin with fewer rows to learn from is left out.
    minimum_test_rows
        An origin with fewer customers to predict is left out.
    training_grid_days
        Least distance, in days, between two as-of dates that are learnt from; 1 uses every date.
    """

    origins: int = Field(default=6, ge=1)
    minimum_origins: int = Field(default=5, ge=1)
    minimum_training_rows: int = Field(default=2000, ge=200)
    minimum_test_rows: int = Field(default=100, ge=20)
    training_grid_days: int = Field(default=1, ge=1)

    @model_validator(mode="after")
    def _enough_origins(self) -> BacktestPlan:
        if self.minimum_origins > self.origins:
            raise ValueError(
                f"minimum_origins is {self.minimum_origins}, but only {self.origins} origins are tried; "
                "raise origins or lower minimum_origins"
            )
        return self


class PublishRule(_Part):
    """When scores may be published.

    Attributes
    ----------
    beats_best_rule_in
        Metrics in which the model has to beat the best baseline rule, strictly and on every origin.
    """

    beats_best_rule_in: tuple[ComparableMetricName, ...] = Field(default=("roc_auc",), min_length=1)


class Declaration(_Part):
    """A predictive model.

    Attributes
    ----------
    name
        Name of the predictive model, of its file, and in every row it writes.
    description
        What a score means, in one sentence.
    owner
        Who answers for it.
    question
        The business question behind it.
    grain
        What a row is about: customers, leads or sessions.
    task
        Kind of the question: ``binary`` (will it happen), ``amount`` (how much).
    unit
        Unit of a score, e.g. ``USD``; of a binary question it is a probability.
    label, features
        Where population, label and features come from.
    estimator
        Name in `ml.estimators.ESTIMATORS`.
    baseline_rules
        Rules to beat, and rules to be compared with.
    metrics
        Metrics to report, names in `ml.metrics.METRICS`.
    slices
        Columns of the label table by whose values the model is judged as well.
    backtest, publish
        How the past is replayed and when that is good enough.
    single_feature_auc_limit
        AUC above which a single feature is taken to know the future.
    calibration_bins
        Number of bins of the calibration curve, equal in customers.
    reasons_per_customer
        Number of reasons kept for each score.
    reason_themes
        Features that say nearly the same, by theme; one theme gives one reason.
    seed
        Seed of whatever the estimator draws.
    """

    name: Name
    description: str = Field(min_length=1)
    owner: str = Field(min_length=1)
    question: str = Field(min_length=1)
    grain: Grain = "customers"
    task: TaskName = "binary"
    unit: str | None = None
    label: Label
    features: Features
    estimator: EstimatorName
    baseline_rules: tuple[Rule, ...] = Field(min_length=1)
    metrics: tuple[MetricName, ...] = Field(min_length=1)
    slices: tuple[Name, ...] = ()
    backtest: BacktestPlan = BacktestPlan()
    publish: PublishRule = PublishRule()
    single_feature_auc_limit: float = Field(default=0.98, gt=0.5, le=1)
    calibration_bins: int = Field(default=10, ge=2)
    reasons_per_customer: int = Field(default=3, ge=1)
    reason_themes: dict[str, list[str]] = Field(default_factory=dict)
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _names_are_clear(self) -> Declaration:
        names = [rule.name for rule in self.baseline_rules]
        if repeated := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"baseline_rules: {', '.join(repeated)} is declared twice; rename one")
        if taken := sorted({MODEL, BEST_RULE} & set(names)):
            raise ValueError(
                f"baseline_rules: {', '.join(taken)} is taken by the evaluation; rename the rule"
            )
        if not self.bar_rules:
            raise ValueError("baseline_rules: none has the role bar; without one there is nothing to beat")
        for field, chosen, allowed in (
            ("metrics", self.metrics, METRICS_OF[self.task]),
            ("publish.beats_best_rule_in", self.publish.beats_best_rule_in, METRICS_OF[self.task]),
            ("estimator", (self.estimator,), ESTIMATORS_OF[self.task]),
        ):
            if wrong := sorted(set(chosen) - set(allowed)):
                raise ValueError(
                    f"{field}: {', '.join(wrong)} does not fit the task {self.task}; use {', '.join(allowed)}"
                )
        if missing := sorted(set(self.publish.beats_best_rule_in) - set(self.metrics)):
            raise ValueError(f"publish: {', '.join(missing)} decides but is not reported; add it to metrics")
        return self

    @property
    def key_column(self) -> str:
        """The column that tells what is scored apart from others of its grain."""
        return KEY_COLUMNS[self.grain]

    @property
    def keys(self) -> tuple[str, str]:
        """The columns that tell rows of label and feature tables apart."""
        return (self.key_column, "as_of_date")

    @property
    def bar_rules(self) -> list[str]:
        """Names of the rules that the model has to beat."""
        return [rule.name for rule in self.baseline_rules if rule.role == "bar"]

    @property
    def input_tables(self) -> tuple[str, ...]:
        """``schema.table`` of everything that is read: the label table first, then the feature tables."""
        return (self.label.table, *self.features.tables)


def declared_names(directory: Path = DECLARATIONS_DIR) -> list[str]:
    """Return the names of all declared predictive models, sorted."""
    return sorted(file.stem for file in directory.glob("*.yml"))


def load_declaration(name: str, directory: Path = DECLARATIONS_DIR) -> Declaration:
    """Load ``<directory>/<name>.yml``.

    Raises
    ------
    DeclarationError
        If there is no such file or it does not declare a predictive model.
    """
    path = directory / f"{name}.yml"
    if not path.exists():
        known = ", ".join(declared_names(directory)) or "none"
        raise DeclarationError(f"There is no predictive model {name!r}: {path} is missing. Known: {known}.")
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DeclarationError(f"{path} is not YAML: {error}") from error
    try:
        declaration = Declaration.model_validate(content)
    except ValidationError as error:
        raise DeclarationError(f"{path} does not declare a predictive model:\n{_problems(error)}") from error
    if declaration.name != name:
        raise DeclarationError(f"{path}: name is {declaration.name!r}; write {name!r}, like the file.")
    return declaration


def _problems(error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        field = ".".join(str(part) for part in problem["loc"]) or "declaration"
        lines.append(f"  {field}: {problem['msg'].removeprefix('Value error, ')}")
    return "\n".join(lines)
