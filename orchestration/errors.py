"""Errors that people cause and can mend: their message names the thing, the value and the fix.

Everything that was foreseen is an `ExpectedError`, or the one error of a room that imports nobody; whatever
else is raised is a fault of the program and keeps its traceback.
"""

from __future__ import annotations


class ExpectedError(RuntimeError):
    """A fault of data, settings or the machine; the message says what to do."""


def expected_errors() -> tuple[type[Exception], ...]:
    """Return the classes that every foreseen error belongs to; imported late, for most commands meet none."""
    from expectations.suites import SuiteError
    from ml.errors import LearningError
    from simulation.digital_twin.configuration import TwinSettingsError

    return (ExpectedError, LearningError, SuiteError, TwinSettingsError)
