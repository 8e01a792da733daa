"""Sessions, messages and the timeline are what a slow, obvious reading has, however events arrive."""

from __future__ import annotations

import datetime as dt
import shutil
from collections import defaultdict
from dataclasses import dataclass

import duckdb
import pytest
import raw_slice
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

pytestmark = pytest.mark.tier3

# In an order in which they can be built.
FACTS = ["fct_behaviour_events", "fct_message_events", "fct_sessions", "fct_activities"]
ARRIVING = {"int_behaviour_events__unioned": "event", "int_messages__unioned": "message"}
FIRST_LOAD = dt.datetime(2026, 1, 1)
NOON = dt.datetime(2017, 5, 31, 12)


@dataclass(frozen=True)
class Event:
    """An event as delivered; its key is the number, so that numbers that come twice are versions."""

    number: int
    visitor: int
    minute: int
    name: str = "Product Viewed"
    customer: int | None = None

    @property
    def occurred_at(self) -> dt.datetime:
        return NOON + dt.timedelta(minutes=self.minute)


# Few visitors within a few hours, some seconds short of and beyond half an hour apart.
EVENTS = st.builds(
    Event,
    number=st.integers(1, 60),
    visitor=st.integers(1, 3),
    minute=st.integers(0, 24).map(lambda step: step * 15),
    name=st.sampled_from(["Product Viewed", "Product Added", "Order Completed"]),
    customer=st.sampled_from([None, None, 1, 2]),
)
DELIVERIES = st.lists(st.lists(EVENTS, max_size=12), min_size=2, max_size=4)

EVERY_KIND = [
    # Two sessions of one visitor, 31 minutes apart; another one exactly 30 minutes long.
    [Event(1, 1, 0), Event(2, 1, 10), Event(3, 1, 41), Event(4, 2, 0), Event(5, 2, 30, "Order Completed", 1)],
    # Nothing of the first two visitors; a session that a later one will precede.
    [Event(6, 3, 300)],
    # Late: joins both sessions of visitor 1; comes before all of visitor 3; visitor 2 in the next month.
    [Event(7, 1, 25, "Product Added", 2), Event(8, 3, 0), Event(9, 2, 12 * 60 + 5)],
    # Twice the same, and one again with other content: it stays what it was.
    [
        Event(7, 1, 25, "Product Added", 2),
        Event(7, 1, 25, "Product Added", 2),
        Event(4, 3, 200, "Product Added"),
    ],
]

DAY = 24 * 60
MIDNIGHT = 12 * 60  # In minutes from noon, and the end of a month.
OLD_SESSIONS_STAY = [
    # Visitors with old sessions, one of them weeks ago; one session begins just after midnight.
    [
        Event(1, 1, -40 * DAY),
        Event(2, 1, MIDNIGHT + 10),
        *[Event(number, 2, minute) for number, minute in [(3, -DAY), (4, 0), (5, 100), (6, 200)]],
    ],
    # That session begins before midnight now, in the month before; another visitor has one more session.
    [Event(7, 1, MIDNIGHT - 15), Event(8, 2, MIDNIGHT + 20)],
    # Late by weeks, beside what is new: one session grows at its end, one at its start, two become one.
    [
        Event(9, 1, -40 * DAY + 20),
        Event(10, 2, -DAY - 25, "Order Completed", 1),
        *[Event(number, 2, minute) for number, minute in [(11, 130), (12, 160), (13, 190)]],
        Event(14, 1, 2 * DAY),
    ],
]


@pytest.fixture(scope="module")
def empty_warehouse(dbt, raw_file, tmp_path_factory):
    """A warehouse in which all tables exist; events arrive where else the sources are unioned."""
    folder = tmp_path_factory.mktemp("no_events")
    raw_slice.create_empty(folder / "build.duckdb", raw_file)
    dbt.run(folder, "run", "--select", "+fct_activities", "+fct_sessions")
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        for name in ARRIVING:
            connection.execute(f"create table core.arriving as from core.{name} limit 0")
            connection.execute(f"drop view core.{name}")
            connection.execute(f"alter table core.arriving rename to {name}")
    return folder


@pytest.fixture
def warehouse(empty_warehouse, tmp_path):
    shutil.copyfile(empty_warehouse / "build.duckdb", tmp_path / "build.duckdb")
    return tmp_path


@pytest.fixture(scope="module")
def full_refresh(dbt, empty_warehouse):
    """The rows that a full refresh gives on what has arrived in a warehouse; it is left as it is."""
    statements = dbt.full_refresh_sql(empty_warehouse, *FACTS)

    def refresh(folder):
        with duckdb.connect(str(folder / "build.duckdb")) as connection:
            connection.execute("begin transaction")
            columns = {name: _columns(connection, name) for name in FACTS}
            for name in FACTS:
                connection.execute(f"create or replace table core.{name} as {statements[name]}")
            rows = {name: _rows(connection, name, columns[name]) for name in FACTS}
            connection.execute("rollback")
        return rows

    return refresh


def _columns(connection, name):
    return [row[0] for row in connection.execute(f"describe core.{name}").fetchall()]


def _rows(connection, name, columns):
    return connection.execute(f"select {', '.join(columns)} from core.{name} order by all").fetchall()


