"""What a gate checks: suites declared in YAML, or derived from the contract of a source.

A suite is a list of Great Expectations checks per table. Beside GX's own arguments a check may carry
``relative_to_last``: its bounds are then fractions of what the same check saw when the gate last let the data
through, which is how drift is caught without a threshold that fits one source only.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

SUITES_DIR = Path(__file__).with_name("suites")

NOT_NULL = "expect_column_values_to_not_be_null"
ROW_COUNT = "expect_table_row_count_to_be_between"

# A single broken row is the business of the quarantine, which comes after arrival; the gate asks whether the
# batch as a whole is broken.
ARRIVAL_MOSTLY = 0.99

# Rows that were there last time and are gone now mean a truncated delivery; growth is what sources do.
ARRIVAL_MINIMUM_OF_LAST = 0.8


class SuiteError(ValueError):
    """A suite cannot be used; the message names the file, the field and the fix."""


class RelativeToLast(BaseModel):
    """Bounds as a fraction of the value that the same check saw at the last gate that passed.

    Attributes
    ----------
    min
        Smallest allowed fraction, e.g. 0.9: at most a tenth may be lost; ``None`` for no lower bound.
    max
        Largest allowed fraction, e.g. 2: at most twice as much; ``None`` for no upper bound.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    min: float | None = Field(default=None, gt=0, le=1)
    max: float | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _bounded(self) -> RelativeToLast:
        if self.min is None and self.max is None:
            raise ValueError("give min, max or both, as fractions of the last value, e.g. {min: 0.9}")
        return self


class Check(BaseModel):
    """One expectation about one table.

    Attributes
    ----------
    expect
        GX name of the expectation, in snake case.
    kwargs
        Its arguments, as GX names them (``column``, ``min_value``, ``mostly``, ...).
    why
        What would go wrong downstream if this did not hold; shown with every failure.
    severity
        ``critical`` turns the gate red, ``warning`` is recorded and shown only.
    relative_to_last
        Bounds relative to the last gate that passed, instead of ``min_value`` and ``max_value``.
    where_filled
        Look only at the rows in which this column is not empty.
    landed_since
        Look only at the rows that landed then or later, UTC.
    only_if_present
        Pass over the check if the table lacks its column.
    only_if_filled
        Pass over the check if no row has this column (``schema.table.column``) filled: no source provides
        what the check is about.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    expect: str = Field(pattern=r"^expect_[a-z0-9_]+$")
    kwargs: dict[str, Any] = Field(default_factory=dict)
    why: str = Field(min_length=1)
    severity: Literal["critical", "warning"] = "critical"
    relative_to_last: RelativeToLast | None = None
    where_filled: str | None = None
    landed_since: datetime | None = None
    only_if_present: bool = False
    only_if_filled: str | None = Field(default=None, pattern=r"^[a-z0-9_]+[.][a-z0-9_]+[.][a-z0-9_]+$")

    @model_validator(mode="after")
    def _bounds_come_from_one_place(self) -> Check:
        if self.relative_to_last and self.kwargs.keys() & {"min_value", "max_value"}:
            raise ValueError(
                "relative_to_last and min_value/max_value exclude each other; "
                "declare a second check for fixed bounds"
            )
        return self

    @property
    def column(self) -> str | None:
        """The column that the check is about, or ``None`` for one about the table or several columns."""
        return self.kwargs.get("column")

    @property
    def columns(self) -> list[str]:
        """All columns that have to exist before the check can run."""
        named = [self.kwargs.get(key) for key in ("column", "column_A", "column_B")]
        named.append(self.where_filled)
        return [name for name in named if name] + list(self.kwargs.get("column_list", []))

    @property
    def label(self) -> str:
        """Name of the check, unique within its table."""
        about = f"({', '.join(self.columns)})" if self.columns else ""
        return f"{self.expect}{about}{' vs last' if self.relative_to_last else ''}"


class Suite(BaseModel):
    """Everything that one gate checks.

    Attributes
    ----------
    gate
        Name of the gate.
    tables
        Checks by ``schema.table``.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    gate: str = Field(min_length=1)
    tables: dict[str, list[Check]] = Field(min_length=1)

    @model_validator(mode="after")
    def _every_table_is_counted(self) -> Suite:
        for table, checks in self.tables.items():
            if table.count(".") != 1:
                raise ValueError(f"tables.{table}: write it as schema.table")
            if not any(check.expect == ROW_COUNT and check.relative_to_last is None for check in checks):
                raise ValueError(
                    f"tables.{table}: has no {ROW_COUNT} with fixed bounds. Add one: an empty table passes "
                    "every other check."
                )
            labels = [check.label for check in checks]
            if repeated := sorted({label for label in labels if labels.count(label) > 1}):
                raise ValueError(f"tables.{table}: {', '.join(repeated)} is declared twice; keep one")
        return self

    def only(self, table: str) -> Suite:
        """Return the part of the suite that is about ``table`` (``schema.table``)."""
        return Suite(gate=self.gate, tables={table: self.tables[table]})

    def __len__(self) -> int:
        return sum(len(checks) for checks in self.tables.values())

    def checks(self) -> Iterator[tuple[str, Check]]:
        """Yield ``(schema.table, check)`` in declared order."""
        for table, checks in self.tables.items():
            for check in checks:
                yield table, check


