"""Where a new source lies: files and folders of them, found and opened."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

from orchestration.ingestion.connectors.text_files import csv_scan, json_lines_scan
from orchestration.ingestion.errors import IngestionError
from orchestration.onboarding.errors import OnboardingError
from orchestration.onboarding.inspection import Found
from orchestration.onboarding.mapping import base_name
from orchestration.warehouse import Connection, EngineError
from orchestration.warehouse.sql import literal

Encoding = Literal["utf-8", "utf-16", "latin-1"]
_FORMATS: dict[str, Literal["parquet", "csv", "jsonl"]] = {
    ".csv": "csv", ".tsv": "csv", ".txt": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet",
}  # fmt: skip
_OTHERS = {
    ".xlsx": "save the sheet as CSV in UTF-8", ".xls": "save the sheet as CSV in UTF-8",
    ".json": "write one object a line and call it .jsonl", ".gz": "unpack it", ".zip": "unpack it",
}  # fmt: skip
_CHUNK = 1 << 20
_DELIMITERS = (",", ";", "\t", "|")
# A date or a number at the end of a file's name says which delivery it is, not which table.
_DELIVERY = re.compile(r"[-_ .]*(\d{4}([-_.]?\d{2}){0,2}|\d{1,3})$")


def found_files(connection: Connection, places: Sequence[Path]) -> list[Found]:
    """Return the tables that files are, one for each name; files that differ in a date alone are one table.

    Raises
    ------
    OnboardingError
        If nothing is there, or it is nothing that can be read.
    IngestionError
        If a file cannot be read as what its name says.
    """
    tables: dict[tuple[str, str], list[Path]] = {}
    for path in _files(places):
        stem = _DELIVERY.sub("", path.stem) or path.stem
        tables.setdefault((stem, path.suffix.lower()), []).append(path)
    found = [_found(connection, stem, paths) for (stem, _), paths in sorted(tables.items())]
    names = [table.name for table in found]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise OnboardingError(twice[0], "two tables would be called so.", "rename one of the files.")
    return found


def folder_of(places: Sequence[Path]) -> Path:
    """Return the folder that the files lie in.

    Raises
    ------
    OnboardingError
        If they lie in several.
    """
    folders = {path if path.is_dir() else path.parent for path in places}
    if len(folders) > 1:
        raise OnboardingError(
            str(sorted(folders)[1]),
            "a source lies in one folder.",
            "put the files into one, or make two sources.",
        )
    return next(iter(folders))


def _files(places: Sequence[Path]) -> list[Path]:
    paths: list[Path] = []
    for place in places:
        if not place.exists():
            raise OnboardingError(str(place), "there is no such file or folder.", "correct the path.")
        inside = sorted(path for path in place.iterdir() if path.is_file()) if place.is_dir() else [place]
        paths += [path for path in inside if not path.name.startswith(".")]
    for path in paths:
        if fix := _OTHERS.get(path.suffix.lower()):
            raise OnboardingError(path.name, f"{path.suffix} is not read.", f"{fix}.")
    readable = [path for path in paths if path.suffix.lower() in _FORMATS]
    if not readable:
        held = ", ".join(path.name for path in paths[:5]) or "nothing"
        raise OnboardingError(
            ", ".join(map(str, places)), f"no table is there; it holds {held}.",
            f"give files that end in {', '.join(_FORMATS)}.",
        )  # fmt: skip
    return readable


def _found(connection: Connection, stem: str, paths: Sequence[Path]) -> Found:
    format_ = _FORMATS[paths[0].suffix.lower()]
    delimiter, encoding = ",", "utf-8"
    scans = []
    for path in paths:
        if path.stat().st_size == 0:
            raise OnboardingError(
                path.name, "the file is empty (0 bytes).", "give one with rows, or take it away."
            )
        if format_ == "csv":
            encoding = _encoding(path)
            delimiter = _delimiter(path, encoding)
            scans.append(csv_scan(path, delimiter, encoding))
        elif format_ == "jsonl":
            scans.append(json_lines_scan(connection, path, ()))
        else:
            scans.append(f"read_parquet({literal(str(path))}, hive_partitioning = false)")
    relation = "(" + " union all by name ".join(f"select * from {scan}" for scan in scans) + ")"
    _require_rows(connection, relation, paths)
    place = paths[0].name if len(paths) == 1 else f"{stem}*{paths[0].suffix}"
    mode: Literal["append", "replace"] = "replace" if len(paths) == 1 else "append"
    return Found(base_name(stem), place, format_, relation, mode, delimiter, encoding)  # type: ignore[arg-type]


def _require_rows(connection: Connection, relation: str, paths: Iterable[Path]) -> None:
    name = ", ".join(path.name for path in paths)
    try:
        is_empty = not connection.execute(f"select 1 from {relation} limit 1").fetchall()
        connection.execute(f"select count(*) from {relation}")
    except EngineError as error:
        lines = str(error).strip().splitlines()
        raise IngestionError(
            name, f"it cannot be read: {lines[0]}.", "correct the line named above."
        ) from error
    if is_empty:
        raise OnboardingError(
            name, "it holds columns but no row.", "give a file with rows: they tell what it is."
        )


def _encoding(path: Path) -> Encoding:
    with path.open("rb") as stream:
        if stream.read(2) in {b"\xff\xfe", b"\xfe\xff"}:
            return "utf-16"
    try:
        with path.open(encoding="utf-8") as text:
            while text.read(_CHUNK):
                pass
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"


def _delimiter(path: Path, encoding: Encoding) -> str:
    """Return what parts fields: that by which the first lines have equally many fields, and most of them."""
    with path.open(encoding=encoding, newline="") as text:
        lines = [line for _, line in zip(range(50), text, strict=False)]
    best, most = ",", 1
    for delimiter in _DELIMITERS:
        try:
            widths = {len(row) for row in csv.reader(lines, delimiter=delimiter) if row}
        except csv.Error:
            continue
        if len(widths) == 1 and (width := widths.pop()) > most:
            best, most = delimiter, width
    return best
