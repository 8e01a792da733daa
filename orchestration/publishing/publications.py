"""Write, audit, publish: what readers open is swapped in whole and at once, and the one before is kept.

Nothing here decides whether a build deserves to be published (that is the publishing gate's) or when. What a
publication is made of is the engine's: one file (`files`), or a set of databases (`databases`).
"""

from __future__ import annotations

from typing import Protocol

from orchestration.publishing import databases, files
from orchestration.publishing.shape import Publication, PublishingError
from orchestration.settings import Settings
from orchestration.warehouse import by_engine

__all__ = [
    "Publication",
    "PublishingError",
    "clean_up",
    "current",
    "is_there",
    "previous",
    "previous_place",
    "publish",
    "rollback",
    "showing_the_build",
    "verify_current",
]


class _Place(Protocol):
    """Where publications are: what either engine can do with them."""

    def current(self, settings: Settings) -> Publication | None: ...

    def previous(self, settings: Settings) -> Publication | None: ...

    def previous_place(self, settings: Settings) -> str: ...

    def is_there(self, settings: Settings) -> bool: ...

    def verify_current(self, settings: Settings) -> Publication: ...

    def publish(self, settings: Settings, run_id: str, fingerprint: str, is_whole: bool) -> Publication: ...

    def showing_the_build(self, settings: Settings) -> Publication | None: ...

    def rollback(self, settings: Settings) -> Publication: ...

    def clean_up(self, settings: Settings) -> None: ...


def _place(settings: Settings) -> _Place:
    return by_engine(settings, embedded=files, cluster=databases)


def current(settings: Settings) -> Publication | None:
    """Return what readers see, or ``None`` if nothing is published.

    Raises
    ------
    WarehouseError
        If it cannot be read, or nobody answers.
    """
    return _place(settings).current(settings)


def previous(settings: Settings) -> Publication | None:
    """Return what readers saw before, or ``None`` if nothing is kept.

    Raises
    ------
    WarehouseError
        As `current`.
    """
    return _place(settings).previous(settings)


def previous_place(settings: Settings) -> str:
    """Return where the publication before the current one is, in words."""
    return _place(settings).previous_place(settings)


def is_there(settings: Settings) -> bool:
    """Whether there may be a publication, as far as can be told at once."""
    return _place(settings).is_there(settings)


def verify_current(settings: Settings) -> Publication:
    """Check that what readers see is whole: every table has the rows that it should have.

    Raises
    ------
    PublishingError
        If it is not.
    WarehouseError
        If nothing is published, or it cannot be read.
    """
    return _place(settings).verify_current(settings)


def showing_the_build(settings: Settings) -> Publication | None:
    """Return the publication if it is whole and its tables are those of the build, else ``None``."""
    return _place(settings).showing_the_build(settings)


def publish(settings: Settings, run_id: str, fingerprint: str, is_whole: bool = False) -> Publication:
    """Copy what readers may see out of the build, verify the copy, and swap it in.

    Parameters
    ----------
    is_whole
        Whether to copy even those tables that the publication has as they are.

    Raises
    ------
    PublishingError
        If there is nothing to publish or the copy differs from the build; the last publication stays.
    """
    return _place(settings).publish(settings, run_id, fingerprint, is_whole)


def rollback(settings: Settings) -> Publication:
    """Swap the current publication with the one before it; twice is back where it was.

    Raises
    ------
    PublishingError
        If no earlier publication is kept.
    """
    return _place(settings).rollback(settings)


def clean_up(settings: Settings) -> None:
    """Finish or undo what a killed process left half done; the publication itself is whole in any case."""
    _place(settings).clean_up(settings)
