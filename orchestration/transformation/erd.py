"""Entity relationship diagrams of what readers join: core, identity and marts, as one Markdown page.

Nothing is drawn by hand: keys are the primary-key tests of the models, columns and types their contracts,
links their relationship tests.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from orchestration.files import write_whole
from orchestration.settings import PROJECT_DIR
from orchestration.transformation.command import DbtError

PAGE = PROJECT_DIR / "docs" / "erd.md"
LAYERS = ("core", "identity", "marts")
KINDS = ("dim_", "bdg_", "fct_")
# Every table has it, and a line from every table would hide the others.
EVERYWHERE = "source_system"

_HEAD = """# Entities

Written by `insight erd` from the contracts and tests of the models; a test fails when it is out of date.
A diagram shows keys and the columns that lead to other tables; all columns and what they mean are in
`insight docs`.

- A solid line is held by a relationship test: each value is found in the other table.
- A dotted line joins by the key's name; no test promises that the other table has the value.
- A circle at the other table's end: the column may be empty. A fork there: the other table may have several
  rows for a value.

`source_system` leads to `dim_source_systems` from every table, and is not drawn.
"""


@dataclass
class Entity:
    """A table that readers join.

    Attributes
    ----------
    name
        Name of the model.
    area
        Layer, and the folder within it.
    grain
        What one row stands for, from the model's description.
    types
        Type of each column, by its name, in the order of the contract.
    key
        Columns of its primary key.
    filled
        Columns that a test holds to be never empty.
    links
        Tested links: the column and the table that it leads to.
    """

    name: str
    area: str
    grain: str
    types: dict[str, str]
    key: tuple[str, ...] = ()
    filled: set[str] = field(default_factory=set)
    links: dict[str, str] = field(default_factory=dict)

    @property
    def rank(self) -> tuple[int, int, str]:
        """Where several tables have the same key, the first by rank is the one that it leads to."""
        kind = next(at for at, prefix in enumerate(KINDS) if self.name.startswith(prefix))
        layer = LAYERS.index(self.area.split("/")[0])
        # A dimension is at its richest in the marts; a fact is what core says it is.
        return kind, -layer if kind == 0 else layer, self.name


def write_page(manifest: Mapping[str, Any], path: Path = PAGE) -> Path:
    """Write the page of all diagrams and return its path."""
    write_whole(path, page(manifest))
    return path


def page(manifest: Mapping[str, Any]) -> str:
    """Return the Markdown of all diagrams, one for each area.

    Raises
    ------
    DbtError
        If the manifest has no model with a primary key in these layers.
    """
    entities = _entities(manifest)
    if not any(entity.key for entity in entities.values()):
        raise DbtError(f"The manifest has no model with a primary_key test in {', '.join(LAYERS)}.")
    homes = _homes(entities)
    keys = {entity.name: entity.key for entity in entities.values()}
    by_area: dict[str, list[Entity]] = defaultdict(list)
    for entity in sorted(entities.values(), key=lambda each: each.name):
        by_area[entity.area].append(entity)
    order = sorted(by_area, key=lambda area: (LAYERS.index(area.split("/")[0]), area))
    return "\n".join([_HEAD, *("\n".join(_area(area, by_area[area], homes, keys)) for area in order)])


def _entities(manifest: Mapping[str, Any]) -> dict[str, Entity]:
    found = {
        key: _entity(node)
        for key, node in manifest["nodes"].items()
        if node["resource_type"] == "model" and node["fqn"][1] in LAYERS and node["name"].startswith(KINDS)
    }
    for node in manifest["nodes"].values():
        entity = found.get(node.get("attached_node") or "")
        test = node.get("test_metadata")
        if entity is None or not test or node["config"].get("where"):
            continue
        arguments = test["kwargs"]
        if test["name"] == "primary_key":
            entity.key = tuple(arguments["column_names"])
            entity.filled.update(entity.key)
        elif test["name"] == "not_null":
            entity.filled.add(node["column_name"])
        elif test["name"] == "relationships":
            target = re.search(r"ref\('(\w+)'\)", arguments["to"])
            if target:
                entity.links[node["column_name"]] = target.group(1)
    # A list of allowed values is a seed, which is no table of its own here.
    names = {entity.name for entity in found.values()}
    for entity in found.values():
        entity.links = {column: to for column, to in entity.links.items() if to in names}
    return found


def _entity(node: Mapping[str, Any]) -> Entity:
    grain = re.search(r"\bone row\b[^.]*(?=\.\s*$)", " ".join(node["description"].split()))
    return Entity(
        node["name"],
        "/".join(node["fqn"][1:-1]),
        grain.group() if grain else "",
        {name: column["data_type"] for name, column in node["columns"].items()},
    )


def _homes(entities: Mapping[str, Entity]) -> dict[str, str]:
    """Return, by the name of each key of one column, the table that it leads to."""
    homes: dict[str, str] = {}
    for entity in sorted(entities.values(), key=lambda each: each.rank):
        if len(entity.key) == 1:
            homes.setdefault(entity.key[0], entity.name)
    return homes


def _area(
    area: str, entities: list[Entity], homes: Mapping[str, str], keys: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    yield f"## {area}\n"
    yield "```mermaid\nerDiagram"
    lines = []
    for entity in entities:
        links = {
            column: to
            for column in entity.types
            if column != EVERYWHERE
            and (to := entity.links.get(column) or homes.get(column)) is not None
            and to != entity.name
        }
        yield f"    {entity.name} {{"
        for column, data_type in entity.types.items():
            marks = [mark for mark, of in (("PK", entity.key), ("FK", links)) if column in of]
            if marks:
                yield f"        {data_type.split('(')[0]} {column} {', '.join(marks)}"
        yield "    }"
        for column, to in links.items():
            near = "|o" if entity.key == (column,) else "}o"
            line = "--" if column in entity.links else ".."
            least = "|" if column in entity.filled else "o"
            most = "|" if keys[to] == (column,) else "{"
            lines.append(f"    {entity.name} {near}{line}{least}{most} {to} : {column}")
    yield from lines
    yield "```\n"
    yield "| table | grain | columns |\n|---|---|---|"
    for entity in entities:
        yield f"| `{entity.name}` | {entity.grain} | {len(entity.types)} |"
    yield ""
