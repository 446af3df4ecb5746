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

PARAMETERS = st.fixed_dictionaries({"minutes": st.sampled_from([0, 30, 60, 90])})


@EXAMPLES
@given(activities(), constraints("hours_in_a_row", PARAMETERS))
def test_a_start_is_bad_just_where_it_would_break_the_rule(some: list[Change], constraint: Change) -> None:
    """What is shown while dragging is what is said once it is there."""
    assert_barriers_tell_breaches(a_base(*some, constraint), "hours_in_a_row")


@EXAMPLES
@given(activities(), st.data())
def test_what_runs_beyond_is_what_is_counted_by_hand(some: list[Change], data: st.DataObject) -> None:
    """Run by run, in each day."""
    parameters = data.draw(PARAMETERS)
    planning = a_base(*some, data.draw(constraints("hours_in_a_row", st.just(parameters))))
    limit = parameters["minutes"] // 30
    assert excess(planning, "hours_in_a_row") == 30 * daily(planning, lambda steps: overrun(steps, limit), 0)


def test_a_run_that_is_too_long_is_told_whole() -> None:
    """Two hours in a row where one is allowed."""
    planning = a_base(
        create("activity", 1, instructors=[1], duration=2, weeks=3, place=0),
        create("activity", 2, instructors=[1], duration=2, weeks=6, place=2),
        create("constraint", 1, rule="hours_in_a_row", weight=10, instructors=[1], parameters=[("minutes", 60)]),
    )
    (breach,) = told(planning, "hours_in_a_row")
    assert (breach.amount, breach.limit, breach.cost) == (120, 60, 20)
    assert (breach.weeks, breach.place, breach.activities) == (2, 0, (1, 2))


def overrun(steps: set[int], limit: int) -> int:
    """Count the steps beyond the limit in every run."""
    count = run = 0
    for step in range(max(steps) + 1):
        run = run + 1 if step in steps else 0
        count += run > limit
    return count
