"""Sessions and the timeline on ten million events: against a scan, and one new day against all.

Times are those of the engine: the statements that dbt runs, without what dbt itself takes for each model.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.measuring import Result, interleaved, seconds
from benchmarks.warehouses import dbt_run, seed, settings_at
from orchestration import warehouse
from orchestration.ingestion.entries import load_entry
from orchestration.settings import Settings

EVENT_COUNT = 10_000_000
LAST_DAY = "timestamp '2017-12-31'"
EVENTS = "core.fct_behaviour_events"
SPANS = re.compile(r"spans as \((.*?)\n\),", re.DOTALL)
COLUMNS_OF_SESSIONS = [
    "source_system",
    "channel",
    "event_name",
    "visitor_key",
    "customer_key",
    "device_type",
    "order_id",
    "checkout_step",
    "dwell_seconds",
    "occurred_at",
    "occurred_at_local",
    "loaded_at",
]


def measure() -> list[Result]:
    """Build sessions and the timeline of a made-up year, then of its last day alone.

    Raises
    ------
    RuntimeError
        If one new day and a full build differ in any row.
    """
    folder = Path(tempfile.mkdtemp(prefix="bench_"))
    try:
        # With less, ten million rows of the timeline go through the disk several times over.
        settings = replace(settings_at(folder), memory_limit="4GB")
        _empty_raw_tables(settings)
        dbt_run(settings, "--select", "+fct_activities", "+fct_sessions")
        _fill(settings)
        scan = f"select {', '.join(f'max({name})' for name in COLUMNS_OF_SESSIONS)} from {EVENTS}"
        full_sessions = Statements.of(settings, "fct_sessions", is_full=True)
        sessions, scanned = interleaved(
            lambda: full_sessions.run(settings), lambda: _run(settings, [scan]), rounds=3
        )
        session_day, session_year = _one_day(settings, "fct_sessions", full_sessions)
        activity_day, activity_year = _one_day(
            settings, "fct_activities", Statements.of(settings, "fct_activities", is_full=True)
        )
    finally:
        shutil.rmtree(folder)
    millions = EVENT_COUNT // 1_000_000
    return [
        Result(
            "sessions", sessions / scanned, 10, sessions, scanned, "s",
            f"sessions of {millions} M events / scan of the columns that they are made from",
        ),
        Result(
            "sessions, one new day", session_day / session_year, 1 / 80, session_day, session_year, "s",
            "sessions with one new day on a year / full; rows identical",
        ),
        Result(
            "timeline, one new day", activity_day / activity_year, 1 / 20, activity_day, activity_year, "s",
            "timeline with one new day on a year / full; rows identical",
        ),
    ]  # fmt: skip


class Statements:
    """What dbt has the engine run for one model, in order.

    Parameters
    ----------
    table
        The model's table, with its schema.
    statements
        SQL, in order.
    """

    def __init__(self, table: str, statements: Sequence[str]):
        self.table = table
        self._statements = list(statements)

    @classmethod
    def of(cls, settings: Settings, model: str, is_full: bool) -> Statements:
        """Compile a model as it stands on the present warehouse."""
        arguments = ["--select", model, *(["--full-refresh"] if is_full else [])]
        dbt_run(settings, *arguments)
        [path] = (settings.warehouse_dir / "bench_target" / "compiled").rglob(f"{model}.sql")
        sql, table = path.read_text(), f"core.{model}"
        if is_full:
            return cls(table, [f"create or replace table {table} as {sql}"])
        key = {"fct_sessions": "visitor_key", "fct_activities": "activity_id"}[model]
        return cls(
            table,
            [
                # Asked while the model is compiled: how far it has got, which stretches it rebuilds.
                f"select source_system, max(loaded_at) from {table} group by source_system",
                *[f"select min(first_at) from ({spans})" for spans in SPANS.findall(sql)],
                f"create or replace temp table new_rows as {sql}",
                f"delete from {table} where {key} in (select distinct {key} from new_rows)",
                f"insert into {table} by name select * from new_rows",
            ],
        )

    def run(self, settings: Settings) -> float:
        """Run all statements and return how long they took, in seconds."""
        return _run(settings, self._statements)


def _run(settings: Settings, statements: Sequence[str]) -> float:
    with warehouse.writing(settings) as connection:
        connection.execute("set preserve_insertion_order = false")
        return seconds(lambda: [connection.execute(statement).fetchall() for statement in statements])


def _one_day(settings: Settings, model: str, full: Statements) -> tuple[float, float]:
    """Return how long the last day and the whole year take; both must give the same rows."""
    table = full.table
    with warehouse.writing(settings) as connection:
        # The state before the last day: what a full build gives without it.
        last_day = f"from {EVENTS} where loaded_at >= {LAST_DAY}"
        connection.execute(f"create or replace table core.bench_day as {last_day}")
        connection.execute(f"delete {last_day}")
        connection.execute("checkpoint")
    full.run(settings)
    with warehouse.writing(settings) as connection:
        connection.execute(f"create or replace table core.bench_before as from {table}")
        connection.execute(f"insert into {EVENTS} from core.bench_day")
        connection.execute("checkpoint")
    new_day = Statements.of(settings, model, is_full=False)

    def day() -> float:
        with warehouse.writing(settings) as connection:
            connection.execute(f"create or replace table {table} as from core.bench_before")
            connection.execute("checkpoint")
        elapsed = new_day.run(settings)
        with warehouse.writing(settings) as connection:
            connection.execute(f"create or replace table core.bench_after as from {table}")
        return elapsed

    def year() -> float:
        elapsed = full.run(settings)
        with warehouse.writing(settings) as connection:
            differing = connection.execute(
                f"select count(*) from ((from {table} except all from core.bench_after) union all "
                f"(from core.bench_after except all from {table}))"
            ).fetchall()[0][0]
        if differing:
            raise RuntimeError(f"{table}: {differing} rows differ between one new day and a full build")
        return elapsed

    return interleaved(day, year, rounds=3)


def _empty_raw_tables(settings: Settings) -> None:
    """Make the raw tables of the default source without rows: only events are measured here."""
    entry = load_entry("complete_journey")
    with warehouse.writing(settings) as connection:
        connection.execute(f"create schema if not exists {entry.schema_name}")
        for name, table in entry.tables.items():
            columns = ", ".join(f'"{column}" {what.warehouse_type}' for column, what in table.columns.items())
            connection.execute(
                f"create table {entry.schema_name}.{name} "
                f"({columns}, _loaded_at timestamp, _batch_id varchar)"
            )
    seed(settings)


def _fill(settings: Settings) -> None:
    """Put a year of events into the fact: 300,000 visitors, sessions of eight events."""
    with warehouse.writing(settings) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"insert into {EVENTS} by name {MADE_UP_EVENTS}")
        connection.execute("checkpoint")


MADE_UP_EVENTS = f"""
with numbered as (
    select
        number,
        number // 8 as session,
        number * 365 // {EVENT_COUNT} as day,
        hash(number, 1) % 8 as kind
    from range({EVENT_COUNT}) as numbers (number)
),
dated as (
    select
        *,
        md5((hash(session) % 300000)::varchar)[:16] as visitor,
        timestamp '2017-01-01' + to_days(day::int) + to_hours((hash(session, 2) % 24)::int)
        + to_seconds((hash(number, 3) % 1200)::int) as occurred_at
    from numbered
)
select
    md5(number::varchar) as event_id,
    'complete_journey' as source_system,
    'web' as channel,
    ['Product Viewed', 'Page Viewed', 'Products Searched', 'Product Added', 'Product Removed',
     'Checkout Started', 'Product Viewed', 'Order Completed'][(kind + 1)::int] as event_name,
    'complete_journey:web:' || visitor as visitor_key,
    case when session % 5 = 0 then 'complete_journey:' || visitor[:6] end as customer_key,
    'mobile' as device_type,
    'complete_journey:' || hash(number, 4) % 600 as product_id,
    case when kind = 7 then 'complete_journey:order ' || number end as order_id,
    case when kind = 5 then 1 end as checkout_step,
    (hash(number, 5) % 90000) / 1000.0 as dwell_seconds,
    occurred_at,
    occurred_at as known_at,
    occurred_at as occurred_at_local,
    date_trunc('day', timestamp '2017-01-01' + to_days(day::int)) as loaded_at,
    occurred_at::date as event_date,
    date_trunc('month', occurred_at)::date as event_month
from dated
"""
