"""Next year's base: what lasts is there, what was dated is not."""

import datetime as dt
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import create
from hpserver.base.edits.next_year import next_year
from hpserver.base.grid import Grid
from hpserver.base.model import Availability, Constraint
from hpserver.base.planning import Planning
from tests.schools import a_grid, a_school

NEXT = Grid(dt.date(2026, 8, 31), 40, 0b11111, 12, 60, 4, 480)


def founded() -> Planning:
    """Return a year with something of what lasts and of what does not."""
    planning = Planning(a_grid())
    planning.apply([
        create("subject", 1, name="Algèbre"), create("instructor", 1, name="Durand"), create("cohort", 1, name="L1"),
        create("student", 1, name="Petit"), create("membership", 1, student=1, cohort=1, weeks=7),
        create("curriculum", 1, name="Licence", cohort=1), create("curriculum_item", 1, curriculum=1, subject=1),
        create("teaching_assignment", 1, instructor=1, subject=1, minutes=600),
        create("activity", 1, subject=1, duration=2, weeks=7, place=2, locked=True, instructors=[1], cohorts=[1]),
        create("availability", 1, level="impossible", instructor=1, place=4, steps=2, weeks=3),
        create("constraint", 1, rule="daily_maximum", instructors=[1], weeks=1, parameters=[["minutes", 360]]),
        create("constraint", 2, rule="same_day", activities=[1]),
        create("absence", 1, student=1, week=2, place=0),
        create("comment", 1, text="vu", student=1), create("comment", 2, text="vu", subject=1),
    ])  # fmt: skip
    return planning


def test_what_lasts_is_taken_over_and_what_was_dated_is_not() -> None:
    """A planner starts with people, rooms and curricula, and an empty timetable."""
    year = next_year(founded(), NEXT)
    assert {kind for kind, count in year.counts().items() if count} == {
        "subject", "instructor", "cohort", "curriculum", "curriculum_item", "teaching_assignment", "availability",
        "constraint", "comment",
    }  # fmt: skip
    assert list(year.rows("comment")) == [2]
    availability = cast(Availability, year.get("availability", 1))
    assert (availability.place, availability.steps, availability.weeks) == (8, 4, NEXT.all_weeks)
    assert list(year.rows("constraint")) == [1]
    assert cast(Constraint, year.get("constraint", 1)).weeks is None


def test_activities_and_people_come_when_asked_for() -> None:
    """Unplaced, in every week, to be cut by hand; memberships for all the year."""
    year = next_year(founded(), NEXT, people=True, activities=True)
    row = year.activity(1)
    assert (row.place, row.weeks, row.locked, row.duration) == (None, NEXT.all_weeks, False, 4)
    assert year.counts()["membership"] == 1
    assert year.counts()["absence"] == 0


@given(st.integers(0, 999), st.booleans(), st.booleans())
def test_every_year_has_a_next_one(seed: int, people: bool, activities: bool) -> None:
    """Whatever the base holds, the new one keeps every rule, and keys stay those people know."""
    school = a_school(20, seed)
    year = next_year(school, NEXT, people=people, activities=activities)
    year.validate()
    assert year.rows("room") == school.rows("room")
    assert year.next_keys == school.next_keys
