"""Days, hours and weeks as people write them, in French and English. Pure; knows the grid, no command."""

import datetime as dt
import re

from hpserver.base.calendar import date_of, week_of
from hpserver.base.grid import Grid
from hpserver.base.wording import DAYS, hour
from hpserver.errors import InvalidChangeError
from hpserver.imports.cell_values import CellError, day_of, hour_of, place_at

_AT = re.compile(
    r"(?P<day>[^\W\d]+|\d{4}-\d\d-\d\d|\d{1,2}/\d{1,2}/\d{4})\.?\s+(?P<hour>\d{1,2})\s*[:hH]\s*(?P<minute>\d\d)?"
)


def parse_at(text: str, grid: Grid) -> tuple[int, int | None]:
    """Return the place of `mardi 10:00`, `tue 10h30` or `2026-11-24 10:00`, and the week (index) when a date gave one.

    Raises InvalidChangeError: it is no day and hour, no step starts then, or the date is outside the timetable.
    """
    found = _AT.fullmatch(text.strip())
    if found is None:
        raise InvalidChangeError(f"{text!r} is no day and hour: write it as 'tue 10:00' or '2026-11-24 10:00'")
    try:
        day, week = _day_and_week(found["day"], grid)
        return place_at(day, hour_of(f"{found['hour']}:{found['minute'] or '00'}"), grid), week
    except CellError as error:
        raise InvalidChangeError(f"{text[:64]!r}: {error}") from None


def today() -> dt.date:
    """Return the date on the calendar here."""
    return dt.date.today()  # noqa: DTZ011 - a date on a calendar has no zone


def parse_week(text: str, grid: Grid, now: dt.date) -> int:
    """Return the week (index from 0) of a number from 1, of a date, or of `now` for "" (else the first).

    Raises InvalidChangeError.
    """
    if not text:
        return week_of(grid, now) or 0
    if text.isascii() and text.isdigit():
        week = int(text[-9:]) if len(text.lstrip("0")) < 9 else 0  # noqa: PLR2004 - no huge int
        if not 1 <= week <= grid.weeks:
            raise InvalidChangeError(f"week {text[:32]} is not one of the weeks 1 to {grid.weeks}")
        return week - 1
    return _week_of(_date(text), grid)


def written(place: int, grid: Grid, language: str) -> str:
    """Return a place as `mardi 10:00`."""
    return f"{DAYS[language][grid.day_and_step(place)[0]]} {hour(grid.minutes_of(place))}"


def written_week(week: int, grid: Grid, language: str) -> str:
    """Return a week (index from 0) with its dates."""
    first, last = date_of(grid, week, 0), date_of(grid, week, 6)
    if language == "fr":
        return f"semaine {week + 1}, du {first:%d/%m/%Y} au {last:%d/%m/%Y}"
    return f"week {week + 1}, from {first:%Y-%m-%d} to {last:%Y-%m-%d}"


def _day_and_week(text: str, grid: Grid) -> tuple[int, int | None]:
    if text[0].isdigit():
        date = _date(text)
        return date.weekday(), _week_of(date, grid)
    return day_of(text), None


def _date(text: str) -> dt.date:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return dt.datetime.strptime(text, form).date()  # noqa: DTZ007 - a date on a calendar has no zone
        except ValueError:
            continue
    raise InvalidChangeError(f"{text!r} is no date: write it as 2026-11-24 or 24/11/2026")


def _week_of(date: dt.date, grid: Grid) -> int:
    week = week_of(grid, date)
    if week is None:
        raise InvalidChangeError(f"{date} is outside the timetable, {grid.first_monday} to {grid.last_sunday}")
    return week
