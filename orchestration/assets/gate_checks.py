"""A gate as blocking asset checks: one check per table that the suite is about, all validated together."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

import dagster as dg

from orchestration.assets.running import ACCEPT_LEVELS_TAG, step
from orchestration.gates.running import run_gate
from orchestration.settings import Settings

if TYPE_CHECKING:
    from expectations.report import GateReport
    from expectations.suites import Suite

GateRunner = Callable[..., "GateReport"]


def gate_check(
    settings: Settings,
    suite: "Suite",
    description: str,
    at: dg.AssetKey | None = None,
    run: GateRunner | None = None,
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
            report = run(run_id, accept_new_levels=ACCEPT_LEVELS_TAG in context.run.tags)
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