def load_suite(name: str, directory: Path = SUITES_DIR) -> Suite:
    """Load ``<directory>/<name>.yml``.

    Raises
    ------
    SuiteError
        If there is no such file or it does not declare a suite.
    """
    path = directory / f"{name}.yml"
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in directory.glob("*.yml"))) or "none"
        raise SuiteError(f"There is no suite {name!r}: {path} is missing. Known suites: {known}.")
    try:
        declared = yaml.safe_load(path.read_text(encoding="utf-8"))
    except yaml.YAMLError as error:
        raise SuiteError(f"{path} is not YAML: {error}") from error
    try:
        suite = Suite.model_validate(declared)
    except ValidationError as error:
        raise SuiteError(f"{path} does not declare a suite:\n{_problems(error)}") from error
    if suite.gate != name:
        raise SuiteError(f"{path}: gate is {suite.gate!r}; name it {name!r}, like the file.")
    return suite


def suite_names(directory: Path = SUITES_DIR) -> list[str]:
    """Return the names of all suites that have a file, sorted."""
    return sorted(file.stem for file in directory.glob("*.yml"))


def training_suite(
    name: str,
    *,
    label_table: str,
    label: str,
    feature_tables: Sequence[str],
    keys: Sequence[str],
    minimum_rows: int,
) -> Suite:
    """Derive the training gate of a predictive model from its declaration.

    Parameters
    ----------
    name
        Name of the gate.
    label_table, feature_tables
        ``schema.table`` of label and features.
    label
        Column of the label; empty while the horizon is not over.
    keys
        Columns that tell rows apart, in every table.
    minimum_rows
        With fewer labelled rows there is nothing to learn.
    """
    levels = RelativeToLast(min=ARRIVAL_MINIMUM_OF_LAST)
    whole = [
        *(
            Check(expect=NOT_NULL, kwargs={"column": key}, why=f"A row without {key} finds no other row.")
            for key in keys
        ),
        Check(expect=ROW_COUNT, relative_to_last=levels, why="Rows that existed last time are gone."),
    ]
    tables = {table: list(whole) for table in (label_table, *feature_tables)}
    tables[label_table].append(
        Check(
            expect=ROW_COUNT,
            where_filled=label,
            kwargs={"min_value": minimum_rows},
            why="What trains on fewer labelled rows does not generalise, and its back-test is noise.",
        )
    )
    for table in feature_tables:
        tables[table].append(Check(expect=ROW_COUNT, kwargs={"min_value": minimum_rows}, why="Too few rows."))
    return Suite(gate=name, tables=tables)


