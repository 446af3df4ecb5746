from hpserver.base.changes import create
from tests.rules import a_base, told


def test_the_wrong_order_is_told() -> None:
    """What is named first comes first."""
    planning = a_base(
        create("activity", 1, duration=2, weeks=3, place=2),
        create("activity", 2, duration=2, weeks=6, place=0),
        create("constraint", 1, rule="sequence", weight=10, activities=[1, 2]),
    )
    (breach,) = told(planning, "sequence")
    assert (breach.activities, breach.weeks, breach.place, breach.cost) == ((1, 2), 2, 2, 10)


def test_over_the_year_all_of_the_first_is_before_any_of_the_second() -> None:
    """A course that is still going on when the next one starts is told, in the weeks that are too late."""
    planning = a_base(
        create("activity", 1, duration=1, weeks=7, place=0),
        create("activity", 2, duration=1, weeks=6, place=8),
        create("constraint", 1, rule="sequence", activities=[1, 2], parameters=[("across", 1)]),
    )
    (breach,) = told(planning, "sequence")
    assert (breach.activities, breach.weeks) == ((1, 2), 0b100)
