"""Run a suite against a warehouse and report what every check saw.

All counting is pushed down to the engine: Great Expectations bundles the checks of a table into one or two
queries, and no row leaves the engine but a few examples of broken values.
"""

from __future__ import annotations

import os
import textwrap
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce
from operator import and_
from pathlib import Path
from typing import Any

import pandas as pd

from expectations import drift
from expectations.batches import Batches, batches
from expectations.outcome import Outcome, results_frame
from expectations.report import GateReport
from expectations.suites import Check, Suite

# Counts without examples: GX then asks for no broken values, which would cost one more scan per check.
_COUNTS = {"result_format": "BASIC", "partial_unexpected_count": 0}
_EXAMPLES = {"result_format": "BASIC", "partial_unexpected_count": 3}

# Only values that a rule restricts to a range or a list are shown: numbers, dates and codes, not names.
_SHOWN_VALUES = {"expect_column_values_to_be_between", "expect_column_values_to_be_in_set"}


def validate(
    suite: Suite,
    source: Any,
    run_id: str,
    history: pd.DataFrame | None = None,
    docs_dir: Path | None = None,
) -> GateReport:
    """Validate the tables of a warehouse against ``suite``; a failing check never hides another.

    Parameters
    ----------
    suite
        What to check.
    source
        SQLAlchemy URL of the warehouse, e.g. ``duckdb:////data/build.duckdb?memory_limit=3GB``, or an open
        Spark session. Nothing else in this process may hold a DuckDB file open with other settings; the file
        is free again when this returns.
    run_id
        The run that this validation belongs to.
    history
        Earlier results (`GateReport.results` of earlier runs, concatenated), for checks relative to the last
        value. Without it such checks record their value and pass; that is also how a new level is accepted.
    docs_dir
        Folder of the HTML pages, or ``None`` for none. Gates of one run share a site; a new run starts it
        again.

    Raises
    ------
    FileNotFoundError
        If a DuckDB URL leads to no file.
    """
    # Read by GX when it is imported; it would report usage otherwise.
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    started = datetime.now(UTC)
    earlier = drift.last_passed(history, suite)
    outcomes = []
    for table, check in suite.checks():
        last = drift.reference(earlier, table, check) if check.relative_to_last else None
        outcomes.append(Outcome(table, check, drift.bounds(check, last), last))

    by_table = {table: [each for each in outcomes if each.table == table] for table in suite.tables}
    with warnings.catch_warnings():
        # The driver warns that it reflects no indexes and no comments, which no check reads.
        warnings.filterwarnings("ignore", module="duckdb_engine")
        warnings.filterwarnings("ignore", message="`schema_name` is deprecated")
        # Spark warns of a pandas newer than the one it was tried with; no check passes rows through pandas.
        warnings.filterwarnings("ignore", module="pyspark")
        with batches(source) as tables:
            for table, asked in by_table.items():
                _validate_table(tables, table, asked)

    report = GateReport(suite.gate, run_id, results_frame(outcomes, suite.gate, run_id, started))
    if docs_dir is not None:
        from expectations.data_docs import write_pages

        answers = {
            table: [each.validation for each in asked if each.validation is not None]
            for table, asked in by_table.items()
        }
        write_pages(docs_dir, report, answers)
    return report


def _validate_table(tables: Batches, table: str, outcomes: Sequence[Outcome]) -> None:
    """Ask GX about one table, as one batch; fills in ``outcomes``."""
    columns = tables.columns(table)
    askable: list[Outcome] = []
    conditions = {outcome.check.only_if_filled for outcome in outcomes}
    is_filled = {each: each is None or _is_filled(tables, each) for each in conditions}
    for outcome in outcomes:
        missing = [name for name in outcome.check.columns if columns is not None and name not in columns]
        if not is_filled[outcome.check.only_if_filled]:
            outcome.passed_over = f"not checked: no source fills {outcome.check.only_if_filled}"
        elif columns is None:
            outcome.problem = f"there is no table {table}"
        elif missing and outcome.check.only_if_present:
            outcome.passed_over = f"not checked: there is no column {', '.join(missing)}"
        elif missing:
            outcome.problem = f"there is no column {', '.join(missing)}; there are {', '.join(columns)}"
        else:
            askable.append(outcome)
    if not askable:
        return
    batch = tables.batch(table)
    _ask(batch, askable, _COUNTS)
    broken = [outcome for outcome in askable if outcome.problem]
    if len(broken) > 1:
        # GX blames every check that could not be computed together for the last error: ask each alone.
        for outcome in broken:
            _ask(batch, [outcome], _COUNTS)
    _add_examples(batch, askable)


