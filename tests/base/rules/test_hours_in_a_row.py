from hpserver.base.changes import create
from tests.rules import a_base, told


def test_a_run_that_is_too_long_is_told_whole() -> None:
    """Two hours in a row where one is allowed."""
    planning = a_base(
        create("activity", 1, instructors=[1], duration=2, weeks=3, place=0),
        create("activity", 2, instructors=[1], duration=2, weeks=6, place=2),
        create("constraint", 1, rule="hours_in_a_row", weight=10, instructors=[1], parameters=[("minutes", 60)]),
    )
    (breach,) = told(planning, "hours_in_a_row")
    assert (breach.amount, breach.limit, breach.cost) == (120, 60, 20)
    assert (breach.weeks, breach.place, breach.activities) == (2, 0, (1, 2))
