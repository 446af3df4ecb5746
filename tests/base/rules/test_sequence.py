from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create
from hpserver.base.planning import Planning
from hpserver.base.weeks import each_week
from tests.rules import EXAMPLES, WEEKS, Position, a_base, activities, position, told


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


@EXAMPLES
@given(activities(), st.permutations([1, 2, 3, 4, 5]), st.none() | st.integers(1, WEEKS))
def test_over_the_year_the_pairs_are_those_found_by_hand(
    some: list[Change], named: list[int], within: int | None
) -> None:
    """Each meeting of what comes first that is not over when anything of what comes after begins, pair by pair."""
    planning = a_base(
        *some, create("constraint", 1, rule="sequence", activities=named, parameters=[("across", 1)], weeks=within)
    )
    late = set()
    for first, second in combinations(named, 2):
        begins = [(week, *here[:2]) for week, here in meetings(planning, second)]
        for week, (day, _, end) in meetings(planning, first):
            if begins and (week, day, end) > min(begins) and (within is None or within >> week & 1):
                late.add((first, second, week))
    found = told(planning, "sequence")
    assert {(*one.activities, week) for one in found for week in each_week(one.weeks)} == late
    assert sum(one.weeks.bit_count() for one in found) == len(late), "each once"


def meetings(planning: Planning, activity: int) -> list[tuple[int, Position]]:
    """Return when an activity is, week by week."""
    found = ((week, position(planning, activity, week)) for week in each_week(WEEKS))
    return [(week, here) for week, here in found if here is not None]
