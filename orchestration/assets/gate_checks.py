"""A gate as blocking asset checks: one check per table that the suite is about, all validated together."""

import logging
from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.assets.running import ACCEPT_LEVELS_TAG, FORCED_TAG, step
from orchestration.gates.running import is_known_good, note_good, run_gate
from orchestration.settings import Settings

if TYPE_CHECKING:
    from expectations.report import GateReport
    from expectations.suites import Suite

logger = logging.getLogger("insight.gates")

GateRunner = Callable[..., "GateReport"]


def gate_check(
    settings: Settings,
    suite: "Suite",
    description: str,
    at: dg.AssetKey | None = None,
    *,
    run: GateRunner | None = None,
    rows: Callable[[], str] = str,
) -> dg.AssetChecksDefinition:
    """Return the blocking checks of one gate.

    Parameters
    ----------
    settings
        Where the build is.
    suite
        What the gate checks.
    description
        What the gate is there for.
    at
        The asset that the gate stands behind; by default the tables themselves, the assets
        ``[schema, table]``. Tables that one dbt step both builds and reads need an asset after them, for a
        check cannot stop the step that it waits for.
    run
        Validates the build and keeps the results, given the run's id and ``accept_new_levels``; by default
        `run_gate` with the suite.
    rows
        Gives a hash of the rows of raw tables that the suite is about, if it is about some.
    """
    run = run or partial(run_gate, settings, suite)
    specs = {
        table: dg.AssetCheckSpec(
            name=table.replace(".", "__") if at else f"{suite.gate}_gate",
            asset=at or dg.AssetKey(table.split(".")),
            description=description,
            blocking=True,
        )
        for table in suite.tables
    }

    @dg.multi_asset_check(name=f"{suite.gate}_gate", description=description, specs=list(specs.values()))
    def gate(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        with step(settings, context) as run_id:
            is_asked_for = {ACCEPT_LEVELS_TAG, FORCED_TAG} & context.run.tags.keys()
            if not is_asked_for and is_known_good(settings, suite, rows()):
                logger.info("Gate %s has let the same tables through before", suite.gate)
                yield from (_known_good(spec) for spec in specs.values())
                return
            report = run(run_id, accept_new_levels=ACCEPT_LEVELS_TAG in context.run.tags)
            if report.passed:
                note_good(settings, suite, rows())
        for table, spec in specs.items():
            schema_name, table_name = table.split(".")
            every = report.results
            results = every[(every["schema_name"] == schema_name) & (every["table_name"] == table_name)]
            failed = results[~results["is_passed"]]
            yield dg.AssetCheckResult(
                check_name=spec.name,
                asset_key=spec.asset_key,
                passed=not bool((failed["severity"] == "critical").any()),
                severity=dg.AssetCheckSeverity.ERROR,
                description="\n".join(failed["message"]) or f"{len(results)} checks passed",
                metadata={"checks": len(results), "failed": len(failed)},
            )

    return gate


def _known_good(spec: dg.AssetCheckSpec) -> dg.AssetCheckResult:
    return dg.AssetCheckResult(
        check_name=spec.name,
        asset_key=spec.asset_key,
        passed=True,
        description="The same rows passed before.",
    )
