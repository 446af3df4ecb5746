"""Small bases full of people, rooms, sites and wishes, and what a barrier must agree with: the breaches themselves."""

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import Any, cast

from hypothesis import settings
from hypothesis import strategies as st

from hpserver.base.changes import Change, create, update
from hpserver.base.grid import Grid
from hpserver.base.integrity import are_rivals, naive_cells
from hpserver.base.model import Activity, Constraint, Group, Meeting, meeting_key
from hpserver.base.occupancy import LANE
from hpserver.base.planning import Planning
from hpserver.base.references import Ident
from hpserver.base.rules import RULES, Barrier, Breach, barriers
from hpserver.base.rules.api import ALWAYS
from hpserver.base.weeks import each_week

GRID = Grid(dt.date(2025, 9, 1), weeks=3, days=0b0010111, sequences=4, sequence_minutes=60, division=2, day_start=600)
"""Three weeks; Monday to Wednesday and Friday; eight steps of half an hour from 10:00 to 14:00."""
WEEKS = GRID.all_weeks


def a_base(*changes: Change) -> Planning:
    """Return two instructors, two cohorts, one with groups, rooms in two sites, a pool, two series, then `changes`."""
    planning = Planning(GRID)
    planning.apply(
        [
            *(create("subject", key, name=f"Matière {key}") for key in (1, 2)),
            *(create("instructor", key, name=f"Enseignant {key}") for key in (1, 2)),
            *(create("cohort", key, name=f"Promotion {key}", size=20) for key in (1, 2)),
            create("group", 1, cohort=1, name="TD1", partition="td", size=10),
            create("group", 2, cohort=1, name="TD2", partition="td", size=10),
            create("group", 3, cohort=1, name="Option", partition="option", size=5),
            *(create("site", key, name=f"Site {key}") for key in (1, 2)),
            create("room", 1, name="A1", capacity=25, site=1),
            create("room", 2, name="A2", capacity=10, site=1),
            create("room", 3, name="B1", site=2),
            create("room_pool", 1, name="A", rooms=[1, 2]),
            *(create("series", key, name=f"Série {key}") for key in (1, 2)),
            *changes,
        ]
    )
    return planning


def some(keys: Sequence[int], most: int = 1) -> st.SearchStrategy[list[int]]:
    """Draw a few keys."""
    return st.lists(st.sampled_from(keys), max_size=most, unique=True)


@st.composite
def activities(draw: st.DrawFn, count: int = 5) -> list[Change]:
    """Draw a few activities, placed on a few days so that they meet, some with a week that differs."""
    changes: list[Change] = []
    for key in range(1, count + 1):
        duration, weeks = draw(st.integers(1, 3)), draw(st.integers(1, WEEKS))
        changes.append(
            create(
                "activity",
                key,
                subject=draw(st.sampled_from([None, 1, 1, 2])),
                duration=duration,
                weeks=weeks,
                place=draw(st.none() | places(duration)),
                instructors=draw(some([1, 2])),
                cohorts=draw(some([1, 2])),
                groups=draw(some([1, 2, 3])),
                rooms=draw(some([1, 2, 3])),
                pool=draw(st.sampled_from([None, None, 1])),
                students=draw(st.sampled_from([0, 0, 12, 30])),
                series=draw(st.sampled_from([None, 1, 1, 2])),
            )
        )
        if draw(st.booleans()):
            week = draw(st.sampled_from(list(each_week(weeks))))
            changes.append(
                create(
                    "meeting",
                    meeting_key(key, week),
                    cancelled=draw(st.sampled_from([False, False, True])),
                    place=draw(st.none() | places(duration)),
                    rooms=draw(st.none() | some([1, 2, 3])),
                    instructors=draw(st.none() | some([1, 2])),
                )
            )
    return changes


def places(duration: int) -> st.SearchStrategy[int]:
    """Draw a place where so many steps fit."""
    return st.builds(
        lambda day, step: day * GRID.steps_per_day + step,
        st.sampled_from([0, 0, 1, 2, 4]),
        st.integers(0, GRID.steps_per_day - duration),
    )


