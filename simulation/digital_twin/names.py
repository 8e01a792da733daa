"""What is written in each language: names of people, and the sentences of reviews and tickets.

The words lie in ``vocabulary/<language>.yml``.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("en", "zh", "pt")
GENDERS = ("F", "M")
_FOLDER = Path(__file__).with_name("vocabulary")


@lru_cache(maxsize=len(LANGUAGES))
def vocabulary(language: str) -> dict[str, Any]:
    """Return the words of a language, as they lie in its file."""
    words: dict[str, Any] = yaml.safe_load((_FOLDER / f"{language}.yml").read_text(encoding="utf-8"))
    return words


def given_names(language: str, gender: str, is_in_characters: bool = False) -> list[str]:
    """Return given names; in Latin letters where the language has no others."""
    words = vocabulary(language)
    own = (
        words.get("given_names_in_characters", words["given_names"])
        if is_in_characters
        else words["given_names"]
    )
    names: list[str] = own[gender]
    return names


def family_names(language: str, is_in_characters: bool = False) -> list[str]:
    """Return family names; in Latin letters where the language has no others."""
    words = vocabulary(language)
    names: list[str] = words["family_names"]
    return list(words.get("family_names_in_characters", names)) if is_in_characters else names


def nickname(language: str, name: str) -> str:
    """Return the short form of a given name, or the name if it has none."""
    return str(vocabulary(language).get("nicknames", {}).get(name, name))


def mail_domains(language: str) -> list[str]:
    """Return seven domains of e-mail providers, the commonest first."""
    domains: list[str] = vocabulary(language)["mail_domains"]
    return domains
