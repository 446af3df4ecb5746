from hpserver.base.changes import create
from tests.rules import a_base, told


def test_a_week_with_too_many_gaps_is_told_with_its_amount() -> None:
    """Gaps of several days add up."""
    planning = a_base(
        create("activity", 1, instructors=[1], duration=1, weeks=2, place=0),
        create("activity", 2, instructors=[1], duration=1, weeks=2, place=5),
        create("activity", 3, instructors=[1], duration=1, weeks=2, place=8),
        create("activity", 4, instructors=[1], duration=1, weeks=2, place=11),
        create("constraint", 1, rule="weekly_gaps", weight=10, instructors=[1], parameters=[("minutes", 60)]),
    )
    (breach,) = told(planning, "weekly_gaps")
    assert (breach.amount, breach.limit, breach.cost) == (180, 60, 40)
    assert (breach.weeks, breach.place, breach.activities) == (2, None, (1, 2, 3, 4))
