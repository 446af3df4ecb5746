from collections.abc import Callable
from itertools import combinations
from typing import Any, cast

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create, update
from hpserver.base.model import Constraint
from hpserver.base.planning import Planning
from hpserver.base.rules import RULES, barriers, judge
from hpserver.base.rules.wholes import BetweenWholes, Part, Whole, activities_of, members_of, whole_of
from hpserver.base.weeks import each_week
from tests.rules import (
    EXAMPLES,
    GRID,
    WEEKS,
    a_base,
    a_constraint,
    activities,
    constraints,
    naive_starts_for_all,
    position,
    starts_of,
    told,
)
from tests.work import lines_run

Cells = set[tuple[int, int, int]]
"""Weeks, days and steps."""
Given = dict[str, int]
Naive = Callable[[Cells, Cells, Given], bool]


def placed(*activities: tuple[int, int, int, int]) -> list[Change]:
    """Return activities: key, place, steps, weeks."""
    return [
        create("activity", key, place=place, duration=steps, weeks=weeks) for key, place, steps, weeks in activities
    ]


def pairs(rule: str, *changes: Change, **fields: Any) -> list[tuple[int, ...]]:
    """Return the activities of each breach of a rule over all the activities that are created, or over `fields`."""
    planning = a_base(*changes)
    named = fields if "series" in fields else {"activities": sorted(planning.rows("activity"))} | fields
    planning.apply([create("constraint", 1, rule=rule, weight=3, **named)])
    found = told(planning, rule)
    assert {one.cost for one in found} <= {3}
    return [one.activities for one in found]


def hours(cells: Cells) -> set[int]:
    """Return the steps of the day."""
    return {step for _, _, step in cells}


def days(cells: Cells) -> set[int]:
    """Return the days of the week."""
    return {day for _, day, _ in cells}


def weeks(cells: Cells) -> set[int]:
    """Return the weeks."""
    return {week for week, _, _ in cells}


def by_day(one: Cells, other: Cells, check: Callable[[set[int], set[int]], bool]) -> bool:
    """Say whether all days on which both are pass a check of their steps."""
    common = {cell[:2] for cell in one} & {cell[:2] for cell in other}
    return all(
        check(
            {step for *here, step in one if tuple(here) == day}, {step for *here, step in other if tuple(here) == day}
        )
        for day in common
    )


def is_apart(one: set[int], other: set[int], gap: int) -> bool:
    """Say whether no two steps are less than a gap apart, the steps between them counted."""
    return all(abs(a - b) - 1 >= gap for a in one for b in other) and not one & other


