import datetime as dt

from hpserver.base.calendar import date_of, instant, span, week_of
from hpserver.base.grid import Grid

NIGHTS = Grid(dt.date(2025, 9, 1), weeks=44, days=127, sequences=24, sequence_minutes=60, division=1, day_start=0)
DAYS = Grid(dt.date(2025, 9, 1), weeks=44, days=31, sequences=12, sequence_minutes=60, division=2)
LATE = Grid(dt.date(2025, 9, 1), weeks=44, days=127, sequences=17, sequence_minutes=60, division=4)


def test_a_lecture_keeps_its_hour_when_clocks_change() -> None:
    """Monday 08:00 is Monday 08:00 in summer and in winter, at two different instants of the world."""
    summer, winter = instant(DAYS, 0, 0), instant(DAYS, 20, 0)
    assert summer.isoformat() == "2025-09-01T08:00:00+02:00"
    assert winter.isoformat() == "2026-01-19T08:00:00+01:00"


def test_an_hour_that_does_not_exist_becomes_the_one_on_the_clock() -> None:
    """On 29 March 2026 clocks go from 02:00 to 03:00."""
    place = NIGHTS.place_of(6, 2 * 60)
    assert instant(NIGHTS, 29, place).isoformat() == "2026-03-29T03:00:00+02:00"


def test_of_an_hour_that_happens_twice_the_first_is_meant() -> None:
    """On 26 October 2025 clocks go from 03:00 back to 02:00."""
    place = NIGHTS.place_of(6, 2 * 60)
    assert instant(NIGHTS, 7, place).isoformat() == "2025-10-26T02:00:00+02:00"


def test_a_meeting_past_midnight_ends_the_day_after() -> None:
    """The last hour of a long Sunday is on Monday."""
    start, end = span(LATE, 0, LATE.place_of(6, 23 * 60), 8)
    assert start.isoformat() == "2025-09-07T23:00:00+02:00"
    assert end.isoformat() == "2025-09-08T01:00:00+02:00"


def test_dates_and_weeks_agree() -> None:
    """The week of a date is the one that has it, and dates outside the year have none."""
    for week in range(44):
        assert week_of(DAYS, date_of(DAYS, week, 0)) == week
        assert week_of(DAYS, date_of(DAYS, week, 6)) == week
    assert week_of(DAYS, dt.date(2025, 8, 31)) is None
    assert week_of(DAYS, dt.date(2026, 7, 6)) is None
