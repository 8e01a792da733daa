"""Commands that draw pages: the report and the documentation."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.cli.answering import answering
from orchestration.settings import Settings


@click.command()
@answering
def report(settings: Settings, is_json: bool, log_path: Path) -> None:
    """Draw the report of the publication anew."""
    from orchestration.builds import locking
    from orchestration.cli import terminal
    from orchestration.publishing.report import write_report

    with terminal.progress(log_path), locking.holding(settings):
        path = write_report(settings)
    if is_json:
        terminal.show_json({"report": str(path)})
    else:
        terminal.show_values("Drawn.", {"report": str(path)})


@click.command()
@answering
def docs(settings: Settings, is_json: bool, log_path: Path) -> None:
    """Draw the documentation: models, columns and their lineage, as offline pages.

    Reads the build file, so it needs a build first, and waits for none that is running.
    """
    from orchestration.builds import locking
    from orchestration.cli import terminal
    from orchestration.transformation.docs import write_documentation

    with terminal.progress(log_path), locking.holding(settings):
        pages = write_documentation(settings)
    if is_json:
        terminal.show_json({"pages": [str(page) for page in pages]})
    else:
        terminal.show_values("Drawn.", {page.stem: str(page) for page in pages})
