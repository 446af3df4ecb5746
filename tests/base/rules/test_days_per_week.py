from hpserver.base.changes import create
from tests.rules import a_base, told


def test_a_week_with_too_many_days_is_told_with_its_amount() -> None:
    """Two days where one is allowed."""
    planning = a_base(
        create("activity", 1, instructors=[1], duration=2, weeks=3, place=0),
        create("activity", 2, instructors=[1], duration=2, weeks=6, place=8),
        create("constraint", 1, rule="days_per_week", weight=10, instructors=[1], parameters=[("limit", 1)]),
    )
    (breach,) = told(planning, "days_per_week")
    assert (breach.amount, breach.limit, breach.cost) == (2, 1, 10)
    assert (breach.weeks, breach.place, breach.activities) == (2, None, (1, 2))
