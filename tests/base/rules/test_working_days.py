from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create
from tests.rules import (
    EXAMPLES,
    GRID,
    a_base,
    activities,
    assert_barriers_tell_breaches,
    constraints,
    excess,
    position,
    told,
)

PARAMETERS = st.fixed_dictionaries({"limit": st.integers(1, 3)})


@EXAMPLES
@given(activities(), constraints("working_days", PARAMETERS))
def test_a_start_is_bad_just_where_it_would_break_the_rule(some: list[Change], constraint: Change) -> None:
    """A day that is taken already does no good where one lacks."""
    assert_barriers_tell_breaches(a_base(*some, constraint), "working_days")


@EXAMPLES
@given(activities(), st.integers(1, 3))
def test_the_days_that_lack_are_those_counted_by_hand(some: list[Change], limit: int) -> None:
    """No more days are asked for than there are activities in the week."""
    fields = {"activities": [1, 2, 3, 4], "parameters": [("limit", limit)]}
    planning = a_base(*some, create("constraint", 1, rule="working_days", **fields))
    lack = 0
    for week in range(GRID.weeks):
        days = [spot[0] for key in (1, 2, 3, 4) if (spot := position(planning, key, week)) is not None]
        lack += min(limit, len(days)) - min(limit, len(set(days)))
    assert excess(planning, "working_days") == lack


def test_a_week_with_too_few_days_is_told() -> None:
    """Three lectures on one day where two days are asked for."""
    planning = a_base(
        *(create("activity", key, weeks=1, place=key) for key in (1, 2, 3)),
        create("constraint", 1, rule="working_days", activities=[1, 2, 3], hard=False, weight=5),
    )
    (breach,) = told(planning, "working_days")
    assert (breach.amount, breach.limit, breach.cost, breach.activities) == (1, 2, 5, (1, 2, 3))
