"""The words by which tables, columns and values are recognised, read from `vocabulary.yml`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml


@cache
def _content() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(
        Path(__file__).with_name("vocabulary.yml").read_text(encoding="utf-8")
    )
    return content


def entities() -> list[str]:
    """Return the entities that can be recognised."""
    return list(_content()["entities"])


def needs_of(entity: str) -> list[str]:
    """Return the fields without which rows are no rows of an entity; empty if nothing is known of it."""
    return list(_content()["entities"].get(entity, {}).get("needs", []))


def table_words(entity: str) -> list[str]:
    """Return words in the names of tables that hold an entity."""
    return list(_content()["entities"][entity]["table"])


def field_words(field: str) -> list[str]:
    """Return words in the names of columns that hold a field; empty if it is not recognised by name."""
    return list(_content()["fields"].get(field, []))


def value_words(field: str) -> dict[str, list[str]]:
    """Return how sources write each value of a field that core knows the values of."""
    return {value: list(words) for value, words in _content()["values"].get(field, {}).items()}


def plain(text: str) -> str:
    """Return a name as words in small letters without accents: `OrderNo` is `order no`."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text.replace("ß", "ss"))
    letters = unicodedata.normalize("NFKD", parted).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", " ", letters).strip()


def likeness(name: str, words: Iterable[str]) -> int:
    """Return how well a name agrees with one of several words: 0 not at all, 100 in full.

    An earlier word counts more than a later one; a word inside a name counts by the share that it has.
    """
    spelled = plain(name)
    best = 0
    for place, word in enumerate(words):
        if spelled == word or spelled.replace(" ", "") == word.replace(" ", ""):
            found = 100
        elif f" {word} " in f" {spelled} " or spelled.removesuffix("s") == word:
            found = 40 + 40 * len(word) // max(len(spelled), 1)
        else:
            continue
        best = max(best, found - min(place, 19))
    return best
