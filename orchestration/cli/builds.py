"""Commands that build, publish and say what is published."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from orchestration.cli.answering import answering
from orchestration.settings import Settings
from orchestration.warehouse import readers_place

ACCEPT_LEVELS = click.option(
    "--accept-new-levels",
    is_flag=True,
    help="Take what the gates see as the new normal: checks against the last build record and pass.",
)


@click.command()
@click.option("--force", is_flag=True, help="Build everything, even if nothing is new.")
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
    """Land what is new, build what follows from it, train, and publish what passes the gates.

    What is as it would be built now is left alone. Stops after a look if nothing is new. A step that
    fails or a gate that is red stops everything after it; the last publication stays.
    """
    from orchestration.building import build as run_build
    from orchestration.cli import terminal

    started = time.monotonic()
    with terminal.progress(log_path):
        outcome = run_build(settings, force, not no_report, accept_new_levels)
    publication = outcome.publication
    answer = {
        "is_new": outcome.is_new,
        "run_id": outcome.run_id,
        "seconds": round(time.monotonic() - started, 1),
        "published": readers_place(settings),
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


@click.command()
@answering
def status(settings: Settings, is_json: bool, log_path: Path) -> None:
    """Show what is published, what the gates and models said, and the last builds."""
    from orchestration.cli import terminal
    from orchestration.publishing.status import status as look

    answer = look(settings)
    if is_json:
        terminal.show_json(answer)
        return
    publication = answer["publication"]
    if publication is None:
        terminal.show_values(
            f"Nothing is published yet ({readers_place(settings)}). Run `insight build`.", {}
        )
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


@click.command()
@ACCEPT_LEVELS
@answering
def publish(settings: Settings, is_json: bool, log_path: Path, accept_new_levels: bool) -> None:
    """Run the publishing gate on the present build, and publish it if it passes."""
    from orchestration.builds import locking
    from orchestration.cli import terminal
    from orchestration.publishing.release import release
    from orchestration.publishing.report import write_report

    with terminal.progress(log_path), locking.holding(settings):
        publication = release(settings, accept_new_levels)
        write_report(settings)
    _show_publication(settings, is_json, "Published.", publication)


@click.command()
@answering
def rollback(settings: Settings, is_json: bool, log_path: Path) -> None:
    """Swap the publication with the one before it; twice is back where it was.

    The next build that finds anything new, or other code or settings than the older publication had,
    publishes again.
    """
    from orchestration.builds import locking
    from orchestration.cli import terminal
    from orchestration.publishing import publications
    from orchestration.publishing.report import write_report

    with terminal.progress(log_path), locking.holding(settings):
        publication = publications.rollback(settings)
        write_report(settings)
    _show_publication(settings, is_json, "Rolled back.", publication)


def _show_publication(settings: Settings, is_json: bool, title: str, publication: Any) -> None:
    from orchestration.cli import terminal

    answer = {
        "published": readers_place(settings),
        "run_id": publication.run_id,
        "published_at": publication.published_at,
        "sources": list(publication.sources),
        "as_of": publication.as_of,
    }
    if is_json:
        terminal.show_json(answer)
    else:
        terminal.show_values(title, answer)
