from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create
from hpserver.base.planning import Planning
from hpserver.base.rules import RULES, barriers, breaches, judge
from hpserver.base.rules.measured import steps_at_least, steps_at_most, weeks_of
from tests.rules import (
    EXAMPLES,
    GRID,
    a_base,
    a_constraint,
    activities,
    assert_barriers_tell_breaches,
    constraints,
    daily,
    excess,
    weekly,
)

Given = dict[str, int]
"""Parameters of a constraint."""


def gaps(steps: set[int]) -> int:
    """Count the free steps between the first and the last."""
    return max(steps) - min(steps) + 1 - len(steps)


def overrun(steps: set[int], limit: int) -> int:
    """Count the steps beyond the limit in every run."""
    count = run = 0
    for step in range(max(steps) + 1):
        run = run + 1 if step in steps else 0
        count += run > limit
    return count


def halves(steps: set[int], noon: int) -> int:
    """Count the halves of the day that are taken; what begins at noon or later is in the second."""
    return len({GRID.day_start + GRID.step_minutes * step >= noon for step in steps})


def minutes(*values: int) -> st.SearchStrategy[Given]:
    """Draw the parameter `minutes`."""
    return st.fixed_dictionaries({"minutes": st.sampled_from(values)})


LIMIT = st.integers(0, 2)
COUNTED: dict[str, tuple[st.SearchStrategy[Given], Callable[[Planning, Given], int]]] = {
    "daily_maximum": (minutes(45, 60, 120), lambda base, given: 30 * daily(base, len, given["minutes"] // 30)),
    "weekly_maximum": (minutes(60, 120, 180), lambda base, given: 30 * weekly(base, len, given["minutes"] // 30)),
    "daily_gaps": (minutes(0, 30, 60), lambda base, given: 30 * daily(base, gaps, given["minutes"] // 30)),
    "weekly_gaps": (minutes(0, 30, 60), lambda base, given: 30 * weekly(base, gaps, given["minutes"] // 30)),
    "hours_in_a_row": (
        minutes(0, 30, 60, 90),
        lambda base, given: 30 * daily(base, lambda steps: overrun(steps, given["minutes"] // 30), 0),
    ),
    "days_per_week": (
        st.fixed_dictionaries({"limit": LIMIT}), lambda base, given: weekly(base, lambda _: 1, given["limit"]),
    ),
    "half_days": (
        st.fixed_dictionaries({"limit": LIMIT, "noon": st.sampled_from([0, 700, 720, 1400])}),
        lambda base, given: weekly(base, lambda steps: halves(steps, given["noon"]), given["limit"]),
    ),
}  # fmt: skip
"""Per rule, its parameters, and what is beyond the limit in all, counted by hand."""

PLANNING = a_base(
    create("activity", 1, groups=[1], duration=3, weeks=7, place=0),
    create("activity", 2, groups=[2], duration=3, weeks=7, place=0),
    create("activity", 3, cohorts=[1], duration=2, weeks=7, place=3),
    create("constraint", 1, rule="daily_maximum", cohorts=[1], parameters=[("minutes", 120)], weeks=3, hard=False),
)


@pytest.mark.parametrize("rule", COUNTED)
@EXAMPLES
@given(activities(), st.data())
def test_a_start_is_bad_just_where_it_would_break_the_rule(rule: str, some: list[Change], data: st.DataObject) -> None:
    """What is shown while dragging is what is said once it is there."""
    assert_barriers_tell_breaches(a_base(*some, data.draw(constraints(rule, COUNTED[rule][0]))), rule)


@pytest.mark.parametrize("rule", COUNTED)
@EXAMPLES
@given(activities(), st.data())
def test_what_is_beyond_is_what_is_counted_by_hand(rule: str, some: list[Change], data: st.DataObject) -> None:
    """Day by day or week by week; half an hour that several activities of a line share is counted once."""
    drawn, beyond = COUNTED[rule]
    parameters = data.draw(drawn)
    planning = a_base(*some, data.draw(constraints(rule, st.just(parameters))))
    assert excess(planning, rule) == beyond(planning, parameters)


def test_each_line_is_told_by_itself_in_the_weeks_of_the_constraint() -> None:
    """Two groups have too much; the third, with the lecture alone, has not."""
    assert [(one.key, one.weeks, one.cost) for one in breaches(PLANNING)] == [(1, 3, 2), (2, 3, 2)]


def test_near_an_activity_are_the_breaches_of_its_lines() -> None:
    """And it takes part in those that name it."""
    constraint = PLANNING.get("constraint", 1)
    near = RULES["daily_maximum"].near(PLANNING, 1, constraint, [1])  # type: ignore[arg-type] # a constraint
    assert [one.key for one in near] == [1]
    assert [one.key for one in judge(PLANNING, [3])] == [1, 2]
    assert judge(PLANNING, [99]) == ()


def test_a_barrier_is_told_line_by_line() -> None:
    """The lecture is bad for two groups, in two weeks, wherever it makes the day too long."""
    assert {(one.kind, one.key) for one in barriers(PLANNING, 3)} == {("group", 1), ("group", 2)}
    assert [one.key for one in barriers(PLANNING, 1)] == [1]


def test_minutes_become_steps() -> None:
    """A maximum rounds down, a minimum up; a constraint without weeks holds in all."""
    assert (steps_at_most(PLANNING.index, 59), steps_at_least(PLANNING.index, 59)) == (1, 2)
    assert weeks_of(a_constraint("daily_gaps", weeks=5)) == 5
    assert weeks_of(a_constraint("daily_gaps")) == (1 << 64) - 1
