import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create
from hpserver.base.grid import Grid
from hpserver.base.model import Constraint
from hpserver.base.occupancy import LANE
from hpserver.base.planning import Planning
from hpserver.base.rules import RULES, barriers, judge
from hpserver.base.rules.pairs import Paired, Span, _pattern, _runs, shares_students
from hpserver.base.rules.subjects_apart import SubjectsApart
from hpserver.base.weeks import each_week
from tests.rules import (
    EXAMPLES,
    GRID,
    WEEKS,
    Position,
    a_base,
    a_constraint,
    activities,
    assert_barriers_tell_breaches,
    compared,
    constraints,
    excess,
    naive_pairs,
    position,
    told,
)
from tests.work import lines_run

Given = dict[str, int]
"""Parameters of a constraint."""


def follows(first: Position, second: Position, given: Given) -> bool:
    """Say by hand whether one comes right after the other, or, when it is allowed, right before."""
    return first[0] == second[0] and (first[2] == second[1] or (bool(given["either"]) and second[2] == first[1]))


def is_apart(first: Position, second: Position, given: Given) -> bool:
    """Say by hand whether two are far enough: 0 another half day, 1 another day, 2 a day between them."""
    if given["within"] == 0 and first[0] == second[0]:
        return {step >= 4 for step in range(*first[1:])}.isdisjoint({step >= 4 for step in range(*second[1:])})
    return abs(first[0] - second[0]) >= max(given["within"], 1)


NOTHING: st.SearchStrategy[Given] = st.just({})
AGREE: dict[str, tuple[st.SearchStrategy[Given], Callable[[Position, Position, Given], bool]]] = {
    "same_start": (NOTHING, lambda first, second, _: first[:2] == second[:2]),
    "same_day": (NOTHING, lambda first, second, _: first[0] == second[0]),
    "not_overlapping": (
        NOTHING, lambda first, second, _: first[0] != second[0] or first[2] <= second[1] or second[2] <= first[1],
    ),
    "sequence": (NOTHING, lambda first, second, _: (first[0], first[2]) <= (second[0], second[1])),
    "days_between": (
        st.fixed_dictionaries({"days": st.integers(1, 3)}),
        lambda first, second, given: abs(first[0] - second[0]) >= given["days"],
    ),
    "consecutive": (st.fixed_dictionaries({"either": st.integers(0, 1)}), follows),
    "subjects_apart": (st.fixed_dictionaries({"within": st.integers(0, 2), "noon": st.just(720)}), is_apart),
}  # fmt: skip
"""Per rule, its parameters, and whether two positions go together, said by hand."""

PLANNING = a_base(
    create("activity", 1, subject=1, groups=[1], weeks=1, place=0),
    create("activity", 2, subject=2, groups=[2], weeks=1, place=2),
    create("activity", 3, subject=2, cohorts=[1], weeks=1, place=4),
    create("activity", 4, subject=2, cohorts=[2], weeks=1, place=6),
    create("constraint", 1, rule="days_between", subjects=[1, 2]),
)


def test_every_rule_between_two_is_tried() -> None:
    """None is left out by forgetting it."""
    assert {name for name, rule in RULES.items() if isinstance(rule, Paired)} == AGREE.keys()


@pytest.mark.parametrize("rule", AGREE)
@EXAMPLES
@given(activities(), st.data())
def test_a_start_is_bad_just_where_it_would_break_the_rule(rule: str, some: list[Change], data: st.DataObject) -> None:
    """What is shown while dragging is what is said once it is there; also between subjects."""
    assert_barriers_tell_breaches(a_base(*some, data.draw(constraints(rule, AGREE[rule][0]))), rule)


@pytest.mark.parametrize("rule", AGREE)
@EXAMPLES
@given(activities(), st.permutations([1, 2, 3, 4]), st.data())
def test_the_pairs_that_disagree_are_those_found_by_hand(
    rule: str, some: list[Change], named: list[int], data: st.DataObject
) -> None:
    """Each pair once, in each week that both are in."""
    drawn, agree = AGREE[rule]
    parameters = data.draw(drawn)
    fields = {"rule": rule, "activities": named, "parameters": list(parameters.items())}
    planning = a_base(*some, create("constraint", 1, **fields))
    assert excess(planning, rule) == naive_pairs(planning, lambda first, second: agree(first, second, parameters))


