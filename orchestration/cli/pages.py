"""Commands that draw pages: the report and the documentation."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.cli.answering import answering
from orchestration.settings import Settings


@click.command()
@answering
def report(settings: Settings, is_json: bool, log_path: Path) -> None:
    """Draw the report of the publication again."""
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


@click.command()
@answering
def erd(settings: Settings, is_json: bool, log_path: Path) -> None:
    """Draw the entity relationship diagrams of core, identity and marts: docs/erd.md.

    They follow from the contracts and tests of the project, so no build is needed.
    """
    import json

    from orchestration.cli import terminal
    from orchestration.transformation.command import Dbt
    from orchestration.transformation.erd import write_page

    with terminal.progress(log_path):
        path = write_page(json.loads(Dbt(settings).prepare_manifest().read_bytes()))
    if is_json:
        terminal.show_json({"erd": str(path)})
    else:
        terminal.show_values("Drawn.", {"erd": str(path)})
