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

PARAMETERS = st.fixed_dictionaries({"minutes": st.sampled_from([30, 60, 100])})


@EXAMPLES
@given(activities(), PARAMETERS)
def test_a_start_is_bad_just_where_it_would_break_the_rule(some: list[Change], parameters: dict[str, int]) -> None:
    """What is shown while dragging is what is said once it is there; with one line, none makes up for another."""
    fields = {"instructors": [1], "parameters": list(parameters.items())}
    planning = a_base(*some, create("constraint", 1, rule="daily_minimum", **fields))
    assert_barriers_tell_breaches(planning, "daily_minimum")


@EXAMPLES
@given(activities(), st.data())
def test_what_lacks_is_what_is_counted_by_hand(some: list[Change], data: st.DataObject) -> None:
    """A day without anything lacks nothing."""
    parameters = data.draw(PARAMETERS)
    planning = a_base(*some, data.draw(constraints("daily_minimum", st.just(parameters))))
    least = -(-parameters["minutes"] // 30)
    assert excess(planning, "daily_minimum") == 30 * daily(planning, lambda steps: least - len(steps), 0)


def test_a_day_with_too_little_is_told_with_its_amount() -> None:
    """Half an hour is not worth the way."""
    planning = a_base(
        create("activity", 1, instructors=[1], duration=1, weeks=3, place=0),
        create("constraint", 1, rule="daily_minimum", weight=10, instructors=[1], parameters=[("minutes", 90)]),
    )
    (breach,) = told(planning, "daily_minimum")
    assert (breach.amount, breach.limit, breach.cost) == (30, 90, 40)
    assert (breach.weeks, breach.place, breach.activities) == (3, 0, (1,))
