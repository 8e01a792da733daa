"""The one error that ingestion raises: it says which file, which field and what to do."""

from __future__ import annotations

from orchestration.errors import ExpectedError


class IngestionError(ExpectedError):
    """A source cannot be read, or does not keep its contract.

    Attributes
    ----------
    file
        Name of the file, or of the table in the source database, that is at fault.
    field
        The column or entry key at fault; empty if the whole file is.
    fix
        What to do about it, as a sentence.
    """

    def __init__(self, file: str, problem: str, fix: str, field: str = "") -> None:
        super().__init__(f"{file}: {problem} Fix: {fix}")
        self.file = file
        self.field = field
        self.fix = fix
