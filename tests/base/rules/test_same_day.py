from hpserver.base.changes import create
from tests.rules import a_base, told


def test_two_that_are_on_different_days_are_told() -> None:
    """Only in the week that they share."""
    planning = a_base(
        create("activity", 1, duration=2, weeks=3, place=0),
        create("activity", 2, duration=2, weeks=6, place=8),
        create("constraint", 1, rule="same_day", weight=10, activities=[1, 2]),
    )
    (breach,) = told(planning, "same_day")
    assert (breach.activities, breach.weeks, breach.place, breach.cost) == ((1, 2), 2, 0, 10)
