import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.grid import check
from hpserver.imports.ics_events import Event
from hpserver.imports.ics_grid import grid_for, monday_of

MONDAY = dt.datetime(2023, 9, 4)  # noqa: DTZ001 - an hour on the wall


def event(day: int, hour: float, minutes: int) -> Event:
    """Return an event `day` days after the first Monday."""
    return Event(1, "", MONDAY + dt.timedelta(days=day, hours=hour), minutes, "", "", "", cancelled=False)


def test_the_announced_bounds_are_the_weeks() -> None:
    """A feed says for which weeks it holds; they start on a Monday."""
    grid = grid_for([event(2, 8, 60)], (dt.date(2023, 8, 23), dt.date(2024, 7, 7)), "Europe/Paris")
    assert (grid.first_monday, grid.last_sunday) == (dt.date(2023, 8, 21), dt.date(2024, 7, 7))


def test_without_bounds_the_events_decide() -> None:
    """First and last event, in whole weeks."""
    grid = grid_for([event(2, 8, 60), event(15, 8, 60)], None, "Europe/Paris")
    assert (grid.first_monday, grid.weeks) == (dt.date(2023, 9, 4), 3)


def test_the_step_is_as_coarse_as_the_events_allow() -> None:
    """A quarter of an hour when a start or a duration needs it."""
    assert grid_for([event(0, 8, 90)], None, "Europe/Paris").step_minutes == 30
    assert grid_for([event(0, 8.25, 60)], None, "Europe/Paris").step_minutes == 15
    assert grid_for([event(0, 8, 75)], None, "Europe/Paris").step_minutes == 15
    assert grid_for([event(0, 8, 55)], None, "Europe/Paris").step_minutes == 5


def test_early_late_and_weekend_events_widen_the_grid() -> None:
    """What takes place is shown, even on a Saturday evening."""
    grid = grid_for([event(0, 6.5, 60), event(5, 20, 180)], None, "Europe/Paris")
    assert (grid.day_start, grid.sequences, grid.days) == (360, 17, 0b111111)


def test_beyond_62_weeks_those_with_most_events_are_kept() -> None:
    """A calendar of ten years gives the fullest one."""
    events = [event(0, 8, 60), *(event(3_650 + day, 8, 60) for day in range(5))]
    grid = grid_for(events, None, "Europe/Paris")
    assert grid.weeks <= 2
    assert grid.first_monday > dt.date(2033, 1, 1)


@given(st.lists(st.tuples(st.integers(0, 4_000), st.integers(0, 287), st.integers(1, 288)), min_size=1, max_size=20))
def test_any_events_have_a_grid(drawn: list[tuple[int, int, int]]) -> None:
    """The grid is always one that a base accepts, and holds most of a window."""
    events = [event(day, 0, 5) for day, _, _ in drawn]
    events += [event(day, step / 12, 5 * minutes) for day, step, minutes in drawn]
    grid = grid_for(events, None, "Europe/Paris")
    check(grid)
    assert any(grid.first_monday <= monday_of(one.start.date()) <= grid.last_sunday for one in events)
