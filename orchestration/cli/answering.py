"""What every command of the command line has in common: settings, `--json`, a log, and errors as messages."""

from __future__ import annotations

import functools
import sys
import traceback
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from orchestration.settings import Settings, SettingsError

Command = Callable[..., Any]

AS_JSON = click.option("--json", "is_json", is_flag=True, help="Print the answer as JSON, and nothing else.")
FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, path_type=Path)


def answering(command: Command) -> Command:
    """Give a command its settings, and turn errors into a message and exit code 1."""

    @AS_JSON
    @functools.wraps(command)
    def answer(is_json: bool, **options: Any) -> None:
        from orchestration.cli import terminal

        log_path: Path | None = None
        try:
            settings = Settings.from_environment()
            log_path = settings.logs_dir / f"{command.__name__}-{datetime.now(UTC):%Y%m%dT%H%M%S}.log"
            command(settings=settings, is_json=is_json, log_path=log_path, **options)
        except Exception as error:
            message = _message(error, log_path)
            if is_json:
                terminal.show_json({"error": message})
            else:
                terminal.show_error(message)
            sys.exit(1)

    return answer


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yield an error, then what it came from, and so on."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__


def _message(error: Exception, log_path: Path | None) -> str:
    """Say what went wrong; what nobody foresaw leaves its traceback in the log."""
    if isinstance(error, SettingsError):
        return str(error)
    from orchestration.building import BuildFailedError
    from orchestration.errors import expected_errors

    log = f"\nLog: {log_path}" if log_path and log_path.exists() else ""
    # Whoever loads definitions wraps what a declaration says of itself: the fault of the person is inside.
    for each in _causes(error):
        if isinstance(each, (*expected_errors(), BuildFailedError)):
            return f"{each}{log}"
    if log_path and not log_path.exists():
        log_path.parent.mkdir(parents=True, exist_ok=True)
        with log_path.open("w", encoding="utf-8") as file:
            traceback.print_exception(error, file=file)
    return f"Unexpected {type(error).__name__}: {error}\nTraceback: {log_path}"
