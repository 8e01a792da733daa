"""A difference is in every form of the report, and makes the run fail; so does what was not exercised."""

from __future__ import annotations

import json

import pytest
from parity_report import JSON_NAME, PAGE_NAME, Report, Stage, Step
from rich.console import Console
from row_comparison import Comparison, Difference, Example

pytestmark = pytest.mark.tier1

DIFFERENCE = Difference(
    "marts.orders", "value", "amount", 7, (Example("order_id='a|b [1]'", "2.50", "2.51"),)
)


def report(*differences: Difference, unmet: tuple[str, ...] = ()) -> Report:
    comparison = Comparison("marts.orders", ("order_id",), 1200, 5, differences)
    return Report(
        ("complete_journey",),
        {"DuckDB": "1.5", "Spark": "4.3"},
        [Stage("first delivery", ("DuckDB", "Spark"), (comparison,))],
        [Step("built", {"DuckDB": 1.25, "Spark": 30.0}, "1 model"), Step("full refresh", {"Spark": 2.0})],
        list(unmet),
    )


def shown(found: Report) -> str:
    console = Console(width=200, highlight=False)
    with console.capture() as capture:
        found.show(console)
    return capture.get()


def test_nothing_found_is_equal(tmp_path) -> None:
    found = report()
    found.write(tmp_path)
    assert found.is_equal
    assert "Both engines hold the same" in shown(found)
    assert "1,200" in shown(found)
    assert json.loads((tmp_path / JSON_NAME).read_text())["is_equal"] is True


def test_a_difference_is_named_everywhere(tmp_path) -> None:
    found = report(DIFFERENCE)
    found.write(tmp_path)
    assert not found.is_equal
    written = json.loads((tmp_path / JSON_NAME).read_text())
    assert written["is_equal"] is False
    (difference,) = written["stages"][0]["relations"][0]["differences"]
    assert (difference["model"], difference["column"], difference["count"]) == ("marts.orders", "amount", 7)
    assert difference["examples"] == [{"key": "order_id='a|b [1]'", "left": "2.50", "right": "2.51"}]
    terminal, page = shown(found), (tmp_path / PAGE_NAME).read_text()
    for text in ("marts.orders", "amount", "DuckDB: 2.50", "Spark: 2.51"):
        assert text in terminal
        assert text in page
    assert "order_id='a|b [1]'" in terminal
    assert "order_id='a\\|b [1]'" in page


def test_what_was_not_exercised_fails_too() -> None:
    found = report(unmet=("marts.orders is empty",))
    assert not found.is_equal
    assert "marts.orders is empty" in shown(found)


def test_the_slowest_come_first_and_no_more_than_twenty_of_them() -> None:
    found = report()
    nodes = {f"model_{number}": float(number) for number in range(30)}
    found.steps = [
        Step("built", {"Spark": 90.0}, node_seconds={"Spark": nodes}),
        # A step without nodes stands for itself.
        Step("landed", {"DuckDB": 0.5, "Spark": 28.5}),
    ]
    slowest = shown(found).partition("Slowest 20")[2].splitlines()[2:22]
    assert [line.split()[:4] for line in slowest[:3]] == [
        ["29.0", "Spark", "built", "model_29"],
        ["28.5", "Spark", "landed"],
        ["28.0", "Spark", "built", "model_28"],
    ]
    assert slowest[-1].split()[-1] == "model_11"
    assert "model_10" not in shown(found)


def test_what_a_model_costs_is_all_that_its_delivery_took() -> None:
    found = report()
    found.model_count = 10
    found.steps = [
        Step("first landed", {"DuckDB": 1.0, "Spark": 2.0}, delivery="first"),
        Step("first compared", {"": 2.5}, delivery="first"),
        Step("second built", {"DuckDB": 4.0, "Spark": 7.0}, delivery="second"),
        # Done once, whatever the number of deliveries.
        Step("unit tests", {"Spark": 50.0}),
    ]
    costs = shown(found).partition("What a model costs")[2].splitlines()[2:4]
    assert [line.split() for line in costs] == [
        ["first", "5.5", "10", "0.55"],
        ["second", "11.0", "10", "1.10"],
    ]
