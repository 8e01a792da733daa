"""The three gates: what arrives, what trains, what is published.

Which suite a gate runs, where its earlier results are, and where the new ones go. What is checked is
declared in `expectations` and in the connector entries; that a red gate stops what comes after is Dagster's
part.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from orchestration import warehouse
from orchestration.builds import state
from orchestration.builds.changes import STEP, Artefact, Version
from orchestration.builds.fingerprints import gate_hash, hash_of_values
from orchestration.builds.steps import due
from orchestration.errors import ExpectedError
from orchestration.ingestion.landing import accept, unaccepted_since, withdraw
from orchestration.ledger import gate_log, landing_log
from orchestration.ledger import store as ledger
from orchestration.ledger.mirror import mirror
from orchestration.settings import Settings

if TYPE_CHECKING:
    import pandas as pd

    from expectations.report import GateReport
    from expectations.suites import Suite
    from ml.declaration import Declaration
    from orchestration.ingestion.entries import SourceEntry

logger = logging.getLogger("insight.gates")


class GateRedError(ExpectedError):
    """A gate stopped what comes after it; the message lists the checks that failed."""


def arrival_gate(entry: SourceEntry, since: Mapping[str, datetime] | None = None) -> Suite:
    """Return the suite of what arrives from a source, derived from its connector entry.

    Parameters
    ----------
    entry
        The connector entry.
    since
        By table: judge the values of only those rows that landed then or later.
    """
    from expectations.suites import arrival_suite

    return arrival_suite(entry.source, entry.model_dump()["tables"], landed_since=since)


def training_gate(declaration: Declaration) -> Suite:
    """Return the suite of what a predictive model learns from: its own file, or one that follows from it."""
    from expectations.suites import load_suite, suite_names, training_suite

    name = f"training_{declaration.name}"
    if name in suite_names():
        return load_suite(name)
    return training_suite(
        name,
        label_table=declaration.label.table,
        label=declaration.label.column,
        feature_tables=declaration.features.tables,
        keys=declaration.keys,
        minimum_rows=declaration.backtest.minimum_training_rows,
    )


def publishing_gate() -> Suite:
    """Return the suite of what readers get to see."""
    from expectations.suites import load_suite

    return load_suite("publishing")


def is_known_good(settings: Settings, suite: Suite, rows: str = "") -> bool:
    """Whether the gate has let through the very same tables before, judged the same way.

    Parameters
    ----------
    rows
        What raw tables hold that the gate judges, for a gate that judges some.
    """
    return _due(settings, suite, rows) is None


def arrived_rows(settings: Settings, entry: SourceEntry) -> str:
    """Return a hash of what the raw tables of a source hold."""
    with ledger.writing(settings) as log:
        return hash_of_values(dict(landing_log.raw_states(log, [entry.source])))


def note_good(settings: Settings, suite: Suite, rows: str = "") -> None:
    """Note that the gate has let through the tables as they are."""
    if seen := _due(settings, suite, rows):
        state.finish(settings, [seen])


def _due(settings: Settings, suite: Suite, rows: str) -> Version | None:
    code = hash_of_values({"code": gate_hash(), "suite": suite})
    step = Artefact(f"gate {suite.gate}", STEP, code, rows=rows)
    return due(settings, step, [] if rows else suite.tables)


def run_gate(settings: Settings, suite: Suite, run_id: str, accept_new_levels: bool = False) -> GateReport:
    """Validate the build against ``suite`` and keep the results as rows, also those of a red gate.

    Parameters
    ----------
    settings
        Where the build is.
    suite
        What to check.
    run_id
        The build that is checked.
    accept_new_levels
        Whether what is seen becomes the new normal, instead of being compared with the last build.
    """
    from expectations.runner import validate

    history = None if accept_new_levels else _history(settings, suite.gate, run_id)
    with warehouse.validated(settings) as source:
        report = validate(suite, source, run_id, history, settings.gates_dir)
    with ledger.writing(settings) as log:
        gate_log.write(log, _as_rows(report.results))
    with warehouse.writing(settings) as connection:
        mirror(settings, connection)
    for line in report.summary().splitlines():
        logger.log(logging.INFO if report.passed else logging.ERROR, line)
    return report


def run_arrival_gate(
    settings: Settings, entry: SourceEntry, run_id: str, accept_new_levels: bool = False
) -> GateReport:
    """Validate what a source has landed since its gate was last green.

    If it is green, that is the new state to add to; if it is red, what was appended to the tables that
    failed is taken out again.
    """
    suite = arrival_gate(entry, unaccepted_since(settings, entry))
    report = run_gate(settings, suite, run_id, accept_new_levels)
    if report.passed:
        accept(settings, entry)
    else:
        for line in withdraw(settings, entry, sorted(report.failed_tables(entry.schema_name))):
            logger.error(line)
    return report


def require_green(settings: Settings, suite: Suite, run_id: str, accept_new_levels: bool = False) -> None:
    """Run the gate, unless it has passed for this build already, or for one with the same tables.

    Raises
    ------
    GateRedError
        If it is red.
    """
    with ledger.writing(settings) as log:
        if gate_log.has_passed(log, suite.gate, run_id):
            return
    if not accept_new_levels and is_known_good(settings, suite):
        return
    report = run_gate(settings, suite, run_id, accept_new_levels)
    if not report.passed:
        raise GateRedError(
            f"{report.summary()}\nNothing was published; the last publication stays. If these levels are "
            "right, say so with `insight publish --accept-new-levels`."
        )


def _history(settings: Settings, gate: str, run_id: str) -> pd.DataFrame | None:
    """Return the gate's earlier results, with the columns and types of the table that readers get."""
    import pandas as pd

    from expectations.report import RESULT_COLUMNS

    with ledger.writing(settings) as log:
        rows = gate_log.earlier(log, gate, run_id)
    if not rows:
        return None
    frame = pd.DataFrame(rows, columns=list(RESULT_COLUMNS))
    frame["validated_at"] = frame["validated_at"].dt.tz_localize("UTC")
    return frame.astype(RESULT_COLUMNS)


def _as_rows(results: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the rows of a report as plain values: ``None`` for what is not known, moments without zone."""
    import pandas as pd

    rows: list[dict[str, Any]] = []
    for row in results.to_dict("records"):
        known = {str(name): None if pd.isna(value) else value for name, value in row.items()}
        moment = row["validated_at"].tz_convert("UTC").tz_localize(None).to_pydatetime()
        rows.append({**known, "validated_at": moment})
    return rows
