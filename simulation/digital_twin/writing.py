"""Files in the formats that systems deliver: Parquet, CSV, JSON lines; written piece by piece."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

_MUST_BE_ESCAPED = r'["\\\x00-\x1f]'


class TableFormat(Protocol):
    """How the files of one table are written.

    Attributes
    ----------
    format
        ``parquet``, ``csv`` or ``jsonl``; the ending of the file.
    delimiter
        What separates fields in a CSV.
    """

    @property
    def format(self) -> str:
        """Ending of the files."""

    @property
    def delimiter(self) -> str:
        """Between the fields of a CSV."""


class _Writer(Protocol):
    def write(self, table: pa.Table) -> None: ...

    def close(self) -> None: ...


class Files:
    """The files of one twin, each opened when its first rows come and closed at the end.

    Parameters
    ----------
    folder
        Where they are written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writers: dict[str, _Writer] = {}
        self.rows: dict[str, int] = {}

    def __enter__(self) -> Files:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for writer in self._writers.values():
            writer.close()

    def write(self, name: str, table: pa.Table, delimiter: str = ",") -> None:
        """Add rows to the file ``name``, whose ending is its format; nothing is done without rows."""
        if not len(table):
            return
        if name not in self._writers:
            self._writers[name] = _opened(self._folder / name, table.schema, delimiter)
        self._writers[name].write(table)
        self.rows[name] = self.rows.get(name, 0) + len(table)


def _opened(path: Path, schema: pa.Schema, delimiter: str) -> _Writer:
    if path.suffix == ".parquet":
        return _Parquet(path, schema)
    return _Csv(path, schema, delimiter) if path.suffix == ".csv" else _JsonLines(path)


class _Parquet:
    def __init__(self, path: Path, schema: pa.Schema) -> None:
        # Without Arrow's own schema in it, readers see plain text where we have dictionaries.
        repetitive = [field.name for field in schema if pa.types.is_dictionary(field.type)]
        self._writer = pq.ParquetWriter(
            path, schema, compression="snappy", use_dictionary=repetitive, store_schema=False
        )

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(table, row_group_size=122_880)

    def close(self) -> None:
        self._writer.close()


class _Csv:
    def __init__(self, path: Path, schema: pa.Schema, delimiter: str) -> None:
        plain = pa.schema([(field.name, _plain(field.type)) for field in schema])
        options = pa_csv.WriteOptions(delimiter=delimiter, quoting_style="needed")
        self._writer = pa_csv.CSVWriter(path, plain, write_options=options)
        self._schema = plain

    def write(self, table: pa.Table) -> None:
        self._writer.write_table(table.cast(self._schema))

    def close(self) -> None:
        self._writer.close()


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


class _JsonLines:
    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("wb")

    def write(self, table: pa.Table) -> None:
        pieces: list[Any] = []
        for place, name in enumerate(table.column_names):
            values, mark = _json_values(table.column(name))
            pieces += [f'{"," if place else "{"}"{name}":{mark}', values, mark]
        lines = pc.binary_join_element_wise(*pieces, "}\n", "")
        _, offsets, data = lines.buffers()
        limits = np.frombuffer(offsets, dtype=np.int32)[lines.offset : lines.offset + len(lines) + 1]
        self._file.write(memoryview(data)[limits[0] : limits[-1]])

    def close(self) -> None:
        self._file.close()


def _json_values(column: pa.ChunkedArray) -> tuple[pa.Array, str]:
    """Return values as JSON, and the mark that has yet to be set around them: quotes where none is null."""
    values = column.combine_chunks()
    if pa.types.is_dictionary(values.type):
        words = _escaped(values.dictionary)
        if not values.null_count:
            return words.take(values.indices), '"'
        return pc.binary_join_element_wise('"', words, '"', "").take(values.indices).fill_null("null"), ""
    if not pa.types.is_string(values.type):
        return values.cast(pa.string()).fill_null("null"), ""
    if not values.null_count:
        return _escaped(values), '"'
    return pc.binary_join_element_wise('"', _escaped(values), '"', "").fill_null("null"), ""


def _escaped(values: pa.Array) -> pa.Array:
    special = pc.match_substring_regex(values, _MUST_BE_ESCAPED).fill_null(False)
    if not pc.any(special).as_py():
        return values
    new = pa.array([_escape(text) for text in values.filter(special).to_pylist()], pa.string())
    return pc.replace_with_mask(values, special, new)


_SHORT = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _escape(text: str) -> str:
    return "".join(_SHORT.get(sign) or (f"\\u{ord(sign):04x}" if sign < " " else sign) for sign in text)
