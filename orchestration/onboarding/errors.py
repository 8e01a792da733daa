"""The one error of this room: it says which file, which entry in it, and what to do."""

from __future__ import annotations

from orchestration.errors import ExpectedError


class OnboardingError(ExpectedError):
    """A source cannot be plugged in as it was asked for.

    Attributes
    ----------
    file
        Name of the file at fault.
    field
        The entry in it, as a path with dots; empty if the whole file is.
    fix
        What to do about it, as a sentence.
    """

    def __init__(self, file: str, problem: str, fix: str, field: str = "") -> None:
        at = f"{field}: " if field else ""
        super().__init__(f"{file}: {at}{problem} Fix: {fix}")
        self.file = file
        self.field = field
        self.fix = fix
