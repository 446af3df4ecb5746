import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.model import Activity
from hpserver.imports.result import to_planning
from hpserver.imports.school import Size, first_monday_of_september, generate

SMALL = Size(instructors=6, cohorts=2, rooms=6, subjects=8, activities=20, unplaced=2)


def test_the_default_school_has_the_size_it_announces() -> None:
    """A demonstration needs a whole department, nearly all of it placed."""
    school = generate(1)
    counts = school.report.counts
    expected = {"subject": 48, "instructor": 60, "cohort": 20, "room": 40, "activity": 400}
    assert {kind: counts[kind] for kind in expected} == expected
    assert 20 <= counts["unplaced"] <= 30


@pytest.mark.slow
def test_no_activity_of_the_school_clashes() -> None:
    """Whoever opens the generated school sees a timetable without a red square."""
    planning = to_planning(generate(2))
    assert not any(planning.clashes_of(key) for key in planning.rows("activity"))
    planning.validate()


def test_placed_activities_have_a_room_and_unplaced_ones_none() -> None:
    """A place without a room would be half a placement."""
    planning = to_planning(generate(3, SMALL))
    rows = [row for row in planning.rows("activity").values() if isinstance(row, Activity)]
    assert all((row.place is None) == (not row.rooms) for row in rows)


def test_no_meeting_falls_in_the_holidays() -> None:
    """The school teaches 36 weeks of its 44."""
    school = generate(4, SMALL)
    planning = to_planning(school)
    taught = 0
    for key in planning.rows("activity"):
        taught |= planning.activity(key).weeks
    assert taught.bit_count() == 36
    assert school.grid.weeks == 44


@given(seed=st.integers(0, 2**32))
def test_the_same_seed_gives_the_same_school(seed: int) -> None:
    """Benchmarks and demonstrations can be repeated."""
    assert generate(seed, SMALL) == generate(seed, SMALL)


def test_a_school_year_starts_on_the_first_monday_of_september() -> None:
    """The grid needs a Monday, whatever the year."""
    days = [first_monday_of_september(year) for year in range(1970, 2201)]
    assert all(day.weekday() == 0 and day.month == 9 and day.day <= 7 for day in days)


def test_a_school_of_one_of_everything_exists() -> None:
    """No size, however small, makes the generator fail."""
    tiny = generate(5, Size(instructors=1, cohorts=1, rooms=1, subjects=1, activities=3, unplaced=0))
    assert tiny.report.counts["activity"] == 3
