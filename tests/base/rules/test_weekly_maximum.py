from hpserver.base.changes import create
from tests.rules import a_base, told


def test_a_week_with_too_much_is_told_with_its_amount() -> None:
    """It is about no day in particular."""
    planning = a_base(
        create("activity", 1, instructors=[1], duration=3, weeks=3, place=0),
        create("activity", 2, instructors=[1], duration=3, weeks=6, place=12),
        create("constraint", 1, rule="weekly_maximum", weight=10, instructors=[1], parameters=[("minutes", 120)]),
    )
    (breach,) = told(planning, "weekly_maximum")
    assert (breach.amount, breach.limit, breach.cost) == (180, 120, 20)
    assert (breach.weeks, breach.place, breach.activities) == (2, None, (1, 2))
