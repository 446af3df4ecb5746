from hpserver.base.changes import create
from tests.rules import a_base, told


def test_one_before_the_other_is_told_when_the_order_counts() -> None:
    """The second comes right after the first, not before."""
    planning = a_base(
        create("activity", 1, duration=2, weeks=3, place=2),
        create("activity", 2, duration=2, weeks=6, place=0),
        create("constraint", 1, rule="consecutive", weight=10, activities=[1, 2]),
    )
    (breach,) = told(planning, "consecutive")
    assert (breach.activities, breach.weeks, breach.place, breach.cost) == ((1, 2), 2, 2, 10)