@pytest.mark.parametrize("rule", AGREE)
@EXAMPLES
@given(activities(), st.data())
def test_subjects_and_series_disagree_as_pair_by_pair(rule: str, some: list[Change], data: st.DataObject) -> None:
    """Whatever a constraint names, each two that are compared are told in each week in which they disagree."""
    drawn, agree = AGREE[rule]
    planning = a_base(*some, data.draw(constraints(rule, drawn)))
    row = cast(Constraint, planning.get("constraint", 1))
    expected: Counter[tuple[int, int, int]] = Counter()
    for first, second in compared(planning, row):
        for week in each_week(WEEKS if row.weeks is None else row.weeks):
            here, there = position(planning, first, week), position(planning, second, week)
            wished = {one.name: one.default for one in RULES[rule].parameters} | dict(row.parameters)
            if here is not None and there is not None and not agree(here, there, wished):
                expected[first, second, week] += 1
    found = told(planning, rule)
    assert Counter((*one.activities, week) for one in found for week in each_week(one.weeks)) == expected
    mine = {one.activities for one in found if 1 in one.activities}
    assert {one.activities for one in judge(planning, [1]) if one.rule == rule} == mine


@EXAMPLES
@given(st.data())
def test_a_rule_without_order_says_the_same_either_way(data: st.DataObject) -> None:
    """So that what is known of one order is known of both."""
    rule = data.draw(st.sampled_from([rule for rule in RULES.values() if isinstance(rule, Paired)]))
    values = tuple(data.draw(st.integers(one.least, min(one.most, 1_440))) for one in rule.parameters)
    lengths = st.integers(1, 4)
    one, two = (
        Span(GRID, data.draw(st.integers(0, 4)) * 8 + data.draw(st.integers(0, 4)), data.draw(lengths)) for _ in "ab"
    )
    if not rule.is_ordered(values):
        assert rule.agrees(GRID, one, two, values) == rule.agrees(GRID, two, one, values)


def test_activities_of_subjects_are_compared_when_they_share_students() -> None:
    """A group and its cohort do; two groups of one partition, and two cohorts, do not."""
    assert [one.activities for one in told(PLANNING, "days_between")] == [(1, 3)]
    assert [one.other for one in barriers(PLANNING, 1)] == [3]
    assert [shares_students(PLANNING.index, 1, other) for other in (2, 3, 4)] == [False, True, False]


def test_naming_students_narrows_down_whose_subjects_are_meant() -> None:
    """Those of the other cohort are left alone."""
    lists = {"subjects": [1, 2], "cohorts": [2]}
    planning = a_base(
        create("activity", 1, subject=1, cohorts=[1], weeks=1, place=0),
        create("activity", 2, subject=2, cohorts=[1], weeks=1, place=2),
        create("activity", 3, subject=1, cohorts=[2], weeks=1, place=0),
        create("activity", 4, subject=2, cohorts=[2], weeks=1, place=2),
        create("constraint", 1, rule="days_between", **lists),
    )
    assert [one.activities for one in told(planning, "days_between")] == [(3, 4)]


def test_positions_are_compared_in_plain_numbers() -> None:
    """Days, steps and halves of a day."""
    one, two = Span(GRID, 8, 2), Span(GRID, 10, 2)
    assert (one.day, one.start, one.end) == (1, 0, 2)
    assert (one.is_before(two), two.is_before(one), one.is_apart(two), one.is_apart(one)) == (True, False, True, False)
    assert (one.halves(1), two.halves(1)) == ({False, True}, {True})


FINEST = Grid.between(
    dt.date(2025, 9, 1), dt.date(2026, 8, 30), days=0b11111, sequences=24, sequence_minutes=60, division=12
)
"""Five minutes around the clock: 288 steps a day."""


class Counted(SubjectsApart):
    """A rule that counts how often it is asked."""

    name = "counted"

    def __init__(self) -> None:
        self.asked = 0

    def agrees(self, grid: Grid, first: Span, second: Span, values: tuple[int, ...]) -> bool:
        """Count, then answer."""
        self.asked += 1
        return super().agrees(grid, first, second, values)


