"""What a text file may look like: every row lands, or the delivery is refused with file, line and reason.

A kind of input is a table of cases here, so that the next one is a line.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from shop import logged, orders_entry, rows

from orchestration.ingestion.entries import SourceEntry
from orchestration.ingestion.errors import IngestionError
from orchestration.ingestion.landing import land
from orchestration.settings import Settings

pytestmark = pytest.mark.tier1

TEXTS = {
    "order_id": {"type": "string", "description": "Key"},
    "amount": {"type": "double", "description": "Amount"},
}
HEADER = b"order_id,amount\n"

# Content of the file, and either the rows that land or what the refusal says.
CSV: dict[str, tuple[bytes, list[tuple[str | None, float | None]] | str]] = {
    "ids that begin with a hash": (
        HEADER + b"#1001,5\n#1002,6\nAnn,7\n",
        [("#1001", 5), ("#1002", 6), ("Ann", 7)],
    ),
    "a comment before the header": (
        b"# by shop\n" + HEADER + b"1,5\n",
        "line 2 has 2 fields, the header has 1",
    ),
    "a comment after the rows": (HEADER + b"1,5\n# end\n", "line 3 has 1 fields, the header has 2"),
    "two exports joined, the second wider": (
        HEADER + b"1,5\n" + b"order_id,amount,channel\n2,6,web\n",
        "line 3 has 3 fields, the header has 2",
    ),
    "two exports joined, alike": (HEADER + b"1,5\n" + HEADER + b"2,6\n", "'amount' should be double"),
    "a short line": (HEADER + b"1,5\n2\n3,7\n", "line 3 has 1 fields, the header has 2"),
    "a long line": (HEADER + b"1,5\n2,6,7\n", "line 3 has 3 fields, the header has 2"),
    "a line end in a value": (HEADER + b'"a\nb",5\n', [("a\nb", 5)]),
    "a quote that is not closed": (HEADER + b'"a,5\n2,6\n', "line 2 opens a quote that is not closed"),
    "quotes escaped by backslashes": (
        HEADER + b'"say \\"x\\" ",5\n',
        "line 2 opens a quote that is not closed",
    ),
    "a doubled quote": (HEADER + b'"say ""x""",5\n', [('say "x"', 5)]),
    "lines that end in CRLF": (b"order_id,amount\r\n1,5\r\n", [("1", 5)]),
    "lines that end in different ways": (
        b"order_id,amount\r\n1,5\n2,6\r\n",
        r"end in different ways \(CRLF, LF\)",
    ),
    "a byte order mark": (b"\xef\xbb\xbf" + HEADER + b"1,5\n", [("1", 5)]),
    "UTF-16": (
        "order_id,amount\n1,5\n".encode("utf-16"),
        "it is in UTF-16, not in UTF-8.*`encoding: utf-16`",
    ),
    "Latin-1": (HEADER + "Zoë,5\n".encode("latin-1"), "line 2 is not in its encoding.*declare `encoding`"),
    "Latin-1 in the header": (
        "order_id,amount,größe\n1,5,2\n".encode("latin-1"),
        "line 1, the header, cannot be",
    ),
    "gzip by another name": (
        gzip.compress(HEADER + b"1,5\n"),
        "it is compressed by gzip.*deliver it unpacked",
    ),
    "a spreadsheet by another name": (b"PK\x03\x04 and so on", "a zip archive or a spreadsheet"),
    "a column twice": (b"order_id,amount,Amount\n1,5,6\n", "has the column 'Amount' twice"),
    "a column without a name": (b"order_id,amount,\n1,5,\n", "has no name for column 3"),
    "blanks around names": (b"order_id , amount\n1,5\n", [("1", 5)]),
    "a header in capitals": (b"ORDER_ID,Amount\n1,5\n", [("1", 5)]),
    "no row": (HEADER, "columns but no row"),
}

