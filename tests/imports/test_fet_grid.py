import datetime as dt

import pytest

from hpserver.errors import ImportRefusedError
from hpserver.imports.draft import Draft
from hpserver.imports.fet_grid import Days, days_of
from hpserver.imports.fet_xml import parse


def days(names: list[str], hours: list[str], more: str = "") -> tuple[Days, list[str]]:
    """Return what a file with these days and hours becomes, and what is noted."""
    day = "".join(f"<Day><Name>{name}</Name></Day>" for name in names)
    hour = "".join(f"<Hour><Name>{name}</Name></Hour>" for name in hours)
    root = parse(f"<fet>{more}<Days_List>{day}</Days_List><Hours_List>{hour}</Hours_List></fet>".encode())
    draft = Draft("fet")
    return days_of(root, draft, 2026), [note.what for note in draft._notes]


def test_even_hours_are_the_steps_of_the_grid() -> None:
    """Hours named by their times are shown at these times."""
    found, notes = days(["Lu", "Ma"], ["8h30", "9h20", "10h10 - 11h00"])
    grid = found.grid
    assert (grid.first_monday, grid.weeks, grid.days) == (dt.date(2026, 9, 7), 36, 0b11)
    assert (grid.day_start, grid.step_minutes, grid.steps_per_day) == (510, 50, 3)
    assert found.slot("Ma", "9h20") == (4, 0)
    assert found.weeks(0) == grid.all_weeks
    assert notes == []


@pytest.mark.parametrize(
    ("hours", "what"), [(["P1", "P2"], "hours without times"), (["8:00", "9:00", "11:00"], "hours not evenly spaced")]
)
def test_other_hours_last_sixty_minutes_with_a_note(hours: list[str], what: str) -> None:
    """FET has only names for hours: what was assumed is said."""
    found, notes = days(["Lu"], hours)
    assert (found.grid.day_start, found.grid.step_minutes) == (480, 60)
    assert notes == [what]


def test_ten_days_are_two_weeks() -> None:
    """A fortnight: week A has the odd weeks, week B the even ones."""
    found, notes = days([f"D{number}" for number in range(10)], ["8:00", "9:00"])
    assert found.slot("D6", "9:00") == (3, 1)
    assert found.weeks(0) | found.weeks(1) == found.grid.all_weeks
    assert found.weeks(1) & 0b1111 == 0b1010
    assert notes == ["days beyond one week: a cycle of weeks"]


def test_mornings_and_afternoons_are_one_day() -> None:
    """FET's half-days stand one after the other in a day of the grid."""
    names = [f"{day} {half}" for day in range(6) for half in ("am", "pm")]
    found, _ = days(names, ["1", "2", "3", "4"], "<Mode>Mornings-Afternoons</Mode>")
    assert (found.grid.steps_per_day, found.cycle) == (8, 1)
    assert found.slot("1 pm", "2") == (8 + 4 + 1, 0)


def test_terms_give_the_days_of_a_week() -> None:
    """In terms mode each term is a week of the cycle."""
    more = "<Number_of_Terms>5</Number_of_Terms><Number_of_Days_Per_Term>5</Number_of_Days_Per_Term>"
    found, _ = days([f"D{number}" for number in range(25)], ["8:00"], more)
    assert (found.per_week, found.cycle) == (5, 5)


@pytest.mark.parametrize(
    ("names", "hours"), [([], ["1"]), (["a"], []), (["a", "a"], ["1"]), (["a"], [str(n) for n in range(300)])]
)
def test_days_and_hours_that_make_no_grid_are_refused(names: list[str], hours: list[str]) -> None:
    """A file without days is no timetable."""
    with pytest.raises(ImportRefusedError):
        days(names, hours)


def test_a_cycle_longer_than_the_year_is_refused() -> None:
    """Thirty-seven weeks do not fit in thirty-six."""
    with pytest.raises(ImportRefusedError):
        days([f"D{number}" for number in range(37 * 5)], ["1"])
