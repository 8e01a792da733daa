"""The command line `insight`: asks the rest of `orchestration`, shows the answer.

Heavy libraries are imported by the commands that need them: `insight status` must answer at once.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import click

from orchestration.cli_answering import FILE, FOLDER, answering
from orchestration.cli_identity import IDENTITY_COMMANDS
from orchestration.settings import Settings

ACCEPT_LEVELS = click.option(
    "--accept-new-levels",
    is_flag=True,
    help="Take what the gates see as the new normal: checks against the last build record and pass.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Build, publish and look into the customer insight warehouse.

    Which sources, which data and where: environment variables WAREHOUSE_SOURCES, WAREHOUSE_DATA,
    WAREHOUSE_DIR, WAREHOUSE_AS_OF, WAREHOUSE_MEMORY (`make demo SOURCES=... DATA=...` sets them). On which
    engine: WAREHOUSE_ENGINE, and WAREHOUSE_SPARK_... for where the cluster is.
    """


@main.command()
@click.option("--force", is_flag=True, help="Build even if nothing is new.")
@click.option("--no-report", is_flag=True, help="Leave the report as it is.")
@ACCEPT_LEVELS
@answering
def build(
    *,
    settings: Settings,
    is_json: bool,
    log_path: Path,
    force: bool,
    no_report: bool,
    accept_new_levels: bool,
) -> None:
    """Land what is new, build, train, and publish what passes the gates.

    Stops after a look if nothing is new. A step that fails or a gate that is red stops everything after it;
    the last publication stays.
    """
    from orchestration import terminal
    from orchestration.building import build as run_build

    started = time.monotonic()
    with terminal.progress(log_path):
        outcome = run_build(settings, force, not no_report, accept_new_levels)
    publication = outcome.publication
    answer = {
        "is_new": outcome.is_new,
        "run_id": outcome.run_id,
        "seconds": round(time.monotonic() - started, 1),
        "published": settings.readers_place,
        "report": str(settings.report_path) if settings.report_path.exists() else None,
        "sources": list(publication.sources),
        "as_of": publication.as_of,
        "tables": len(publication.row_counts),
        "rows": sum(publication.row_counts.values()),
    }
    if is_json:
        terminal.show_json(answer)
    else:
        title = "Published." if outcome.is_new else "Nothing new: the publication shows all there is."
        terminal.show_values(
            title, {name: answer[name] for name in answer if name not in {"is_new", "run_id"}}
        )


@main.command()
@answering
def status(settings: Settings, is_json: bool, log_path: Path) -> None:
    """Show what is published, what the gates and models said, and the last builds."""
    from orchestration import terminal
    from orchestration.status import status as look

    answer = look(settings)
    if is_json:
        terminal.show_json(answer)
        return
    publication = answer["publication"]
    if publication is None:
        terminal.show_values(f"Nothing is published yet ({settings.readers_place}). Run `insight build`.", {})
    else:
        details = {
            name: value for name, value in publication.items() if name not in {"gates", "predictive_models"}
        }
        terminal.show_values("Published", details)
        if answer["previous"]:
            terminal.show_values(
                "Before it", {name: answer["previous"][name] for name in ("run_id", "published_at")}
            )
        terminal.show_table("Gates", publication["gates"])
        terminal.show_table("Predictive models", publication["predictive_models"])
    if answer["building"]:
        terminal.show_values(f"A build is running: {answer['building']}", {})
    elif answer["builds"]:
        terminal.show_table("Last builds", [_brief(each) for each in answer["builds"]])


def _brief(build: dict[str, Any]) -> dict[str, Any]:
    """Return what fits into a line about one build."""
    took = (build["finished_at"] - build["started_at"]).total_seconds() if build["finished_at"] else None
    return {
        "run": build["run_id"][:8],
        "status": build["status"],
        "started_at": build["started_at"],
        "seconds": round(took) if took is not None else None,
        "sources": build["sources"],
        "from_scratch_because": build["full_refresh_reason"],
        "message": build["message"],
    }