JSON: dict[str, tuple[str, list[tuple[str | None, float | None]] | str]] = {
    "keys of another case": (
        '{"order_id": 1, "amount": 5}\n{"ORDER_ID": 2, "Amount": 6}\n',
        [("1", 5), ("2", 6)],
    ),
    "a key of its own in every row": (
        "".join(json.dumps({"order_id": str(n), "amount": n, f"utm_{n}": "x"}) + "\n" for n in range(250)),
        [(str(n), float(n)) for n in range(250)],
    ),
    "an empty line": ('{"order_id": 1, "amount": 5}\n\n{"order_id": 2}\n', [("1", 5), ("2", None)]),
    "whole numbers of any size": (
        '{"order_id": 12345678901234567890123, "amount": 5}\n',
        [("12345678901234567890123", 5)],
    ),
    "no JSON": ('{"order_id": 1, "amount": 5}\n{"order_id": 2\n', "line 2 is no JSON"),
    "a list": ('[{"order_id": 1}]\n', "lines that are no JSON object"),
    "keys with points and quotes": ('{"order_id": 1, "amount": 5, "a.b": 1, "c\\"d": 2}\n', [("1", 5)]),
}


def _land(
    settings: Settings, entry_of: Callable[[Any], SourceEntry], path: Path, expected: Any, **table: Any
) -> None:
    entry = entry_of(orders_entry(path=path.name, columns=TEXTS, **table))
    if isinstance(expected, str):
        with pytest.raises(IngestionError, match=expected) as caught:
            land(settings, entry)
        assert caught.value.file == path.name
        assert logged(settings) == []
        return
    land(settings, entry)
    found = rows(settings, "select order_id, amount from raw_shop.orders")
    assert sorted(found, key=str) == sorted(expected, key=str)


@pytest.mark.parametrize("kind", CSV)
def test_csv(settings: Settings, entry_of: Callable[[Any], SourceEntry], arrivals: Path, kind: str) -> None:
    content, expected = CSV[kind]
    (arrivals / "orders.csv").write_bytes(content)
    _land(settings, entry_of, arrivals / "orders.csv", expected, format="csv")


@pytest.mark.parametrize("kind", JSON)
def test_json_lines(
    settings: Settings, entry_of: Callable[[Any], SourceEntry], arrivals: Path, kind: str
) -> None:
    content, expected = JSON[kind]
    (arrivals / "orders.jsonl").write_text(content)
    _land(settings, entry_of, arrivals / "orders.jsonl", expected, format="jsonl")


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_an_encoding_may_be_declared(
    settings: Settings, entry_of: Callable[[Any], SourceEntry], arrivals: Path, encoding: str
) -> None:
    (arrivals / "orders.csv").write_bytes("order_id,amount\nZoë,5\n".encode(encoding))
    _land(settings, entry_of, arrivals / "orders.csv", [("Zoë", 5)], format="csv", encoding=encoding)


def test_very_many_undeclared_keys_are_one_column(
    settings: Settings, entry_of: Callable[[Any], SourceEntry], arrivals: Path
) -> None:
    (arrivals / "orders.jsonl").write_text(JSON["a key of its own in every row"][0])
    land(settings, entry_of(orders_entry(path="orders.jsonl", columns=TEXTS, format="jsonl")))
    assert rows(settings, "select undeclared from raw_shop.orders where order_id = '7'") == [
        ('{"utm_7":"x"}',)
    ]


def test_a_broken_link_beside_a_good_file_is_named(
    settings: Settings, entry_of: Callable[[Any], SourceEntry], arrivals: Path
) -> None:
    (arrivals / "orders_1.csv").write_bytes(HEADER + b"1,5\n")
    (arrivals / "orders_2.csv").symlink_to(arrivals / "gone.csv")
    entry = entry_of(orders_entry(path="orders_*.csv", columns=TEXTS, format="csv"))
    with pytest.raises(IngestionError, match=r"orders_2.csv: it is a link to .*gone.csv"):
        land(settings, entry)


