"""What is known of files without reading them again: a cache beside the warehouse, safe to delete.

It lets a second run skip files whose size and date did not change, and lets a sensor ask what is new without
opening the build file, so that neither waits for the other. The truth about what has landed is
``ops.landed_batches``.
"""

from __future__ import annotations

import json
import time
from hashlib import blake2b
from pathlib import Path

from orchestration.files import write_whole
from orchestration.ingestion.arrivals import stamp_of
from orchestration.settings import Settings

_CHUNK_BYTES = 1 << 20
# A file may change twice within one tick of the file system's clock; a stamp this young proves nothing.
_SETTLED_AFTER_NANOSECONDS = 2_000_000_000


class FileStamps:
    """Content hashes by file path, and the batches that had landed when the cache was written."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._hashes: dict[str, tuple[int, int, str]] = {}
        self._landed: dict[str, list[str]] = {}

    @classmethod
    def load(cls, settings: Settings) -> FileStamps:
        """Read the cache; an absent or damaged one is empty."""
        stamps = cls(settings.warehouse_dir / "file_stamps.json")
        try:
            content = json.loads(stamps._path.read_text(encoding="utf-8"))
            stamps._hashes = {
                path: (size, date, text) for path, (size, date, text) in content["hashes"].items()
            }
            # Without the ledger nothing has landed, whatever the cache remembers.
            if settings.ledger_path is None or settings.ledger_path.exists():
                stamps._landed = {table: list(batches) for table, batches in content["landed"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            stamps._hashes, stamps._landed = {}, {}
        return stamps

    def content_hash(self, path: Path) -> str:
        """Return the hash of the file's bytes, from memory if size and date are those of the last time."""
        key, stamp = str(path.resolve()), stamp_of(path)
        known = self._hashes.get(key)
        if known is not None and known[:2] == stamp:
            return known[2]
        digest = blake2b(digest_size=32)
        with path.open("rb") as stream:
            while chunk := stream.read(_CHUNK_BYTES):
                digest.update(chunk)
        if time.time_ns() - stamp[1] > _SETTLED_AFTER_NANOSECONDS:
            self._hashes[key] = (*stamp, digest.hexdigest())
        return digest.hexdigest()

    def landed(self, source: str, table: str) -> frozenset[str]:
        """Return the batches of ``source.table`` that are remembered as landed."""
        return frozenset(self._landed.get(f"{source}.{table}", ()))

    def remember_landed(self, source: str, table: str, batch_ids: frozenset[str]) -> None:
        """Note the batches that make up ``source.table`` now."""
        self._landed[f"{source}.{table}"] = sorted(batch_ids)

    def save(self) -> None:
        """Write the cache, whole or not at all."""
        write_whole(self._path, json.dumps({"hashes": self._hashes, "landed": self._landed}))
