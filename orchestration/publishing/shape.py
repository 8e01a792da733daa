"""What a publication is, on every engine: which tables readers get to see, and what it says about itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from orchestration.errors import ExpectedError

# What readers may see. Raw and staging hold what the sources sent, features are the business of predictive
# models.
PUBLISHED_SCHEMAS = ("core", "identity", "marts", "ml", "quality")
# What arrived when, beside them; the history of builds stays with the build.
PUBLISHED_TABLES = ("ops.landed_batches",)
# Where the models keep what "today" is.
AS_OF_TABLE = "core.int_as_of__resolved"
# Steps between two published shapes.
INTERNAL_PREFIX = "int_"


class PublishingError(ExpectedError):
    """A publication cannot be made, verified or rolled back; the message says what to do."""


@dataclass(frozen=True)
class Publication:
    """What a publication says about itself.

    Attributes
    ----------
    run_id
        The build that it was copied from.
    published_at
        When it was copied, UTC.
    fingerprint
        Fingerprint of data, code and settings of the build.
    sources
        Names of the enabled source systems.
    as_of
        "Today" for every model, ``YYYY-MM-DD``.
    row_counts
        Rows by ``schema.table``.
    """

    run_id: str
    published_at: datetime
    fingerprint: str
    sources: tuple[str, ...]
    as_of: str | None
    row_counts: dict[str, int]