# Per declared type: texts that are refused, and texts with the value that lands.
WRITTEN: dict[str, tuple[list[str], dict[str, str]]] = {
    "bigint": (
        ["1.23457E+15", "0x1F", "1_000", "1,000", "1.5", "٣", "12345678901234567890"],
        {"7": "7", "-7": "-7", "+7": "7", " 7 ": "7", "7.0": "7", "007": "7"},
    ),
    "double": (
        ["1.5e400", "Infinity", "-inf", "NaN", "1e-400", "1,5", "0x1F", "1_0.5"],
        {
            "9007199254740993": "9007199254740992.0",
            "1.5e3": "1500.0",
            ".5": "0.5",
            "0e-400": "0.0",
            "-0.25": "-0.25",
        },
    ),
    "decimal(18,2)": (
        ["1.9999999999999999", "1.005", "1e3", "NaN", "1,50", "12345678901234567.00"],
        {"1.5": "1.50", "2": "2.00", "1.500": "1.50", "-.25": "-0.25"},
    ),
    "date": (
        ["24-01-02", "infinity", "2024-01-02 (BC)", "2024-02-30", "2024-1-2", "2024-01-02 10:00", "epoch"],
        {"2024-01-02": "2024-01-02", "2024-01-02T00:00:00Z": "2024-01-02"},
    ),
    "timestamp": (
        [
            "24-01-02 10:00",
            "infinity",
            "2024-01-02 10:00:00+99:99",
            "2024-01-02 25:00",
            "epoch",
            "2024-01-02T10",
        ],
        {
            "2024-01-02T10:00Z": "2024-01-02 10:00:00",
            "2024-01-02T10:00+02:00": "2024-01-02 08:00:00",
            "2024-01-02 10:00": "2024-01-02 10:00:00",
            "2024-01-02T10:00:00.5-05:30": "2024-01-02 15:30:00.5",
            "2024-01-02 10:00:00 UTC": "2024-01-02 10:00:00",
            "2024-01-02": "2024-01-02 00:00:00",
        },
    ),
    "boolean": (["maybe", "2", "on"], {"true": "true", "N": "false", "1": "true"}),
}


@pytest.mark.parametrize(
    ("declared", "text"), [(declared, text) for declared, (wrong, _) in WRITTEN.items() for text in wrong]
)
def test_text_that_is_no_value_of_its_type(
    settings: Settings, entry_of: Callable[[Any], SourceEntry], arrivals: Path, declared: str, text: str
) -> None:
    columns = {"order_id": TEXTS["order_id"], "value": {"type": declared, "description": "Value"}}
    (arrivals / "orders.csv").write_text(f'order_id,value\n1,"{text}"\n')
    with pytest.raises(IngestionError, match="column 'value' should be"):
        land(settings, entry_of(orders_entry(path="orders.csv", columns=columns, format="csv")))


@pytest.mark.parametrize(
    ("declared", "text", "landed"),
    [(declared, text, value) for declared, (_, right) in WRITTEN.items() for text, value in right.items()],
)
def test_text_that_is_a_value_of_its_type(
    settings: Settings,
    entry_of: Callable[[Any], SourceEntry],
    arrivals: Path,
    *,
    declared: str,
    text: str,
    landed: str,
) -> None:
    columns = {"order_id": TEXTS["order_id"], "value": {"type": declared, "description": "Value"}}
    (arrivals / "orders.csv").write_text(f'order_id,value\n1,"{text}"\n')
    land(settings, entry_of(orders_entry(path="orders.csv", columns=columns, format="csv")))
    assert rows(settings, "select value::varchar from raw_shop.orders") == [(landed,)]


LINE = st.text(st.sampled_from("ab1,\"#\\ ;\t'é\u200b"), max_size=4)


@pytest.mark.slow
@given(
    lines=st.lists(st.tuples(LINE, LINE), min_size=1, max_size=5),
    spoilt=st.sampled_from(["", "# comment\n", "x\n", "1,2,3\n", '"open,1\n']),
    at=st.integers(0, 5),
)
@hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_row_lands_or_the_delivery_is_refused(
    settings: Settings,
    entry_of: Callable[[Any], SourceEntry],
    arrivals: Path,
    *,
    lines: list[tuple[str, str]],
    spoilt: str,
    at: int,
) -> None:
    """Whatever is between the delimiters: no row vanishes, and none is made up."""
    columns = {name: {"type": "string", "description": name} for name in ("first", "second")}
    written = ["first,second\n", *(f"{_quoted(one)},{_quoted(other)}\n" for one, other in lines)]
    written.insert(at, spoilt)
    (arrivals / "orders.csv").write_text("".join(written), encoding="utf-8")
    entry = entry_of(orders_entry(path="orders.csv", columns=columns, format="csv", mode="replace"))
    before = logged(settings)
    if spoilt:
        with pytest.raises(IngestionError) as caught:
            land(settings, entry)
        assert caught.value.file == "orders.csv"
        assert logged(settings) == before
        return
    land(settings, entry)
    found = rows(settings, "select first, second from raw_shop.orders")
    assert sorted(found, key=str) == sorted([(one or None, other or None) for one, other in lines], key=str)


def _quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
