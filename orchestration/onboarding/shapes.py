"""The shapes of core's entities: names, types and descriptions stand in the dbt project, and only there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from orchestration.settings import DBT_PROJECT_DIR

_UNIONED = ("models/core/unioned/_unioned__models.yml", "models/quality/_quality__models.yml")
# What staging gives under the names of quality, whose models have names of their own.
_OF_QUALITY = {"quarantine": "quarantined_rows"}
# Written for every source, from the mapping as a whole; nobody maps columns to them.
DERIVED = frozenset({"source_systems", "row_counts", "quarantined_rows", "unread_values", "customer_rules"})
# An event is what it was when it first arrived: all its versions go to core, which keeps the first.
IMMUTABLE = frozenset({"behaviour_events", "messages"})
# One row per thing that has a name, told again and again: the latest word counts.
LISTS = frozenset({"customer_records", "products", "stores", "campaigns", "accounts", "loyalty_levels"})
# Filled from the rest of the row, or by the generator.
TECHNICAL = frozenset({"source_system", "loaded_at", "first_loaded_at"})


@dataclass(frozen=True)
class Field:
    """A column of an entity."""

    name: str
    data_type: str
    description: str

    @property
    def is_key(self) -> bool:
        """Whether its values are the warehouse's keys, `<source>:<key>`."""
        if self.name in {"manufacturer_id", "category_id", "customer_identifier_id"}:
            return False
        return self.data_type == "string" and self.name.endswith(("_id", "customer_key", "visitor_key"))

    @property
    def is_moment(self) -> bool:
        """Whether its values are instants."""
        return self.data_type == "timestamp"


@dataclass(frozen=True)
class Shape:
    """What core wants to know of an entity."""

    entity: str
    description: str
    fields: Mapping[str, Field]

    @property
    def key(self) -> str:
        """The field that tells rows apart: the first one, unless that names the source."""
        return next(iter(self.fields))


@cache
def shapes(project_dir: Path = DBT_PROJECT_DIR) -> dict[str, Shape]:
    """Return the shape of each entity that a source may provide, by its name."""
    found: dict[str, Shape] = {}
    for path in _UNIONED:
        models = yaml.safe_load((project_dir / path).read_text(encoding="utf-8"))["models"]
        for model in models:
            name = str(model["name"])
            entity = _OF_QUALITY.get(name, name.removeprefix("int_").removesuffix("__unioned"))
            if name.endswith("__unioned") or name in _OF_QUALITY:
                found[entity] = Shape(entity, _one_line(model["description"]), _fields(model))
    return found


def identifier_types(project_dir: Path = DBT_PROJECT_DIR) -> list[str]:
    """Return the kinds of identifiers for which identity has a rule."""
    lines = (project_dir / "seeds/identity/identity_rules.csv").read_text(encoding="utf-8").splitlines()
    rules = {line.split(",", 1)[0] for line in lines[1:] if line}
    return sorted(rules - {"must_link", "mailbox", "probabilistic"})


def _fields(model: dict[str, Any]) -> dict[str, Field]:
    return {
        column["name"]: Field(column["name"], str(column.get("data_type", "string")), column["description"])
        for column in model["columns"]
    }


def _one_line(text: str) -> str:
    return " ".join(text.split())
