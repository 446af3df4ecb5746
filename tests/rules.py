"""Small bases full of people, rooms, sites and wishes, and what a barrier must agree with: the breaches themselves."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from hypothesis import strategies as st

from hpserver.base.changes import Change, create, delete, update
from hpserver.base.grid import Grid
from hpserver.base.model import Constraint, meeting_key
from hpserver.base.occupancy import LANE
from hpserver.base.planning import Planning
from hpserver.base.rules import RULES, Barrier, Breach, barriers, breaches
from hpserver.base.weeks import each_week

GRID = Grid(dt.date(2025, 9, 1), weeks=3, days=0b0010111, sequences=4, sequence_minutes=60, division=2, day_start=600)
"""Three weeks; Monday to Wednesday and Friday; eight steps of half an hour from 10:00 to 14:00."""
WEEKS = GRID.all_weeks


def a_base(*changes: Change) -> Planning:
    """Return two instructors, a cohort with two groups, one without, rooms in two sites, a pool, then `changes`."""
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
    }
    chosen = {name: draw(lists[name]) for name in RULES[rule].applies_to}
    weeks = draw(st.none() | st.integers(1, WEEKS))
    return create("constraint", 1, rule=rule, weeks=weeks, parameters=list(draw(parameters).items()), **chosen)


def alone(planning: Planning, activity: int, week: int) -> None:
    """Take an activity away in one week, by a meeting that is cancelled."""
    put(planning, activity, week, cancelled=True, place=None)


def put(planning: Planning, activity: int, week: int, **fields: Any) -> None:
    """Make what differs for an activity in a week what is given, and its rooms and instructors as they are."""
    key = meeting_key(activity, week)
    known = planning.maybe_meeting(activity, week)
    do = create if known is None else update
    planning.apply([do("meeting", key, **fields)])


def excess(planning: Planning, rule: str, found: Iterable[Breach] | None = None) -> int:
    """Return by how much a rule is broken in all: one weight per unit and week."""
    kept = breaches(planning) if found is None else found
    return sum(weight_of(one) for one in kept if one.rule == rule)


def weight_of(breach: Breach) -> int:
    """Return how bad a breach is, also for the rules that cost nothing."""
    beyond = abs(breach.amount - breach.limit)
    per_week = 1 if breach.place is None and breach.rule in {"days_per_year", "room_stability"} else None
    return beyond * (breach.weeks.bit_count() if per_week is None else 1)


def starts_of(found: Iterable[Barrier], rule: str) -> set[tuple[int, int]]:
    """Return the places and weeks that barriers of a rule speak against."""
    cells = set()
    for barrier in found:
        mask = barrier.starts if barrier.rule == rule else 0
        while mask:
            bit = (mask & -mask).bit_length() - 1
            cells.add((bit // LANE, bit % LANE))
            mask &= mask - 1
    return cells


def naive_starts(planning: Planning, rule: str, activity: int) -> set[tuple[int, int]]:
    """Return where an activity, taken away in a week and put there instead, breaks a rule more than without it."""
    row = planning.activity(activity)
    found = set()
    for week in each_week(row.weeks):
        known = planning.maybe_meeting(activity, week)
        if known is not None and known.cancelled:
            continue
        was = {} if known is None else {"cancelled": False, "place": known.place}
        put(planning, activity, week, cancelled=True)
        without = excess(planning, rule)
        for place in range(GRID.places):
            if GRID.fits(place, row.duration):
                put(planning, activity, week, cancelled=False, place=place)
                if excess(planning, rule) > without:
                    found.add((place, week))
        if known is None:
            planning.apply([delete("meeting", meeting_key(activity, week))])
        else:
            put(planning, activity, week, **was)
    return found


def assert_barriers_tell_breaches(planning: Planning, rule: str, activity: int) -> None:
    """Check that starts are bad just where being there would break the rule, or break it more."""
    assert starts_of(barriers(planning, activity), rule) == naive_starts(planning, rule, activity)


def a_constraint(rule: str, **fields: Any) -> Constraint:
    """Return a constraint of a rule."""
    return Constraint(rule, **fields)
