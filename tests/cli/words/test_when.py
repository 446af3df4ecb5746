import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.grid import Grid
from hpserver.base.wording import DAYS
from hpserver.cli.words.when import parse_at, parse_week, written, written_week
from hpserver.errors import InvalidChangeError
from tests.schools import a_grid

GRID = a_grid()
LATE = Grid.between(
    dt.date(2025, 9, 1), dt.date(2025, 9, 14), days=127, sequences=10, sequence_minutes=60, division=1,
    day_start=18 * 60,
)  # fmt: skip


@pytest.mark.parametrize(
    "text", ["mardi 10:00", "tue 10:00", "Tuesday 10h", "mar 10h00", "MA 10:00", " mar.  10 h 00 ", "tu 10:00"]
)
def test_a_day_is_read_as_people_write_it(text: str) -> None:
    """In both languages, in full or not, whatever the letters."""
    assert parse_at(text, GRID) == (GRID.steps_per_day + 4, None)


@pytest.mark.parametrize("text", ["2025-09-09 10:30", "9/9/2025 10h30", "09/09/2025 10:30"])
def test_a_date_says_the_week_too(text: str) -> None:
    """The second week is index 1."""
    assert parse_at(text, GRID) == (GRID.steps_per_day + 5, 1)


@pytest.mark.parametrize(
    "text",
    ["", "mardi", "10:00", "m 10:00", "foo 10:00", "mardi 10:10", "mardi 25:00", "mardi 07:00", "2025-13-01 10:00",
     "2030-01-01 10:00", "2025-02-30 10:00", "mardi 10:00 11:00", "mardi 10:0", "٣/٣/٢٠٢٥ 10:00"],
)  # fmt: skip
def test_what_is_no_day_and_hour_is_refused_with_an_example(text: str) -> None:
    """Never a traceback, never a guess."""
    with pytest.raises(InvalidChangeError):
        parse_at(text, GRID)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever is typed."""
    for read in (lambda: parse_at(text, GRID), lambda: parse_week(text, GRID, dt.date(2025, 9, 1))):
        try:
            read()
        except InvalidChangeError:
            continue


@given(st.integers(0, GRID.places - 1), st.sampled_from(["fr", "en"]))
def test_what_is_written_is_read_again(place: int, language: str) -> None:
    """Both languages, every place of the week."""
    assert parse_at(written(place, GRID, language), GRID) == (place, None)


def test_an_hour_past_midnight_belongs_to_the_evening_before() -> None:
    """A day of classes may end at two in the morning."""
    place = LATE.place_of(4, 25 * 60)
    assert parse_at("vendredi 01:00", LATE) == (place, None)
    assert written(place, LATE, "fr") == "vendredi 01:00"


def test_a_week_is_a_number_a_date_or_today() -> None:
    """Outside the year, today is the first week."""
    today = dt.date(2025, 9, 17)
    assert [parse_week(text, GRID, today) for text in ("", "1", "44", "2025-09-14", "15/09/2025")] == [2, 0, 43, 1, 2]
    assert parse_week("", GRID, dt.date(2020, 1, 1)) == 0
    for text in ("0", "45", "9" * 5000, "000000001" + "9" * 5000, "-1", "2020-01-01", "soon"):
        with pytest.raises(InvalidChangeError):
            parse_week(text, GRID, today)


def test_a_week_is_written_with_its_dates() -> None:
    """As the language writes dates."""
    assert written_week(0, GRID, "fr") == "semaine 1, du 01/09/2025 au 07/09/2025"
    assert written_week(0, GRID, "en") == "week 1, from 2025-09-01 to 2025-09-07"
    assert len(DAYS) == 2
