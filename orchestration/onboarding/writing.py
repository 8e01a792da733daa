"""The files that are a person's once they are written: connector entry, mapping, page of docs."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Set
from typing import Any

from orchestration.onboarding.mapping import TO_CONFIRM
from orchestration.onboarding.profiles import TableProfile

_PLAIN = re.compile(r"^[A-Za-z_À-ɏ][\w.@ /À-ɏ-]*$")
_WORDS_OF_YAML = {"true", "false", "yes", "no", "on", "off", "null", "none", "y", "n", "~"}
_WIDTH = 118


def entry_text(
    content: Mapping[str, Any], profiles: Mapping[str, TableProfile], used: Mapping[str, set[str]]
) -> str:
    """Return a connector entry.

    Parameters
    ----------
    content
        Source, description, owner, connector, location, and what only some connectors have.
    used
        By table, the columns that the mapping makes something of; what others mean, somebody has to say.
    """
    lines = [
        "# The contract of what arrives. Landing holds: readable, required columns, types, not empty.\n",
        "# Null shares are held by the arrival gate; rows that cannot be used are kept out by staging.\n",
    ]
    lines += [f"{name}: {scalar(value)}\n" for name, value in content.items() if value is not None]
    lines.append("\ntables:\n")
    for name, profile in profiles.items():
        lines.append(f"  {name}:\n    description: {scalar(f'Rows of {profile.place}, as they came')}\n")
        lines += [f"    {key}: {scalar(value)}\n" for key, value in _place_of(profile).items()]
        lines.append("    columns:\n")
        for column in profile.columns.values():
            told: dict[str, Any] = {
                "type": column.data_type,
                "description": _meaning(column.name, used[name]),
            }
            if column.rows and column.null_share <= 0.75:
                told["max_null_share"] = round(min(column.null_share + 0.2, 0.95), 2)
            lines.append(_flow(scalar(column.name), told, "      "))
    return "".join(lines)


def mapping_text(content: Mapping[str, Any], doubts: Mapping[str, str]) -> str:
    """Return a mapping file, with what is open at its head."""
    lines = [
        "# What each column means and how it is read: of this, `insight source generate` makes the models.\n",
        "# The grammar: docs/add-a-source.md. Once nothing is open any more, take the lines below away.\n",
    ]
    for entry, doubt in doubts.items():
        told = f"{TO_CONFIRM} {entry}: {_plain_line(doubt)}"
        lines += [
            f"{line}\n" for line in textwrap.wrap(told, _WIDTH, initial_indent="# ", subsequent_indent="#   ")
        ]
    lines += [f"{name}: {scalar(content[name])}\n" for name in ("source", "name", "time_zone", "currency")]
    if content.get("country"):
        lines.append(f"country: {scalar(content['country'])}\n")
    if content.get("written_by_hand"):
        lines.append(f"written_by_hand: {scalar(content['written_by_hand'])}\n")
    lines.append("\ntables:\n")
    for name, table in content["tables"].items():
        lines.append(f"  {name}:\n    key: {scalar(table['key'])}\n")
        if table.get("belongs_to"):
            lines.append(f"    belongs_to: {scalar(table['belongs_to'])}\n")
        lines.append("    columns:\n")
        lines += [f"      {scalar(raw)}: {scalar(reading)}\n" for raw, reading in table["columns"].items()]
    lines.append("\nentities:\n")
    for entity, parts in content["entities"].items():
        lines.append(f"  {entity}:\n")
        for part in parts:
            for number, (field, value) in enumerate(part.items()):
                lines.append(_field(f"{'    - ' if number == 0 else '      '}{field}", value))
    if not content["entities"]:
        lines[-1] = "\nentities: {}\n"
    return "".join(lines)


def docs_text(
    content: Mapping[str, Any],
    profiles: Mapping[str, TableProfile],
    description: str,
    doubts: Mapping[str, str],
) -> str:
    """Return the page of docs of a source, as far as it can be written without knowing it."""
    source = content["source"]
    becomes: dict[str, list[str]] = {}
    for entity, parts in content["entities"].items():
        for part in parts:
            becomes.setdefault(part["table"], []).append(entity)
    rows = "".join(
        f"| `{name}` | {profile.rows:,} | {', '.join(profile.key) or 'the whole row'} | "
        f"{', '.join(becomes.get(name, [])) or 'nothing yet'} |\n"
        for name, profile in profiles.items()
    )
    opened = "".join(
        textwrap.fill(f"- {TO_CONFIRM} `{entry}`: {_plain_line(doubt)}", _WIDTH, subsequent_indent="  ")
        + "\n"
        for entry, doubt in doubts.items()
    )
    return f"""\
# Source `{source}`

{description}

```
make demo SOURCES={source}
```

| table | rows when it was looked at | a row is told apart by | becomes |
|---|---|---|---|
{rows}
How columns are read: `dbt_project/mappings/{source}.yml`. Where it lies and what arrives:
`orchestration/ingestion/sources/{source}.yml`.

## What a row is

{TO_CONFIRM} Say for each table what one row is, which rows are no facts (tests, corrections, fees),
and who is a customer.

## What is odd, and what became of it

| wart | decision |
|---|---|
| {TO_CONFIRM} | |

## Open when it was plugged in

{opened or "Nothing."}
"""


def _place_of(profile: TableProfile) -> dict[str, Any]:
    if profile.format == "database":
        return {"table": profile.place, "mode": profile.mode}
    if profile.format == "rest":
        return {"path": profile.place, "mode": profile.mode, **profile.terms}
    place: dict[str, Any] = {"path": profile.place, "format": profile.format, "mode": profile.mode}
    if profile.format == "csv":
        place |= {"delimiter": profile.delimiter} if profile.delimiter != "," else {}
        place |= {"encoding": profile.encoding} if profile.encoding != "utf-8" else {}
    return place


def _meaning(name: str, used: Set[str]) -> str:
    return f"What the source calls {name}" if name in used else f"{TO_CONFIRM} what the source calls {name}"


def _field(begin: str, value: Any) -> str:
    line = f"{begin}: {scalar(value)}\n"
    if len(line) <= _WIDTH or not isinstance(value, Mapping) or "values" not in value:
        return line
    margin = " " * (len(begin) - len(begin.lstrip(" -")) + 2)
    words = "".join(
        f"{margin}  {scalar(known)}: {scalar(words)}\n" for known, words in value["values"].items()
    )
    return f"{begin}:\n{margin}column: {scalar(value['column'])}\n{margin}values:\n{words}"


def _flow(name: str, values: Mapping[str, Any], margin: str) -> str:
    line = f"{margin}{name}: {scalar(values)}\n"
    if len(line) <= _WIDTH:
        return line
    return f"{margin}{name}:\n" + "".join(
        f"{margin}  {key}: {scalar(value)}\n" for key, value in values.items()
    )


def scalar(value: Any) -> str:
    """Return a value as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(key)}: {scalar(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(scalar, value)) + "]"
    if not isinstance(value, str):
        return json.dumps(value)
    if _PLAIN.match(value) and value.lower() not in _WORDS_OF_YAML and value == value.strip():
        return value
    return json.dumps(value, ensure_ascii=False)


def _plain_line(text: str) -> str:
    return " ".join(text.split())
