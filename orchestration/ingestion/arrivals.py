"""What a connector hands to landing: deliveries, each one batch, made of one or more arrivals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path


@dataclass(frozen=True)
class Arrival:
    """One thing that can be read: a file, or rows fetched from a database.

    Attributes
    ----------
    name
        The file's name without its folder, or the table's name in the source database; used in every message.
    scan
        What stands behind ``from`` to read it in the warehouse.
    format
        The file's format, or ``database``.
    path
        The file; ``None`` for rows fetched from a database.
    stamp
        The file's size in bytes and its date, in nanoseconds, before it was hashed.
    """

    name: str
    scan: str
    format: str
    path: Path | None = None
    stamp: tuple[int, int] | None = None


@dataclass(frozen=True)
class Delivery:
    """The arrivals that land together as one batch.

    Attributes
    ----------
    batch_id
        32 hexadecimal digits, derived from source, table and content: the same content is the same batch,
        whatever its name or date.
    content_hash
        64 hexadecimal digits over the content alone.
    """

    batch_id: str
    content_hash: str
    arrivals: tuple[Arrival, ...]

    @classmethod
    def of(cls, source: str, table: str, arrivals: Iterable[Arrival], hashes: Iterable[str]) -> Delivery:
        """Bundle ``arrivals``, whose contents have ``hashes``, for ``source.table``."""
        parts = sorted(hashes)
        content_hash = (
            parts[0] if len(parts) == 1 else blake2b(" ".join(parts).encode(), digest_size=32).hexdigest()
        )
        batch_id = blake2b(f"{source} {table} {content_hash}".encode(), digest_size=16).hexdigest()
        return cls(batch_id, content_hash, tuple(arrivals))

    @property
    def file_name(self) -> str:
        """The names of the arrivals, comma-separated."""
        return ", ".join(arrival.name for arrival in self.arrivals)


def stamp_of(path: Path) -> tuple[int, int]:
    """Return the file's size in bytes and its date in nanoseconds: both the same, the file is the same."""
    status = path.stat()
    return status.st_size, status.st_mtime_ns