def test_many_others_on_the_finest_grid_cost_a_few_answers_each() -> None:
    """A thousand activities, each elsewhere and of its own length, all named: no start is tried one by one."""
    planning = Planning(FINEST)
    many = [
        create("activity", key, weeks=1, place=key // 280 * 288 + key % 280, duration=1 + key % 7)
        for key in range(1, 1_001)
    ]
    planning.apply([*many, create("constraint", 1, rule="subjects_apart", activities=list(range(1, 1_001)))])
    rule, (_, constraint) = Counted(), planning.index.constraints_on(planning.index.candidate(1))[0]
    list(rule.barriers(planning, 1, constraint, planning.index.candidate(1)))
    assert 0 < rule.asked <= 1_000 * 20
    rule.asked = 0
    at_one_place = list(rule.barriers(planning, 1, constraint, planning.index.candidate(1).at(5)))
    assert 0 < len(at_one_place) <= rule.asked == 999, "there, each of the others is asked about once"


def test_two_places_are_compared_once_for_all_who_are_there() -> None:
    """Two thousand activities on thirty places: nine hundred answers at most, not two million."""
    planning = Planning(FINEST)
    named = list(range(1, 2_001))
    planning.apply(
        [create("activity", key, weeks=1 << key % 40, place=key % 30 * 2, duration=2) for key in named]
        + [create("constraint", 1, rule="not_overlapping", activities=named)]
    )
    rule, (_, constraint) = Counted(), planning.index.constraints_on(planning.index.candidate(1))[0]
    list(rule.breaches(planning, 1, constraint))
    assert 0 < rule.asked <= 30 * 30
    clashing = [one for one in told(planning, "not_overlapping") if 1 in one.activities]
    assert [one.activities for one in clashing] == [(1, other) for other in range(121, 2_001, 120)]


def in_a_row(count: int) -> Planning:
    """Return so many activities of one cohort, one after the other, none at the same time, in ten series, two subjects.

    The series follow each other, and so do the subjects: a day lies between these.
    """
    planning = Planning(FINEST)
    half = count // 2
    planning.apply(
        [create("subject", key, name=str(key)) for key in (1, 2)]
        + [create("series", key, name=str(key)) for key in range(1, 11)]
        + [create("cohort", 1, name="L1")]
        + [
            create(
                "activity", key, subject=1 + key // half, series=1 + key * 10 // count, cohorts=[1],
                weeks=1, place=key % half + key // half * 2 * 288, duration=1,
            )
            for key in range(1, count)
        ]
    )  # fmt: skip
    return planning


@pytest.mark.parametrize("across", [0, 1])
@pytest.mark.parametrize("lists", ["activities", "series", "subjects"])
def test_who_keeps_an_order_is_compared_with_few(lists: str, across: int) -> None:
    """Twice as many take twice the work, not four times: those named, of series, and of subjects with students."""
    lines = []
    for count in (100, 200):
        planning, rule = in_a_row(count), RULES["sequence"]
        named = {"activities": range(1, count), "series": range(1, 11), "subjects": (1, 2)}[lists]
        constraint = a_constraint("sequence", parameters=(("across", across),), **{lists: tuple(named)})
        _runs.cache_clear()
        lines.append(lines_run(lambda: list(rule.breaches(planning, 1, constraint))))  # noqa: B023 - it runs at once
        assert not list(rule.breaches(planning, 1, constraint))
    assert 0 < lines[1] < 2.5 * lines[0], lines


@pytest.mark.parametrize("lists", ["activities", "series", "subjects"])
def test_what_speaks_against_one_takes_a_look_at_each(lists: str) -> None:
    """Twice as many others take twice the work for the barriers of one, and for what an edit of it breaks."""
    lines = []
    for count in (100, 200):
        planning, rule = in_a_row(count), RULES["sequence"]
        named = {"activities": range(1, count), "series": range(1, 11), "subjects": (1, 2)}[lists]
        constraint, candidate = a_constraint("sequence", **{lists: tuple(named)}), planning.index.candidate(1)
        _runs.cache_clear()
        _pattern.cache_clear()

        def work() -> None:
            assert list(rule.barriers(planning, 1, constraint, candidate))  # noqa: B023 - it runs at once
            assert not list(rule.near(planning, 1, constraint, [1]))  # noqa: B023 - it runs at once

        lines.append(lines_run(work))
    assert 0 < lines[1] < 2.5 * lines[0], lines


@EXAMPLES
@given(st.data())
def test_a_pattern_is_what_every_start_alone_would_answer(data: st.DataObject) -> None:
    """Nothing is lost by asking only where the answer may turn."""
    rule = data.draw(st.sampled_from([rule for rule in RULES.values() if isinstance(rule, Paired)]))
    grid = PLANNING.grid
    values = tuple(data.draw(st.integers(one.least, min(one.most, 1_440))) for one in rule.parameters)
    length, duration = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 4))
    day, step = data.draw(st.integers(0, 6)), data.draw(st.integers(0, grid.steps_per_day - length))
    there, earlier = (day * grid.steps_per_day + step, length), data.draw(st.booleans())
    other, naive = Span(grid, *there), 0
    for place in range(grid.places):
        if place % grid.steps_per_day + duration <= grid.steps_per_day:
            here = Span(grid, place, duration)
            if not rule.agrees(grid, *((other, here) if earlier else (here, other)), values):
                naive |= 1 << place * LANE
    assert _pattern(rule.runs(grid, there, duration, values, earlier=earlier)) == naive