def _is_filled(tables: Batches, condition: str) -> bool:
    """Whether any row of ``schema.table`` has the column filled, for a condition ``schema.table.column``."""
    table, _, column = condition.rpartition(".")
    check = Check(
        expect="expect_column_proportion_of_non_null_values_to_be_between",
        kwargs={"column": column, "min_value": 0, "strict_min": True},
        why="A check that asks whether there is anything to check.",
    )
    if column not in (tables.columns(table) or []):
        return True  # A condition that cannot be asked excuses nothing.
    outcome = Outcome(table, check, {}, None)
    _ask(tables.batch(table), [outcome], _COUNTS)
    return bool(outcome.validation and outcome.validation.success)


def _add_examples(batch: Any, outcomes: Sequence[Outcome]) -> None:
    """Ask again for a few broken values of the checks that failed, where those may be shown."""
    for outcome in outcomes:
        is_broken = outcome.result.get("unexpected_count") and not outcome.validation.success
        if not is_broken or outcome.check.expect not in _SHOWN_VALUES:
            continue
        again = replace(outcome)
        _ask(batch, [again], _EXAMPLES)
        # Only our message shows them: GX would put them into its pages as they are, markup included.
        outcome.result["partial_unexpected_list"] = again.result.get("partial_unexpected_list")


def _ask(batch: Any, outcomes: Sequence[Outcome], result_format: Mapping[str, Any]) -> None:
    import great_expectations as gx
    from great_expectations.expectations.registry import get_expectation_impl

    expectations = []
    for position, outcome in enumerate(outcomes):
        outcome.problem, outcome.validation, outcome.result = None, None, {}
        check = outcome.check
        try:
            arguments = {**outcome.arguments, "meta": {"position": position}, "notes": check.why}
            conditions = _row_conditions(check)
            if conditions:
                arguments["row_condition"] = reduce(and_, conditions)
            expectations.append(get_expectation_impl(check.expect)(**arguments))
        except Exception as error:  # Whatever GX dislikes about one check must not stop the others.
            outcome.problem = _in_short(error)
    suite = gx.ExpectationSuite(name=batch.data_asset.name)
    suite.expectations = expectations
    for validation in batch.validate(suite, result_format=dict(result_format)).results:
        outcome = outcomes[validation.expectation_config.meta["position"]]
        outcome.validation = validation
        outcome.result = {
            # Sums and means of exact amounts come as decimals from some engines.
            name: float(value) if isinstance(value, Decimal) else value
            for name, value in dict(validation.result or {}).items()
        }
        outcome.problem = _exception_text(validation.exception_info)


def _row_conditions(check: Check) -> list[Any]:
    """Return which rows a check is about, as GX writes it; none for all of them."""
    from great_expectations.expectations.row_conditions import Column

    conditions: list[Any] = []
    if check.where_filled:
        conditions.append(Column(check.where_filled).is_not_null())
    if check.landed_since:
        # As text, which every engine reads as the moment that it is compared with.
        conditions.append(Column("_loaded_at") >= check.landed_since.isoformat(sep=" "))
    return conditions


def _exception_text(information: Mapping[str, Any] | None) -> str | None:
    """Return what was raised while a check was computed, or ``None``; GX nests it per metric, or not."""
    for part in [information, *(information or {}).values()]:
        if isinstance(part, Mapping) and part.get("exception_message"):
            return _in_short(part["exception_message"])
    return None


def _in_short(error: object) -> str:
    # Drivers append whole lists of candidates and the query; the pages of GX show them in full.
    text = " ".join(str(error).split()) or type(error).__name__
    return textwrap.shorten(text, 300, placeholder=" ...")
