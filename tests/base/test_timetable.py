import pytest

from hpserver.base.changes import create
from hpserver.base.model import meeting_key
from hpserver.base.planning import Planning
from hpserver.base.timetable import Item
from hpserver.errors import InvalidChangeError, UnknownObjectError
from tests.histories import GRID


def a_planning() -> Planning:
    """Return a lecture for everybody, a tutorial for a group, and weeks that differ."""
    planning = Planning(GRID)
    planning.apply(
        [
            *(create(kind, key, name="n") for kind in ("subject", "instructor", "room", "cohort") for key in (1, 2)),
            *(create("group", key, cohort=1, name="g", partition="a") for key in (1, 2)),
            create("activity", 1, subject=1, cohorts=[1], instructors=[1], rooms=[1], place=7, weeks=0b1111),
            create("activity", 2, groups=[1], instructors=[1], rooms=[1], place=0, duration=2, weeks=0b0111),
            create("activity", 3, groups=[2], instructors=[1], weeks=0b1111),
            create("meeting", meeting_key(1, 1), cancelled=True),
            create("meeting", meeting_key(2, 1), instructors=[2], rooms=[2]),
            create("meeting", meeting_key(2, 2), place=8),
        ]
    )
    return planning


def activities(planning: Planning, kind: str, key: int) -> list[list[int]]:
    """Return the activities of a resource, week by week."""
    return [[item.activity for item in planning.timetable(kind, key, week)] for week in range(4)]


def test_a_week_is_told_in_order_of_place() -> None:
    """With everything a screen shows of a meeting."""
    assert a_planning().timetable("instructor", 1, 0) == (
        Item(2, 0, 2, None, (1,), (), (1,), (1,), cancelled=False),
        Item(1, 7, 1, 1, (1,), (1,), (), (1,), cancelled=False),
    )


def test_each_week_is_told_as_it_is() -> None:
    """A meeting moved, given to another or without place is where, whose and as it is that week."""
    planning = a_planning()
    assert activities(planning, "instructor", 1) == [[2, 1], [1], [1, 2], [1]]
    assert activities(planning, "instructor", 2) == [[], [2], [], []]
    assert activities(planning, "room", 2) == [[], [2], [], []]


def test_a_cancelled_meeting_is_shown_as_such() -> None:
    """Students want to read that a lecture does not take place, rather than nothing."""
    cancelled = [item.cancelled for item in a_planning().timetable("cohort", 1, 1)]
    assert cancelled == [False, True]


def test_students_see_all_that_concerns_them() -> None:
    """A cohort sees what its groups do, a group what its cohort does, and no other group."""
    planning = a_planning()
    assert activities(planning, "cohort", 1) == [[2, 1], [2, 1], [1, 2], [1]]
    assert activities(planning, "group", 1) == [[2, 1], [2, 1], [1, 2], [1]]
    assert activities(planning, "group", 2) == [[1], [1], [1], [1]]
    assert activities(planning, "cohort", 2) == [[], [], [], []]


def test_there_is_no_timetable_of_anything_else() -> None:
    """The caller is told what was wrong."""
    planning = a_planning()
    for kind, week in (("subject", 0), ("nobody", 0), ("room", 4), ("room", -1)):
        with pytest.raises(InvalidChangeError):
            planning.timetable(kind, 1, week)
    with pytest.raises(UnknownObjectError):
        planning.timetable("room", 9, 0)
