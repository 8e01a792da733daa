"""Starts readers of a publication beside a build, and collects what they saw."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import published_reader
from installations import PATIENCE_SECONDS, Installation


@dataclass
class Reader:
    """What a reader saw; empty until it was stopped.

    Attributes
    ----------
    reads
        How often it read.
    missing_after_first
        How often there was no publication although there had been one.
    errors
        What went wrong.
    seen
        All different totals, in the order of their appearance; each begins with the run that was published.
    """

    reads: int = 0
    missing_after_first: int = 0
    errors: list[str] = field(default_factory=list)
    seen: list[list[object]] = field(default_factory=list)

    @property
    def runs(self) -> list[object]:
        """The runs that were seen published."""
        return [totals[0] for totals in self.seen]


@contextmanager
def reading(installation: Installation, mode: str, folder: Path) -> Iterator[Reader]:
    """Let a process read the publication for the length of a ``with`` block."""
    stop, answer = folder / f"{mode}.stop", folder / f"{mode}.json"
    path = installation.settings.published_path
    process = subprocess.Popen(
        [sys.executable, published_reader.__file__, mode, str(path), str(stop), str(answer)]
    )
    reader = Reader()
    try:
        # What it is there to see must not be over before it looks.
        while not answer.exists():
            assert process.poll() is None, "the reader did not start"
            time.sleep(0.02)
        yield reader
    finally:
        stop.touch()
        process.wait(timeout=PATIENCE_SECONDS)
    for name, value in json.loads(answer.read_text()).items():
        setattr(reader, name, value)
