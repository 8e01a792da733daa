"""Publications on a cluster: each is a set of databases of its own, and readers meet only views of them.

Readers find ``marts.x`` as the view ``insight_marts.x``. The tables behind it are in the databases of a
release, ``insight_marts_<release>``, which nobody writes to once they are filled. Which release a view shows
is decided by one other view, the pointer ``insight_ops.publication``: each view covers the current release
and the one beside it, and the pointer picks. Changing the pointer changes one entry of the metastore, and
a query looks it up once, however many views it joins: readers meet one release or the other, never both.

Three things about Spark decide the details:

- ``alter view`` changes a view in place; ``create or replace view`` drops it first, and for a moment readers
  would find none.
- A reader's session remembers the files of a table. So a release never takes the names of an earlier one.
- The pointer holds literals alone, so that a plan has its answer in it, and reads nothing of the other
  release.

A process that is killed at any line leaves a whole publication; the next one removes what it left.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from orchestration import warehouse
from orchestration.publishing.shape import (
    AS_OF_TABLE,
    INTERNAL_PREFIX,
    PUBLISHED_SCHEMAS,
    PUBLISHED_TABLES,
    Publication,
    PublishingError,
)
from orchestration.settings import Settings
from orchestration.warehouse import PUBLICATION, READERS_PREFIX, WarehouseError, readers_place

if TYPE_CHECKING:
    import pyarrow as pa

    from orchestration.warehouse.spark import SparkTables

# What the pipeline notes about itself is in the build file: readers get a copy.
_LEDGER = (*PUBLISHED_TABLES, "quality.validation_results")
_SCHEMAS = ("ops", *PUBLISHED_SCHEMAS)
# A release's own note of what is in it: views are made from it.
_CONTENTS = "ops.publication_columns"
_POINTER = READERS_PREFIX + PUBLICATION
_RELEASE = re.compile(rf"{READERS_PREFIX}(?:{'|'.join(_SCHEMAS)})_(r\d{{20}})")
_NOBODY = Publication("", datetime(1970, 1, 1), "", (), None, {})
# Most of the time of such a statement is spent waiting for the server.
_AT_ONCE = 4


@dataclass(frozen=True)
class _Pointer:
    """Which release readers see, which one was before it (empty if none is kept), and what it says."""

    release: str
    previous: str
    publication: Publication


@dataclass(frozen=True)
class _Column:
    table: str
    name: str
    data_type: str
    table_comment: str


def current(settings: Settings) -> Publication | None:
    """Return what readers see, or ``None`` if nothing is published."""
    with warehouse.spark_tables(settings, is_writer=False) as tables:
        pointer = _pointer(tables)
        return pointer.publication if pointer else None


def previous(settings: Settings) -> Publication | None:
    """Return what readers saw before, or ``None`` if nothing is kept."""
    with warehouse.spark_tables(settings, is_writer=False) as tables:
        pointer = _pointer(tables)
        return _record(tables, pointer.previous) if pointer and pointer.previous else None


def previous_place(settings: Settings) -> str:
    """Return where the publication before the current one is, in words."""
    return readers_place(settings)


def is_there(settings: Settings) -> bool:
    """Whether there may be a publication: asking a cluster is dear, so it is asked once all else says yes."""
    return True


def showing_the_build(settings: Settings) -> Publication | None:
    """Return ``None``: others may have built on the cluster, so nobody knows."""
    return None


def publish(settings: Settings, run_id: str, fingerprint: str, is_whole: bool = True) -> Publication:
    """Copy what readers may see into databases of its own, verify the copy, and have the views show it.

    Raises
    ------
    PublishingError
        If there is nothing to publish or the copy differs from the build; the last publication stays.
    """
    with warehouse.spark_tables(settings) as tables:
        pointer = _settle(tables)
        release = f"r{datetime.now(UTC):%Y%m%d%H%M%S%f}"
        publication = _fill(settings, tables, release, run_id, fingerprint)
        _verify(tables, release, publication)
        beside = pointer.release if pointer else ""
        contents = _contents(tables, release)
        _show(tables, contents, {release: contents, beside: _contents(tables, beside)})
        _point(tables, _Pointer(release, beside, publication))
    return publication


def rollback(settings: Settings) -> Publication:
    """Have the views show the publication before the current one; twice is back where it was.

    Raises
    ------
    PublishingError
        If no earlier publication is kept.
    """
    with warehouse.spark_tables(settings) as tables:
        pointer = _settle(tables)
        if pointer is None or not pointer.previous:
            raise PublishingError(
                f"There is no earlier publication on {tables.address} to go back to. One is kept from the "
                "second `insight build` that publishes something new."
            )
        publication = _record(tables, pointer.previous)
        contents = _contents(tables, pointer.previous)
        beside = {pointer.previous: contents, pointer.release: _contents(tables, pointer.release)}
        _show(tables, contents, beside)
        _point(tables, _Pointer(pointer.previous, pointer.release, publication))
    return publication


def verify_current(settings: Settings) -> Publication:
    """Check that what readers see is whole: every table is there, with the rows that it should have.

    Raises
    ------
    PublishingError
        If it is not.
    WarehouseError
        If nothing is published.
    """
    with warehouse.spark_tables(settings, is_writer=False) as tables:
        pointer = _pointer(tables)
        if pointer is None:
            raise WarehouseError(f"Nothing is published on {tables.address} yet. Run `insight build` first.")
        _verify(tables, pointer.release, pointer.publication)
        if missing := sorted(set(pointer.publication.row_counts) - _shown(tables)):
            raise PublishingError(f"Readers have no {', '.join(missing)} on {tables.address}. Build again.")
    return pointer.publication


def clean_up(settings: Settings) -> None:
    """Finish or undo what a killed process left half done; the publication itself is whole in any case."""
    with warehouse.spark_tables(settings) as tables:
        _settle(tables)


def _settle(tables: SparkTables) -> _Pointer | None:
    """Remove all that belongs neither to the current release nor to the one before; return the pointer."""
    pointer = _pointer(tables)
    if set(_releases(tables)) - ({pointer.release, pointer.previous} if pointer else set()):
        if pointer:
            # Views may show a release beside the current one that is about to go.
            contents = _contents(tables, pointer.release)
            beside = {pointer.release: contents, pointer.previous: _contents(tables, pointer.previous)}
            _show(tables, contents, beside)
        _remove_what_nobody_needs(tables, pointer)
    return pointer


def _fill(
    settings: Settings, tables: SparkTables, release: str, run_id: str, fingerprint: str
) -> Publication:
    sources = [
        f"{schema}.{table}"
        for schema in PUBLISHED_SCHEMAS
        for table in tables.names(schema)
        if not table.startswith(INTERNAL_PREFIX)
    ]
    if not sources:
        raise PublishingError(
            f"{tables.address} holds no table of {', '.join(PUBLISHED_SCHEMAS)}. Run `insight build` first."
        )
    ledger = _ledger(settings)
    for schema in sorted({table.partition(".")[0] for table in (*sources, *ledger, PUBLICATION)}):
        tables.execute(f"create database {_database(schema, release)}")
    contents: list[_Column] = []
    row_counts = tables.counts({source: source for source in sources})
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        copies = pool.map(lambda source: tables.copy(source, _in_release(source, release)), sources)
        for source, (types, comment) in zip(sources, copies, strict=True):
            contents += [_Column(source, name, data_type, comment) for name, data_type in types.items()]
    for table, rows in ledger.items():
        types = tables.create(_in_release(table, release), rows)
        contents += [_Column(table, name, data_type, "") for name, data_type in types.items()]
        row_counts[table] = rows.num_rows
    publication = Publication(
        run_id,
        datetime.now(UTC).replace(tzinfo=None),
        fingerprint,
        tuple(sorted(settings.sources)),
        _as_of(settings, tables),
        row_counts,
    )
    tables.create(_in_release(_CONTENTS, release), _rows([vars(column) for column in contents]))
    # Last: a release without its record is not whole.
    tables.create(_in_release(PUBLICATION, release), _rows([_as_row(publication)]))
    return publication


def _ledger(settings: Settings) -> dict[str, pa.Table]:
    with warehouse.writing(settings) as connection:
        return {
            table: connection.execute(f"select * from {table}").to_arrow_table()
            for table in _LEDGER
            if warehouse.table_exists(connection, table)
        }


def _as_of(settings: Settings, tables: SparkTables) -> str | None:
    """Return "today" as the models resolved it; if they did not, as it was set."""
    as_of = settings.as_of
    if tables.exists(AS_OF_TABLE):
        as_of = tables.query(f"select max(as_of_date) as as_of from {AS_OF_TABLE}")["as_of"][0].as_py()
    return as_of.isoformat() if as_of else None


def _verify(tables: SparkTables, release: str, publication: Publication) -> None:
    there = {f"{schema}.{table}" for schema in _SCHEMAS for table in tables.names(_database(schema, release))}
    counts = tables.counts(
        {table: _in_release(table, release) for table in publication.row_counts if table in there}
    )
    for table, expected in publication.row_counts.items():
        found = counts.get(table, 0)
        if found != expected:
            raise PublishingError(
                f"{_in_release(table, release)} on {tables.address} has {found:,} rows; the build has "
                f"{expected:,}. Check the storage, then build again."
            )


def _show(tables: SparkTables, columns: Iterable[_Column], releases: Mapping[str, Iterable[_Column]]) -> None:
    """Give readers views of all tables in ``releases``, with these columns; the pointer is left as it is.

    A table that only the other release has keeps its own columns, until it goes.
    """
    by_table: dict[str, dict[str, _Column]] = {}
    for shown in (columns, *releases.values()):
        fresh: dict[str, dict[str, _Column]] = {}
        for column in shown:
            fresh.setdefault(column.table, {})[column.name] = column
        by_table = {**fresh, **by_table}
    held = {
        release: {(column.table, column.name): column.data_type for column in contents}
        for release, contents in releases.items()
    }
    for schema in sorted({table.partition(".")[0] for table in (*by_table, PUBLICATION)}):
        tables.execute(f"create database if not exists {READERS_PREFIX}{schema}")
    if not tables.exists(_POINTER):
        tables.execute(f"create view {_POINTER} as {_literals(tables, _Pointer('', '', _NOBODY))}")
    existing = _shown(tables)

    def show(table: str) -> None:
        wanted = by_table[table]
        query = " union all ".join(
            _branch(table, release, wanted.values(), types)
            for release, types in held.items()
            if any(name == table for name, _ in types)
        )
        comment = next(iter(wanted.values())).table_comment
        tables.set_view(READERS_PREFIX + table, query, comment, is_new=table not in existing)

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        list(pool.map(show, by_table))


def _branch(
    table: str, release: str, columns: Iterable[_Column], types: Mapping[tuple[str, str], str]
) -> str:
    """Return the query of one release's rows, if the pointer says so, as the columns that readers expect."""
    expressions = []
    for column in columns:
        name, found = f"`{column.name}`", types.get((table, column.name))
        if found == column.data_type:
            expressions.append(name)
        elif found is None or {"<"} & set(found + column.data_type):
            expressions.append(f"cast(null as {column.data_type}) as {name}")
        else:
            # The type has changed between two releases; every type has a text.
            expressions.append(f"try_cast(cast({name} as string) as {column.data_type}) as {name}")
    return (
        f"select {', '.join(expressions)} from {_in_release(table, release)} "
        f"where (select release from {_POINTER}) = '{release}'"
    )


