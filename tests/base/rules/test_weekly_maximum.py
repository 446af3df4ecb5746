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

PARAMETERS = st.fixed_dictionaries({"minutes": st.sampled_from([60, 120, 180])})


@EXAMPLES
@given(activities(), constraints("weekly_maximum", PARAMETERS))
def test_a_start_is_bad_just_where_it_would_break_the_rule(some: list[Change], constraint: Change) -> None:
    """What is shown while dragging is what is said once it is there."""
    assert_barriers_tell_breaches(a_base(*some, constraint), "weekly_maximum")


@EXAMPLES
@given(activities(), st.data())
def test_the_steps_beyond_are_those_counted_by_hand(some: list[Change], data: st.DataObject) -> None:
    """All the days of a week together."""
    parameters = data.draw(PARAMETERS)
    planning = a_base(*some, data.draw(constraints("weekly_maximum", st.just(parameters))))
    limit = parameters["minutes"] // 30
    assert excess(planning, "weekly_maximum") == 30 * weekly(planning, len, limit)


def test_a_week_with_too_much_is_told_with_its_amount() -> None:
    """It is about no day in particular."""
    planning = a_base(
        create("activity", 1, instructors=[1], duration=3, weeks=3, place=0),
        create("activity", 2, instructors=[1], duration=3, weeks=6, place=12),
        create("constraint", 1, rule="weekly_maximum", weight=10, instructors=[1], parameters=[("minutes", 120)]),
    )
    (breach,) = told(planning, "weekly_maximum")
    assert (breach.amount, breach.limit, breach.cost) == (180, 120, 20)
    assert (breach.weeks, breach.place, breach.activities) == (2, None, (1, 2))
