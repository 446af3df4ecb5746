from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create
from tests.rules import (
    EXAMPLES,
    a_base,
    activities,
    assert_barriers_tell_breaches,
    constraints,
    daily,
    excess,
    told,
)

PARAMETERS = st.fixed_dictionaries({"minutes": st.sampled_from([0, 30, 60])})


@EXAMPLES
@given(activities(), constraints("daily_gaps", PARAMETERS))
def test_a_start_is_bad_just_where_it_would_break_the_rule(some: list[Change], constraint: Change) -> None:
    """What is shown while dragging is what is said once it is there."""
    assert_barriers_tell_breaches(a_base(*some, constraint), "daily_gaps")


@EXAMPLES
@given(activities(), st.data())
def test_the_gaps_are_those_counted_by_hand(some: list[Change], data: st.DataObject) -> None:
    """What is free between the first step and the last."""
    parameters = data.draw(PARAMETERS)
    planning = a_base(*some, data.draw(constraints("daily_gaps", st.just(parameters))))
    limit = parameters["minutes"] // 30
    assert excess(planning, "daily_gaps") == 30 * daily(planning, gaps, limit)


def test_a_day_with_too_many_gaps_is_told_with_its_amount() -> None:
    """Two hours of waiting where one is allowed."""
    planning = a_base(
        create("activity", 1, instructors=[1], duration=1, weeks=3, place=0),
        create("activity", 2, instructors=[1], duration=1, weeks=6, place=5),
        create("constraint", 1, rule="daily_gaps", weight=10, instructors=[1], parameters=[("minutes", 60)]),
    )
    (breach,) = told(planning, "daily_gaps")
    assert (breach.amount, breach.limit, breach.cost) == (120, 60, 20)
    assert (breach.weeks, breach.place, breach.activities) == (2, 0, (1, 2))


def gaps(steps: set[int]) -> int:
    """Count the free steps between the first and the last."""
    return max(steps) - min(steps) + 1 - len(steps)