def arrival_suite(
    source: str,
    tables: Mapping[str, Any],
    mostly: float = ARRIVAL_MOSTLY,
    landed_since: Mapping[str, datetime] | None = None,
) -> Suite:
    """Derive the arrival gate of a source from the contract of its tables.

    Volume and required columns are hard. Rules about values tolerate a small share of bad rows, because those
    are quarantined one by one further down.

    Parameters
    ----------
    source
        Name of the source system; its tables are in the schema ``raw_<source>``.
    tables
        ``{table: {rows: {min}, columns: {column: {nullable, required, max_null_share, min, max, one_of}}}}``.
    mostly
        Share of the rows (0 to 1) that has to keep a rule about values.
    landed_since
        By table: judge the values of only the rows that landed then or later. Volume is always the table's.

    Raises
    ------
    SuiteError
        If the contract has no table or a value of the wrong kind.
    """
    try:
        return Suite(
            gate=f"arrival_{source}",
            tables={
                f"raw_{source}.{table}": _volume(contract)
                + _columns(contract, mostly, (landed_since or {}).get(table))
                for table, contract in tables.items()
            },
        )
    except ValidationError as error:
        raise SuiteError(f"The contract of {source} does not give a suite:\n{_problems(error)}") from error


def _volume(contract: Mapping[str, Any]) -> list[Check]:
    minimum = (contract.get("rows") or {}).get("min")
    return [
        Check(
            expect=ROW_COUNT,
            kwargs={"min_value": 1 if minimum is None else minimum},
            why="Fewer rows than the source ever delivers: the delivery is empty or truncated.",
        ),
        Check(
            expect=ROW_COUNT,
            relative_to_last=RelativeToLast(min=ARRIVAL_MINIMUM_OF_LAST),
            why="Rows that arrived before are gone: the delivery is truncated, or the source was reset.",
        ),
    ]


def _columns(contract: Mapping[str, Any], mostly: float, landed_since: datetime | None) -> list[Check]:
    columns: Mapping[str, Any] = contract.get("columns") or {}
    required = [name for name, rules in columns.items() if _given(rules, "required", True)]
    checks = []
    if required:
        checks.append(
            Check(
                expect="expect_table_columns_to_match_set",
                kwargs={"column_set": required, "exact_match": False},
                why="Staging reads these columns; the source renamed or dropped one.",
            )
        )
    for column, rules in columns.items():
        checks += _values(column, rules, mostly, landed_since)
    return checks


def _values(
    column: str, rules: Mapping[str, Any], mostly: float, landed_since: datetime | None
) -> list[Check]:
    def check(expect: str, why: str, kept: float = mostly, **kwargs: Any) -> Check:
        # The column set says what is missing, once; the rules of a missing column need not repeat it.
        return Check(
            expect=expect,
            kwargs={"column": column, "mostly": kept, **kwargs},
            why=why,
            landed_since=landed_since,
            only_if_present=True,
        )

    checks = []
    null_share = rules.get("max_null_share")
    if null_share is None and not _given(rules, "nullable", True):
        null_share = 1 - mostly
    if null_share is not None:
        # Rounded, because 1 - 0.9 is a little less than 0.1.
        kept = round(1 - null_share, 10)
        checks.append(check("expect_column_values_to_not_be_null", "More empty values than agreed.", kept))
    bounds = {f"{bound}_value": rules[bound] for bound in ("min", "max") if rules.get(bound) is not None}
    if bounds:
        why = "Values outside the agreed range."
        checks.append(check("expect_column_values_to_be_between", why, **bounds))
    if rules.get("one_of"):
        why = "Values that staging does not know."
        checks.append(check("expect_column_values_to_be_in_set", why, value_set=list(rules["one_of"])))
    return checks


def _given(rules: Mapping[str, Any], field: str, default: bool) -> bool:
    value = rules.get(field)
    return default if value is None else bool(value)


def _problems(error: ValidationError) -> str:
    lines = []
    for problem in error.errors():
        field = ".".join(str(part) for part in problem["loc"]) or "suite"
        lines.append(f"  {field}: {problem['msg'].removeprefix('Value error, ')}")
    return "\n".join(lines)
