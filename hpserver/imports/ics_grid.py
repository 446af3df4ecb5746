"""The grid that holds the events of a calendar: its weeks, days, hours and step. Knows no course."""

import datetime as dt
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from hpserver.base.grid import DAYS_IN_WEEK, MAX_DAY_MINUTES, Grid, check
from hpserver.base.weeks import MAX_WEEKS
from hpserver.imports.ics_events import FINEST_MINUTES, Event

SEQUENCE_MINUTES = 60
STEPS = (30, 15, 10, FINEST_MINUTES)
"""Time steps tried, coarsest first: the product cuts an hour in two by default."""

USUAL_DAYS = 0b11111
"""Monday to Friday are working days even when nothing happens then."""
USUAL_HOURS = (8 * 60, 18 * 60)
"""Hours shown even when nothing happens then."""


def grid_for(events: Sequence[Event], bounds: tuple[dt.date, dt.date] | None, timezone: str) -> Grid:
    """Return the grid for events (there may be none), within `bounds` when the calendar announces its own.

    Beyond MAX_WEEKS weeks, those with most events are kept.
    """
    mondays = sorted(monday_of(event.start.date()) for event in events)
    announced = sorted(monday_of(day) for day in bounds or ())
    first, last = _weeks(mondays, announced)
    weeks = (last - first).days // DAYS_IN_WEEK + 1
    inside = [event for event in events if first <= monday_of(event.start.date()) <= last]
    days = USUAL_DAYS
    for event in inside:
        days |= 1 << event.start.weekday()
    start, hours = _hours(inside)
    step = _step(inside)
    grid = Grid(first, weeks, days, hours, SEQUENCE_MINUTES, SEQUENCE_MINUTES // step, start, timezone)
    check(grid)
    return grid


def monday_of(day: dt.date) -> dt.date:
    """Return the Monday on or before a date."""
    return day - dt.timedelta(days=day.weekday())


def minutes_of(when: dt.datetime) -> int:
    """Return the minutes since midnight."""
    return when.hour * 60 + when.minute


def _weeks(mondays: Sequence[dt.date], announced: Sequence[dt.date]) -> tuple[dt.date, dt.date]:
    """Return the first and last Monday: all of both lists if it can be, else those announced, else the densest."""
    for wanted in (sorted([*mondays, *announced]), announced):
        if wanted and (wanted[-1] - wanted[0]).days < MAX_WEEKS * DAYS_IN_WEEK:
            return wanted[0], wanted[-1]
    return _densest(mondays or announced)


def _densest(mondays: Sequence[dt.date]) -> tuple[dt.date, dt.date]:
    """Return the first and last Monday of the window of MAX_WEEKS weeks that has most of a sorted list."""
    width = dt.timedelta(weeks=MAX_WEEKS)
    ends = [bisect_left(mondays, monday + width) for monday in mondays]
    best = max(range(len(mondays)), key=lambda index: ends[index] - index)
    return mondays[best], mondays[ends[best] - 1]


def _hours(events: Iterable[Event]) -> tuple[int, int]:
    """Return when the day starts, in minutes, and how many hours it has: past midnight if a meeting is."""
    earliest, latest = USUAL_HOURS
    for event in events:
        start = minutes_of(event.start)
        earliest, latest = min(earliest, start), max(latest, start + event.minutes)
    earliest -= earliest % SEQUENCE_MINUTES
    hours = -(-(latest - earliest) // SEQUENCE_MINUTES)
    return earliest, min(hours, MAX_DAY_MINUTES // SEQUENCE_MINUTES)


def _step(events: Sequence[Event]) -> int:
    needed = {minutes_of(event.start) for event in events} | {event.minutes for event in events}
    return next(step for step in STEPS if all(minutes % step == 0 for minutes in needed))
