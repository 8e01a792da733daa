"""Draws the report from the publication and puts it beside it, whole.

Which tables the report reads and how it looks is decided in `dashboards.report`.
"""

from __future__ import annotations

import logging
import os
import time
from pathlib import Path

from orchestration.builds.fingerprints import report_hash
from orchestration.files import write_whole
from orchestration.publishing import publications
from orchestration.settings import Settings
from orchestration.warehouse import WarehouseError, published, readers_place

logger = logging.getLogger("insight.report")


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
    write_whole(settings.report_path, render(frames) + mark)
    logger.info("%s (%.1f s)", settings.report_path, time.perf_counter() - started)
    return settings.report_path


def is_report_current(settings: Settings) -> bool:
    """Whether there is a report, it shows the current publication, and it looks as it would today."""
    mark = _mark(settings).encode()
    try:
        with settings.report_path.open("rb") as file:
            file.seek(-len(mark), os.SEEK_END)
            return file.read() == mark
    except OSError:
        return False


def _mark(settings: Settings) -> str:
    """Return the comment that ends a report and says which publication it shows, and what drew it."""
    publication = publications.current(settings)
    if publication is None:
        raise WarehouseError(
            f"Nothing is published yet ({readers_place(settings)}). Run `insight build` first."
        )
    return (
        f"\n<!-- publication {publication.run_id} of {publication.published_at.isoformat()}, "
        f"drawn by {report_hash()} -->\n"
    )
