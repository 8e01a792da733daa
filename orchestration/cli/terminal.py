"""What the command line shows: progress as it happens, and the answers as tables or as JSON.

Knows how things look, not what they mean.
"""

from __future__ import annotations

import json
import logging
import math
import os
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

_STYLES = {logging.WARNING: "yellow", logging.ERROR: "red", logging.CRITICAL: "red"}


class ProgressLines(logging.Handler):
    """Shows log records as lines: time since the start, part of the build, what happened."""

    def __init__(self, console: Console) -> None:
        super().__init__(logging.INFO)
        self._console = console
        self._started = time.monotonic()

    def emit(self, record: logging.LogRecord) -> None:
        """Show one record."""
        minutes, seconds = divmod(int(time.monotonic() - self._started), 60)
        part = record.name.removeprefix("insight").removeprefix(".") or "build"
        line = Text.assemble(
            (f"{minutes:3d}:{seconds:02d}  ", "dim"),
            (f"{part:<11}", "cyan"),
            (record.getMessage(), _STYLES.get(record.levelno, "")),
        )
        self._console.print(line, soft_wrap=True)


@contextmanager
def progress(log_path: Path) -> Iterator[logging.Logger]:
    """Show progress on the terminal and send everything else that is written meanwhile to ``log_path``.

    Libraries, subprocesses and Dagster write to standard output and error as they please; the terminal stays
    tidy, and with ``--json`` standard output holds nothing but the answer.
    """
    log_path.parent.mkdir(parents=True, exist_ok=True)
    sys.stdout.flush()
    sys.stderr.flush()
    saved = {descriptor: os.dup(descriptor) for descriptor in (1, 2)}
    logger = logging.getLogger("insight")
    with os.fdopen(os.dup(saved[2]), "w", encoding="utf-8") as terminal, log_path.open("ab") as log:
        handler = ProgressLines(Console(file=terminal, highlight=False))
        level, propagates = logger.level, logger.propagate
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
        logger.propagate = False
        for descriptor in saved:
            os.dup2(log.fileno(), descriptor)
        try:
            yield logger
        except BaseException:
            log.write(traceback.format_exc().encode())
            raise
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for descriptor, original in saved.items():
                os.dup2(original, descriptor)
                os.close(original)
            logger.removeHandler(handler)
            logger.setLevel(level)
            logger.propagate = propagates


def show_json(answer: Any) -> None:
    """Print an answer as JSON, and nothing else; what is no number is null, for JSON knows no NaN."""
    print(json.dumps(_finite(answer), indent=2, default=_plain, allow_nan=False))


def _finite(answer: Any) -> Any:
    """Return an answer with null in the place of NaN and infinity, to any depth."""
    if isinstance(answer, dict):
        return {name: _finite(value) for name, value in answer.items()}
    if isinstance(answer, list | tuple):
        return [_finite(value) for value in answer]
    # Floats of numpy are floats; its other kinds of number become theirs.
    return None if isinstance(answer, float) and not math.isfinite(answer) else answer


def show_table(title: str, rows: Sequence[dict[str, Any]], columns: Sequence[str] | None = None) -> None:
    """Print rows as a table."""
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        header_style="dim",
        box=None,
        padding=(0, 2, 0, 0),
    )
    names = list(columns or (rows[0] if rows else []))
    for name in names:
        is_number = bool(rows) and all(isinstance(row[name], int | float) for row in rows)
        table.add_column(name.replace("_", " "), justify="right" if is_number else "left", overflow="fold")
    for row in rows:
        table.add_row(*(_text(row[name]) for name in names))
    _answers().print(table)


def show_values(title: str, values: dict[str, Any]) -> None:
    """Print named values, one per line."""
    console = _answers()
    console.print(Text(title, "bold"))
    for name, value in values.items():
        console.print(Text.assemble((f"  {name.replace('_', ' '):<14}", "dim"), _text(value)), soft_wrap=True)


def show_error(message: str) -> None:
    """Print an error to standard error."""
    Console(stderr=True, highlight=False).print(Text(message, "red"), soft_wrap=True)


def _answers() -> Console:
    """Return the console for answers; into a file or a pipe, lines may be long."""
    return Console(highlight=False, width=None if sys.stdout.isatty() else 200)


def _text(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value))
    return str(value)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else str(value)
