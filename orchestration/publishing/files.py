"""Publications on the embedded engine: each is one file that is swapped in whole, and the one before is kept.

A process that is killed at any line leaves a whole publication, for every visible change is one rename.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from orchestration.builds import state
from orchestration.builds.changes import RELATIONS, Version
from orchestration.builds.fingerprints import gate_hash, hash_of_files, hash_of_values
from orchestration.files import sync
from orchestration.publishing.shape import (
    AS_OF_TABLE,
    INTERNAL_PREFIX,
    PUBLISHED_SCHEMAS,
    PUBLISHED_TABLES,
    Publication,
    PublishingError,
)
from orchestration.settings import Settings
from orchestration.warehouse import (
    PUBLICATION,
    Connection,
    EngineError,
    WarehouseError,
    build_file_id,
    copying,
    reading,
    table_exists,
)
from orchestration.warehouse.sql import literal, quoted

# Under these names a publication keeps the hash of all that it depends on and the build that it is of, beside
# the versions of its tables.
_EVERYTHING, _BUILD_FILE = "everything", "build_file"
_TEMPORARY = "insight.duckdb.new"
_KEPT = "insight.duckdb.kept"


@dataclass(frozen=True)
class Publishing:
    """Who publishes what: the build and its fingerprint."""

    run_id: str
    fingerprint: str


def current(settings: Settings) -> Publication | None:
    """Return what readers see, or ``None`` if nothing is published.

    Raises
    ------
    WarehouseError
        If it cannot be read.
    """
    return read_publication(settings.published_path) if settings.published_path.exists() else None


def previous(settings: Settings) -> Publication | None:
    """Return what readers saw before, or ``None`` if nothing is kept.

    Raises
    ------
    WarehouseError
        As `current`.
    """
    return read_publication(settings.previous_path) if settings.previous_path.exists() else None


def verify_current(settings: Settings) -> Publication:
    """Check that what readers see is whole: every table has the rows that it should have.

    Raises
    ------
    PublishingError
        If it is not.
    WarehouseError
        If nothing is published, or it cannot be read.
    """
    return verify(settings.published_path)


def previous_place(settings: Settings) -> str:
    """Return where the publication before the current one is, in words."""
    return str(settings.previous_path)


def is_there(settings: Settings) -> bool:
    """Whether there may be a publication; asks nobody, so that it answers at once."""
    return settings.published_path.exists()


def showing_the_build(settings: Settings) -> Publication | None:
    """Return the publication if it is whole and its tables are those of the build, else ``None``."""
    try:
        publication = verify(settings.published_path)
    except (PublishingError, WarehouseError):
        return None
    shown = _contents(settings.published_path)
    recorded, _ = state.recorded(settings)
    is_same_file = shown.get(_BUILD_FILE) == build_file_id(settings)
    is_same = is_same_file and bool(recorded) and shown.get(_EVERYTHING) == _everything(recorded)
    return publication if is_same else None


def publish(settings: Settings, run_id: str, fingerprint: str, is_whole: bool = False) -> Publication:
    """Copy what readers may see out of the build, verify the copy, and swap it in.

    What the publication has already is copied as a file and not row by row; what readers open is a new file
    in any case.

    Parameters
    ----------
    is_whole
        Whether to copy even those tables that the publication has as they are.

    Raises
    ------
    PublishingError
        If there is nothing to publish or the copy differs from the build; the last publication stays.
    """
    if not settings.build_path.exists():
        raise WarehouseError(f"There is no build at {settings.build_path}. Run `insight build` first.")
    settings.published_dir.mkdir(parents=True, exist_ok=True)
    settings.previous_path.parent.mkdir(parents=True, exist_ok=True)
    clean_up(settings)
    temporary = settings.published_dir / _TEMPORARY
    kept = {} if is_whole else _kept(settings)
    if kept:
        shutil.copyfile(settings.published_path, temporary)
    _copy(settings, temporary, Publishing(run_id, fingerprint), kept)
    publication = verify(temporary)
    # Nobody should write into a publication; a reader that forgets to ask for read-only is told so by the
    # system.
    temporary.chmod(0o444)
    sync(temporary)
    _swap_in(settings, temporary)
    return publication


def rollback(settings: Settings) -> Publication:
    """Swap the current publication with the one before it; twice is back where it was.

    Raises
    ------
    PublishingError
        If no earlier publication is kept.
    """
    clean_up(settings)
    path = settings.previous_path
    if not path.exists() or not settings.published_path.exists():
        raise PublishingError(
            f"There is no earlier publication in {path.parent} to go back to. One is kept from the "
            "second `insight build` that publishes something new."
        )
    publication = read_publication(path)
    _swap_in(settings, path)
    return publication


def clean_up(settings: Settings) -> None:
    """Finish or undo what a killed process left half done; the publication itself is whole in any case."""
    for leftover in settings.published_dir.glob(f"{_TEMPORARY}*"):
        leftover.unlink()
    kept = settings.previous_path.with_name(_KEPT)
    if kept.exists():
        if settings.published_path.exists() and kept.samefile(settings.published_path):
            kept.unlink()
        else:
            os.replace(kept, settings.previous_path)


def read_publication(path: Path) -> Publication:
    """Read what a published file says about itself.

    Raises
    ------
    WarehouseError
        If there is no such file or it is not a publication.
    """
    with reading(path) as connection:
        if not table_exists(connection, PUBLICATION):
            raise WarehouseError(
                f"{path} is not a publication of this project: it has no table ops.publication."
            )
        run_id, published_at, fingerprint, sources, as_of, row_counts = connection.execute(
            "select run_id, published_at, fingerprint, sources, as_of, row_counts from ops.publication"
        ).fetchall()[0]
    return Publication(
        run_id, published_at, fingerprint, tuple(sources.split(",")), as_of, json.loads(row_counts)
    )


def verify(path: Path) -> Publication:
    """Check that a published file is whole: it opens, and every table has the rows that it should have.

    Raises
    ------
    PublishingError
        If it is not.
    WarehouseError
        If there is no such file or it is not a publication.
    """
    if path.with_name(path.name + ".wal").exists():
        raise PublishingError(
            f"{path} was not closed cleanly: its write-ahead log is still there. Build again."
        )
    publication = read_publication(path)
    with reading(path) as connection:
        for table, expected in publication.row_counts.items():
            schema, name = table.split(".", maxsplit=1)
            found = _count(connection, f'"{schema}"."{name}"') if table_exists(connection, table) else 0
            if found != expected:
                raise PublishingError(
                    f"{path}: {table} has {found:,} rows; the build has {expected:,}. Check the disk, then "
                    "build again."
                )
    return publication


def _copy(settings: Settings, path: Path, publishing: Publishing, kept: Mapping[str, str]) -> None:
    """Write the publication to ``path``, where tables whose versions are ``kept`` are already."""
    row_counts = {}
    recorded, _ = state.recorded(settings)
    build_file = build_file_id(settings)
    versions = {each.relation: each.version for each in recorded.values() if each.kind in RELATIONS}
    with copying(settings, path) as connection:
        build = settings.build_path.stem
        wanted = _published_tables(connection, build)
        _drop_all_but(connection, set(kept) & {".".join(table) for table in wanted})
        for schema, table in wanted:
            name = f"{schema}.{table}"
            if name not in kept:
                connection.execute(f'create schema if not exists "{schema}"')
                connection.execute(
                    f'create table "{schema}"."{table}" as select * from {build}."{schema}"."{table}"'
                )
            row_counts[name] = _count(connection, f'{build}."{schema}"."{table}"')
        if not row_counts:
            raise PublishingError(
                f"{settings.build_path} holds no table of {', '.join(PUBLISHED_SCHEMAS)}. "
                "Run `insight build` first."
            )
        _copy_comments(connection, build, set(row_counts))
        contents = {
            **{name: versions[name] for name in row_counts if name in versions},
            _EVERYTHING: _everything(recorded),
            _BUILD_FILE: build_file,
        }
        connection.execute("create schema if not exists ops")
        connection.execute(
            "create table ops.publication (run_id varchar, published_at timestamp, fingerprint varchar, "
            "sources varchar, as_of varchar, row_counts varchar, contents varchar)"
        )
        connection.execute(
            "insert into ops.publication values (?, ?, ?, ?, ?, ?, ?)",
            [
                publishing.run_id,
                datetime.now(UTC).replace(tzinfo=None),
                publishing.fingerprint,
                ",".join(sorted(settings.sources)),
                _as_of(connection, build, settings),
                json.dumps(row_counts),
                json.dumps(contents),
            ],
        )
        connection.execute("checkpoint")


def _kept(settings: Settings) -> dict[str, str]:
    """Return the versions of published tables that are as in the build; none if copying is no gain."""
    try:
        publication = verify(settings.published_path)
    except (PublishingError, WarehouseError):
        return {}
    recorded, _ = state.recorded(settings)
    shown = _contents(settings.published_path)
    if shown.get(_BUILD_FILE) != build_file_id(settings):
        # Equal versions give equal rows, but for what tells one run of a Python step from another.
        return {}
    kept = {
        each.relation: each.version
        for each in recorded.values()
        if each.kind in RELATIONS and shown.get(each.relation) == each.version
    }
    rows = publication.row_counts
    return kept if 2 * sum(rows.get(name, 0) for name in kept) > sum(rows.values()) else {}


def _contents(path: Path) -> dict[str, str]:
    """Return the versions of the tables of a published file; none if it says nothing about them."""
    with reading(path) as connection:
        try:
            found = connection.execute(f"select contents from {PUBLICATION}").fetchall()[0][0]
        except EngineError:
            return {}
    return dict(json.loads(found))


def _everything(recorded: Mapping[str, Version]) -> str:
    """Return a hash of all that a publication depends on."""
    return hash_of_values(
        {
            "build": state.content(recorded),
            "publishing": hash_of_files(Path(__file__).parent, {".py"}),
            "suites": gate_hash(),
        }
    )


def _drop_all_but(connection: Connection, kept: set[str]) -> None:
    there = connection.execute(
        "select table_schema, table_name from information_schema.tables "
        "where table_catalog = current_database()"
    ).fetchall()
    for schema, table in there:
        if f"{schema}.{table}" not in kept:
            connection.execute(f'drop table "{schema}"."{table}"')


def _as_of(connection: Connection, build: str, settings: Settings) -> str | None:
    """Return "today" as the models resolved it; if they did not, as it was set."""
    schema, table = AS_OF_TABLE.split(".")
    known = connection.execute(
        "select 1 from information_schema.tables "
        "where table_catalog = ? and table_schema = ? and table_name = ?",
        [build, schema, table],
    ).fetchone()
    if known:
        as_of = connection.execute(f"select max(as_of_date) from {build}.{AS_OF_TABLE}").fetchall()[0][0]
    else:
        as_of = settings.as_of
    return as_of.isoformat() if as_of else None


def _published_tables(connection: Connection, build: str) -> list[tuple[str, str]]:
    return connection.execute(
        "select table_schema, table_name from information_schema.tables "
        "where table_catalog = ? and not starts_with(table_name, ?) "
        "and (list_contains(?, table_schema) or list_contains(?, table_schema || '.' || table_name)) "
        "order by all",
        [build, INTERNAL_PREFIX, list(PUBLISHED_SCHEMAS), list(PUBLISHED_TABLES)],
    ).fetchall()


def _copy_comments(connection: Connection, build: str, tables: set[str]) -> None:
    """Give tables and columns the comments that they have in the build, where they have others."""
    here = connection.execute("select current_database()").fetchall()[0][0]
    for kind, read in (("table", _comments), ("column", _column_comments)):
        found = read(connection, here)
        for name, comment in read(connection, build).items():
            if ".".join(name[:2]) in tables and found.get(name) != comment:
                what = ".".join(quoted(part) for part in name)
                connection.execute(f"comment on {kind} {what} is {literal(comment) if comment else 'null'}")


def _comments(connection: Connection, database: str) -> dict[tuple[str, ...], str | None]:
    rows = connection.execute(
        "select schema_name, table_name, comment from duckdb_tables() where database_name = ? "
        "union all select schema_name, view_name, comment from duckdb_views() where database_name = ?",
        [database, database],
    ).fetchall()
    return {(schema, table): comment for schema, table, comment in rows}


def _column_comments(connection: Connection, database: str) -> dict[tuple[str, ...], str | None]:
    rows = connection.execute(
        "select schema_name, table_name, column_name, comment from duckdb_columns() where database_name = ?",
        [database],
    ).fetchall()
    return {(schema, table, column): comment for schema, table, column, comment in rows}


def _swap_in(settings: Settings, whole: Path) -> None:
    """Make ``whole`` the publication and the publication the previous one.

    The current publication gets a second name first. Where a killed process stopped can be told from that
    name (see `clean_up`): it still is the publication, or it is on its way to become the previous one.
    """
    shown, before = settings.published_path, settings.previous_path
    kept = before.with_name(_KEPT)
    if shown.exists():
        os.link(shown, kept)
    os.replace(whole, shown)
    sync(shown.parent)
    if kept.exists():
        os.replace(kept, before)
    sync(before.parent)


def _count(connection: Connection, relation: str) -> int:
    return int(connection.execute(f"select count(*) from {relation}").fetchall()[0][0])
