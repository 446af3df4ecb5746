from hpserver.base.changes import create
from tests.rules import a_base, told


def test_a_day_with_too_many_gaps_is_told_with_its_amount() -> None:
    """Two hours of waiting where one is allowed."""
    planning = a_base(
        create("activity", 1, instructors=[1], duration=1, weeks=3, place=0),
        create("activity", 2, instructors=[1], duration=1, weeks=6, place=5),
        create("constraint", 1, rule="daily_gaps", weight=10, instructors=[1], parameters=[("minutes", 60)]),
    )
    (breach,) = told(planning, "daily_gaps")
    assert (breach.amount, breach.limit, breach.cost) == (120, 60, 20)
    assert (breach.weeks, breach.place, breach.activities) == (2, 0, (1, 2))
