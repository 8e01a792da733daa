"""Sessions and the timeline on millions of events: against a scan, and one new day against all.

Times are those of the engine: the statements on tables that dbt ran according to its own log, run again,
without what dbt itself takes for each model (parsing, checks of contracts, comments on columns).
"""

from __future__ import annotations

import re
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.measuring import Result, seconds
from benchmarks.warehouses import dbt_run, seed, settings_at
from orchestration import warehouse
from orchestration.ingestion.entries import load_entry
from orchestration.settings import Settings

SESSION_EVENT_COUNT = 10_000_000
# Fewer, so that the whole takes minutes; what a new day costs at the least then weighs more, not less.
TIMELINE_EVENT_COUNT = 4_000_000
ROUNDS = 3
LAST_DAY = "timestamp '2017-12-31'"
EVENTS = "core.fct_behaviour_events"
SCAN = f"""
select
    max(source_system), max(channel), max(event_name), max(visitor_key), max(customer_key), max(device_type),
    max(order_id), max(checkout_step), max(dwell_seconds),
    max(occurred_at), max(occurred_at_local), max(loaded_at)
from {EVENTS}
"""


@dataclass(frozen=True)
class Times:
    """Medians in seconds: one new day on a year, the year from nothing, one scan of what it is made from."""

    day: float
    year: float
    scan: float


def measure() -> list[Result]:
    """Build the timeline and sessions of a made-up year, then of its last day alone.

    Raises
    ------
    RuntimeError
        If one new day and a full build differ in any row.
    """
    folder = Path(tempfile.mkdtemp(prefix="bench_"))
    try:
        settings = replace(settings_at(folder), memory_limit="4GB")
        _empty_raw_tables(settings)
        dbt_run(settings, "--select", "+fct_activities", "+fct_sessions")
        activities = _times(settings, "fct_activities", TIMELINE_EVENT_COUNT)
        sessions = _times(settings, "fct_sessions", SESSION_EVENT_COUNT)
    finally:
        shutil.rmtree(folder)
    millions, timeline_millions = SESSION_EVENT_COUNT // 1_000_000, TIMELINE_EVENT_COUNT // 1_000_000
    return [
        Result(
            "sessions", sessions.year / sessions.scan, 10, sessions.year, sessions.scan, "s",
            f"sessions of {millions} M events / scan of the columns that they are made from",
        ),
        Result(
            "sessions, one new day", sessions.day / sessions.year, 1 / 80, sessions.day, sessions.year, "s",
            f"sessions with one new day on a year of {millions} M events / full; rows identical",
        ),
        Result(
            "timeline, one new day", activities.day / activities.year, 1 / 20,
            activities.day, activities.year, "s",
            f"timeline with one new day on a year of {timeline_millions} M events / full; rows identical",
        ),
    ]  # fmt: skip


def _times(settings: Settings, model: str, event_count: int) -> Times:
    """Measure one model in turns: a scan, the last day on the year before it, the whole year."""
    _say(f"{model}: {event_count:,} events")
    table = f"core.{model}"
    with warehouse.writing(settings) as connection:
        connection.execute("set preserve_insertion_order = false")
        connection.execute(f"truncate {EVENTS}")
        connection.execute(f"insert into {EVENTS} by name {made_up_events(event_count)}")
        connection.execute(
            f"create or replace table core.bench_day as from {EVENTS} where loaded_at >= {LAST_DAY}"
        )
        connection.execute(f"delete from {EVENTS} where loaded_at >= {LAST_DAY}")
        connection.execute("checkpoint")
    _say(f"{model}: the year but for its last day")
    year = statements_of(settings, model, "--full-refresh")
    with warehouse.writing(settings) as connection:
        connection.execute(f"create or replace table core.bench_before as from {table}")
        connection.execute(f"insert into {EVENTS} from core.bench_day")
        connection.execute("checkpoint")
    day = statements_of(settings, model)
    rounds = []
    for number in range(1, ROUNDS + 1):
        with warehouse.writing(settings) as connection:
            connection.execute(f"truncate {table}")
            connection.execute(f"insert into {table} from core.bench_before")
            connection.execute("checkpoint")
        scanned = _run(settings, [SCAN])
        of_day, rows_by_day = _run(settings, day), _fingerprint(settings, table)
        of_year, rows_of_year = _run(settings, year), _fingerprint(settings, table)
        if rows_by_day != rows_of_year:
            raise RuntimeError(f"{table}: rows differ between one new day and a full build")
        _say(f"{model}, round {number}: scan {scanned:.2f} s, day {of_day:.3f} s, year {of_year:.2f} s")
        rounds.append((of_day, of_year, scanned))
    return Times(*(statistics.median(side) for side in zip(*rounds, strict=True)))


def statements_of(settings: Settings, model: str, *arguments: str) -> list[str]:
    """Run a model with dbt and return the statements on tables that dbt ran for it, from its log."""
    log = settings.warehouse_dir / "bench_target" / "dbt.log"
    log.unlink(missing_ok=True)
    dbt_run(settings, "--select", model, *arguments)
    found = re.findall(
        rf"On model\.insight\.{model}: (?:/\*.*?\*/\s*)?(.*?)\n\d\d:\d\d:\d\d\.\d+ \[",
        log.read_text(),
        re.DOTALL,
    )
    statements: list[str] = []
    for statement in map(str.strip, found):
        if not re.match(
            r"(begin|commit|create|insert|delete|alter|drop)\b|select .* from \"build\"\.", statement, re.I
        ):
            continue
        # The log has a commit twice: when it is asked for, and when it is done.
        if statements[-1:] != [statement]:
            statements.append(statement)
    return statements


def _run(settings: Settings, statements: Sequence[str]) -> float:
    with warehouse.writing(settings) as connection:
        connection.execute("set preserve_insertion_order = false")
        return seconds(lambda: [connection.execute(statement).fetchall() for statement in statements])


def _fingerprint(settings: Settings, table: str) -> tuple[int, int, int]:
    """Return what two tables have in common only if they have the same rows, in whatever order."""
    with warehouse.writing(settings) as connection:
        connection.execute("checkpoint")
        return connection.execute(
            f"select count(*), sum(hash(table_row)), bit_xor(hash(table_row)) from {table} as table_row"
        ).fetchall()[0]


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", flush=True)


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


def made_up_events(event_count: int) -> str:
    """Return the query of a year of events: 300,000 visitors, sessions of eight events within two minutes.

    Those of the default data are like that: 7.7 events and 1.7 minutes on average. A session begins at any
    second of its day, and is loaded as of that day.
    """
    return f"""
with numbered as (
    select
        number,
        number // 8 as session,
        number * 365 // {event_count} as day,
        hash(number, 1) % 8 as kind
    from range({event_count}) as numbers (number)
),
dated as (
    select
        *,
        md5((hash(session) % 300000)::varchar)[:16] as visitor,
        timestamp '2017-01-01' + to_days(day::int)
        + to_seconds((hash(session, 2) % 86400 + hash(number, 3) % 134)::int) as occurred_at
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
