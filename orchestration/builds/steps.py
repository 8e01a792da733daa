"""Steps beside dbt, Python between models and gates, need not run again on what they have seen already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from orchestration import warehouse
from orchestration.builds import state
from orchestration.builds.changes import Artefact, Version, version_of
from orchestration.settings import Settings


def due(
    settings: Settings, step: Artefact, reads: Iterable[str], writes: Iterable[str] = ()
) -> Version | None:
    """Return what is to be recorded once a step has run, or ``None`` if it has run on the same before.

    Parameters
    ----------
    step
        Its name, the hash of all that decides what it gives, and of the rows that no model made for it.
    reads
        The tables, as ``schema.table``, that models made for it.
    writes
        The tables that are there if it has run.
    """
    recorded, _ = state.recorded(settings)
    by_relation = {record.relation: record for record in recorded.values() if record.relation}
    wanted, written = list(reads), list(writes)
    parents = [by_relation[table].name for table in wanted if table in by_relation]
    version = version_of(replace(step, parents=tuple(parents)), recorded)
    if len(parents) < len(wanted):
        # Nobody knows what it reads: its record is never the wanted one.
        return replace(version, version="")
    if warehouse.is_on_cluster(settings):
        return version
    record = recorded.get(step.name)
    with warehouse.writing(settings) as connection:
        are_there = all(warehouse.table_exists(connection, table) for table in written)
    if are_there and record is not None and record.version == version.version:
        return None
    state.begin(settings, [step.name])
    return version
