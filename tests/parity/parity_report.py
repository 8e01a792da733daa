"""What a parity run found: as a table on the terminal, as JSON for machines, and as a page."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table
from row_comparison import Comparison, Difference

JSON_NAME = "parity_report.json"
PAGE_NAME = "parity_report.md"
SLOWEST = 20
_NUMBERS = {
    "relations",
    "rows",
    "columns",
    "differences",
    "in rows",
    "seconds",
    "together",
    "models",
    "seconds per model",
}


@dataclass(frozen=True)
class Stage:
    """All relations, compared at one point of the run.

    Attributes
    ----------
    name
        What had happened by then.
    sides
        What was compared.
    """

    name: str
    sides: tuple[str, str]
    comparisons: tuple[Comparison, ...]

    @property
    def row_count(self) -> int:
        """Rows of the left side, over all relations."""
        return sum(comparison.row_count for comparison in self.comparisons)

    @property
    def column_count(self) -> int:
        """Columns whose values were compared, over all relations."""
        return sum(comparison.column_count for comparison in self.comparisons)

    @property
    def differences(self) -> list[Difference]:
        """Everything that differs, by relation."""
        return [each for comparison in self.comparisons for each in comparison.differences]


@dataclass(frozen=True)
class Step:
    """How long both engines took for the same.

    Attributes
    ----------
    name
        What was done.
    seconds
        By engine; an engine that had no part in it is missing.
    note
        How much it was.
    delivery
        The delivery that it was done for; empty if it was done once for all.
    node_seconds
        By engine, how long each of dbt's nodes took that it consists of. Several are on their way at once.
    """

    name: str
    seconds: dict[str, float]
    note: str = ""
    delivery: str = ""
    node_seconds: dict[str, dict[str, float]] = field(default_factory=dict)


@dataclass
class Report:
    """What a parity run found.

    Attributes
    ----------
    engines
        Version by engine.
    unmet
        What the run was to exercise and did not: an equal result would prove nothing.
    model_count
        How many models were built for each delivery.
    """

    sources: tuple[str, ...]
    engines: dict[str, str]
    stages: list[Stage] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    unmet: list[str] = field(default_factory=list)
    model_count: int = 0

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs, and everything was exercised."""
        return not self.unmet and not any(stage.differences for stage in self.stages)

    def write(self, folder: Path) -> None:
        """Write the JSON and the page into ``folder``."""
        (folder / JSON_NAME).write_text(json.dumps(self._as_json(), indent=2) + "\n", encoding="utf-8")
        (folder / PAGE_NAME).write_text(self._as_page(), encoding="utf-8")

    def show(self, console: Console) -> None:
        """Print the report."""
        for title, headings, rows in self._tables():
            if not rows:
                continue
            table = Table(title=title, title_justify="left", title_style="bold", header_style="dim", box=None)
            for heading in headings:
                is_number = heading in {*_NUMBERS, *self.engines}
                table.add_column(heading, justify="right" if is_number else "left", overflow="fold")
            for row in rows:
                table.add_row(*(escape(text) for text in row))
            console.print()
            console.print(table)
        console.print()
        console.print(f"[bold {'green' if self.is_equal else 'red'}]{self._verdict()}[/]")

    def _verdict(self) -> str:
        if self.is_equal:
            return "Both engines hold the same, row for row."
        count = sum(len(stage.differences) for stage in self.stages)
        told = [f"{count} differences"] if count else []
        return "; ".join([*told, *self.unmet]) + "."

    def _summary(self) -> tuple[str, list[str], list[list[str]]]:
        headings = ["compared", "sides", "relations", "rows", "columns", "differences"]
        rows = [
            [
                stage.name,
                " and ".join(stage.sides),
                f"{len(stage.comparisons):,}",
                f"{stage.row_count:,}",
                f"{stage.column_count:,}",
                f"{len(stage.differences):,}",
            ]
            for stage in self.stages
        ]
        return "Parity", headings, rows

    def _tables(self) -> list[tuple[str, list[str], list[list[str]]]]:
        return [self._summary(), self._times(), self._slowest(), self._growth(), self._found()]

    def _times(self) -> tuple[str, list[str], list[list[str]]]:
        rows = [
            [
                step.name,
                *(_seconds(step.seconds.get(engine)) for engine in self.engines),
                _seconds(sum(step.seconds.values())),
                step.note,
            ]
            for step in self.steps
        ]
        return "Seconds", ["step", *self.engines, "together", "what"], rows

    def _slowest(self) -> tuple[str, list[str], list[list[str]]]:
        """Return what took longest: dbt's nodes, and the steps that do not consist of any."""
        found = [
            (seconds, engine, step.name, node)
            for step in self.steps
            for engine, whole in step.seconds.items()
            for node, seconds in step.node_seconds.get(engine, {"": whole}).items()
        ]
        slowest = sorted(found, reverse=True)[:SLOWEST]
        rows = [[_seconds(seconds), engine, step, node] for seconds, engine, step, node in slowest]
        return f"Slowest {SLOWEST}", ["seconds", "engine", "step", "node"], rows

    def _growth(self) -> tuple[str, list[str], list[list[str]]]:
        """Return what a delivery costs: landing, building, reading and comparing, by model."""
        seconds: dict[str, float] = {}
        for step in self.steps:
            if step.delivery:
                seconds[step.delivery] = seconds.get(step.delivery, 0.0) + sum(step.seconds.values())
        rows = [
            [name, _seconds(whole), f"{self.model_count:,}", f"{whole / max(self.model_count, 1):.2f}"]
            for name, whole in seconds.items()
        ]
        return "What a model costs", ["delivery", "seconds", "models", "seconds per model"], rows

    def _found(self) -> tuple[str, list[str], list[list[str]]]:
        rows = [
            [
                stage.name,
                difference.model,
                difference.kind,
                difference.column or "",
                f"{difference.count:,}",
                example.key,
                f"{stage.sides[0]}: {example.left}\n{stage.sides[1]}: {example.right}",
            ]
            for stage in self.stages
            for difference in stage.differences
            for example in difference.examples
        ]
        return "Differences", ["compared", "model", "kind", "column", "in rows", "key", "values"], rows

    def _as_json(self) -> dict[str, object]:
        return {
            "is_equal": self.is_equal,
            "unmet": self.unmet,
            "sources": self.sources,
            "engines": self.engines,
            "model_count": self.model_count,
            "steps": [
                {
                    **asdict(step),
                    "seconds": _rounded(step.seconds),
                    "node_seconds": {engine: _rounded(nodes) for engine, nodes in step.node_seconds.items()},
                }
                for step in self.steps
            ],
            "stages": [
                {
                    "name": stage.name,
                    "sides": stage.sides,
                    "relation_count": len(stage.comparisons),
                    "row_count": stage.row_count,
                    "column_count": stage.column_count,
                    "relations": [asdict(comparison) for comparison in stage.comparisons],
                }
                for stage in self.stages
            ],
        }

    def _as_page(self) -> str:
        versions = ", ".join(f"{name} {version}" for name, version in self.engines.items())
        parts = [f"# Parity: {versions}", self._verdict(), f"Sources: {', '.join(self.sources)}."]
        for title, headings, rows in self._tables():
            if rows:
                parts += [f"## {title}", _markdown_table(headings, rows)]
        for stage in self.stages:
            rows = [
                [
                    comparison.model,
                    ", ".join(comparison.key),
                    f"{comparison.row_count:,}",
                    str(comparison.column_count),
                    str(len(comparison.differences)),
                ]
                for comparison in stage.comparisons
            ]
            headings = ["relation", "rows matched by", "rows", "columns", "differences"]
            parts += [f"## Relations: {stage.name}", _markdown_table(headings, rows)]
        return "\n\n".join(parts) + "\n"


def _rounded(seconds: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 2) for name, value in seconds.items()}


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


def _markdown_table(headings: list[str], rows: list[list[str]]) -> str:
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join(
        "| " + " | ".join(text.replace("|", "\\|").replace("\n", "<br>") for text in line) + " |"
        for line in lines
    )
