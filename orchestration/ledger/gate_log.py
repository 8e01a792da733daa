"""What gates found: one row per check of each validation, and what it says about the next one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection as Ledger
from sqlalchemy import func, insert, select
from sqlalchemy.orm import aliased

from orchestration.ledger.tables import builds
from orchestration.ledger.tables import gate_results as results


def write(ledger: Ledger, rows: Iterable[dict[str, Any]]) -> None:
    """Add the checks of one validation; a value that is not known is ``None``."""
    if found := list(rows):
        ledger.execute(insert(results), found)


def earlier(ledger: Ledger, gate: str, run_id: str) -> list[dict[str, Any]]:
    """Return the gate's earlier results; another set of sources or another "today" is no reference."""
    before, this = aliased(builds), aliased(builds)
    columns = [column for column in results.c if column.name != "result_id"]
    found = ledger.execute(
        select(*columns)
        .join(before, results.c.run_id == before.c.run_id)
        .join(this, (before.c.sources == this.c.sources) & before.c.as_of.is_not_distinct_from(this.c.as_of))
        .where(results.c.gate == gate, this.c.run_id == run_id)
        .order_by(results.c.result_id)
    )
    return [dict(row) for row in found.mappings()]


def has_passed(ledger: Ledger, gate: str, run_id: str) -> bool:
    """Whether the last validation of a build by a gate was green."""
    of_gate = (results.c.gate == gate) & (results.c.run_id == run_id)
    last = select(func.max(results.c.validated_at)).where(of_gate).scalar_subquery()
    checks = ledger.execute(
        select(results.c.severity, results.c.is_passed).where(of_gate, results.c.validated_at == last)
    ).all()
    return bool(checks) and all(check.is_passed or check.severity != "critical" for check in checks)
