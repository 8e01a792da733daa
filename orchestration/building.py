"""One build from beginning to end, in this process: look for anything new, run the job, say what came of it.

Sits on top of the Dagster definitions. The steps themselves, and what stops them, are defined below
`orchestration.defs`.
"""

from __future__ import annotations

import logging
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from orchestration.builds import history, locking, state
from orchestration.errors import ExpectedError
from orchestration.publishing import publications
from orchestration.publishing.publications import Publication
from orchestration.publishing.report import is_report_current, write_report
from orchestration.settings import PROJECT_DIR, Settings
from orchestration.transformation.command import Dbt
from orchestration.warehouse import WarehouseError

if TYPE_CHECKING:
    import dagster as dg

logger = logging.getLogger("insight.build")

DAGSTER_CONFIGURATION = PROJECT_DIR / "dagster.yaml"


class BuildFailedError(ExpectedError):
    """A step failed, or a gate is red; the message says which and what to do."""


@dataclass(frozen=True)
class BuildOutcome:
    """What a build came to.

    Attributes
    ----------
    is_new
        Whether anything was built; if not, the publication already showed all there is.
    run_id
        The run, as Dagster shows it; that of the publication if nothing was built.
    publication
        What readers see now.
    """

    is_new: bool
    run_id: str
    publication: Publication


@dataclass(frozen=True)
class Wishes:
    """What a build is asked for, and whether anything can land in it."""

    has_report: bool = True
    accept_new_levels: bool = False
    is_forced: bool = False
    is_all_landed: bool = False


def build(
    settings: Settings, is_forced: bool = False, has_report: bool = True, accept_new_levels: bool = False
) -> BuildOutcome:
    """Bring the publication up to date; does nothing if it is.

    Parameters
    ----------
    settings
        What to build, and where.
    is_forced
        Whether to build even if nothing is new, and everything even if little is.
    has_report
        Whether to draw the report.
    accept_new_levels
        Whether gates take what they see as the new normal.

    Raises
    ------
    BuildFailedError
        If a step failed or a gate is red; the last publication stays.
    BuildInProgressError
        If another process builds.
    """
    with locking.holding(settings):
        logger.info("looking for anything new in %s", ", ".join(settings.sources))
        publications.clean_up(settings)
        is_all_landed = _is_all_landed(settings)
        if not is_forced and is_all_landed and (publication := _up_to_date(settings)):
            # It may have been killed between publishing and saying so.
            history.finish(settings, publication.run_id, history.COMPLETE)
            history.close_killed(settings)
            if has_report and not is_report_current(settings):
                write_report(settings)
            return BuildOutcome(False, publication.run_id, publication)
        run_id = str(uuid4())
        # Before the definitions are loaded: a build that cannot even start is in the history too.
        history.begin(settings, run_id)
        try:
            wishes = Wishes(has_report, accept_new_levels, is_forced, is_all_landed)
            _run_job(settings, run_id, wishes)
        except BaseException as error:
            history.finish(
                settings, run_id, history.FAILED, str(error).partition("\n")[0] or type(error).__name__
            )
            raise
        published = publications.current(settings)
        assert published is not None
        return BuildOutcome(published.run_id == run_id, published.run_id, published)


def _is_all_landed(settings: Settings) -> bool:
    """Whether landing would find nothing; of a database this is known only by fetching what it holds."""
    from orchestration.ingestion.entries import ASKED_FOR, load_entry
    from orchestration.ingestion.landing import pending

    if not settings.build_path.exists():
        return False
    entries = [load_entry(source) for source in settings.sources]
    return not any(isinstance(entry, ASKED_FOR) or pending(settings, entry) for entry in entries)


def _up_to_date(settings: Settings) -> Publication | None:
    """Return the publication if it is whole and shows everything that has landed, else ``None``."""
    # Whether a cluster has a publication is asked once, when all else says that it may do.
    has_publication = publications.is_there(settings)
    if not settings.build_path.exists() or not has_publication:
        return None
    try:
        publication = publications.verify_current(settings)
    except (WarehouseError, publications.PublishingError):
        return None
    fingerprint = history.fingerprint_of(settings)
    is_shown = fingerprint == publication.fingerprint or state.is_shown(
        settings, fingerprint, publication.run_id
    )
    return publication if is_shown else None


