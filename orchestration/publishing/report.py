"""Draws the report from the publication and puts it beside it, whole.

Which tables the report reads and how it looks is decided in `dashboards.report`.
"""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

from orchestration.publishing import publications
from orchestration.settings import Settings
from orchestration.warehouse import WarehouseError, published

logger = logging.getLogger("insight.report")

_TEMPORARY = "report.html.new"


def write_report(settings: Settings) -> Path:
    """Draw the report of the publication and swap it in; return its path.

    Raises
    ------
    WarehouseError
        If nothing is published.
    """
    from dashboards.report import TABLES, render

    started = time.perf_counter()
    mark = _mark(settings)
    with published(settings) as tables:
        frames = {
            table: tables.frame(f"select * from {tables.relation(table)}")
            for table in TABLES
            if tables.exists(table)
        }
    settings.published_dir.mkdir(parents=True, exist_ok=True)
    temporary = settings.published_dir / _TEMPORARY
    temporary.write_text(render(frames) + mark, encoding="utf-8")
    os.replace(temporary, settings.report_path)
    logger.info("%s (%.1f s)", settings.report_path, time.perf_counter() - started)
    return settings.report_path


def is_report_current(settings: Settings) -> bool:
    """Whether there is a report and it shows the current publication."""
    mark = _mark(settings).encode()
    try:
        with settings.report_path.open("rb") as file:
            file.seek(-len(mark), os.SEEK_END)
            return file.read() == mark
    except OSError:
        return False


def _mark(settings: Settings) -> str:
    """Return the comment that ends a report and says which publication it shows."""
    publication = publications.current(settings)
    if publication is None:
        raise WarehouseError(
            f"Nothing is published yet ({settings.readers_place}). Run `insight build` first."
        )
    return f"\n<!-- publication {publication.run_id} of {publication.published_at.isoformat()} -->\n"
