"""Time in the twin: milliseconds since 1970 on New York's wall clock, and how they become UTC.

The year and its summer time are those of the households' data, so the two changes are written out.
"""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np

from simulation.digital_twin.randomness import Flags, Floats, Integers

SECOND, MINUTE, HOUR, DAY = 1_000, 60_000, 3_600_000, 86_400_000
WEEK = 7 * DAY


def moment(text: str) -> int:
    """Return the milliseconds since 1970 of a date or time in ISO 8601, read on whatever clock is meant."""
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


FIRST_DAY, END = moment("2017-01-01"), moment("2018-01-01")
# Systems were introduced a year before the households' data begins.
SYSTEMS_SINCE = moment("2016-01-01")
# Week 0 is the one whose Monday comes before the first day; 1 January 2017 is a Sunday.
FIRST_MONDAY = moment("2016-12-26")
WEEKS = 53

_NEW_YORK_BEHIND = 5 * HOUR
_SUMMERS = (
    (moment("2016-03-13T02:00"), moment("2016-11-06T02:00")),
    (moment("2017-03-12T02:00"), moment("2017-11-05T02:00")),
)
BEIJING_AHEAD = 8 * HOUR


def is_summer_time(local: Integers) -> Flags:
    """Return whether New York's clocks show summer time at these moments of its own wall clock."""
    summer = np.zeros(local.shape, dtype=np.bool_)
    for start, end in _SUMMERS:
        summer |= (local >= start) & (local < end)
    return summer


def utc_of(local: Integers) -> Integers:
    """Return UTC for moments of New York's wall clock."""
    return local + _NEW_YORK_BEHIND - HOUR * is_summer_time(local)


def local_of(utc: Integers) -> Integers:
    """Return New York's wall clock for moments in UTC."""
    winter = utc - _NEW_YORK_BEHIND
    return winter + HOUR * is_summer_time(winter + HOUR)


def week_of(local: Integers) -> Integers:
    """Return the number of the week, from Monday; week 0 holds 1 January 2017 alone."""
    return (local - FIRST_MONDAY) // WEEK


def whole(numbers: Floats) -> Integers:
    """Return milliseconds as whole numbers."""
    return numbers.astype(np.int64)


# Share of visits by hour of the day, from midnight: people browse in the evening.
HOURS = (1, 0.5, 0.3, 0.2, 0.2, 0.4, 1, 2, 3, 4, 5, 5, 6, 5, 4, 4, 5, 6, 7, 9, 10, 9, 6, 3)
