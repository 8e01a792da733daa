"""What the build file holds, artefact by artefact, as a table of the file itself.

The record is about the file, so it lives and dies with it: without the file there is no record, and
everything is built. Of what is being built there is no record until it is done, so that whatever ends a
build, nothing that is half done or already other than before is taken for built.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import astuple, fields

from orchestration import warehouse
from orchestration.builds.changes import RELATIONS, STEP, Version
from orchestration.builds.fingerprints import hash_of_values
from orchestration.settings import Settings
from orchestration.warehouse import Connection, EngineError

logger = logging.getLogger("insight.build")

TABLE = "ops.built_artefacts"
SHOWN = "ops.shown_fingerprints"
_COLUMNS = [field.name for field in fields(Version)]
_MISSING = "first build of this warehouse"


def recorded(settings: Settings) -> tuple[dict[str, Version], str]:
    """Return what was built, by name, and why there is nothing, for when there is nothing."""
    with warehouse.writing(settings) as connection:
        if not warehouse.table_exists(connection, TABLE):
            return {}, _MISSING
        try:
            rows = connection.execute(f"select {', '.join(_COLUMNS)}, digest from {TABLE}").fetchall()
            found = {}
            for *values, digest in rows:
                record = Version(*values)
                if digest != _digest(record):
                    raise ValueError(f"the record of {record.name} is not what was written")
                found[record.name] = record
        except (EngineError, TypeError, ValueError) as error:
            # Not one record of a table is believed of which another is wrong.
            connection.execute(f"drop table {TABLE}")
            problem = str(error).splitlines()[0]
            logger.warning("%s is broken (%s): everything is built", TABLE, problem)
            return {}, f"the state of the last build is broken: {problem}"
    return found, _MISSING


def begin(settings: Settings, names: Iterable[str]) -> None:
    """Forget what is about to be built: whatever becomes of it, it is no longer what the record says."""
    with warehouse.writing(settings) as connection:
        _prepare(connection)
        connection.executemany(f"delete from {TABLE} where name = ?", [[name] for name in names] or [[""]])


def finish(settings: Settings, built: Iterable[Version]) -> None:
    """Record what was built."""
    rows = [[*astuple(version), _digest(version)] for version in built]
    if not rows:
        return
    marks = ", ".join("?" for _ in rows[0])
    with warehouse.writing(settings) as connection:
        _prepare(connection)
        connection.execute("begin transaction")
        connection.executemany(f"delete from {TABLE} where name = ?", [row[:1] for row in rows])
        connection.executemany(f"insert into {TABLE} values ({marks})", rows)
        connection.execute("commit")


def content(records: Mapping[str, Version]) -> str:
    """Return a hash of everything that models, seeds and Python steps built, and of its descriptions."""
    return hash_of_values(
        {name: (each.version, each.docs) for name, each in records.items() if each.kind in {*RELATIONS, STEP}}
    )


def note_shown(settings: Settings, fingerprint: str, publication: str) -> None:
    """Note that what a build with ``fingerprint`` gives is what ``publication`` shows already."""
    with warehouse.writing(settings) as connection:
        connection.execute("create schema if not exists ops")
        connection.execute(f"create table if not exists {SHOWN} (fingerprint varchar, publication varchar)")
        connection.execute(f"insert into {SHOWN} values (?, ?)", [fingerprint, publication])


def is_shown(settings: Settings, fingerprint: str, publication: str) -> bool:
    """Whether `note_shown` said so."""
    with warehouse.writing(settings) as connection:
        if not warehouse.table_exists(connection, SHOWN):
            return False
        found = connection.execute(
            f"select 1 from {SHOWN} where fingerprint = ? and publication = ?", [fingerprint, publication]
        ).fetchone()
        return found is not None


def _prepare(connection: Connection) -> None:
    connection.execute("create schema if not exists ops")
    columns = ", ".join(f"{name} varchar not null" for name in [*_COLUMNS, "digest"])
    connection.execute(f"create table if not exists {TABLE} ({columns})")


def _digest(record: Version) -> str:
    return hash_of_values(vars(record))
