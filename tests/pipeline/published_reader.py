"""Reads a publication over and over, as BI would, and writes down what it saw; a process of its own.

``hold`` keeps one connection open; ``watch`` reopens the file each time and counts the rows of all tables.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import duckdb

PAUSE_SECONDS = 0.1
TOTALS = """
    select
        (select run_id from ops.publication),
        (select count(*) from core.fct_order_lines),
        (select cast(sum(sales_amount) as varchar) from core.fct_order_lines),
        (select count(*) from core.fct_orders),
        (select cast(sum(sales_amount) as varchar) from core.fct_orders),
        (select cast(sum(sales_amount) as varchar) from marts.dim_customers)
"""


def read(connection: duckdb.DuckDBPyConnection, is_counting: bool) -> tuple[object, ...]:
    """Return the totals; raise if a table has not the rows that the publication says it has."""
    totals = connection.execute(TOTALS).fetchall()[0]
    if is_counting:
        expected = json.loads(connection.execute("select row_counts from ops.publication").fetchall()[0][0])
        counts = " union all ".join(f"select '{table}', count(*) from {table}" for table in expected)
        found = dict(connection.execute(counts).fetchall())
        if found != expected:
            raise ValueError(f"{totals[0]} holds {found}, not {expected}")
    return totals


def main(mode: str, path: Path, stop: Path, answer: Path) -> None:
    """Read until the file ``stop`` is there; then say in ``answer`` how often, and what was seen."""
    reads, missing_after_first = 0, 0
    seen: dict[tuple[object, ...], int] = {}
    errors: list[str] = []
    held = None
    answer.touch()
    is_last = False
    while not is_last:
        is_last = stop.exists()
        try:
            if held is None and not path.exists():
                missing_after_first += bool(reads)
            else:
                connection = held or duckdb.connect(str(path), read_only=True)
                totals = read(connection, is_counting=mode == "watch")
                reads += 1
                seen[totals] = seen.get(totals, 0) + 1
                if mode == "hold":
                    held = connection
                else:
                    connection.close()
        except Exception as error:
            errors.append(f"{type(error).__name__}: {error}")
        time.sleep(PAUSE_SECONDS)
    answer.write_text(
        json.dumps(
            {
                "reads": reads,
                "missing_after_first": missing_after_first,
                "errors": errors,
                "seen": [[*totals] for totals in seen],
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1], *map(Path, sys.argv[2:]))