def _point(tables: SparkTables, pointer: _Pointer) -> None:
    """Have all views show another release at once, then remove what no release needs any more."""
    tables.execute(f"alter view {_POINTER} as {_literals(tables, pointer)}")
    _remove_what_nobody_needs(tables, pointer)


def _remove_what_nobody_needs(tables: SparkTables, pointer: _Pointer | None) -> None:
    """Drop the views of tables that the current release lacks, then the releases that are not kept."""
    gone = _shown(tables) - set(pointer.publication.row_counts if pointer else ())
    for table in sorted(gone):
        tables.execute(f"drop view {READERS_PREFIX}{table}")
    for release, databases in _releases(tables).items():
        if pointer is None or release not in {pointer.release, pointer.previous}:
            for database in databases:
                tables.execute(f"drop database {database} cascade")


def _pointer(tables: SparkTables) -> _Pointer | None:
    if not tables.exists(_POINTER):
        return None
    row = tables.query(f"select * from {_POINTER}").to_pylist()[0]
    return _Pointer(row["release"], row["previous_release"], _from_row(row)) if row["release"] else None


def _record(tables: SparkTables, release: str) -> Publication:
    return _from_row(tables.query(f"select * from {_in_release(PUBLICATION, release)}").to_pylist()[0])


def _contents(tables: SparkTables, release: str) -> list[_Column]:
    """Return all columns of a release, in their order; empty if there is no release."""
    if not release:
        return []
    rows = tables.query(f"select * from {_in_release(_CONTENTS, release)} order by position").to_pylist()
    return [_Column(row["table"], row["name"], row["data_type"], row["table_comment"]) for row in rows]


