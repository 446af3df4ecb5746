from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create
from tests.rules import (
    EXAMPLES,
    a_base,
    activities,
    assert_barriers_tell_breaches,
    constraints,
    excess,
    told,
    weekly,
)

PARAMETERS = st.fixed_dictionaries({"limit": st.integers(0, 2)})


@EXAMPLES
@given(activities(), constraints("days_per_week", PARAMETERS))
def test_a_start_is_bad_just_where_it_would_break_the_rule(some: list[Change], constraint: Change) -> None:
    """What is shown while dragging is what is said once it is there."""
    assert_barriers_tell_breaches(a_base(*some, constraint), "days_per_week")


@EXAMPLES
@given(activities(), st.data())
def test_the_days_are_those_counted_by_hand(some: list[Change], data: st.DataObject) -> None:
    """Any activity makes a day of presence."""
    parameters = data.draw(PARAMETERS)
    planning = a_base(*some, data.draw(constraints("days_per_week", st.just(parameters))))
    assert excess(planning, "days_per_week") == weekly(planning, lambda _: 1, parameters["limit"])


def test_a_week_with_too_many_days_is_told_with_its_amount() -> None:
    """Two days where one is allowed."""
    planning = a_base(
        create("activity", 1, instructors=[1], duration=2, weeks=3, place=0),
        create("activity", 2, instructors=[1], duration=2, weeks=6, place=8),
        create("constraint", 1, rule="days_per_week", weight=10, instructors=[1], parameters=[("limit", 1)]),
    )
    (breach,) = told(planning, "days_per_week")
    assert (breach.amount, breach.limit, breach.cost) == (2, 1, 10)
    assert (breach.weeks, breach.place, breach.activities) == (2, None, (1, 2))