@main.command()
@ACCEPT_LEVELS
@answering
def publish(settings: Settings, is_json: bool, log_path: Path, accept_new_levels: bool) -> None:
    """Run the publishing gate on the present build, and publish it if it passes."""
    from orchestration import locking, terminal
    from orchestration.releases import release
    from orchestration.reporting import write_report

    with terminal.progress(log_path), locking.holding(settings):
        publication = release(settings, accept_new_levels)
        write_report(settings)
    _show_publication(settings, is_json, "Published.", publication)


@main.command()
@answering
def rollback(settings: Settings, is_json: bool, log_path: Path) -> None:
    """Swap the publication with the one before it; twice is back where it was.

    The next build that finds anything new, or other code or settings than the older publication had,
    publishes again.
    """
    from orchestration import locking, publishing, terminal
    from orchestration.reporting import write_report

    with terminal.progress(log_path), locking.holding(settings):
        publication = publishing.rollback(settings)
        write_report(settings)
    _show_publication(settings, is_json, "Rolled back.", publication)


@main.command()
@click.option("--rows", "has_rows", is_flag=True, help="Show rows, not counts.")
@click.option("--limit", default=5, show_default=True, help="With --rows: rows for each reason.")
@answering
def quarantine(settings: Settings, is_json: bool, log_path: Path, has_rows: bool, limit: int) -> None:
    """Show which rows were kept out of the publication, and why."""
    from orchestration import status as looks
    from orchestration import terminal

    rows = looks.quarantined_rows(settings, limit) if has_rows else looks.quarantine(settings)
    if is_json:
        terminal.show_json(rows)
    elif rows:
        terminal.show_table("Quarantine", rows)
    else:
        terminal.show_values("Nothing is in quarantine.", {})


@main.command()
@answering
def report(settings: Settings, is_json: bool, log_path: Path) -> None:
    """Draw the report of the publication anew."""
    from orchestration import locking, terminal
    from orchestration.reporting import write_report

    with terminal.progress(log_path), locking.holding(settings):
        path = write_report(settings)
    if is_json:
        terminal.show_json({"report": str(path)})
    else:
        terminal.show_values("Drawn.", {"report": str(path)})


@main.command()
@answering
def docs(settings: Settings, is_json: bool, log_path: Path) -> None:
    """Draw the documentation: models, columns and their lineage, as offline pages.

    Reads the build file, so it needs a build first, and waits for none that is running.
    """
    from orchestration import locking, terminal
    from orchestration.documentation import write_documentation

    with terminal.progress(log_path), locking.holding(settings):
        pages = write_documentation(settings)
    if is_json:
        terminal.show_json({"pages": [str(page) for page in pages]})
    else:
        terminal.show_values("Drawn.", {page.stem: str(page) for page in pages})


@main.command()
@click.option("--out", "folder", required=True, type=FOLDER, help="Folder to write to.")
@click.option("--scale", type=float, help="1 is all households and about 1.9 M rows; up to 40.")
@click.option("--seed", type=int, help="Same seed, same rows.")
@click.option("--dirt", type=FILE, help="YAML file: how much of each kind of dirt.")
@click.option("--truth/--no-truth", "has_truth", default=True, show_default=True, help="Write who is whom.")
@answering
def twin(
    settings: Settings,
    is_json: bool,
    log_path: Path,
    *,
    folder: Path,
    scale: float | None,
    seed: int | None,
    dirt: Path | None,
    has_truth: bool,
) -> None:
    """Write the files of the digital twin, to use them elsewhere.

    A build makes them by itself when digital_twin is among WAREHOUSE_SOURCES. What is not given here comes
    from WAREHOUSE_TWIN_SCALE, _SEED and _DIRT. The truth (person behind each record, hidden traits, true
    effects) goes into FOLDER_truth, beside the files and never among them. All rows are simulated: see
    docs/sources/digital_twin.md.
    """
    from orchestration import terminal
    from orchestration.ingestion.digital_twin.configuration import TwinSettings
    from orchestration.ingestion.entries import load_entry
    from orchestration.ingestion.generated import grocery_folder, write_twin

    given = {"SCALE": scale, "SEED": seed, "DIRT": dirt}
    chosen = {f"WAREHOUSE_TWIN_{name}": str(value) for name, value in given.items() if value is not None}
    wanted = TwinSettings.from_environment({**os.environ, **chosen})
    started = time.monotonic()
    with terminal.progress(log_path) as logger:
        rows = write_twin(
            folder,
            load_entry("digital_twin"),
            wanted,
            grocery_folder(settings),
            has_truth=has_truth,
            report=logger.info,
        )
    answer = {
        "folder": str(folder),
        "rows": sum(rows.values()),
        "seconds": round(time.monotonic() - started, 1),
    }
    if is_json:
        terminal.show_json({**answer, "files": rows})
    else:
        terminal.show_table("Files", [{"file": name, "rows": count} for name, count in rows.items()])
        terminal.show_values("Written.", answer)


