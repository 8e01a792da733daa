"""Say what a check expected and what it saw, in words that need no knowledge of Great Expectations."""

from __future__ import annotations

from typing import Any

from expectations.suites import Check

# What an expectation about one number measures.
_MEASURES = {
    "expect_table_row_count_to_be_between": "row count",
    "expect_column_sum_to_be_between": "sum",
    "expect_column_mean_to_be_between": "mean",
    "expect_column_median_to_be_between": "median",
    "expect_column_min_to_be_between": "smallest value",
    "expect_column_max_to_be_between": "largest value",
    "expect_column_stdev_to_be_between": "standard deviation",
    "expect_column_unique_value_count_to_be_between": "number of distinct values",
    "expect_column_proportion_of_non_null_values_to_be_between": "share of filled values",
}


def place(table: str, check: Check) -> str:
    """Name the place that a check is about: ``schema.table`` or ``schema.table.column``."""
    return ".".join([table, *check.columns]) if len(check.columns) == 1 else table


def expected(check: Check, limits: dict[str, Any]) -> str:
    """Say what ``check`` asks for, given its bounds ``limits`` (``min_value``, ``max_value``)."""
    kwargs = check.kwargs
    if check.expect in _MEASURES:
        text = f"a {_MEASURES[check.expect]} of {_range(limits)}"
    elif check.expect == "expect_column_values_to_not_be_null":
        text = "no empty values"
    elif check.expect == "expect_column_values_to_be_between":
        text = f"every value to be {_range(limits)}"
    elif check.expect == "expect_column_values_to_be_in_set":
        text = f"only the values {', '.join(map(str, kwargs.get('value_set') or []))}"
    elif check.expect == "expect_table_columns_to_match_set":
        text = f"the columns {', '.join(kwargs.get('column_set') or [])}"
    else:
        text = check.expect.removeprefix("expect_").replace("_", " ")
    if check.where_filled:
        text += f" where {check.where_filled} is filled"
    if kwargs.get("mostly", 1) < 1:
        text += f" in at least {kwargs['mostly']:.4g} of the {'new ' if check.landed_since else ''}rows"
    return text


def seen(result: dict[str, Any]) -> str:
    """Say what GX saw, from the ``result`` of a validation."""
    details = (result.get("details") or {}).get("mismatched") or {}
    if "missing" in details or "unexpected" in details:
        return f"missing {', '.join(details['missing'])}" if details.get("missing") else "all of them"
    if result.get("unexpected_count") is not None:
        count, total = result["unexpected_count"], result.get("element_count") or 0
        share = f" ({result['unexpected_percent'] / 100:.2%})" if result.get("unexpected_percent") else ""
        examples = sorted({str(value) for value in result.get("partial_unexpected_list") or []})
        such_as = f", such as {', '.join(examples)}" if examples else ""
        return f"{count:,} of {total:,} rows break it{share}{such_as}"
    observed = result.get("observed_value")
    return "no value" if observed is None else number(observed)


def _range(limits: dict[str, Any]) -> str:
    low, high = limits.get("min_value"), limits.get("max_value")
    above = "more than" if limits.get("strict_min") else "at least"
    below = "less than" if limits.get("strict_max") else "at most"
    parts = [f"{above} {number(low)}"] if low is not None else []
    parts += [f"{below} {number(high)}"] if high is not None else []
    return " and ".join(parts) or "any size"


def number(value: Any) -> str:
    """Write a number as people read it; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:,.2f}" if abs(value) >= 1000 else f"{value:.6g}"
