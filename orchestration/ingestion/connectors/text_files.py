"""CSV and JSON lines, read by one strict rule: nothing about a file is guessed from a sample of it.

A CSV is RFC 4180 with the delimiter and encoding of its entry, and its header is line 1. A JSON line is one
object, whose keys are columns in any case. Every value arrives as text and is fitted to the contract later.
"""

from __future__ import annotations

import csv
import glob
import json
import re
from collections.abc import Iterable
from pathlib import Path

from orchestration.ingestion.errors import IngestionError
from orchestration.warehouse import Connection
from orchestration.warehouse.sql import literal, quoted

ENCODINGS = ("utf-8", "utf-16", "latin-1")
# More keys than this are not columns: every row seems to have keys of its own.
MOST_UNDECLARED_KEYS = 100
UNDECLARED = "undeclared"

_MAGIC = {
    b"\x1f\x8b": ("compressed by gzip", "deliver it unpacked"),
    b"PK": ("a zip archive or a spreadsheet", "deliver what is inside, saved as CSV in UTF-8"),
    b"PAR1": ("a Parquet file", "write `format: parquet` in its entry"),
}
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def csv_scan(path: Path, delimiter: str, encoding: str) -> str:
    """Return what stands behind ``from`` to read a CSV: its columns are those of its first line.

    Raises
    ------
    IngestionError
        If the file is something else, is not in its encoding, or its header does not name each column once.
    """
    _refuse_other_kinds(path, encoding)
    header = _header(path, delimiter, encoding)
    names = [name.strip() for name in header]
    seen: set[str] = set()
    for position, name in enumerate(names, start=1):
        if not name:
            raise IngestionError(
                path.name,
                f"line 1, the header, has no name for column {position}.",
                "give every column a name; a delimiter at the end of the line makes one more column.",
            )
        if name.lower() in seen:
            raise IngestionError(
                path.name, f"line 1, the header, has the column {name!r} twice.", "rename one.", name
            )
        seen.add(name.lower())
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    options = (
        f"columns = {{{columns}}}, delim = {literal(delimiter)}, quote = '\"', escape = '\"', header = true, "
        f"skip = 0, comment = '', encoding = {literal(encoding)}, auto_detect = false, strict_mode = true, "
        "null_padding = false, hive_partitioning = false"
    )
    return f"read_csv({_file(path)}, {options})"


def json_lines_scan(connection: Connection, path: Path, declared: Iterable[str]) -> str:
    """Return what stands behind ``from`` to read JSON lines: a column for each key, in any case.

    Where there are very many keys that no contract declares, all of them are one column, `UNDECLARED`.

    Raises
    ------
    IngestionError
        If a line is no object.
    duckdb.Error
        If a line is no JSON.
    """
    _refuse_other_kinds(path, "utf-8")
    lines = f"read_json_objects({_file(path)}, format = 'newline_delimited', hive_partitioning = false)"
    others, example = connection.execute(
        f"select count(*), min(json::varchar) from {lines} where json_type(json) <> 'OBJECT'"
    ).fetchall()[0]
    if others:
        raise IngestionError(
            path.name,
            f"it has {others:,} lines that are no JSON object, for example {example[:60]!r}.",
            'write one object a line: {"key": value, …}.',
        )
    found = connection.execute(
        f"select key from (select unnest(json_keys(json)) as key from {lines}) group by key order by key"
    ).fetchall()
    spellings: dict[str, list[str]] = {}
    for (key,) in found:
        spellings.setdefault(key.lower(), []).append(key)
    named = {name: spellings.pop(name.lower()) for name in declared if name.lower() in spellings}
    if len(spellings) <= MOST_UNDECLARED_KEYS:
        named |= {keys[0]: keys for keys in spellings.values()}
        rest = ""
    else:
        known = [literal(key) for keys in named.values() for key in keys]
        kept = f"list_filter(json_keys(json), lambda key: not list_contains([{', '.join(known)}], key))"
        values = f"list_transform({kept}, lambda key: json -> ('$.' || json_quote(key)::varchar))"
        rest = f", cast(to_json(map({kept}, {values})) as varchar) as {quoted(UNDECLARED)}"
    paths = [_path(key) for keys in named.values() for key in keys]
    columns, position = [], 0
    for name, keys in named.items():
        values = ", ".join(f"key_values[{position + number}]" for number in range(1, len(keys) + 1))
        columns.append(f"{values if len(keys) == 1 else f'coalesce({values})'} as {quoted(name)}")
        position += len(keys)
    return (
        f"(select {', '.join(columns)}{', ' + quoted(UNDECLARED) if rest else ''} from "
        f"(select json ->> [{', '.join(paths)}] as key_values{rest} from {lines}))"
    )


