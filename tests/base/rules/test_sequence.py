from collections import Counter
from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create
from hpserver.base.model import Constraint
from hpserver.base.planning import Planning
from hpserver.base.rules import judge
from hpserver.base.weeks import each_week
from tests.rules import EXAMPLES, WEEKS, Position, a_base, activities, compared, constraints, position, told


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
@given(activities(), constraints("sequence", st.just({"across": 1})))
def test_over_the_year_the_pairs_are_those_found_by_hand(some: list[Change], named: Change) -> None:
    """Each meeting of what comes first that is not over when anything of what comes after begins, pair by pair."""
    planning = a_base(*some, named)
    row = cast(Constraint, planning.get("constraint", 1))
    late: Counter[tuple[int, int, int]] = Counter()
    for first, second in compared(planning, row):
        begins = [(week, *here[:2]) for week, here in meetings(planning, second)]
        for week, (day, _, end) in meetings(planning, first):
            if begins and (week, day, end) > min(begins) and (row.weeks is None or row.weeks >> week & 1):
                late[first, second, week] += 1
    found = told(planning, "sequence")
    assert Counter((*one.activities, week) for one in found for week in each_week(one.weeks)) == late
    mine = {one.activities for one in found if 1 in one.activities}
    assert {one.activities for one in judge(planning, [1]) if one.rule == "sequence"} == mine


def meetings(planning: Planning, activity: int) -> list[tuple[int, Position]]:
    """Return when an activity is, week by week."""
    found = ((week, position(planning, activity, week)) for week in each_week(WEEKS))
    return [(week, here) for week, here in found if here is not None]
