from hpserver.base.changes import create, update
from hpserver.costs.ud_timetable import timetables
from hpserver.imports.itc2007 import read_itc2007
from hpserver.imports.result import to_planning
from tests.udine import ECTT

ROWS = b"Algebra rA 0 0\nAlgebra rB 0 1\nOptics rA 0 0\n"


def test_a_week_knows_lectures_by_course_room_and_curriculum() -> None:
    """What the rules count, found without looking at every pair."""
    (week,) = timetables(to_planning(read_itc2007(ECTT.encode(), 2026, ROWS)))
    assert (len(week.lectures), week.unplaced) == (3, 8)
    assert [len(found) for found in week.by_room.values()] == [2, 1]
    assert week.courses["subject", 1].rooms == {1, 2}
    assert week.curricula["curriculum", 1] == {0: 2, 1: 1}
    assert week.daily == (2, 3)


def test_a_meeting_that_differs_counts_where_it_is() -> None:
    """Moved, given to somebody else, cancelled: the week is counted as it will happen."""
    planning = to_planning(read_itc2007(ECTT.encode(), 2026, ROWS))
    planning.apply([create("meeting", 64, place=5, rooms=[3], instructors=[2])])
    (week,) = timetables(planning)
    assert {5, 1} == week.courses["subject", 1].by_period.keys()
    assert ("instructor", 2) in week.by_period[5][0].people
    planning.apply([update("meeting", 64, cancelled=True)])
    assert len(timetables(planning)[0].lectures) == 2


def test_who_teaches_decides_when_a_course_is_not_available() -> None:
    """A teacher who is away is away for all the courses taught."""
    planning = to_planning(read_itc2007(ECTT.encode(), 2026, ROWS))
    planning.apply([create("availability", -1, level="impossible", place=1, weeks=1, instructor=1)])
    (week,) = timetables(planning)
    assert {("subject", 1), ("subject", 3)} == {course for course, place in week.unavailable if place == 1}


def test_an_activity_that_expects_nobody_has_its_cohorts() -> None:
    """A base made here says how many students a cohort has, not how many a lecture expects."""
    planning = to_planning(read_itc2007(ECTT.encode(), 2026, ROWS))
    planning.apply([update("activity", 1, students=0), update("cohort", 1, size=70)])
    (week,) = timetables(planning)
    assert week.lectures[0].students == 70
