from hpserver.base.changes import create
from tests.rules import a_base, told


def test_two_on_one_day_are_told() -> None:
    """The same day is too close by default."""
    planning = a_base(
        create("activity", 1, duration=2, weeks=3, place=0),
        create("activity", 2, duration=2, weeks=6, place=4),
        create("constraint", 1, rule="subjects_apart", weight=10, activities=[1, 2]),
    )
    (breach,) = told(planning, "subjects_apart")
    assert (breach.activities, breach.weeks, breach.place, breach.cost) == ((1, 2), 2, 0, 10)
