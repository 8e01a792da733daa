"""Sources that are generated where they are wanted: ``location: generated:<name>``.

The files lie in the warehouse's folder and are made again only when what they depend on has changed. What
depends on nothing but settings, code and data is the same every time, so it is the same batch for landing.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

from sqlalchemy import Connection as Ledger

from orchestration.builds.fingerprints import hash_of_files, hash_of_values
from orchestration.ingestion.arrivals import Delivery
from orchestration.ingestion.entries import FilesEntry, SourceEntry, load_entry
from orchestration.ingestion.errors import IngestionError
from orchestration.ingestion.locations import is_generated, source_folder
from orchestration.ledger import landing_log
from orchestration.settings import PROJECT_DIR, Settings
from simulation.digital_twin.configuration import TwinSettings
from simulation.digital_twin.households import DEMOGRAPHICS, PRODUCTS, TRANSACTIONS, read_grocery

_GROCERY = "complete_journey"


def generate_if_changed(settings: Settings, entry: SourceEntry, report: Callable[[str], None]) -> None:
    """Make the files of a source that is generated, unless they are there and nothing has changed.

    Raises
    ------
    IngestionError
        If the data that they are made around is missing.
    SettingsError
        If a setting of the generator cannot be used.
    """
    fingerprint = wanted_generation(settings, entry)
    if fingerprint is None or not is_generated(entry, settings):
        return
    folder = source_folder(settings, entry)
    _note_of(folder).unlink(missing_ok=True)
    twin, grocery = TwinSettings.from_environment(), grocery_folder(settings)
    rows = write_twin(folder, entry, twin, grocery, has_truth=True, report=report)
    _note_of(folder).write_text(fingerprint, encoding="utf-8")
    report(f"{entry.source}: {sum(rows.values()):,} simulated rows in {len(rows)} files")


def wanted_generation(settings: Settings, entry: SourceEntry) -> str | None:
    """Return the fingerprint of the files that the next build would make; ``None`` if they are there.

    ``None`` too for a source that is not generated.
    """
    if not is_generated(entry, settings):
        return None
    folder = source_folder(settings, entry)
    wanted = _fingerprint(TwinSettings.from_environment(), grocery_folder(settings))
    note = _note_of(folder)
    is_there = note.exists() and note.read_text(encoding="utf-8") == wanted and any(folder.iterdir())
    return None if is_there else wanted


def _note_of(folder: Path) -> Path:
    """Return the file that says of what settings, code and data the files in ``folder`` were made."""
    return folder.with_name(f"{folder.name}.fingerprint")


def write_twin(
    folder: Path,
    entry: SourceEntry,
    twin: TwinSettings,
    grocery: Path,
    *,
    has_truth: bool,
    report: Callable[[str], None],
) -> dict[str, int]:
    """Write the digital twin into ``folder``, in place of what is there, and the truth beside it.

    Returns
    -------
    dict
        Rows by file name.

    Raises
    ------
    IngestionError
        If the households' data cannot be read.
    """
    # pyarrow's writers are needed by nobody else, and are slow to import.
    from simulation.digital_twin.generation import generate

    assert isinstance(entry, FilesEntry)
    try:
        households = read_grocery(grocery)
    except OSError as error:
        raise IngestionError(
            f"{_GROCERY}.yml",
            f"the digital twin is made around its households, but {grocery} cannot be read: {error}.",
            "run `make install`, or give a folder with its files.",
        ) from error
    truth = folder.with_name(f"{folder.name}_truth")
    unfinished = folder.with_name(f"{folder.name}.part")
    unfinished_truth = folder.with_name(f"{folder.name}_truth.part")
    for leftover in (unfinished, unfinished_truth):
        shutil.rmtree(leftover, ignore_errors=True)
    rows = generate(
        unfinished,
        entry.tables,
        twin,
        households,
        truth_folder=unfinished_truth if has_truth else None,
        report=report,
    )
    for new, place in ((unfinished, folder), (unfinished_truth, truth)):
        shutil.rmtree(place, ignore_errors=True)
        if new.exists():
            new.replace(place)
    return rows


def grocery_folder(settings: Settings) -> Path:
    """Return the folder of the households' data.

    Raises
    ------
    IngestionError
        If it is missing.
    """
    entry = load_entry(_GROCERY)
    assert isinstance(entry, FilesEntry)
    return source_folder(settings, entry)


def refuse_other_rows(
    log: Ledger, entry: SourceEntry, table_name: str, deliveries: Iterable[Delivery]
) -> None:
    """Refuse to land a generated table beside rows of another generation: both would be the same customers.

    Raises
    ------
    IngestionError
        If the table holds batches that are not among ``deliveries``.
    """
    if entry.tables[table_name].mode != "append":
        return
    landed = landing_log.current_batches(log, entry.source, table_name)
    if landed - {delivery.batch_id for delivery in deliveries}:
        raise IngestionError(
            f"{entry.source}.{table_name}",
            "this warehouse holds the rows of another twin: seed, scale, dirt, generator or the "
            "households' data have changed since, and both together would count every customer twice.",
            "build into a fresh warehouse (another WAREHOUSE_DIR), or set back what was changed.",
        )


def _fingerprint(twin: TwinSettings, grocery: Path) -> str:
    files = [path for name in (TRANSACTIONS, PRODUCTS, DEMOGRAPHICS) for path in sorted(grocery.glob(name))]
    return hash_of_values(
        {
            "generator": hash_of_files(PROJECT_DIR / "simulation" / "digital_twin", {".py", ".yml"}),
            "settings": twin.model_dump_json(),
            "grocery": [_content_hash(path) for path in files],
        }
    )


def _content_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "blake2b").hexdigest()
