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

PARAMETERS = st.fixed_dictionaries({"limit": st.integers(0, 2), "noon": st.sampled_from([0, 700, 720, 1400])})


@EXAMPLES
@given(activities(), constraints("half_days", PARAMETERS))
def test_a_start_is_bad_just_where_it_would_break_the_rule(some: list[Change], constraint: Change) -> None:
    """What is shown while dragging is what is said once it is there."""
    assert_barriers_tell_breaches(a_base(*some, constraint), "half_days")


@EXAMPLES
@given(activities(), st.data())
def test_the_half_days_are_those_counted_by_hand(some: list[Change], data: st.DataObject) -> None:
    """What begins at noon or later is in the afternoon."""
    parameters = data.draw(PARAMETERS)
    planning = a_base(*some, data.draw(constraints("half_days", st.just(parameters))))
    assert excess(planning, "half_days") == weekly(
        planning, lambda steps: halves(steps, parameters), parameters["limit"]
    )


def test_a_week_with_too_many_half_days_is_told_with_its_amount() -> None:
    """One activity across noon takes both halves."""
    planning = a_base(
        create("activity", 1, instructors=[1], duration=2, weeks=3, place=3),
        create("constraint", 1, rule="half_days", weight=10, instructors=[1], parameters=[("limit", 1), ("noon", 720)]),
    )
    (breach,) = told(planning, "half_days")
    assert (breach.amount, breach.limit, breach.cost) == (2, 1, 20)
    assert (breach.weeks, breach.place, breach.activities) == (3, None, (1,))


def halves(steps: set[int], parameters: dict[str, int]) -> int:
    """Count the halves of the day that are taken."""
    return len({600 + 30 * step >= parameters["noon"] for step in steps})
