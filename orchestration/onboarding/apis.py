"""Answers of a REST API as a new source: fetched once, by the entry that will be written, and looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from orchestration.ingestion.connectors.apis import fetched
from orchestration.ingestion.entries import ApiEntry
from orchestration.onboarding.errors import OnboardingError
from orchestration.onboarding.inspection import Found
from orchestration.onboarding.mapping import base_name
from orchestration.settings import Settings
from orchestration.warehouse import Connection

# Until it has been looked at, nobody knows a column.
_NO_COLUMN = {"type": "string", "description": "Unknown", "required": False}


def found_answers(
    connection: Connection, settings: Settings, address: str, said: Mapping[str, Any], paths: Sequence[str]
) -> list[Found]:
    """Return the tables that an API answers with.

    Parameters
    ----------
    said
        What a person said under ``api``: ``auth``, and by the name of each table in ``tables`` its ``path``,
        ``parameters``, ``rows_at``, ``pages``, ``cursor`` and ``cursor_parameter``.
    paths
        Further tables, by their paths alone.

    Raises
    ------
    OnboardingError
        If nothing is asked for, what was said cannot be used, or there is no row.
    IngestionError
        If the API cannot be reached or refuses.
    """
    terms = {base_name(path): {"path": path} for path in paths} | dict(said.get("tables") or {})
    if not terms:
        raise OnboardingError(
            "api",
            "no table is named.",
            "write `api: {tables: {orders: {path: orders}}}`, or give --table orders.",
        )
    entry = _entry(address, said.get("auth"), terms)
    found = []
    for name, asked in terms.items():
        relation = fetched(connection, settings, entry, name)
        if relation is None:
            raise OnboardingError(
                asked["path"],
                "the API answers without a row.",
                "say under `rows_at` where its rows are.",
                f"api.tables.{name}",
            )
        others = {key: value for key, value in asked.items() if key != "path"}
        mode = "append" if "cursor" in asked else "replace"
        found.append(Found(name, asked["path"], "rest", relation, mode, terms=others))  # type: ignore[arg-type]
    return found


def _entry(address: str, auth: Any, terms: Mapping[str, Any]) -> ApiEntry:
    """Return the entry as far as it is known before a column is: the cursor is the one that has a name."""
    tables = {
        name: {
            **asked,
            "description": name,
            "mode": "append" if "cursor" in asked else "replace",
            "columns": {asked.get("cursor", "unknown"): _NO_COLUMN},
        }
        for name, asked in terms.items()
    }
    content = {
        "source": "looked_at", "description": "looked at", "owner": "nobody", "is_simulated": False,
        "connector": "rest_api", "location": address, "auth": auth, "tables": tables,
    }  # fmt: skip
    try:
        return ApiEntry.model_validate(content)
    except ValidationError as error:
        fault = error.errors()[0]
        field = ".".join(str(step) for step in ("api", *fault["loc"]))
        problem = fault["msg"].removeprefix("Value error, ").rstrip(".")
        raise OnboardingError("api", f"{problem}.", "see docs/add-a-source.md.", field) from error
