from hpserver.base.changes import create
from tests.rules import a_base, told


def test_two_that_overlap_are_told() -> None:
    """Though nobody is in two places at once."""
    planning = a_base(
        create("activity", 1, duration=2, weeks=3, place=0),
        create("activity", 2, duration=2, weeks=6, place=1),
        create("constraint", 1, rule="not_overlapping", weight=10, activities=[1, 2]),
    )
    (breach,) = told(planning, "not_overlapping")
    assert (breach.activities, breach.weeks, breach.place, breach.cost) == ((1, 2), 2, 0, 10)
