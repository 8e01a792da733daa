"""How two sides are measured: alternately, in processes of their own, and compared by their medians."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True)
class Result:
    """One line of the bench table.

    Attributes
    ----------
    name, note
        What is measured, and how.
    ratio, goal
        Our side over the other; the goal is met when the ratio is not above it.
    ours, other
        The two sides, in ``unit``.
    """

    name: str
    ratio: float
    goal: float
    ours: float
    other: float
    unit: str
    note: str

    @property
    def is_met(self) -> bool:
        """Whether the ratio keeps to the goal."""
        return self.ratio <= self.goal

    def as_row(self) -> dict[str, object]:
        """Return the result as it stands in ``results.json``."""
        row = asdict(self)
        return {key: round(value, 4) if isinstance(value, float) else value for key, value in row.items()}


def interleaved(ours: Callable[[], float], other: Callable[[], float], rounds: int) -> tuple[float, float]:
    """Run both sides in turn and return their medians, so that a machine that slows down slows both."""
    sides: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        sides[0].append(ours())
        sides[1].append(other())
    return statistics.median(sides[0]), statistics.median(sides[1])


def seconds(action: Callable[[], object]) -> float:
    """Return how long ``action`` takes, in seconds of wall-clock time."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


@dataclass(frozen=True)
class Finished:
    """A process that has ended: its last line of output, and the most memory it and its children held."""

    last_line: str
    peak_memory_bytes: int


def run_python(module: str, *arguments: str, environment: dict[str, str] | None = None) -> Finished:
    """Run ``python -m module`` and watch the memory of the whole process tree.

    Raises
    ------
    RuntimeError
        If it fails; the message holds the end of its output.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        cwd=Path(__file__).resolve().parents[1],
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    tree = psutil.Process(process.pid)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _resident_bytes(tree))
        time.sleep(0.05)
    output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        raise RuntimeError(f"{module} {' '.join(arguments)} failed:\n{output[-3000:]}")
    lines = output.strip().splitlines()
    return Finished(lines[-1] if lines else "", peak)


def last_number(finished: Finished) -> float:
    """Return the number that a measured process printed in its last line."""
    return float(json.loads(finished.last_line))


def _resident_bytes(tree: psutil.Process) -> int:
    total = 0
    try:
        for process in [tree, *tree.children(recursive=True)]:
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
    except psutil.NoSuchProcess:
        return 0
    return total
