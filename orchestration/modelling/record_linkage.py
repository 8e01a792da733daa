"""Feeds record linkage from the build and keeps the links that it gives back.

What is compared, learnt and linked is decided in `ml.record_linkage`; what a link does to customers, in the
dbt project.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from orchestration import warehouse
from orchestration.settings import Settings

if TYPE_CHECKING:
    from ml.record_linkage.declaration import LinkageDeclaration

SCHEMA = "matching"
LINKAGE = "person_matching"
OUTPUT_TABLES = {
    "record_links": "Pairs of records that may be one person, with evidence; one row per pair of records.",
    "match_models": "How records of one person and of others agree; one row per comparison and level.",
}

logger = logging.getLogger("insight.matching")


@dataclass(frozen=True)
class Linked:
    """What became of one run.

    Attributes
    ----------
    record_count
        Records that were compared.
    model_id
        The model behind the links.
    joining_count
        Links that join two records.
    row_counts
        Rows written, by table of the schema ``matching``.
    """

    record_count: int
    model_id: str
    joining_count: int
    row_counts: dict[str, int]


def link_and_store(settings: Settings, declaration: LinkageDeclaration, run_id: str) -> Linked:
    """Match the records that the build holds and put the links in the place of those of the run before.

    The links are what the present records say, so nothing of an earlier run stays. On Spark the records come
    here and the links go back (see docs/decisions/0008-record-linkage-on-duckdb.md).
    """
    from ml.record_linkage.matching import match

    started = time.perf_counter()
    columns = ", ".join(sorted(declaration.columns))
    with warehouse.tables(settings) as tables:
        records = tables.frame(f"select {columns} from {tables.relation(declaration.input_table)}")
    logger.info("%s: %s records", declaration.name, f"{len(records):,}")
    matches = match(declaration, records)
    trained_at = datetime.now(UTC).replace(tzinfo=None)
    frames = {
        "record_links": matches.links.assign(model_id=matches.model.model_id),
        "match_models": matches.model.frame(declaration).assign(trained_at=trained_at),
    }
    keyed = {
        f"{SCHEMA}.{name}": frame.assign(run_id=run_id, linkage=declaration.name)
        for name, frame in frames.items()
    }
    with warehouse.tables(settings) as tables:
        tables.replace(keyed, {"linkage": declaration.name})
    joining = int(matches.links["is_above_threshold"].sum())
    logger.info(
        "%s: %s links, %s of them join two records (%.1f s)",
        declaration.name,
        f"{len(matches.links):,}",
        f"{joining:,}",
        time.perf_counter() - started,
    )
    counts = {name: len(frame) for name, frame in frames.items()}
    return Linked(len(records), matches.model.model_id, joining, counts)
