from collections.abc import Callable
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change
from hpserver.base.model import Constraint
from hpserver.base.rules import RULES, judge
from hpserver.base.rules.gathered import Gathered, blocks
from hpserver.base.weeks import each_week
from tests.rules import (
    EXAMPLES,
    WEEKS,
    Position,
    a_base,
    activities,
    assert_barriers_tell_breaches,
    constraints,
    excess,
    position,
    told,
)

Given = dict[str, int]


def load(day: list[Position], given: Given) -> int:
    """Return by how many minutes a day is too long."""
    return max(0, sum(end - start for _, start, end in day) * 30 - given["minutes"])


def rows_of(day: list[Position], gap: int) -> list[tuple[int, int, int]]:
    """Return the rows of a day by hand: a step is in a row with all within a gap of it."""
    taken = {step for _, start, end in day for step in range(start, end)}
    joined = {step for step in range(8) if any(step - gap <= one for one in taken if one <= step)
              and any(one <= step + gap for one in taken if one >= step)
              and min((one for one in taken if one >= step), default=99)
              - max((one for one in taken if one <= step), default=-99) <= gap + 1}  # fmt: skip
    found: list[list[int]] = []
    for step in sorted(joined):
        if found and found[-1][-1] == step - 1:
            found[-1].append(step)
        else:
            found.append([step])
    return [
        (row[0], row[-1] + 1, sum(row[0] <= start and end <= row[-1] + 1 for _, start, end in day)) for row in found
    ]


def breaks(day: list[Position], given: Given) -> int:
    """Return how many breaks are too many."""
    return max(0, len(rows_of(day, given["minutes"] // 30)) - 1 - given["limit"])


def rows_too_long(day: list[Position], given: Given) -> int:
    """Return how many rows of several are too long."""
    rows = rows_of(day, given["gap"] // 30)
    return sum(count > 1 and (end - start) * 30 > given["minutes"] for start, end, count in rows)


MINUTES = st.sampled_from([0, 30, 60, 90, 150])
NAIVE: dict[str, tuple[st.SearchStrategy[Given], Callable[[list[Position], Given], int]]] = {
    "day_load": (st.fixed_dictionaries({"minutes": MINUTES}), load),
    "day_breaks": (st.fixed_dictionaries({"minutes": MINUTES, "limit": st.integers(0, 2)}), breaks),
    "long_blocks": (st.fixed_dictionaries({"minutes": MINUTES, "gap": MINUTES}), rows_too_long),
}


def test_every_rule_over_a_day_is_tried() -> None:
    """None is left out by forgetting it."""
    assert {name for name, rule in RULES.items() if isinstance(rule, Gathered)} == NAIVE.keys()


@pytest.mark.parametrize("rule", NAIVE)
@EXAMPLES
@given(activities(), st.data())
def test_a_start_is_bad_just_where_a_day_becomes_worse(rule: str, some: list[Change], data: st.DataObject) -> None:
    """Week by week, whatever is there."""
    assert_barriers_tell_breaches(a_base(*some, data.draw(constraints(rule, NAIVE[rule][0]))), rule)


@pytest.mark.parametrize("rule", NAIVE)
@EXAMPLES
@given(activities(), st.data())
def test_days_that_are_too_much_are_those_found_by_hand(rule: str, some: list[Change], data: st.DataObject) -> None:
    """Each activity once, though it is named and its series too."""
    drawn, too_much = NAIVE[rule]
    planning = a_base(*some, data.draw(constraints(rule, drawn)))
    row = cast(Constraint, planning.get("constraint", 1))
    named = {*row.activities} | {
        key for key in planning.rows("activity") if planning.activity(key).series in row.series
    }
    count = 0
    for week in each_week(WEEKS if row.weeks is None else row.weeks):
        here = [found for one in named if (found := position(planning, one, week)) is not None]
        for day in range(7):
            today = [one for one in here if one[0] == day]
            count += too_much(today, dict(row.parameters)) if today else 0
    assert excess(planning, rule) == count
    mine = [one for one in told(planning, rule) if 1 in one.activities]
    assert [one for one in judge(planning, [1]) if one.rule == rule] == mine


def test_blocks_are_joined_by_short_gaps() -> None:
    """First step, step after the last, how many."""
    assert list(blocks([(0, 1), (1, 2), (3, 4)], 0)) == [(0, 2, 2), (3, 4, 1)]
    assert list(blocks([(0, 4), (1, 2), (5, 6)], 1)) == [(0, 6, 3)]
