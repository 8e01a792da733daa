"""What a gate found: one row per check, and whether the data may pass."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

# One row per check of one validation; the types are those of the table that keeps them.
RESULT_COLUMNS = {
    "run_id": "str",
    "gate": "str",
    "schema_name": "str",
    "table_name": "str",
    "column_name": "str",
    "expectation": "str",
    "kwargs": "str",
    "why": "str",
    "severity": "str",
    "is_passed": "bool",
    "observed_value": "str",
    "observed_number": "float64",
    "unexpected_count": "Int64",
    "element_count": "Int64",
    "unexpected_share": "float64",
    "expected_min": "float64",
    "expected_max": "float64",
    "message": "str",
    "validated_at": "datetime64[us, UTC]",
}


@dataclass(frozen=True)
class GateReport:
    """The outcome of one gate.

    Attributes
    ----------
    gate
        Name of the gate.
    run_id
        The run it belongs to.
    results
        One row per check, with the columns of `RESULT_COLUMNS`.
    """

    gate: str
    run_id: str
    results: pd.DataFrame

    @property
    def passed(self) -> bool:
        """Whether no critical check failed."""
        return self.failures.empty

    @property
    def failures(self) -> pd.DataFrame:
        """The critical checks that failed: they turn the gate red."""
        return self._failed("critical")

    @property
    def warnings(self) -> pd.DataFrame:
        """The checks that failed without turning the gate red."""
        return self._failed("warning")

    def failed_tables(self, schema_name: str) -> set[str]:
        """Return the tables of a schema that turn the gate red."""
        failures = self.failures
        return set(failures.loc[failures["schema_name"] == schema_name, "table_name"])

    def summary(self) -> str:
        """Say in plain words what the gate found, worst first; one line per failed check."""
        failures, warnings = self.failures, self.warnings
        verdict = "passed" if self.passed else "RED"
        lines = [f"Gate {self.gate} {verdict}: {len(self.results)} checks, {len(failures)} failed"]
        if not warnings.empty:
            lines[0] += f", {len(warnings)} warned"
        lines += [f"  FAILED  {message}" for message in failures["message"]]
        lines += [f"  warning {message}" for message in warnings["message"]]
        return "\n".join(lines)

    def _failed(self, severity: str) -> pd.DataFrame:
        return self.results[(self.results["severity"] == severity) & ~self.results["is_passed"]]
