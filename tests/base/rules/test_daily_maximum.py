from hpserver.base.changes import create
from tests.rules import a_base, told


def test_a_day_with_too_much_is_told_with_its_amount() -> None:
    """Three hours where two are allowed, in the weeks of both."""
    planning = a_base(
        create("activity", 1, instructors=[1], duration=3, weeks=3, place=0),
        create("activity", 2, instructors=[1], duration=3, weeks=6, place=4),
        create("constraint", 1, rule="daily_maximum", weight=10, instructors=[1], parameters=[("minutes", 120)]),
    )
    (breach,) = told(planning, "daily_maximum")
    assert (breach.amount, breach.limit, breach.cost) == (180, 120, 20)
    assert (breach.weeks, breach.place, breach.activities) == (2, 0, (1, 2))
