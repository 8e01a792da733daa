"""Plugging in a source: from its data and what a person says of it to every file that it needs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.files import write_whole
from orchestration.ingestion.entries import SourceEntry, load_entry, parsed_entry
from orchestration.onboarding.checks import check
from orchestration.onboarding.errors import OnboardingError
from orchestration.onboarding.given import laid_over_entities, laid_over_profiles
from orchestration.onboarding.mapping import (
    TO_CONFIRM,
    ColumnOf,
    Decoded,
    FamilyPart,
    GivenPart,
    SourceMapping,
    check_given,
    mapping_of,
    saved_mapping,
)
from orchestration.onboarding.profiles import TableProfile
from orchestration.onboarding.project_files import first_files, generated_files, is_generated
from orchestration.onboarding.proposals import Proposal, proposed
from orchestration.onboarding.writing import docs_text, entry_text, mapping_text
from orchestration.settings import PROJECT_DIR, known_sources

# ISO 4217's code for no currency.
_NO_CURRENCY = "XXX"


@dataclass(frozen=True)
class Project:
    """The folder that a source is plugged into."""

    folder: Path = PROJECT_DIR

    @property
    def dbt(self) -> Path:
        """The dbt project."""
        return self.folder / "dbt_project"

    @property
    def mappings(self) -> Path:
        """The folder of mappings, one file for each source."""
        return self.dbt / "mappings"

    @property
    def entries(self) -> Path:
        """The folder of connector entries."""
        return self.folder / "orchestration" / "ingestion" / "sources"

    def mapped_sources(self) -> list[str]:
        """Return the sources that have a mapping."""
        return sorted(path.stem for path in self.mappings.glob("*.yml"))


@dataclass(frozen=True)
class Plugged:
    """A source as it would be plugged in, or was.

    Attributes
    ----------
    files
        Text by path, all of them new.
    doubts
        What is open, by the entry that it is about.
    """

    source: str
    mapping: SourceMapping
    files: Mapping[Path, str]
    doubts: Mapping[str, str]


def require_free(name: str, project: Project) -> None:
    """Do nothing if a source may be called so.

    Raises
    ------
    OnboardingError
        If the name cannot be one, or is taken.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or "__" in name:
        raise OnboardingError(
            name, "a source is not called so.", "use small letters, digits and single underscores."
        )
    taken = {
        *known_sources(),
        *(path.stem for path in project.entries.glob("*.yml")),
        *project.mapped_sources(),
    }
    if name in taken or (project.dbt / "models" / "staging" / name).exists():
        raise OnboardingError(
            f"{name}.yml", f"there is a source {name!r} already.",
            f"take another name, or change dbt_project/mappings/{name}.yml and generate its files again.",
        )  # fmt: skip


def plugged(
    name: str,
    profiles: Mapping[str, TableProfile],
    connector: Mapping[str, Any],
    given: Mapping[str, Any],
    file: str,
) -> Plugged:
    """Return a new source with all its files; nothing is written.

    Parameters
    ----------
    connector
        What the entry says of where the source lies: ``connector``, ``location`` and what else it takes.
    given
        What a person said, in the grammar of a mapping; beside it ``owner`` and ``date_order``.
    file
        Name of the file in which it was said, for messages.

    Raises
    ------
    OnboardingError
        If something is named that is not there, or the mapping cannot be used.
    """
    check_given(dict(given), file)
    profiles = laid_over_profiles(profiles, given, file)
    title = str(given.get("name") or name.replace("_", " ").capitalize())
    proposal = proposed(profiles, title)
    laid_over_entities(proposal, profiles, given, file)
    content = _whole(name, title, profiles, proposal, given)
    mapping = mapping_of(content, file)
    used = _used_columns(mapping)
    doubts = {**proposal.doubts, **_unused(mapping, profiles, used)}
    owner = given.get("owner")
    if owner is None:
        doubts["owner"] = "who answers for the data, as an e-mail address?"
    description = f"{title}: {', '.join(profiles)}."
    said = {
        "source": name, "description": description, "owner": owner or TO_CONFIRM, "is_simulated": False,
        **connector,
    }  # fmt: skip
    text = entry_text(said, profiles, used)
    entry = parsed_entry(text, f"{name}.yml")
    check(mapping, entry, file)
    files = {
        Path("orchestration/ingestion/sources") / f"{name}.yml": text,
        Path("dbt_project/mappings") / f"{name}.yml": mapping_text(content, doubts),
        Path("docs/sources") / f"{name}.md": docs_text(content, profiles, description, doubts),
    }
    for path, written in {**generated_files(mapping, entry), **first_files(mapping)}.items():
        files[Path("dbt_project") / path] = written
    return Plugged(name, mapping, files, doubts)


def write(new: Plugged, project: Project) -> None:
    """Write the files of a new source.

    Raises
    ------
    OnboardingError
        If one of them is there already.
    """
    for path in new.files:
        if (project.folder / path).exists():
            raise OnboardingError(str(path), "it is there already.", "move it away, or take another name.")
    for path, text in new.files.items():
        write_whole(project.folder / path, text)


def compiled(source: str, project: Project) -> dict[Path, str]:
    """Return the files that follow from the mapping of a source, by their paths in the dbt project.

    Raises
    ------
    OnboardingError
        If there is no mapping, or it cannot be used.
    IngestionError
        If the connector entry cannot be used.
    """
    path = project.mappings / f"{source}.yml"
    if not path.exists():
        raise OnboardingError(
            path.name, f"there is no mapping of {source!r}.",
            f"known: {', '.join(project.mapped_sources()) or 'none'}; `insight source new` makes one.",
        )  # fmt: skip
    mapping = saved_mapping(path)
    if mapping.source != source:
        raise OnboardingError(
            path.name, f"it says {mapping.source!r}.", "give file and source one name.", "source"
        )
    entry: SourceEntry = load_entry(source, project.entries)
    check(mapping, entry, path.name)
    return generated_files(mapping, entry)


