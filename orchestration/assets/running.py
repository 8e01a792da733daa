"""What every step does around its own work: take its place in the build, and say cleanly what went wrong."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import dagster as dg

from orchestration.builds import history, locking
from orchestration.errors import expected_errors
from orchestration.settings import Settings

JOB_NAME = "build_and_publish"
# Runs with this tag take what the gates see as the new normal, instead of comparing it with the last build.
ACCEPT_LEVELS_TAG = "insight/accept_new_levels"
# Runs with this tag build everything, even what is as wanted.
FORCED_TAG = "insight/forced"

StepContext = dg.AssetExecutionContext | dg.AssetCheckExecutionContext


@contextmanager
def step(settings: Settings, context: StepContext) -> Iterator[str]:
    """Hold the build lock, open the build's row, yield the run's id; say expected errors in plain words.

    A run of the whole job is a build. A run of some assets, started in Dagster's UI, is recorded as partial:
    it never counts as complete.
    """
    run = context.run
    try:
        locking.hold(settings)
        history.begin(settings, run.run_id, is_partial=run.job_name != JOB_NAME)
        yield run.run_id
    except expected_errors() as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error


def unchanged(keys: Iterable[Sequence[str]]) -> Iterator[dg.MaterializeResult]:
    """Yield what lets those that follow go on: the assets are as wanted, with nothing to be done."""
    for key in keys:
        yield dg.MaterializeResult(asset_key=dg.AssetKey(list(key)), metadata={"is_unchanged": True})


def close_failed_build(settings: Settings) -> dg.HookDefinition:
    """Return the hook that marks a build as failed, with the step that failed."""

    @dg.failure_hook(name="close_failed_build")
    def close(context: dg.HookContext) -> None:
        history.finish(settings, context.run_id, history.FAILED, f"{context.op.name} failed")

    return close
