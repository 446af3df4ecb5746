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
    told,
)

PARAMETERS = st.fixed_dictionaries(
    {
        "minutes": st.sampled_from([30, 60, 90]),
        "from": st.sampled_from([540, 660, 690]),
        "to": st.sampled_from([780, 810, 900]),
    }
)


@EXAMPLES
@given(activities(), constraints("lunch_break", PARAMETERS))
def test_a_start_is_bad_just_where_it_would_break_the_rule(some: list[Change], constraint: Change) -> None:
    """What is shown while dragging is what is said once it is there."""
    assert_barriers_tell_breaches(a_base(*some, constraint), "lunch_break")


@EXAMPLES
@given(activities(), st.data())
def test_the_days_without_a_break_are_those_found_by_hand(some: list[Change], data: st.DataObject) -> None:
    """Minute by minute; outside the hours of the grid everybody is free."""
    parameters = data.draw(PARAMETERS)
    planning = a_base(*some, data.draw(constraints("lunch_break", st.just(parameters))))
    broken = sum(breach.weeks.bit_count() for breach in told(planning, "lunch_break"))
    assert broken == daily(planning, lambda steps: has_no_break(steps, parameters), 0)


def test_a_day_without_a_break_is_told_with_the_break_that_lacks() -> None:
    """From 11:30 to 14:00 there is no hour left."""
    planning = a_base(
        create("activity", 1, instructors=[1], duration=3, weeks=3, place=2),
        create("activity", 2, instructors=[1], duration=2, weeks=6, place=6),
        create("constraint", 1, rule="lunch_break", weight=10, instructors=[1], parameters=[("minutes", 60)]),
    )
    (breach,) = told(planning, "lunch_break")
    assert (breach.amount, breach.limit, breach.cost) == (0, 60, 10)
    assert (breach.weeks, breach.place, breach.activities) == (2, 0, (1, 2))


def has_no_break(steps: set[int], parameters: dict[str, int]) -> int:
    """Return 1 when no break of the length begins at any whole step from the start of the window on."""
    first, last, length = parameters["from"], parameters["to"], parameters["minutes"]
    busy = {minute for step in steps for minute in range(600 + 30 * step, 630 + 30 * step)}
    begins = (begin for begin in range(first, last - length + 1) if begin % 30 == 0)
    return int(not any(busy.isdisjoint(range(begin, begin + length)) for begin in begins))