def problem_with(path: Path, error: Exception) -> tuple[str, str] | None:
    """Say what is wrong with a text file that the engine refused, and the fix, where that is known."""
    message = str(error)
    line = re.search(r"CSV Error on Line: (\d+)", message)
    at = f"line {line[1]}" if line else "a line"
    if counts := re.search(r"Expected Number of Columns: (\d+) Found: (\d+)", message):
        return (
            f"{at} has {counts[2]} fields, the header has {counts[1]}.",
            "deliver every line with the columns of the header; two exports that were joined are two files.",
        )
    if "unterminated quote" in message:
        return (f"{at} opens a quote that is not closed.", 'double a quote inside a quoted value: "".')
    if "Invalid unicode" in message or "not utf-8" in message.lower():
        return (f"{at} is not in its encoding.", f"save it as UTF-8, or declare `encoding` ({_known()}).")
    if "reached an invalid state" in message and len(ends := _line_ends(path)) > 1:
        return (f"its lines end in different ways ({', '.join(ends)}).", "end every line the same way.")
    if "Malformed JSON" in message and (number := _first_line_that_is_no_json(path)):
        return (f"line {number} is no JSON.", "write one whole object a line, in UTF-8.")
    return None


def _first_line_that_is_no_json(path: Path) -> int | None:
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            try:
                json.loads(line or b"null") if line.strip() else None
            except ValueError:
                return number
    return None


def _refuse_other_kinds(path: Path, encoding: str) -> None:
    with path.open("rb") as stream:
        begins = stream.read(4)
    for magic, (kind, fix) in _MAGIC.items():
        if begins.startswith(magic):
            raise IngestionError(path.name, f"it is {kind}, whatever its name says.", f"{fix}.")
    for mark, of_encoding in _MARKS.items():
        if begins.startswith(mark) and encoding != of_encoding:
            raise IngestionError(
                path.name,
                f"it is in {of_encoding.upper()}, not in {encoding.upper()}.",
                f"save it as UTF-8, or declare `encoding: {of_encoding}` for the table.",
                "encoding",
            )


def _header(path: Path, delimiter: str, encoding: str) -> list[str]:
    try:
        return next(csv.reader([_first_record(path, encoding)], delimiter=delimiter, strict=True), [])
    except (UnicodeDecodeError, csv.Error) as error:
        raise IngestionError(
            path.name,
            f"line 1, the header, cannot be read as {encoding.upper()}: {error}.",
            f"save it as UTF-8, or declare `encoding` for the table ({_known()}).",
            "encoding",
        ) from error


def _first_record(path: Path, encoding: str) -> str:
    """Return the first line, with those that it goes on in inside quotes; no other line is decoded."""
    if encoding == "utf-16":
        with path.open(encoding=encoding) as text:
            return text.readline()
    record = b""
    with path.open("rb") as stream:
        for line in stream:
            record += line
            if record.count(b'"') % 2 == 0:
                break
    # A file whose lines end in CR alone is one line to the system.
    first = record.splitlines()[0] if record.count(b'"') == 0 and record.strip() else record
    return first.decode("utf-8-sig" if encoding == "utf-8" else encoding)


def _line_ends(path: Path) -> list[str]:
    content = path.read_bytes()
    windows = content.count(b"\r\n")
    counts = {"CRLF": windows, "LF": content.count(b"\n") - windows, "CR": content.count(b"\r") - windows}
    return [name for name, count in counts.items() if count]


def _file(path: Path) -> str:
    return literal(glob.escape(str(path)))


def _path(key: str) -> str:
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return literal(f'$."{escaped}"')


def _known() -> str:
    return ", ".join(ENCODINGS)
