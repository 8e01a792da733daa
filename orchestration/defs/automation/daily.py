"""One job, every morning and whenever a file arrives."""

import dagster as dg

from orchestration.assets.running import JOB_NAME, close_failed_build
from orchestration.builds import locking
from orchestration.builds.fingerprints import hash_of_values
from orchestration.ingestion.entries import load_entry
from orchestration.ingestion.landing import pending
from orchestration.settings import Settings


@dg.definitions
def daily() -> dg.Definitions:
    """Return the job, its schedule and its sensor."""
    settings = Settings.from_environment()
    build_and_publish = dg.define_asset_job(
        JOB_NAME,
        selection=dg.AssetSelection.all(),
        hooks={close_failed_build(settings)},
        description="Land what is new, build, train, and publish what passes the gates.",
    )

    # Publications are there before anybody asks for yesterday's numbers.
    every_morning = dg.ScheduleDefinition(
        name="every_morning",
        job=build_and_publish,
        cron_schedule="0 5 * * *",
        description="Yesterday, before work.",
    )

    @dg.sensor(
        job=build_and_publish,
        minimum_interval_seconds=300,
        description="Builds when a source hands over new files.",
    )
    def new_raw_files(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        """Ask for a build when files wait that have not landed; the same files are asked for once."""
        if holder := locking.current_holder(settings):
            return dg.SkipReason(f"A build is running ({holder}).")
        waiting = {
            batch.batch_id: batch.file_name
            for source in settings.sources
            for batch in pending(settings, load_entry(source))
        }
        if not waiting:
            return dg.SkipReason("Nothing new.")
        return dg.RunRequest(
            run_key=hash_of_values(waiting),
            tags={"insight/new_files": ", ".join(sorted(set(waiting.values())))},
        )

    return dg.Definitions(jobs=[build_and_publish], schedules=[every_morning], sensors=[new_raw_files])