def _run_job(settings: Settings, run_id: str, wishes: Wishes) -> None:
    logger.info("loading the definitions")
    os.environ.update(settings.as_environment())
    prepare_dagster_home(settings)
    with ThreadPoolExecutor(max_workers=1) as pool:
        # The definitions need the manifest; dbt reads the project while we import what the definitions need.
        manifest = pool.submit(Dbt(settings).prepare_manifest)
        import dagster as dg
        import dagster_dbt  # noqa: F401

        manifest.result()
    from orchestration.assets.publication import REPORT_KEY
    from orchestration.assets.running import ACCEPT_LEVELS_TAG, FORCED_TAG, JOB_NAME
    from orchestration.definitions import defs

    job = defs().resolve_job_def(JOB_NAME)
    left_out = set() if wishes.has_report else {REPORT_KEY}
    if wishes.is_all_landed and not (wishes.is_forced or wishes.accept_new_levels):
        left_out |= _as_wanted(settings, run_id)
    selection = [key for key in job.asset_layer.selected_asset_keys if key not in left_out]
    with dg.DagsterInstance.get() as instance:
        result = job.execute_in_process(
            run_config={"loggers": {"console": {"config": {"log_level": "WARNING"}}}},
            instance=instance,
            run_id=run_id,
            raise_on_error=False,
            asset_selection=selection if left_out else None,
            tags={
                tag: "true"
                for tag, is_wanted in {
                    ACCEPT_LEVELS_TAG: wishes.accept_new_levels,
                    FORCED_TAG: wishes.is_forced,
                }.items()
                if is_wanted
            },
        )
    if not result.success:
        raise BuildFailedError(_why(result))


def _as_wanted(settings: Settings, run_id: str) -> set[dg.AssetKey]:
    """Return the raw tables, models and seeds that this build leaves out; do what their steps begin with."""
    from orchestration.assets.dbt_models import keys_as_wanted, load_manifest
    from orchestration.assets.landing import raw_key
    from orchestration.gates.running import arrival_gate, arrived_rows, is_known_good
    from orchestration.ingestion.entries import load_entry
    from orchestration.modelling.inputs import read_by_python, step_code
    from orchestration.transformation.planning import remove_stale

    entries = [load_entry(source) for source in settings.sources]
    if not all(
        is_known_good(settings, arrival_gate(entry), arrived_rows(settings, entry)) for entry in entries
    ):
        # A gate that is red must stop everything, so everything has to stand behind it.
        return set()
    dbt = Dbt(settings)
    manifest = load_manifest(dbt)
    remove_stale(settings, manifest)
    found = keys_as_wanted(dbt, manifest, read_by_python(), step_code)
    if not found:
        return set()
    logger.info("nothing lands; %d models and seeds are as wanted", len(found))
    history.start_models(settings, run_id)
    return found | {raw_key(entry.source, table) for entry in entries for table in entry.tables}


def prepare_dagster_home(settings: Settings) -> None:
    """Give Dagster its home and its configuration, and tell the processes that we start where it is."""
    settings.dagster_home.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(DAGSTER_CONFIGURATION, settings.dagster_home / DAGSTER_CONFIGURATION.name)
    os.environ["DAGSTER_HOME"] = str(settings.dagster_home)


def _why(result: dg.ExecuteInProcessResult) -> str:
    """Say which step failed and why, from Dagster's events."""
    for event in result.all_events:
        if event.is_step_failure:
            failure = event.step_failure_data
            if failure.user_failure_data and failure.user_failure_data.description:
                return failure.user_failure_data.description
            red = [check for check in _failed_checks(result) if check.blocking]
            if red:
                messages = "\n".join(check.description or str(check.asset_check_key) for check in red)
                return (
                    f"{event.step_key} is red; nothing after it ran and the last publication stays.\n"
                    f"{messages}\nCorrect the data and build again; or, if the data is right and only "
                    "differs from the last build, `insight build --accept-new-levels`."
                )
            error = failure.error
            while error and error.cause:
                error = error.cause
            return f"{event.step_key} failed: {error.message.strip() if error else 'no reason given'}"
    return "the run failed before its first step"


def _failed_checks(result: dg.ExecuteInProcessResult) -> list[Any]:
    checks = [
        event.asset_check_evaluation_data
        for event in result.all_events
        if event.event_type_value == "ASSET_CHECK_EVALUATION"
    ]
    return [check for check in checks if not check.passed]