def deliver(folder, number, events):
    loaded_at = FIRST_LOAD + dt.timedelta(days=number)
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        for event in events:
            customer = None if event.customer is None else f"complete_journey:{event.customer}"
            order = f"order {event.number}" if event.name == "Order Completed" else None
            connection.execute(
                "insert into core.int_behaviour_events__unioned by name select ? as event_id, "
                "'complete_journey' as source_system, 'web' as channel, ? as event_name, ? as visitor_key, "
                "? as customer_key, ? as order_id, 1.5 as dwell_seconds, ? as occurred_at, ? as known_at, "
                "? as occurred_at_local, ? as loaded_at",
                [
                    f"event {event.number}",
                    event.name,
                    f"visitor {event.visitor}",
                    customer,
                    order,
                    *[event.occurred_at] * 3,
                    loaded_at,
                ],
            )
            connection.execute(
                "insert into core.int_messages__unioned by name select ? as message_event_id, "
                "'complete_journey' as source_system, ? as message_id, 'email' as channel, "
                "'opened' as message_event, ? as customer_key, ? as occurred_at, ? as known_at, "
                "? as loaded_at",
                [
                    f"opened {event.number}",
                    f"message {event.number}",
                    customer or "complete_journey:3",
                    *[event.occurred_at] * 2,
                    loaded_at,
                ],
            )


def build(dbt, folder, *arguments):
    dbt.run(folder, "run", "--select", *FACTS, *arguments)
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        return {name: _rows(connection, name, _columns(connection, name)) for name in FACTS}


def first_versions(deliveries):
    """Each event as it first arrived; of versions that arrived at once, the latest that happened."""
    known: dict[int, Event] = {}
    for events in deliveries:
        ordered = sorted(
            events,
            key=lambda event: (event.occurred_at, event.visitor, event.name, event.customer or 0),
            reverse=True,
        )
        fresh: dict[int, Event] = {}
        for event in ordered:
            fresh.setdefault(event.number, event)
        known = {**fresh, **known}
    return list(known.values())


def obvious_sessions(events):
    """Sessions by walking through the events of one visitor after the other."""
    by_visitor = defaultdict(list)
    for event in events:
        by_visitor[event.visitor].append(event)
    sessions = set()
    for visitor, own in by_visitor.items():
        own.sort(key=lambda event: event.occurred_at)
        groups = [[own[0]]]
        for event in own[1:]:
            if event.occurred_at - groups[-1][-1].occurred_at > dt.timedelta(minutes=30):
                groups.append([])
            groups[-1].append(event)
        for group in groups:
            customers = {event.customer for event in group} - {None}
            sessions.add(
                (
                    f"visitor {visitor}",
                    group[0].occurred_at,
                    group[-1].occurred_at,
                    len(group),
                    sum(event.name == "Product Viewed" for event in group),
                    any(event.name == "Order Completed" for event in group),
                    f"complete_journey:{customers.pop()}" if len(customers) == 1 else None,
                    1.5 * len(group),
                    group[0].occurred_at.date().replace(day=1),
                )
            )
    return sessions


def held_sessions(folder):
    with duckdb.connect(str(folder / "build.duckdb")) as connection:
        rows = connection.execute(
            "select visitor_key, started_at, ended_at, event_count, product_view_count, is_converted, "
            "customer_key, dwell_seconds, session_month from core.fct_sessions"
        ).fetchall()
    assert len(rows) == len(set(rows))
    return set(rows)


@example(EVERY_KIND)
@example(OLD_SESSIONS_STAY)
@given(DELIVERIES)
@settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_after_every_delivery_as_after_a_full_refresh(
    dbt, empty_warehouse, full_refresh, tmp_path_factory, deliveries
):
    folder = tmp_path_factory.mktemp("events")
    shutil.copyfile(empty_warehouse / "build.duckdb", folder / "build.duckdb")
    for number, events in enumerate(deliveries):
        deliver(folder, number, events)
        assert build(dbt, folder) == full_refresh(folder)
        assert held_sessions(folder) == obvious_sessions(first_versions(deliveries[: number + 1]))


def test_the_order_of_deliveries_changes_no_session(dbt, empty_warehouse, tmp_path_factory):
    """Batches in the wrong order, where none contradicts another: the same sessions in the end."""
    found = []
    for deliveries in (EVERY_KIND[:3], EVERY_KIND[2::-1]):
        folder = tmp_path_factory.mktemp("order")
        shutil.copyfile(empty_warehouse / "build.duckdb", folder / "build.duckdb")
        for number, events in enumerate(deliveries):
            deliver(folder, number, events)
            build(dbt, folder)
        found.append(held_sessions(folder))
    assert found[0] == found[1] == obvious_sessions([event for events in EVERY_KIND[:3] for event in events])


def test_the_timeline_has_every_touch_once(dbt, warehouse):
    for number, events in enumerate(EVERY_KIND):
        deliver(warehouse, number, events)
        build(dbt, warehouse)
    with duckdb.connect(str(warehouse / "build.duckdb")) as connection:
        touches = connection.execute(
            "select activity_type, count(*), count(distinct activity_id), count(customer_key) "
            "from core.fct_activities group by all order by all"
        ).fetchall()
    names = [event.name for event in first_versions(EVERY_KIND)]
    customers = {
        name: sum(
            1 for event in first_versions(EVERY_KIND) if event.name == name and event.customer is not None
        )
        for name in set(names)
    }
    assert touches == sorted(
        [(name, names.count(name), names.count(name), customers[name]) for name in set(names)]
        + [("Message Opened", len(names), len(names), len(names))]
    )
