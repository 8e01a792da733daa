"""What a person said about a source, laid over what the data tells: the person is always right."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from orchestration.onboarding.errors import OnboardingError
from orchestration.onboarding.mapping import ColumnMapping, nearest, with_base_names
from orchestration.onboarding.profiles import ColumnProfile, TableProfile
from orchestration.onboarding.proposals import Proposal

Content = Mapping[str, Any]


def laid_over_profiles(
    profiles: Mapping[str, TableProfile], given: Content, file: str
) -> dict[str, TableProfile]:
    """Return the profiles with readings, keys and parents as given; columns by either of their names.

    Raises
    ------
    OnboardingError
        If a table or column is named that is not there.
    """
    laid = dict(profiles)
    for name, said in (given.get("tables") or {}).items():
        if name not in laid:
            raise OnboardingError(file, "no table is called so.", nearest(name, laid), f"tables.{name}")
        profile = laid[name]
        columns = dict(profile.columns)
        for column, reading in (said.get("columns") or {}).items():
            raw = _raw_name(profile, column, file, f"tables.{name}.columns.{column}")
            columns[raw] = _as_given(columns[raw], reading)
        profile = replace(profile, columns=columns)
        if "key" in said:
            key = [said["key"]] if isinstance(said["key"], str) else said["key"]
            raw_key = tuple(_raw_name(profile, each, file, f"tables.{name}.key") for each in key)
            profile = replace(profile, key=raw_key, doubt="")
        if "belongs_to" in said:
            parents = {}
            for parent, column in said["belongs_to"].items():
                field = f"tables.{name}.belongs_to.{parent}"
                if parent not in laid:
                    raise OnboardingError(file, "no table is called so.", nearest(parent, laid), field)
                parents[parent] = _raw_name(profile, column, file, field)
            profile = replace(profile, parents=parents)
        laid[name] = profile
    return {name: _dates_in_order(profile, given.get("date_order")) for name, profile in laid.items()}


def laid_over_entities(
    proposal: Proposal, profiles: Mapping[str, TableProfile], given: Content, file: str
) -> None:
    """Put the fields that were given in the place of the proposed ones; an entity given as null is none.

    Raises
    ------
    OnboardingError
        If a part names a table that is not there.
    """
    names = {
        table: {raw: column.base_name for raw, column in profile.columns.items()}
        for table, profile in profiles.items()
    }
    for entity, parts in (given.get("entities") or {}).items():
        if parts is None:
            proposal.entities.pop(entity, None)
            _settle(proposal, f"entities.{entity}")
            continue
        for part in [parts] if isinstance(parts, Mapping) else parts:
            name = str(part.get("table"))
            if name not in profiles:
                raise OnboardingError(
                    file,
                    f"{name!r} is no table of this source.",
                    nearest(name, profiles),
                    f"entities.{entity}",
                )
            fields = {
                field: with_base_names(value, name, names)
                for field, value in part.items()
                if field != "table"
            }
            known = proposal.entities.setdefault(entity, [])
            proposed = next((each for each in known if each["table"] == name), None)
            if proposed is None:
                known.append({"table": name, **fields})
            else:
                proposed.update(fields)
            for field in fields:
                _settle(proposal, f"entities.{entity}.{field}")
            _settle(proposal, f"entities.{entity}", only_itself=True)


def _settle(proposal: Proposal, entry: str, only_itself: bool = False) -> None:
    for doubted in list(proposal.doubts):
        if doubted == entry or (not only_itself and doubted.startswith(f"{entry}.")):
            del proposal.doubts[doubted]


def _raw_name(profile: TableProfile, name: str, file: str, field: str) -> str:
    for raw, column in profile.columns.items():
        if name in {raw, column.base_name}:
            return raw
    raise OnboardingError(
        file, f"{name!r} is no column of {profile.name}.", nearest(name, profile.columns), field
    )


def _as_given(column: ColumnProfile, said: Any) -> ColumnProfile:
    said = {"reads": said} if isinstance(said, str) else said
    known = column.reading.model_dump(by_alias=True, exclude_none=True)
    reading = ColumnMapping.model_validate({**known, **said})
    return replace(
        column, reading=reading, doubt="" if replace(column, reading=reading).is_readable else column.doubt
    )


def _dates_in_order(profile: TableProfile, order: Any) -> TableProfile:
    if order is None:
        return profile
    columns = {
        name: _as_given(column, {"layout": order})
        if column.reading.reads in {"date", "time"} and not column.is_readable
        else column
        for name, column in profile.columns.items()
    }
    return replace(profile, columns=columns)
