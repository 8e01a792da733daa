"""One build at a time.

The lock is the operating system's: a process that dies, however it dies, gives it up. What is written in the
file only says who holds it. Nothing about the content of the warehouse belongs here.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from orchestration.errors import ExpectedError
from orchestration.settings import Settings
from orchestration.warehouse import readers_place


class BuildInProgressError(ExpectedError):
    """Another process builds or publishes; the message says which one and what to do."""


# Kept alive on purpose: the lock of a process that runs single steps (a run started in Dagster's UI) is held
# until that process ends, so that no other build slips in between two steps.
_held: dict[str, FileLock] = {}


def hold(settings: Settings) -> None:
    """Take the build lock for the rest of this process; does nothing if this process has it.

    Raises
    ------
    BuildInProgressError
        If another process has it.
    """
    path = str(settings.lock_path)
    if path in _held and _held[path].is_locked:
        return
    settings.warehouse_dir.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise BuildInProgressError(
            f"Another build is using {settings.warehouse_dir} ({_holder(settings)}). Wait for it to end, or "
            f"stop it; readers are not affected: they have {readers_place(settings)}."
        ) from error
    _holder_path(settings).write_text(
        json.dumps({"pid": os.getpid(), "since": datetime.now(UTC).isoformat(timespec="seconds")})
    )
    _held[path] = lock


def release(settings: Settings) -> None:
    """Give the build lock up, if this process has it."""
    lock = _held.pop(str(settings.lock_path), None)
    if lock:
        _holder_path(settings).unlink(missing_ok=True)
        lock.release()


@contextmanager
def holding(settings: Settings) -> Iterator[None]:
    """Hold the build lock for one ``with`` block; leaves it held if it was held before.

    Raises
    ------
    BuildInProgressError
        If another process has it.
    """
    was_held = str(settings.lock_path) in _held
    hold(settings)
    try:
        yield
    finally:
        if not was_held:
            release(settings)


def current_holder(settings: Settings) -> str | None:
    """Say which process is building right now, or return ``None`` if none is."""
    if not settings.lock_path.exists():
        return None
    if str(settings.lock_path) in _held:
        return _holder(settings)
    lock = FileLock(settings.lock_path, thread_local=False)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return _holder(settings)
    lock.release()
    return None


def _holder_path(settings: Settings) -> Path:
    return settings.lock_path.with_suffix(".holder.json")


def _holder(settings: Settings) -> str:
    try:
        holder = json.loads(_holder_path(settings).read_text())
        return f"process {holder['pid']}, since {holder['since']}"
    except (OSError, ValueError, KeyError):
        return "process unknown"
