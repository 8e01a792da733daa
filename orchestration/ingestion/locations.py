"""Where a source lies: the user's own place, or what its entry says."""

from __future__ import annotations

import os
import re
from importlib import resources
from pathlib import Path
from typing import TypeGuard

from orchestration.ingestion.entries import ApiEntry, DatabaseEntry, FilesEntry, SourceEntry
from orchestration.ingestion.errors import IngestionError
from orchestration.settings import PROJECT_DIR, Settings

_GENERATED = "generated:"
_GIVE_DATA = "set WAREHOUSE_DATA (`make demo DATA=...`), or `location` in the entry."


def source_folder(settings: Settings, entry: FilesEntry) -> Path:
    """Return the folder that holds the files of ``entry``.

    ``WAREHOUSE_DATA`` comes first: its subfolder named like the source, else the folder itself. When several
    sources are on, a source of which that folder holds no file stays at its own location.

    Raises
    ------
    IngestionError
        If there is no such folder, or it cannot be read.
    """
    if is_generated(entry, settings):
        folder = settings.warehouse_dir / "generated" / entry.source
        folder.mkdir(parents=True, exist_ok=True)
        return folder
    if _is_at_home(settings, entry):
        return _readable(entry, _own_folder(entry))
    assert settings.data is not None
    if "://" in settings.data:
        raise IngestionError(
            _file_of(entry),
            f"WAREHOUSE_DATA is an address ({settings.data.split('://')[0]}://...); this source reads files.",
            "give a folder.",
            "location",
        )
    data = Path(settings.data).expanduser()
    beside = data / entry.source
    return _readable(entry, beside if beside.is_dir() else data)


def is_generated(entry: SourceEntry, settings: Settings) -> TypeGuard[FilesEntry]:
    """Whether the files of ``entry`` are made by this project: unless WAREHOUSE_DATA gives them."""
    return (
        isinstance(entry, FilesEntry)
        and (entry.location or "").startswith(_GENERATED)
        and _is_at_home(settings, entry)
    )


def address_of(settings: Settings, entry: DatabaseEntry | ApiEntry) -> str:
    """Return the address of ``entry``: ``WAREHOUSE_DATA`` if it is one of its kind, else its own location.

    Raises
    ------
    IngestionError
        If there is none, or it names an environment variable that is not set.
    """
    is_web = (settings.data or "").startswith(("http://", "https://"))
    if settings.data and "://" in settings.data and is_web == isinstance(entry, ApiEntry):
        return settings.data
    if entry.location is None:
        raise IngestionError(_file_of(entry), "this source has no location.", _GIVE_DATA, "location")
    return expanded(_file_of(entry), entry.location)


def _is_at_home(settings: Settings, entry: FilesEntry) -> bool:
    """Whether the source is where its entry says, and not in WAREHOUSE_DATA."""
    return settings.data is None or (entry.location is not None and not _concerns(settings, entry))


def _concerns(settings: Settings, entry: FilesEntry) -> bool:
    """Whether WAREHOUSE_DATA speaks of this source, and not only of another one that is enabled beside it."""
    if settings.sources in {(), (entry.source,)}:
        return True
    data = Path(str(settings.data)).expanduser()
    patterns = [table.path for table in entry.tables.values()]
    return (data / entry.source).is_dir() or any(any(data.glob(pattern)) for pattern in patterns)


def _own_folder(entry: FilesEntry) -> Path:
    if entry.location is None:
        raise IngestionError(_file_of(entry), "this source has no location.", _GIVE_DATA, "location")
    location = expanded(_file_of(entry), entry.location)
    if not location.startswith("package:"):
        return PROJECT_DIR / Path(location).expanduser()
    package, _, below = location.removeprefix("package:").partition("/")
    try:
        return Path(str(resources.files(package))) / below
    except ModuleNotFoundError as error:
        raise IngestionError(
            _file_of(entry), f"the package {package!r} is not installed.", "run `make install`.", "location"
        ) from error


def expanded(file: str, text: str) -> str:
    """Return a text with the values of the environment variables that it names as ``${NAME}``.

    Raises
    ------
    IngestionError
        If one is not set; names ``file``, where the text stands.
    """

    def value(match: re.Match[str]) -> str:
        name = match.group(1)
        if name not in os.environ:
            raise IngestionError(
                file,
                f"location names the environment variable {name}, which is not set.",
                f"export {name}.",
                "location",
            )
        return os.environ[name]

    return re.sub(r"\$\{(\w+)\}", value, text)


def _readable(entry: FilesEntry, folder: Path) -> Path:
    try:
        next(folder.iterdir(), None)
    except OSError as error:
        reason = error.strerror or str(error)
        raise IngestionError(
            _file_of(entry), f"the folder {folder} cannot be read: {reason}.", _GIVE_DATA, "location"
        ) from error
    return folder


def _file_of(entry: SourceEntry) -> str:
    return f"{entry.source}.yml"