def _shown(tables: SparkTables) -> set[str]:
    """Return the tables that readers have views of."""
    return {f"{schema}.{view}" for schema in _SCHEMAS for view in tables.names(READERS_PREFIX + schema)} - {
        PUBLICATION
    }


def _releases(tables: SparkTables) -> dict[str, list[str]]:
    """Return the databases of each release."""
    found: dict[str, list[str]] = {}
    for database in tables.databases():
        if match := _RELEASE.fullmatch(database):
            found.setdefault(match[1], []).append(database)
    return found


def _database(schema: str, release: str) -> str:
    return f"{READERS_PREFIX}{schema}_{release}"


def _in_release(table: str, release: str) -> str:
    schema, name = table.split(".", maxsplit=1)
    return f"{_database(schema, release)}.{name}"


def _as_row(publication: Publication) -> dict[str, Any]:
    return {
        **vars(publication),
        "sources": ",".join(publication.sources),
        "row_counts": json.dumps(publication.row_counts),
    }


def _from_row(row: Mapping[str, Any]) -> Publication:
    return Publication(
        row["run_id"],
        row["published_at"],
        row["fingerprint"],
        tuple(row["sources"].split(",")),
        row["as_of"],
        json.loads(row["row_counts"]),
    )


def _literals(tables: SparkTables, pointer: _Pointer) -> str:
    """Return the query that gives the pointer: it reads nothing."""
    values = {
        **_as_row(pointer.publication),
        "release": pointer.release,
        "previous_release": pointer.previous,
    }
    return "select " + ", ".join(f"{tables.literal(value)} as {name}" for name, value in values.items())


def _rows(rows: list[dict[str, Any]]) -> pa.Table:
    import pyarrow as pa

    return pa.Table.from_pylist([{**row, "position": position} for position, row in enumerate(rows)])
