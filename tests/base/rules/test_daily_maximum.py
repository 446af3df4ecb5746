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

PARAMETERS = st.fixed_dictionaries({"minutes": st.sampled_from([45, 60, 120])})


@EXAMPLES
@given(activities(), constraints("daily_maximum", PARAMETERS))
def test_a_start_is_bad_just_where_it_would_break_the_rule(some: list[Change], constraint: Change) -> None:
    """What is shown while dragging is what is said once it is there."""
    assert_barriers_tell_breaches(a_base(*some, constraint), "daily_maximum")


@EXAMPLES
@given(activities(), st.data())
def test_the_steps_beyond_are_those_counted_by_hand(some: list[Change], data: st.DataObject) -> None:
    """Half an hour that several activities of a line share is counted once."""
    parameters = data.draw(PARAMETERS)
    planning = a_base(*some, data.draw(constraints("daily_maximum", st.just(parameters))))
    limit = parameters["minutes"] // 30
    assert excess(planning, "daily_maximum") == 30 * daily(planning, len, limit)


def test_a_day_with_too_much_is_told_with_its_amount() -> None:
    """Three hours where two are allowed, in the weeks of both."""
    planning = a_base(
        create("activity", 1, instructors=[1], duration=3, weeks=3, place=0),
        create("activity", 2, instructors=[1], duration=3, weeks=6, place=4),
        create("constraint", 1, rule="daily_maximum", weight=10, instructors=[1], parameters=[("minutes", 120)]),
    )
    (breach,) = told(planning, "daily_maximum")
    assert (breach.amount, breach.limit, breach.cost) == (180, 120, 20)
    assert (breach.weeks, breach.place, breach.activities) == (2, 0, (1, 2))
