from hpserver.base.changes import create
from hpserver.base.rules import barriers
from hpserver.base.rules.pairs import Span, shares_students
from tests.rules import GRID, a_base, told

PLANNING = a_base(
    create("activity", 1, subject=1, groups=[1], weeks=1, place=0),
    create("activity", 2, subject=2, groups=[2], weeks=1, place=2),
    create("activity", 3, subject=2, cohorts=[1], weeks=1, place=4),
    create("activity", 4, subject=2, cohorts=[2], weeks=1, place=6),
    create("constraint", 1, rule="days_between", subjects=[1, 2]),
)


def test_activities_of_subjects_are_compared_when_they_share_students() -> None:
    """A group and its cohort do; two groups of one partition, and two cohorts, do not."""
    assert [one.activities for one in told(PLANNING, "days_between")] == [(1, 3)]
    assert [one.other for one in barriers(PLANNING, 1)] == [3]
    assert [shares_students(PLANNING.index, 1, other) for other in (2, 3, 4)] == [False, True, False]


def test_naming_students_narrows_down_whose_subjects_are_meant() -> None:
    """Those of the other cohort are left alone."""
    lists = {"subjects": [1, 2], "cohorts": [2]}
    planning = a_base(
        create("activity", 1, subject=1, cohorts=[1], weeks=1, place=0),
        create("activity", 2, subject=2, cohorts=[1], weeks=1, place=2),
        create("activity", 3, subject=1, cohorts=[2], weeks=1, place=0),
        create("activity", 4, subject=2, cohorts=[2], weeks=1, place=2),
        create("constraint", 1, rule="days_between", **lists),
    )
    assert [one.activities for one in told(planning, "days_between")] == [(3, 4)]


def test_positions_are_compared_in_plain_numbers() -> None:
    """Days, steps and halves of a day."""
    one, two = Span(GRID, 8, 2), Span(GRID, 10, 2)
    assert (one.day, one.start, one.end) == (1, 0, 2)
    assert (one.is_before(two), two.is_before(one), one.is_apart(two), one.is_apart(one)) == (True, False, True, False)
    assert (one.halves(1), two.halves(1)) == ({False, True}, {True})
