import datetime as dt
from typing import Any

import msgspec
import pytest

from hpserver.base.grid import Grid, check
from hpserver.errors import InvalidGridError

MONDAY = dt.date(2025, 9, 1)
GOOD = Grid(MONDAY, weeks=44, days=0b11111, sequences=12, sequence_minutes=60, division=2)


def test_the_example_of_the_creation_page_is_a_grid() -> None:
    """Twelve sequences of one hour cut in two make 24 steps of 30 minutes, over 44 weeks."""
    grid = Grid.between(MONDAY, dt.date(2026, 7, 5), days=0b11111, sequences=12, sequence_minutes=60, division=2)
    assert grid == GOOD
    assert (grid.weeks, grid.steps_per_day, grid.step_minutes, grid.places) == (44, 24, 30, 168)
    assert grid.last_sunday == dt.date(2026, 7, 5)
    assert grid.all_weeks == 2**44 - 1


def test_a_day_may_run_past_midnight() -> None:
    """68 steps of 15 minutes from 08:00 end at 01:00, and hours past midnight belong to the day before."""
    grid = Grid(MONDAY, weeks=62, days=127, sequences=17, sequence_minutes=60, division=4)
    check(grid)
    last = grid.place_of(6, 24 * 60 + 45)
    assert grid.day_and_step(last) == (6, 67)
    assert grid.minutes_of(last) == 24 * 60 + 45
    assert grid.fits(last, 1)
    assert not grid.fits(last, 2)


@pytest.mark.parametrize(
    ("parameter", "changed"),
    [
        ("first_monday", {"first_monday": dt.date(2025, 9, 2)}),
        ("first_monday", {"first_monday": dt.date(1, 1, 1)}),
        ("weeks", {"weeks": 0}),
        ("weeks", {"weeks": 63}),
        ("days", {"days": 0}),
        ("days", {"days": 128}),
        ("division", {"division": 5}),
        ("division", {"division": 0}),
        ("division", {"sequence_minutes": 45}),
        ("sequences", {"sequences": 0}),
        ("sequences", {"sequences": 500}),
        ("sequence_minutes", {"sequence_minutes": 0}),
        ("sequence_minutes", {"sequence_minutes": -60}),
        ("sequence_minutes", {"sequence_minutes": 122}),
        ("day_start", {"day_start": 1440}),
        ("day_start", {"day_start": -1}),
        ("timezone", {"timezone": "Europe/Atlantis"}),
        ("timezone", {"timezone": "../../etc/passwd"}),
        ("timezone", {"timezone": ""}),
    ],
)
def test_a_wrong_parameter_is_named(parameter: str, changed: dict[str, Any]) -> None:
    """Whoever creates a base is told which parameter to change, before anything is built on it."""
    with pytest.raises(InvalidGridError) as refusal:
        check(msgspec.structs.replace(GOOD, **changed))
    assert refusal.value.details == {"parameter": parameter}


@pytest.mark.parametrize("last", [dt.date(2026, 7, 4), dt.date(2025, 8, 31), dt.date(2027, 9, 5)])
def test_a_year_ends_on_a_sunday_within_62_weeks(last: dt.date) -> None:
    """Neither half weeks, nor a year that ends before it begins, nor two years."""
    with pytest.raises(InvalidGridError):
        Grid.between(MONDAY, last, days=31, sequences=12, sequence_minutes=60, division=2)


def test_a_year_starts_on_a_monday() -> None:
    """A week has seven days, from Monday."""
    with pytest.raises(InvalidGridError):
        Grid.between(dt.date(2025, 9, 3), dt.date(2026, 7, 5), days=31, sequences=12, sequence_minutes=60, division=2)


def test_places_and_hours_are_two_ways_to_say_the_same() -> None:
    """Whatever the grid, a place is where its own hour says."""
    for place in range(GOOD.places):
        day, _ = GOOD.day_and_step(place)
        assert GOOD.place_of(day, GOOD.minutes_of(place)) == place


@pytest.mark.parametrize(("day", "minutes"), [(0, 495), (0, 450), (0, 1200), (7, 480), (-1, 480)])
def test_an_hour_where_no_step_starts_is_refused(day: int, minutes: int) -> None:
    """An imported hour is never rounded silently."""
    with pytest.raises(InvalidGridError):
        GOOD.place_of(day, minutes)


def test_nothing_fits_on_a_day_off() -> None:
    """Days taken off the week are not part of the base."""
    assert GOOD.fits(4 * 24, 24)
    assert not GOOD.fits(5 * 24, 1)
    assert not GOOD.fits(7 * 24, 1)