@st.composite
def constraints(draw: st.DrawFn, rule: str, parameters: st.SearchStrategy[dict[str, int]]) -> Change:
    """Draw a constraint of a rule over some of everything that it reads."""
    lists: dict[str, Any] = {
        "instructors": some([1, 2], 2),
        "cohorts": some([1, 2], 2),
        "groups": some([1, 2, 3], 2),
        "rooms": some([1, 2], 2),
        "subjects": some([1, 2], 2),
        "activities": some([1, 2, 3, 4], 4),
        "series": some([1, 2], 2),
    }
    chosen = {name: draw(lists[name]) for name in RULES[rule].applies_to}
    weeks = draw(st.none() | st.integers(1, WEEKS))
    return create("constraint", 1, rule=rule, weeks=weeks, parameters=list(draw(parameters).items()), **chosen)


Day = tuple[Ident, int, int]
"""A line, a day and a week."""
Position = tuple[int, int, int]
"""A day, its first step that is taken and the first after."""
EXAMPLES = settings(max_examples=min(8, settings().max_examples // 3), deadline=None)
"""Bases drawn per rule: each is looked at from every place of every week; fewer in the quick profile."""


def put(planning: Planning, activity: int, week: int, **fields: Any) -> None:
    """Make some of what differs for an activity in a week what is given."""
    do = create if planning.maybe_meeting(activity, week) is None else update
    planning.apply([do("meeting", meeting_key(activity, week), **fields)])


def told(planning: Planning, rule: str) -> list[Breach]:
    """Return the breaches of one rule."""
    rows = {0: ALWAYS} if RULES[rule].built_in else cast("Mapping[int, Constraint]", planning.rows("constraint"))
    return [breach for key, row in rows.items() for breach in RULES[rule].breaches(planning, key, row)]


def excess(planning: Planning, rule: str) -> int:
    """Return by how much a rule is broken in all: what is beyond the limit, in each week."""
    return sum(abs(one.amount - one.limit) * one.weeks.bit_count() for one in told(planning, rule))


def naive_starts_for_all(
    planning: Planning, activity: int, broken: Callable[[Planning], Collection[object]]
) -> set[tuple[int, int]]:
    """Return where an activity, taken away and put there in all its weeks, breaks what was not broken."""
    row = planning.activity(activity)
    planning.apply([update("activity", activity, place=None)])
    without, cells = set(broken(planning)), set()
    for place in range(GRID.places):
        if GRID.fits(place, row.duration):
            planning.apply([update("activity", activity, place=place)])
            if not without.issuperset(broken(planning)):
                cells |= {(place, week) for week in each_week(row.weeks)}
    planning.apply([update("activity", activity, place=row.place)])
    return cells


def starts_of(some: Iterable[Barrier], rule: str) -> set[tuple[int, int]]:
    """Return the places and weeks that barriers of a rule speak against."""
    cells = set()
    for barrier in some:
        mask = barrier.starts if barrier.rule == rule else 0
        while mask:
            bit = (mask & -mask).bit_length() - 1
            cells.add((bit // LANE, bit % LANE))
            mask &= mask - 1
    return cells


def naive_starts(planning: Planning, activity: int, measure: Callable[[Planning], int]) -> set[tuple[int, int]]:
    """Return where an activity, taken away in a week and put there instead, makes a measure grow."""
    row = planning.activity(activity)
    cells = set()
    for week in each_week(row.weeks):
        known = planning.maybe_meeting(activity, week)
        if known is not None and known.cancelled:
            continue
        put(planning, activity, week, cancelled=True)
        without = measure(planning)
        for place in range(GRID.places):
            if GRID.fits(place, row.duration):
                put(planning, activity, week, cancelled=False, place=place)
                if measure(planning) > without:
                    cells.add((place, week))
        put(planning, activity, week, cancelled=False, place=None if known is None else known.place)
    return cells


def assert_barriers_tell_breaches(planning: Planning, rule: str, activity: int = 1) -> None:
    """Check that starts are bad just where being there would break the rule, or break it more."""
    bad = starts_of(barriers(planning, activity), rule)
    assert bad == naive_starts(planning, activity, lambda base: excess(base, rule))


def naive_days(planning: Planning) -> dict[Day, set[int]]:
    """Return the steps taken in each day of each line that the only constraint names, cell by cell."""
    constraint = cast(Constraint, planning.get("constraint", 1))
    groups = {key: cast(Group, row).cohort for key, row in planning.rows("group").items()}
    lines: dict[Ident, set[Ident]] = {("instructor", key): {("instructor", key)} for key in constraint.instructors}
    for cohort in constraint.cohorts:
        parts = [key for key, owner in groups.items() if owner == cohort]
        lines |= {("group", key): {("group", key), ("cohort", cohort)} for key in parts}
        if not parts:
            lines["cohort", cohort] = {("cohort", cohort)}
    lines |= {("group", key): {("group", key), ("cohort", groups[key])} for key in constraint.groups}
    days: dict[Day, set[int]] = {}
    for cells in naive_cells(planning).values():
        for resource, place, week in cells:
            day, step = GRID.day_and_step(place)
            for line, parts_of in lines.items():
                if resource in parts_of and (constraint.weeks is None or constraint.weeks >> week & 1):
                    days.setdefault((line, day, week), set()).add(step)
    return days


def daily(planning: Planning, measure: Callable[[set[int]], int], limit: int) -> int:
    """Return what is measured beyond a limit, in all the days of all lines."""
    return sum(max(0, measure(steps) - limit) for steps in naive_days(planning).values())


def weekly(planning: Planning, measure: Callable[[set[int]], int], limit: int) -> int:
    """Return what is measured beyond a limit, in all the weeks of all lines."""
    sums: dict[tuple[Ident, int], int] = {}
    for (line, _, week), steps in naive_days(planning).items():
        sums[line, week] = sums.get((line, week), 0) + measure(steps)
    return sum(max(0, value - limit) for value in sums.values())


def naive_pairs(planning: Planning, agrees: Callable[[Position, Position], bool]) -> int:
    """Return how many pairs of the activities that the only constraint lists disagree, week by week."""
    constraint = cast(Constraint, planning.get("constraint", 1))
    count = 0
    for at, one in enumerate(constraint.activities):
        for two in constraint.activities[at + 1 :]:
            for week in each_week(GRID.all_weeks if constraint.weeks is None else constraint.weeks):
                first, second = position(planning, one, week), position(planning, two, week)
                count += first is not None and second is not None and not agrees(first, second)
    return count


def compared(planning: Planning, row: Constraint) -> Iterator[tuple[int, int]]:
    """Yield each two that a constraint compares, said by hand: listed, of two series, of two subjects with students."""
    yield from combinations(row.activities, 2)
    every = {key: planning.activity(key) for key in planning.rows("activity")}
    for one, two in combinations(row.series, 2):
        yield from ((a, b) for a in every for b in every if (every[a].series, every[b].series) == (one, two))
    named = [("cohort", key) for key in row.cohorts] + [("group", key) for key in row.groups]
    meant = [key for key in every if not named or meet(planning, audience(every[key]), named)]
    for one, two in combinations(row.subjects, 2):
        for a, b in product(meant, meant):
            if (every[a].subject, every[b].subject) == (one, two):
                yield from [(a, b)] if meet(planning, audience(every[a]), audience(every[b])) else ()


def audience(row: Activity) -> list[Ident]:
    """Return whom an activity is for."""
    return [("cohort", key) for key in row.cohorts] + [("group", key) for key in row.groups]


def meet(planning: Planning, some: list[Ident], others: list[Ident]) -> bool:
    """Say whether any of some have students in common with any of others."""
    return any(are_rivals(planning, one, other) for one in some for other in others)


def position(planning: Planning, activity: int, week: int) -> Position | None:
    """Return where an activity is in a week, or None when it is nowhere."""
    row = planning.maybe_get("activity", activity)
    if not isinstance(row, Activity) or not row.weeks >> week & 1:
        return None
    meeting = planning.maybe_meeting(activity, week) or Meeting()
    place = row.place if meeting.place is None else meeting.place
    if place is None or meeting.cancelled:
        return None
    day, step = GRID.day_and_step(place)
    return day, step, step + row.duration


def a_constraint(rule: str, **fields: Any) -> Constraint:
    """Return a constraint of a rule."""
    return Constraint(rule, **fields)