@main.group()
def cluster() -> None:
    """Start, stop or look at a Spark cluster on this machine: a master, workers and one server.

    For a cluster that is there already none of this is needed: see docs/scale.md. Ports, workers and their
    memory: environment variables WAREHOUSE_SPARK_PORT, _CONNECT_PORT, _MASTER_PORT, _MASTER_UI_PORT,
    _SERVER_UI_PORT, _WORKERS, _WORKER_MEMORY, _SERVER_MEMORY.
    """


@cluster.command()
@answering
def start(settings: Settings, is_json: bool, log_path: Path) -> None:
    """Start the cluster, or what is missing of it, and wait until it answers."""
    from orchestration import cluster as local

    local.start(settings)
    _show_cluster(settings, is_json, "Started.")


@cluster.command()
@answering
def stop(settings: Settings, is_json: bool, log_path: Path) -> None:
    """End exactly the processes that were started; tables and catalogue stay."""
    from orchestration import cluster as local
    from orchestration import terminal

    stopped = [{"role": process.role, "pid": process.pid} for process in local.stop(settings)]
    if is_json:
        terminal.show_json({"stopped": stopped})
    elif stopped:
        terminal.show_table("Stopped", stopped)
    else:
        terminal.show_values("No cluster was running.", {})


@cluster.command("status")
@answering
def cluster_status(settings: Settings, is_json: bool, log_path: Path) -> None:
    """Show its processes, the workers that the master counts, where it answers, and how to use it."""
    _show_cluster(settings, is_json, "The cluster runs.")


def _show_cluster(settings: Settings, is_json: bool, title: str) -> None:
    from orchestration import cluster as local
    from orchestration import terminal

    answer = local.describe(settings)
    if is_json:
        terminal.show_json(answer)
    elif not answer["processes"]:
        terminal.show_values("No cluster was started. Start one with `make cluster`.", {})
    else:
        whole = (
            title if answer["is_running"] else "Not all of it runs: `make cluster` starts what is missing."
        )
        terminal.show_values(whole, {})
        terminal.show_table("Processes", answer["processes"])
        terminal.show_values("Workers", {"alive": answer["workers_alive"]})
        terminal.show_values("Addresses", answer["addresses"])
        terminal.show_values("\n  ".join(["To use it", *answer["to_use_it"]]), {})


def _show_publication(settings: Settings, is_json: bool, title: str, publication: Any) -> None:
    from orchestration import terminal

    answer = {
        "published": settings.readers_place,
        "run_id": publication.run_id,
        "published_at": publication.published_at,
        "sources": list(publication.sources),
        "as_of": publication.as_of,
    }
    if is_json:
        terminal.show_json(answer)
    else:
        terminal.show_values(title, answer)


for identity_command in IDENTITY_COMMANDS:
    main.add_command(identity_command)


if __name__ == "__main__":
    main()
