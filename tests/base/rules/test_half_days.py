from hpserver.base.changes import create
from tests.rules import a_base, told


def test_a_week_with_too_many_half_days_is_told_with_its_amount() -> None:
    """One activity across noon takes both halves."""
    planning = a_base(
        create("activity", 1, instructors=[1], duration=2, weeks=3, place=3),
        create("constraint", 1, rule="half_days", weight=10, instructors=[1], parameters=[("limit", 1), ("noon", 720)]),
    )
    (breach,) = told(planning, "half_days")
    assert (breach.amount, breach.limit, breach.cost) == (2, 1, 20)
    assert (breach.weeks, breach.place, breach.activities) == (3, None, (1,))
