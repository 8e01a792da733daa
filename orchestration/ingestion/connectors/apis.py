"""A REST API as a source: dlt asks page by page, the warehouse's own landing keeps the answers.

dlt is used for what it does better than we would: pages of all kinds, ways to say who calls, and calls that
are repeated when a server is busy (429) or fails (5xx), as late as it asks for in ``Retry-After``.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from orchestration.ingestion.arrivals import Arrival, Delivery
from orchestration.ingestion.connectors.databases import content_hash, last_landed
from orchestration.ingestion.connectors.text_files import json_lines_scan
from orchestration.ingestion.entries import ApiEntry, ApiTable
from orchestration.ingestion.errors import IngestionError
from orchestration.ingestion.locations import address_of, expanded
from orchestration.settings import NO_TELEMETRY, Settings
from orchestration.warehouse import Connection
from orchestration.warehouse.sql import quoted

# A server that is busy or fails is asked so often, each time after twice as many seconds.
MOST_ATTEMPTS = 5
FIRST_WAIT_SECONDS = 1.0
_BATCH_ROWS = 1_000


def api_deliveries(
    connection: Connection, settings: Settings, entry: ApiEntry, table_name: str
) -> list[Delivery]:
    """Fetch one table into a temporary table of the warehouse, and return it as a delivery if it is new.

    Every value arrives as text, as from JSON lines, and is fitted to the contract. Memory holds one page.

    Raises
    ------
    IngestionError
        If the API cannot be reached or refuses, or answers with nothing that is a row.
    """
    table = entry.tables[table_name]
    beyond = last_landed(connection, entry, table_name, table.cursor)
    arriving = fetched(connection, settings, entry, table_name, beyond)
    if arriving is None:
        return _nothing(table)
    if table.cursor is not None and beyond is not None:
        _remove_known(connection, table, table.cursor, arriving, beyond)
        if not connection.execute(f"select 1 from {arriving} limit 1").fetchall():
            return []
    arrival = Arrival(table.path, arriving, "json")
    return [Delivery.of(entry.source, table_name, [arrival], [content_hash(connection, arrival)])]


def fetched(
    connection: Connection, settings: Settings, entry: ApiEntry, table_name: str, beyond: object | None = None
) -> str | None:
    """Fetch one table into a temporary table, and return its name; ``None`` if there was no row.

    Parameters
    ----------
    beyond
        The last value of the cursor that is known already, if any.

    Raises
    ------
    IngestionError
        If the API cannot be reached or refuses.
    """
    table = entry.tables[table_name]
    arriving = f"arriving_{entry.source}_{table_name}"
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{table_name}.jsonl"
        if _write_lines(path, _pages(settings, entry, table, beyond)) == 0:
            return None
        scan = json_lines_scan(connection, path, table.columns)
        connection.execute(f"create or replace temp table {arriving} as select * from {scan}")
    return f"temp.{arriving}"


def _nothing(table: ApiTable) -> list[Delivery]:
    if table.mode == "append":
        return []
    raise IngestionError(
        table.path,
        "the API answers without a row.",
        "correct `rows_at` or the parameters in the entry, or take the table out; what had landed stays.",
    )


def _write_lines(path: Path, pages: Iterator[list[Any]]) -> int:
    rows = 0
    with path.open("w", encoding="utf-8") as stream:
        for page in pages:
            stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in page)
            rows += len(page)
    return rows


def _remove_known(
    connection: Connection, table: ApiTable, cursor: str, arriving: str, beyond: object
) -> None:
    """Remove rows up to the last landed value: an API may answer with them again, or know no parameter."""
    data_type = table.columns[cursor].warehouse_type
    spelled = next(
        (
            row[0]
            for row in connection.execute(f"describe {arriving}").fetchall()
            if row[0].lower() == cursor.lower()
        ),
        None,
    )
    if spelled is None:
        raise IngestionError(
            table.path,
            f"its rows have no {cursor!r}, which is its cursor.",
            "correct `cursor` in the entry.",
            cursor,
        )
    read = f"try_cast({quoted(spelled)} as {'timestamptz' if data_type == 'TIMESTAMP' else data_type})"
    if data_type == "TIMESTAMP":
        read = f"cast({read} as timestamp)"
    connection.execute(f"delete from {arriving} where {read} <= ?", [beyond])


def _pages(
    settings: Settings, entry: ApiEntry, table: ApiTable, beyond: object | None
) -> Iterator[list[Any]]:
    os.environ.update(NO_TELEMETRY)
    # Importing dlt takes a second or two: sources that are files do without.
    import requests
    from dlt.common.configuration.exceptions import ConfigurationException
    from dlt.common.exceptions import DictValidationException
    from dlt.extract.exceptions import ResourceExtractionError
    from dlt.sources.helpers.requests import Client
    from dlt.sources.rest_api import rest_api_resources

    parameters = dict(table.parameters)
    if table.cursor_parameter is not None and beyond is not None:
        parameters[table.cursor_parameter] = _spelled(beyond)
    session = Client(
        request_max_attempts=MOST_ATTEMPTS, request_backoff_factor=FIRST_WAIT_SECONDS, raise_for_status=False
    ).session
    endpoint: dict[str, Any] = {"path": table.path, "params": parameters}
    if table.rows_at is not None:
        endpoint["data_selector"] = table.rows_at
    if table.pages is not None:
        endpoint["paginator"] = table.pages
    client: dict[str, Any] = {"base_url": address_of(settings, entry), "session": session}
    if entry.auth is not None:
        client["auth"] = {key: expanded(f"{entry.source}.yml", text) for key, text in entry.auth.items()}
    try:
        configuration: Any = {"client": client, "resources": [{"name": "rows", "endpoint": endpoint}]}
        [resource] = rest_api_resources(configuration)
        rows = iter(resource)
    except (ConfigurationException, DictValidationException, ValueError, TypeError) as error:
        raise _wrong_entry(entry, error) from error
    try:
        while batch := list(islice(rows, _BATCH_ROWS)):
            yield batch
    except (ResourceExtractionError, requests.RequestException) as error:
        raise _refused(entry, table, error) from error


def _spelled(value: object) -> str:
    return f"{value.isoformat()}Z" if hasattr(value, "hour") and hasattr(value, "isoformat") else str(value)


def _wrong_entry(entry: ApiEntry, error: Exception) -> IngestionError:
    reason = " ".join(str(error).split())
    return IngestionError(
        f"{entry.source}.yml",
        f"auth or pages: {reason[:300]}.",
        "write them in the words of dlt's rest_api source.",
        "pages",
    )


def _refused(entry: ApiEntry, table: ApiTable, error: Exception) -> IngestionError:
    """Say what the server answered; not the address, in which a key may stand."""
    cause: BaseException | None = error
    while cause is not None and getattr(cause, "response", None) is None:
        cause = cause.__cause__ or cause.__context__
    response = getattr(cause, "response", None)
    if response is None:
        return IngestionError(
            table.path,
            f"the API does not answer ({type(error.__cause__ or error).__name__}).",
            f"check `location` in {entry.source}.yml, and the network.",
            "location",
        )
    status = int(response.status_code)
    fixes = {401: "check `auth` and the secret that it names.", 403: "ask for the right to read it.",
             404: f"correct the path in {entry.source}.yml."}  # fmt: skip
    asked = f" after {MOST_ATTEMPTS} attempts" if status == 429 or status >= 500 else ""
    return IngestionError(
        table.path,
        f"the API answers {status}{f' {response.reason}' if response.reason else ''}{asked}.",
        fixes.get(status, "build again later, or ask its owner."),
        "path",
    )
