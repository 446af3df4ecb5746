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

PARAMETERS = st.fixed_dictionaries({"minutes": st.sampled_from([0, 30, 60])})


@EXAMPLES
@given(activities(), constraints("weekly_gaps", PARAMETERS))
def test_a_start_is_bad_just_where_it_would_break_the_rule(some: list[Change], constraint: Change) -> None:
    """What is shown while dragging is what is said once it is there."""
    assert_barriers_tell_breaches(a_base(*some, constraint), "weekly_gaps")


@EXAMPLES
@given(activities(), st.data())
def test_the_gaps_are_those_counted_by_hand(some: list[Change], data: st.DataObject) -> None:
    """All the days of a week together."""
    parameters = data.draw(PARAMETERS)
    planning = a_base(*some, data.draw(constraints("weekly_gaps", st.just(parameters))))
    limit = parameters["minutes"] // 30
    assert excess(planning, "weekly_gaps") == 30 * weekly(planning, gaps, limit)


def test_a_week_with_too_many_gaps_is_told_with_its_amount() -> None:
    """Gaps of several days add up."""
    planning = a_base(
        create("activity", 1, instructors=[1], duration=1, weeks=2, place=0),
        create("activity", 2, instructors=[1], duration=1, weeks=2, place=5),
        create("activity", 3, instructors=[1], duration=1, weeks=2, place=8),
        create("activity", 4, instructors=[1], duration=1, weeks=2, place=11),
        create("constraint", 1, rule="weekly_gaps", weight=10, instructors=[1], parameters=[("minutes", 60)]),
    )
    (breach,) = told(planning, "weekly_gaps")
    assert (breach.amount, breach.limit, breach.cost) == (180, 60, 40)
    assert (breach.weeks, breach.place, breach.activities) == (2, None, (1, 2, 3, 4))


def gaps(steps: set[int]) -> int:
    """Count the free steps between the first and the last."""
    return max(steps) - min(steps) + 1 - len(steps)