def stale_files(source: str, project: Project) -> dict[Path, str | None]:
    """Return the files that do not follow from the mapping: their new text, ``None`` if they have to go."""
    wanted = compiled(source, project)
    stale: dict[Path, str | None] = {
        path: text
        for path, text in wanted.items()
        if not (project.dbt / path).exists() or (project.dbt / path).read_text(encoding="utf-8") != text
    }
    for found in sorted((project.dbt / "models" / "staging" / source).rglob("*")):
        path = found.relative_to(project.dbt)
        if found.is_file() and path not in wanted and is_generated(found.read_text(encoding="utf-8")):
            stale[path] = None
    return stale


def generate(source: str, project: Project) -> list[Path]:
    """Write what follows from the mapping of a source; return what was written or removed.

    Raises
    ------
    OnboardingError
        If a file that somebody wrote stands where one would be generated.
    """
    stale = stale_files(source, project)
    for path, text in stale.items():
        target = project.dbt / path
        if text is not None and target.exists() and not is_generated(target.read_text(encoding="utf-8")):
            raise OnboardingError(
                str(path), "somebody wrote it by hand.",
                "list its entity under `written_by_hand` in the mapping, or move the file away.",
            )  # fmt: skip
    for path, text in stale.items():
        if text is None:
            (project.dbt / path).unlink()
        else:
            write_whole(project.dbt / path, text)
    mapping = saved_mapping(project.mappings / f"{source}.yml")
    for path, text in first_files(mapping).items():
        if not (project.dbt / path).exists():
            write_whole(project.dbt / path, text)
            stale[path] = text
    return sorted(stale)


def _whole(
    name: str, title: str, profiles: Mapping[str, TableProfile], proposal: Proposal, given: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the content of a whole mapping, and add to the proposal's doubts what had to be assumed."""
    currencies = sorted(
        {
            each
            for table in profiles.values()
            for column in table.columns.values()
            for each in column.currencies
        }
    )
    has_amounts = any(
        column.reading.reads == "amount" for table in profiles.values() for column in table.columns.values()
    )
    currency = given.get("currency") or (currencies[0] if len(currencies) == 1 else _NO_CURRENCY)
    if "currency" not in given and (len(currencies) > 1 or (has_amounts and not currencies)):
        found = (
            f"amounts are in {', '.join(currencies)}: a source has one"
            if currencies
            else "in which are its amounts?"
        )
        proposal.doubts["currency"] = found
    if "time_zone" not in given:
        proposal.doubts["time_zone"] = (
            "which clock do its times show? UTC is assumed; write, say, Europe/Berlin"
        )
    has_phones = any(
        column.reading.reads == "phone" for table in profiles.values() for column in table.columns.values()
    )
    if "country" not in given and has_phones:
        proposal.doubts["country"] = (
            "phone numbers without a country's code are of which? Until then they are not read"
        )
    _doubt_foreign_keys(proposal)
    return {
        "source": name, "name": title, "time_zone": given.get("time_zone") or "UTC", "currency": currency,
        "country": given.get("country"), "written_by_hand": list(given.get("written_by_hand") or ()),
        "tables": proposal.tables, "entities": proposal.entities,
    }  # fmt: skip


def _doubt_foreign_keys(proposal: Proposal) -> None:
    """Ask whose keys those of entities are that the source does not provide."""
    homes = {
        "order_id": "order_lines",
        "product_id": "products",
        "campaign_id": "campaigns",
        "account_id": "accounts",
    }
    for entity, parts in proposal.entities.items():
        for part in parts:
            for field, home in homes.items():
                is_at_home = home in proposal.entities or entity in {home, "order_lines"}
                if isinstance(part.get(field), str) and not is_at_home:
                    if field in {"campaign_id", "account_id"}:
                        # Core wants these to be there; what another source lists has to be named as such.
                        del part[field]
                    proposal.doubts[f"entities.{entity}.{field}"] = (
                        "no table here is the home of it: of another source? Write {column, of: <source>}"
                    )


def _used_columns(mapping: SourceMapping) -> dict[str, set[str]]:
    """Return the columns, by table and their names in the source, that something is made of."""
    used: dict[str, set[str]] = {
        table: {*told.key, *told.belongs_to.values()} for table, told in mapping.tables.items()
    }
    for parts in mapping.entities.values():
        for part in parts:
            for value in part.fields.values():
                for reference in _names_in(value):
                    table, _, name = reference.rpartition(".")
                    used[table or part.table].add(name)
    return {
        table: {raw for base, (raw, _) in mapping.base_columns(table).items() if base in names}
        for table, names in used.items()
    }


def _names_in(value: Any) -> list[str]:
    if isinstance(value, tuple):
        return [each for one in value for each in _names_in(one)]
    if isinstance(value, ColumnOf | Decoded):
        return [value.column]
    if isinstance(value, GivenPart):
        return [value.given_part_of]
    if isinstance(value, FamilyPart):
        return [value.family_part_of]
    if isinstance(value, str):
        return [value]
    return re.findall(r"[a-z_][a-z0-9_]*", getattr(value, "sql", ""))


def _unused(
    mapping: SourceMapping, profiles: Mapping[str, TableProfile], used: Mapping[str, set[str]]
) -> dict[str, str]:
    doubts = {}
    for table, profile in profiles.items():
        names = [column for column in profile.columns if column not in used[table]]
        if names:
            doubts[f"tables.{table}.columns"] = (
                f"nothing is made of {', '.join(names)} yet: what do they mean (say so in the entry)?"
            )
    return doubts
