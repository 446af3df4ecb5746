"""The grid of a timetable: weeks, working days, sequences, time steps. Knows no row and no time zone rule.

A place is a time step of the week, on every calendar day whatever the working days: `day * steps_per_day + step`.
"""

import datetime as dt
from typing import Self
from zoneinfo import ZoneInfo

import msgspec

from hpserver.base.weeks import MAX_WEEKS, all_weeks
from hpserver.errors import InvalidGridError

DAYS_IN_WEEK = 7
DIVISIONS = (1, 2, 3, 4, 6, 12)
"""Into how many time steps a sequence may be cut (the choices of the product's creation page)."""

MAX_DAY_MINUTES = 24 * 60
"""A day may run past midnight, but not into its own next start."""

MAX_STEPS_PER_DAY = 288
"""Steps of 5 minutes around the clock; the finest real grid seen has 68 steps of 15 minutes."""

MIN_YEAR, MAX_YEAR = 1970, 2200
"""Years in which a timetable may start: beyond, a date is a typing error."""


class Grid(msgspec.Struct, frozen=True):
    """The shape of one timetable. Trust it only after `check`.

    `days` is a bit mask of working days, bit 0 = Monday. `day_start` is in minutes after midnight.
    """

    first_monday: dt.date
    weeks: int
    days: int
    sequences: int
    sequence_minutes: int
    division: int
    day_start: int = 480
    timezone: str = "Europe/Paris"

    @classmethod
    def between(
        cls,
        first_monday: dt.date,
        last_sunday: dt.date,
        *,
        days: int,
        sequences: int,
        sequence_minutes: int,
        division: int,
        day_start: int = 480,
        timezone: str = "Europe/Paris",
    ) -> Self:
        """Return the checked grid from a Monday to a Sunday. Raises InvalidGridError."""
        if last_sunday.isoweekday() != DAYS_IN_WEEK:
            raise _invalid("last_sunday", f"{last_sunday} is not a Sunday", "choose a Sunday")
        weeks, rest = divmod((last_sunday - first_monday).days + 1, DAYS_IN_WEEK)
        if rest or weeks < 1:
            raise _invalid(
                "first_monday", f"{first_monday} does not open a week before {last_sunday}", "choose a Monday"
            )
        grid = cls(first_monday, weeks, days, sequences, sequence_minutes, division, day_start, timezone)
        check(grid)
        return grid

    @property
    def steps_per_day(self) -> int:
        """Time steps in a day."""
        return self.sequences * self.division

    @property
    def step_minutes(self) -> int:
        """Minutes in a time step (pas horaire)."""
        return self.sequence_minutes // self.division

    @property
    def places(self) -> int:
        """Places in a week, working or not."""
        return DAYS_IN_WEEK * self.steps_per_day

    @property
    def last_sunday(self) -> dt.date:
        """The last day of the timetable."""
        return self.first_monday + dt.timedelta(days=DAYS_IN_WEEK * self.weeks - 1)

    @property
    def all_weeks(self) -> int:
        """The set of every week."""
        return all_weeks(self.weeks)

    def works_on(self, day: int) -> bool:
        """Say whether `day` (0 = Monday) is a working day."""
        return 0 <= day < DAYS_IN_WEEK and bool(self.days >> day & 1)

    def day_and_step(self, place: int) -> tuple[int, int]:
        """Return the day (0 = Monday) and the step in it of a place."""
        return divmod(place, self.steps_per_day)

    def place_of(self, day: int, minutes: int) -> int:
        """Return the place that starts on `day` at `minutes` after that day's midnight.

        Hours past midnight of a long day are written past 1440. Raises InvalidGridError when no step starts then.
        """
        step, rest = divmod(minutes - self.day_start, self.step_minutes)
        if rest or not (0 <= day < DAYS_IN_WEEK and 0 <= step < self.steps_per_day):
            raise _invalid("place", f"no step starts on day {day} at minute {minutes}", "choose the start of a step")
        return day * self.steps_per_day + step

    def minutes_of(self, place: int) -> int:
        """Return when a place starts, in minutes after its day's midnight; may exceed 1440."""
        return self.day_start + place % self.steps_per_day * self.step_minutes

    def fits(self, place: int, steps: int) -> bool:
        """Say whether `steps` steps from `place` lie within one working day."""
        day, step = self.day_and_step(place)
        return self.works_on(day) and step + steps <= self.steps_per_day


def check(grid: Grid) -> None:
    """Raise InvalidGridError unless the grid describes a timetable: which parameter, why, what to do."""
    _check_year(grid)
    _check_day(grid)
    _check_timezone(grid.timezone)


def _check_year(grid: Grid) -> None:
    first = grid.first_monday
    if not MIN_YEAR <= first.year <= MAX_YEAR:
        raise _invalid("first_monday", f"{first} is out of range", f"choose a year from {MIN_YEAR} to {MAX_YEAR}")
    if first.weekday() != 0:
        raise _invalid("first_monday", f"{first} is not a Monday", "choose a Monday")
    if not 1 <= grid.weeks <= MAX_WEEKS:
        raise _invalid("weeks", f"{grid.weeks} weeks", f"choose from 1 to {MAX_WEEKS} weeks")
    if not 1 <= grid.days < 1 << DAYS_IN_WEEK:
        raise _invalid("days", "no working day, or an eighth one", "choose from 1 to 7 working days")


def _check_day(grid: Grid) -> None:
    if grid.division not in DIVISIONS:
        raise _invalid("division", f"{grid.division} steps", "cut a sequence in 1, 2, 3, 4, 6 or 12")
    if grid.sequences < 1 or grid.steps_per_day > MAX_STEPS_PER_DAY:
        raise _invalid("sequences", f"{grid.steps_per_day} steps a day", f"stay from 1 to {MAX_STEPS_PER_DAY} steps")
    if not 1 <= grid.sequence_minutes * grid.sequences <= MAX_DAY_MINUTES:
        raise _invalid("sequence_minutes", "a day of that length does not exist", "stay from 1 minute to 24 hours")
    if grid.sequence_minutes % grid.division:
        raise _invalid("division", "a step would not last whole minutes", "choose another division or length")
    if not 0 <= grid.day_start < MAX_DAY_MINUTES:
        raise _invalid("day_start", f"minute {grid.day_start}", "start the day from 00:00 to 23:59")


def _check_timezone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise _invalid("timezone", f"{name[:64]!r} is unknown", "choose an IANA name such as Europe/Paris") from error


def _invalid(parameter: str, why: str, what_to_do: str) -> InvalidGridError:
    return InvalidGridError(f"{parameter}: {why}; {what_to_do}", parameter=parameter)
