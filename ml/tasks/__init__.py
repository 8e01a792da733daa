"""Kinds of questions: what differs between a yes or no and an amount, and nothing that does not."""

from __future__ import annotations

from ml.tasks.amount import Amount
from ml.tasks.binary import Binary
from ml.tasks.task import Task

TASKS: dict[str, Task] = {"binary": Binary(), "amount": Amount()}

__all__ = ["TASKS", "Task"]
