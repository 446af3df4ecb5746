"""From places to dates and instants, and back. The only file of the room that knows time zones."""

import datetime as dt
from zoneinfo import ZoneInfo

from hpserver.base.grid import DAYS_IN_WEEK, MAX_DAY_MINUTES, Grid


def date_of(grid: Grid, week: int, day: int) -> dt.date:
    """Return the date of a day (0 = Monday) of a week (index from 0)."""
    return grid.first_monday + dt.timedelta(days=DAYS_IN_WEEK * week + day)


def instant(grid: Grid, week: int, place: int) -> dt.datetime:
    """Return when a place starts in a week (index from 0), aware, in the planning's time zone.

    A meeting keeps its hour on the wall when clocks change. An hour that a change of clocks skips becomes the
    one that clocks then show; of an hour that happens twice, the first is meant.
    """
    return _at(grid, week, place // grid.steps_per_day, grid.minutes_of(place))


def span(grid: Grid, week: int, place: int, steps: int) -> tuple[dt.datetime, dt.datetime]:
    """Return when a meeting of `steps` steps starts and ends; see `instant`."""
    day, start = place // grid.steps_per_day, grid.minutes_of(place)
    return _at(grid, week, day, start), _at(grid, week, day, start + steps * grid.step_minutes)


def week_of(grid: Grid, date: dt.date) -> int | None:
    """Return the index of the week of a date, None outside the timetable."""
    week = (date - grid.first_monday).days // DAYS_IN_WEEK
    return week if 0 <= week < grid.weeks else None


def _at(grid: Grid, week: int, day: int, minutes: int) -> dt.datetime:
    days, minutes = divmod(minutes, MAX_DAY_MINUTES)
    clock = dt.time(*divmod(minutes, 60), tzinfo=ZoneInfo(grid.timezone))
    wall = dt.datetime.combine(date_of(grid, week, day + days), clock)
    # Through UTC and back: the only way to see that an hour does not exist.
    return wall.astimezone(dt.UTC).astimezone(wall.tzinfo)
