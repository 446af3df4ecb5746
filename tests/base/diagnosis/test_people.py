"""How many people are concerned."""

from hpserver.base.changes import create
from hpserver.base.diagnosis.people import audience, expected, students
from tests.base.diagnosis.naive import a_planning


def test_how_many_are_expected() -> None:
    """What an activity says, else the sizes of whom it is for; groups of one cohort are no more than it."""
    planning = a_planning(
        create("activity", 1, cohorts=[1], groups=[1]),
        create("activity", 2, groups=[1, 2, 3]),
        create("activity", 3, groups=[1], students=12),
        create("cohort", 2, name="L2"),
        *(create("student", key, name="s") for key in (1, 2)),
        *(create("membership", key, student=key, cohort=2) for key in (1, 2)),
    )
    assert [expected(planning, key) for key in (1, 2, 3)] == [25, 25, 12]
    assert students(planning, [("group", 1), ("cohort", 2), ("room", 1)]) == 12
    assert audience(planning.activity(1)) == (("cohort", 1), ("group", 1))
