"""The command that shows what was kept out."""

from __future__ import annotations

from pathlib import Path

import click

from orchestration.cli.answering import answering
from orchestration.settings import Settings


@click.command()
@click.option("--rows", "has_rows", is_flag=True, help="Show rows, not counts.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=5,
    show_default=True,
    help="With --rows: rows for each reason.",
)
@answering
def quarantine(settings: Settings, is_json: bool, log_path: Path, has_rows: bool, limit: int) -> None:
    """Show which rows were kept out of the publication, and why."""
    from orchestration.cli import terminal
    from orchestration.publishing import status as looks

    rows = looks.quarantined_rows(settings, limit) if has_rows else looks.quarantine(settings)
    if is_json:
        terminal.show_json(rows)
    elif rows:
        terminal.show_table("Quarantine", rows)
    else:
        terminal.show_values("Nothing is in quarantine.", {})
