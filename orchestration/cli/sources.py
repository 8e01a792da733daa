"""The commands that plug in a source: look at it, write its files, write them again from its mapping."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from orchestration.cli.answering import FILE, answering
from orchestration.settings import PROJECT_DIR, Settings

if TYPE_CHECKING:
    from orchestration.onboarding.plugging import Plugged
    from orchestration.onboarding.profiles import TableProfile

PLACES = click.argument("places", nargs=-1, required=True)
TABLES = click.option(
    "--table",
    "tables",
    multiple=True,
    help="Table of a database, all by default, or path of an API. Repeatable.",
)


@click.group()
def source() -> None:
    """Plug in a source system: look at it, and write all the files that it needs."""


@source.command()
@PLACES
@TABLES
@answering
def inspect(
    settings: Settings, is_json: bool, log_path: Path, *, places: Sequence[str], tables: Sequence[str]
) -> None:
    """Show what the columns of a source look like, and write nothing.

    PLACES are files (CSV, JSON lines, Parquet), a folder of them, the SQLAlchemy address of a database, or
    that of a REST API with a --table for each path.
    """
    from orchestration.cli import terminal

    profiles, _ = _looked_at(settings, places, tables, {})
    rows = [
        {
            "table": table.name, "column": column.name, "reads": column.reading.reads,
            "written": column.reading.layout or column.reading.decimal or column.data_type,
            "filled": f"{1 - column.null_share:.0%}", "different": column.distinct,
            "is_key": column.name in table.key, "open": column.doubt,
        }
        for table in profiles.values()
        for column in table.columns.values()
    ]  # fmt: skip
    keys = [
        {"table": table.name, "key": ", ".join(table.key), "open": table.doubt} for table in profiles.values()
    ]
    if is_json:
        terminal.show_json({"tables": keys, "columns": rows})
    else:
        terminal.show_table("Tables", keys)
        terminal.show_table("Columns", rows)


@source.command()
@click.argument("name")
@PLACES
@TABLES
@click.option(
    "--mapping", type=FILE, help="What you know of the source: a YAML file; see docs/add-a-source.md."
)
@click.option(
    "--yes", "is_taken_as_is", is_flag=True, help="Ask nothing: what the data cannot tell is marked."
)
@click.option("--owner", help="E-mail address of who answers for the data.")
@answering
def new(
    settings: Settings,
    is_json: bool,
    log_path: Path,
    *,
    name: str,
    places: Sequence[str],
    tables: Sequence[str],
    mapping: Path | None,
    is_taken_as_is: bool,
    owner: str | None,
) -> None:
    """Plug in the source system NAME, which lies in PLACES.

    PLACES are files (CSV, JSON lines, Parquet), a folder of them, or an address: of a database, as
    SQLAlchemy writes it ('postgresql://reader:${PASSWORD}@host/crm', in single quotes: a secret is never
    written down), or of a REST API (https://...; how it pages and who calls stands in the mapping under
    `api`). Files that differ in a date or number at the end of their names are one table, to which each adds
    its rows.

    Looks at types, keys, nulls, dates, currencies and likely entities; asks what the data cannot tell, or
    takes it from --mapping, or marks it (--yes). Writes the connector entry, the mapping, the staging models
    with their YAML, the seed of customer rules, and a page of docs; lint and build pass at once. What is left
    to find out stands in the files under the word TO_CONFIRM, and is listed at the end.

    \b
      insight source new crm exports/crm --yes
      insight source new billing exports/billing --mapping billing.yml
      WAREHOUSE_SOURCES=crm,billing insight build
    """  # noqa: D301
    from orchestration.cli import terminal
    from orchestration.onboarding.mapping import read_yaml
    from orchestration.onboarding.plugging import Project, plugged, require_free, write

    project = Project()
    require_free(name, project)
    given: dict[str, Any] = read_yaml(mapping) if mapping else {}
    profiles, connector = _looked_at(settings, places, tables, given.get("api") or {})
    if mapping is None and not is_taken_as_is:
        given = _asked(name, profiles)
    if owner:
        given["owner"] = owner
    done = plugged(name, profiles, connector, given, mapping.name if mapping else "answers")
    write(done, project)
    _show(terminal, done, is_json)


@source.command()
@click.argument("names", nargs=-1)
@click.option(
    "--check",
    "is_check",
    is_flag=True,
    help="Write nothing; fail if a file does not follow from its mapping.",
)
@answering
def generate(
    settings: Settings, is_json: bool, log_path: Path, *, names: Sequence[str], is_check: bool
) -> None:
    """Write the staging models of sources again, from their mappings in dbt_project/mappings.

    NAMES are sources; all that have a mapping by default.
    """
    from orchestration.cli import terminal
    from orchestration.onboarding.errors import OnboardingError
    from orchestration.onboarding.plugging import Project, stale_files
    from orchestration.onboarding.plugging import generate as generate_files

    project = Project()
    changed: list[str] = []
    for each in names or project.mapped_sources():
        paths = stale_files(each, project) if is_check else generate_files(each, project)
        changed += [str(Path("dbt_project") / path) for path in paths]
    if is_check and changed:
        raise OnboardingError(
            changed[0],
            f"{len(changed)} files do not follow from their mappings.",
            "run `insight source generate`.",
        )
    if is_json:
        terminal.show_json({"files": changed})
    else:
        terminal.show_table(
            "Written" if changed else "Nothing to change", [{"file": path} for path in changed]
        )


def _looked_at(
    settings: Settings, places: Sequence[str], tables: Sequence[str], api: Mapping[str, Any]
) -> tuple[dict[str, TableProfile], dict[str, Any]]:
    """Return what the tables of a source look like, and what its entry says of where they lie."""
    from orchestration import warehouse
    from orchestration.onboarding.apis import found_answers
    from orchestration.onboarding.databases import found_tables
    from orchestration.onboarding.errors import OnboardingError
    from orchestration.onboarding.inspection import inspect as looked_at
    from orchestration.onboarding.places import folder_of, found_files

    with warehouse.in_memory() as connection:
        if "://" in places[0]:
            if len(places) > 1:
                raise OnboardingError(places[1], "an address is one place.", "give it alone.")
            if places[0].startswith(("http://", "https://")):
                found = found_answers(connection, settings, places[0], api, tables)
                said = {"connector": "rest_api", "location": places[0], "auth": api.get("auth")}
                return looked_at(connection, found), said
            found = found_tables(connection, places[0], tables)
            return looked_at(connection, found), {"connector": "sql_database", "location": places[0]}
        if tables:
            raise OnboardingError(
                "--table", "files have no tables to choose from.", "name the files instead."
            )
        paths = [Path(place).expanduser() for place in places]
        found = found_files(connection, paths)
        folder = folder_of(paths).resolve()
        inside = folder.is_relative_to(PROJECT_DIR)
        location = str(folder.relative_to(PROJECT_DIR)) if inside else str(folder)
        return looked_at(connection, found), {"connector": "files", "location": location}


def _asked(name: str, profiles: Mapping[str, TableProfile]) -> dict[str, Any]:
    """Ask what the data cannot tell; an empty answer leaves it open, and marked."""
    from orchestration.onboarding.errors import OnboardingError

    columns = [column for table in profiles.values() for column in table.columns.values()]
    currencies = sorted({each for column in columns for each in column.currencies})
    questions = {
        "name": ("What do people call it?", name.replace("_", " ").capitalize()),
        "owner": ("Who answers for the data (e-mail address)?", ""),
        "time_zone": ("Which clock do its times show (Europe/Berlin, America/New_York, UTC, ...)?", ""),
    }
    if any(column.reading.reads == "amount" for column in columns):
        questions["currency"] = (
            "In which currency are its amounts (EUR, USD, ...)?",
            "".join(currencies[:1]),
        )
    if any(column.reading.reads == "phone" for column in columns):
        questions["country"] = ("Of which country are phone numbers without its code (DE, US, ...)?", "")
    if unclear := [
        column for column in columns if column.reading.reads in {"date", "time"} and not column.is_readable
    ]:
        shown = f"{unclear[0].name}: {', '.join(unclear[0].values[:3])}"
        questions["date_order"] = (f"Dates as {shown}: day_first or month_first?", "")
    try:
        answers = {
            key: click.prompt(text, default=default, show_default=bool(default), err=True).strip()
            for key, (text, default) in questions.items()
        }
    except click.Abort as error:
        raise OnboardingError(name, "nobody answered.", "give --mapping with a file, or --yes.") from error
    return {key: answer for key, answer in answers.items() if answer}


def _show(terminal: Any, done: Plugged, is_json: bool) -> None:
    if is_json:
        terminal.show_json(
            {
                "source": done.source,
                "files": [str(path) for path in done.files],
                "to_confirm": dict(done.doubts),
            }
        )
        return
    rows = [
        {"entity": entity, "from": ", ".join(part.table for part in parts)}
        for entity, parts in done.mapping.entities.items()
    ]
    if rows:
        terminal.show_table("Provides", rows)
    if done.doubts:
        terminal.show_table(
            "TO_CONFIRM", [{"what": entry, "question": doubt} for entry, doubt in done.doubts.items()]
        )
    terminal.show_values(
        f"Written: {len(done.files)} files.",
        {
            "change": f"dbt_project/mappings/{done.source}.yml, then `insight source generate {done.source}`",
            "build": f"WAREHOUSE_SOURCES={done.source} insight build",
        },
    )
