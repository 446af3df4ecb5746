from typing import cast

from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create
from hpserver.base.model import Constraint
from hpserver.base.rules import barriers, judge
from hpserver.base.rules.weekdays_used import RULE
from tests.rules import EXAMPLES, a_base, activities, constraints, excess, naive_starts_for_all, starts_of, told


def test_days_too_many_are_told_once_for_all_weeks() -> None:
    """Monday, Tuesday and Wednesday where one day is allowed, in whatever weeks."""
    planning = a_base(
        *(create("activity", key, place=8 * key, duration=1, weeks=1 << key % 3) for key in (1, 2)),
        create("activity", 3, place=0, duration=1, weeks=1, series=1),
        create("constraint", 1, rule=RULE.name, weight=5, activities=[1, 2], series=[1], parameters=[("limit", 1)]),
    )
    (breach,) = told(planning, RULE.name)
    assert (breach.activities, breach.amount, breach.limit, breach.cost) == ((1, 2, 3), 3, 1, 10)
    assert [one for one in judge(planning, [3]) if one.rule == RULE.name] == [breach]


@EXAMPLES
@given(activities(), st.data())
def test_a_start_is_bad_just_where_it_is_one_day_more(some: list[Change], data: st.DataObject) -> None:
    """On a day that is used already, nothing is lost."""
    drawn = st.fixed_dictionaries({"limit": st.integers(0, 3)})
    planning = a_base(*(one for one in some if one.kind == "activity"), data.draw(constraints(RULE.name, drawn)))
    within = cast(Constraint, planning.get("constraint", 1)).weeks
    bad = starts_of(barriers(planning, 1), RULE.name)
    naive = naive_starts_for_all(
        planning, 1, lambda base: [day for one in told(base, RULE.name) for day in range(one.amount)]
    )
    assert bad == {(place, week) for place, week in naive if within is None or within >> week & 1}
    assert excess(planning, RULE.name) >= 0