NOTHING: st.SearchStrategy[Given] = st.just({})
MINUTES: st.SearchStrategy[Given] = st.fixed_dictionaries({"minutes": st.sampled_from([0, 30, 45, 60, 90, 150])})
NAIVE: dict[str, tuple[st.SearchStrategy[Given], Naive]] = {
    "different_hours": (NOTHING, lambda one, other, _: not hours(one) & hours(other)),
    "same_weekdays": (NOTHING, lambda one, other, _: days(one) <= days(other) or days(other) <= days(one)),
    "different_weekdays": (NOTHING, lambda one, other, _: not days(one) & days(other)),
    "same_weeks": (NOTHING, lambda one, other, _: weeks(one) <= weeks(other) or weeks(other) <= weeks(one)),
    "different_weeks": (NOTHING, lambda one, other, _: not weeks(one) & weeks(other)),
    "overlapping": (NOTHING, lambda one, other, _: bool(one & other)),
    "minimum_gap": (
        MINUTES,
        lambda one, other, given: by_day(one, other, lambda a, b: is_apart(a, b, -(-given["minutes"] // 30))),
    ),
}
"""Per rule whose answer the cells of two wholes decide, its parameters and that answer by hand."""
OTHERS: dict[str, st.SearchStrategy[Given]] = {
    "same_hours": st.fixed_dictionaries({"within": st.integers(0, 1)}),
    "first_before": NOTHING,
    "same_rooms": NOTHING,
    "different_rooms": NOTHING,
    "day_span": MINUTES,
    "same_attendees": NOTHING,
}
"""Those that ask more than the cells: for examples, each has a test of its own."""
DRAWN = {name: drawn for name, (drawn, _) in NAIVE.items()} | OTHERS


def cells_of(planning: Planning, some: list[int], within: int | None) -> Cells:
    """Return the cells of some activities, week by week."""
    found: Cells = set()
    for activity in some:
        for week in each_week(WEEKS if within is None else within):
            here = position(planning, activity, week)
            if here is not None:
                found |= {(week, here[0], step) for step in range(*here[1:])}
    return found


def test_every_rule_between_wholes_is_tried() -> None:
    """None is left out by forgetting it."""
    assert {name for name, rule in RULES.items() if isinstance(rule, BetweenWholes)} == DRAWN.keys()


@pytest.mark.parametrize("rule", DRAWN)
@EXAMPLES
@given(activities(), st.data())
def test_a_start_is_bad_just_where_one_more_pair_would_break_the_rule(
    rule: str, some: list[Change], data: st.DataObject
) -> None:
    """What is shown while dragging is what is said once it is there; of series too."""
    plain = [one for one in some if one.kind == "activity"]
    ways = create("travel_time", 1, start=1, finish=2, minutes=data.draw(st.sampled_from([20, 60])))
    planning = a_base(*plain, ways, data.draw(constraints(rule, DRAWN[rule])))
    within = cast(Constraint, planning.get("constraint", 1)).weeks
    bad = starts_of(barriers(planning, 1), rule)
    naive = naive_starts_for_all(
        planning, 1, lambda base: [(one.kind, one.key, one.activities) for one in told(base, rule)]
    )
    assert bad == {(place, week) for place, week in naive if within is None or within >> week & 1}


@pytest.mark.parametrize("rule", NAIVE)
@EXAMPLES
@given(activities(), st.data())
def test_the_pairs_that_break_a_rule_are_those_found_by_hand(
    rule: str, some: list[Change], data: st.DataObject
) -> None:
    """Cell by cell, meetings too; something of both is placed."""
    drawn, agree = NAIVE[rule]
    planning = a_base(*some, data.draw(constraints(rule, drawn)))
    row = cast(Constraint, planning.get("constraint", 1))
    series = {key: [one for one in planning.rows("activity") if planning.activity(one).series == key] for key in (1, 2)}
    members = [[key] for key in row.activities] + [series[key] for key in row.series]
    cells = [cells_of(planning, one, row.weeks) for one in members]
    count = sum(
        bool(cells[one] and cells[other])
        and not {*members[one]} & {*members[other]}
        and not agree(cells[one], cells[other], dict(row.parameters))
        for one, other in combinations(range(len(cells)), 2)
    )
    found = told(planning, rule)
    assert len(found) == count
    mine = [one for one in found if 1 in one.activities]
    assert [one for one in judge(planning, [1]) if one.rule == rule] == mine


@pytest.mark.parametrize("rule", DRAWN)
@EXAMPLES
@given(activities(count=8), st.sampled_from([0, 20, 60]), st.data())
def test_those_found_are_those_of_every_pair(rule: str, some: list[Change], way: int, data: st.DataObject) -> None:
    """Each two that are named and have no activity in common are asked about, in order; sorting loses nobody."""
    between = cast(BetweenWholes, RULES[rule])
    planning = a_base(
        *some, create("travel_time", 1, start=1, finish=2, minutes=way), data.draw(constraints(rule, DRAWN[rule]))
    )
    planning.apply([update("constraint", 1, activities=data.draw(st.permutations(range(1, 9))))])
    row, index = cast(Constraint, planning.get("constraint", 1)), planning.index
    values = tuple(dict(row.parameters).get(one.name, one.default) for one in between.parameters)
    within, rooms = WEEKS if row.weeks is None else row.weeks, between.needs_rooms(index)
    wholes = [(activities_of(index, one), whole_of(index, one, within, rooms=rooms)) for one in members_of(row)]
    expected = [
        (who[0], rest[0], *who[1:], *rest[1:])
        for (who, first), (rest, second) in combinations(wholes, 2)
        if first.parts and second.parts and not {*who} & {*rest} and not between.agrees(index, first, second, values)
    ]
    found = told(planning, rule)
    assert [one.activities for one in found] == expected
    mine = [one for one in found if not {1, 2}.isdisjoint(one.activities)]
    assert [one for one in judge(planning, [1, 2]) if one.rule == rule] == mine


APART = ("different_hours", "different_rooms", "minimum_gap", "same_attendees", "first_before", "same_weeks")
"""Rules that many keep at once, each at its own hour or in its own room, in the order in which they are named."""


@pytest.mark.parametrize("rule", APART)
def test_those_that_keep_apart_are_compared_with_few(rule: str) -> None:
    """Twice as many take twice the work, not four times: only those are asked about that meet, or look different."""
    lines = []
    for count in (60, 120):
        grid = msgspec.structs.replace(GRID, sequences=24, day_start=0, sequence_minutes=60, division=12)
        planning = Planning(grid)
        planning.apply(
            [create("room", key, name=str(key)) for key in range(1, count)]
            + [create("activity", key, place=key * 2, weeks=1, duration=1, rooms=[key]) for key in range(1, count)]
        )
        given = (("minutes", 0),) if rule == "minimum_gap" else ()
        constraint = a_constraint(rule, activities=tuple(range(1, count)), parameters=given)
        lines.append(lines_run(lambda: list(RULES[rule].breaches(planning, 1, constraint))))  # noqa: B023 - it runs at once
        assert not list(RULES[rule].breaches(planning, 1, constraint))
    assert 0 < lines[1] < 2.7 * lines[0], lines


def test_what_speaks_against_one_is_asked_once_of_those_that_look_the_same() -> None:
    """Twice as many on the same days take no more answers, and twice the work."""
    rule, lines = RULES["different_weekdays"], []
    for count in (60, 120):
        planning = a_base(
            *placed(*((key, key % 3 * 8, 1, 0b111) for key in range(1, count))),
            create("constraint", 1, rule="different_weekdays", activities=list(range(1, count))),
        )
        constraint, candidate = cast(Constraint, planning.get("constraint", 1)), planning.index.candidate(1)
        lines.append(lines_run(lambda: list(rule.barriers(planning, 1, constraint, candidate))))  # noqa: B023 - it runs at once
        assert len(list(rule.barriers(planning, 1, constraint, candidate))) == count - 2
    assert 0 < lines[1] < 2.2 * lines[0], lines


def test_wholes_are_told_in_plain_numbers() -> None:
    """Days, weeks, what they have in common and what lies between."""
    one, other = Part(0, 2, 4, 0b011), Part(0, 5, 6, 0b110)
    assert (one.gap(other), other.gap(one), one.gap(one), one.meets(other)) == (1, 1, -2, True)
    assert not one.meets(Part(1, 2, 4, 0b011))
    whole = Whole((one,), frozenset({1})).with_(Whole((Part(2, 0, 1, 0b100),), frozenset({2})))
    assert (whole.days(), whole.weeks()) == (0b101, 0b111)
    assert sorted(whole.rooms) == [1, 2]
    assert GRID.steps_per_day == 8
