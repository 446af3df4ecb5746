"""The rules of a timetable beside clashes: an open set, one file each.

A rule is a file with a class that satisfies `api.Rule` and one of it named `RULE`; listed here, it is checked,
explained, weighed and documented like every other.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, cast

from hpserver.base.model import Constraint
from hpserver.base.rules import (
    availability,
    compactness,
    consecutive,
    daily_gaps,
    daily_maximum,
    daily_minimum,
    day_breaks,
    day_load,
    day_span,
    days_between,
    days_per_week,
    days_per_year,
    different_hours,
    different_rooms,
    different_weekdays,
    different_weeks,
    first_before,
    grouped_lectures,
    half_days,
    hours_in_a_row,
    long_blocks,
    lunch_break,
    minimum_gap,
    not_overlapping,
    overlapping,
    possible_rooms,
    possible_times,
    room_capacity,
    room_pool,
    room_stability,
    same_attendees,
    same_day,
    same_hours,
    same_rooms,
    same_start,
    same_weekdays,
    same_weeks,
    sequence,
    site_changes,
    subject_per_day,
    subjects_apart,
    travel,
    unsuitable_rooms,
    weekdays_used,
    weekly_gaps,
    weekly_maximum,
    working_days,
)
from hpserver.base.rules.api import ALWAYS, Barrier, Breach, Candidate, Rule
from hpserver.errors import InvalidChangeError

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index of this package

__all__ = [
    "RULES",
    "Barrier",
    "Breach",
    "Rule",
    "barriers",
    "breaches",
    "check",
    "cost",
    "each_barrier",
    "judge",
    "surroundings",
]

_ALL: tuple[Rule, ...] = (
    availability.RULE, room_capacity.RULE, room_pool.RULE, travel.RULE, possible_times.RULE,
    possible_rooms.RULE,
    daily_maximum.RULE, weekly_maximum.RULE, daily_minimum.RULE, hours_in_a_row.RULE,
    daily_gaps.RULE, weekly_gaps.RULE, lunch_break.RULE, compactness.RULE,
    days_per_week.RULE, half_days.RULE, days_per_year.RULE, site_changes.RULE,
    subjects_apart.RULE, subject_per_day.RULE, sequence.RULE,
    same_start.RULE, same_day.RULE, days_between.RULE, not_overlapping.RULE, consecutive.RULE,
    working_days.RULE, room_stability.RULE, grouped_lectures.RULE, unsuitable_rooms.RULE,
    same_hours.RULE, different_hours.RULE, same_weekdays.RULE, different_weekdays.RULE, same_weeks.RULE,
    different_weeks.RULE, same_rooms.RULE, different_rooms.RULE, overlapping.RULE, same_attendees.RULE,
    first_before.RULE, minimum_gap.RULE, day_span.RULE, weekdays_used.RULE, day_load.RULE, day_breaks.RULE,
    long_blocks.RULE,
)  # fmt: skip
RULES: dict[str, Rule] = {rule.name: rule for rule in _ALL}
"""Every rule by the word that a constraint names it with."""
BUILT_IN: tuple[Rule, ...] = tuple(rule for rule in _ALL if rule.built_in)
"""Those that hold without any constraint."""


def check(key: int, constraint: Constraint) -> None:
    """Raise InvalidChangeError unless a constraint names a rule, and only parameters of it, within their bounds."""
    rule = RULES.get(constraint.rule)
    if rule is None or rule.built_in:
        raise _invalid(key, "rule", f"there is no rule {constraint.rule!r}")
    known = {parameter.name: parameter for parameter in rule.parameters}
    for name, value in constraint.parameters:
        parameter = known.get(name)
        if parameter is None:
            raise _invalid(key, "parameters", f"the rule {rule.name} has no parameter {name!r}")
        if not parameter.least <= value <= parameter.most:
            text = f"{name} is {value}, it lies from {parameter.least} to {parameter.most}"
            raise _invalid(key, "parameters", text)
    if constraint.weight < 0:
        raise _invalid(key, "weight", "a weight is not negative")


def barriers(planning: "Planning", activity: int, rooms: Sequence[int] | None = None) -> list[Barrier]:
    """Return all that rules have against places of an activity, wherever it is now.

    With `rooms`, it takes these instead of its own. Raises UnknownObjectError when there is no such activity.
    """
    planning.activity(activity)
    return list(each_barrier(planning, planning.index.candidate(activity, rooms)))


def each_barrier(planning: "Planning", candidate: Candidate) -> Iterator[Barrier]:
    """Yield all that rules have against places of a candidate, one by one: thousands may take much memory."""
    for rule in BUILT_IN:
        yield from rule.barriers(planning, 0, ALWAYS, candidate)
    for key, constraint in planning.index.constraints_on(candidate):
        known = RULES.get(constraint.rule)
        if known is not None:
            yield from known.barriers(planning, key, constraint, candidate)


def breaches(planning: "Planning") -> Iterator[Breach]:
    """Yield every breach of a base, rule by rule."""
    for rule in BUILT_IN:
        yield from rule.breaches(planning, 0, ALWAYS)
    for key, row in planning.rows("constraint").items():
        constraint = cast(Constraint, row)
        if constraint.rule in RULES:
            yield from RULES[constraint.rule].breaches(planning, key, constraint)


def judge(planning: "Planning", activities: Collection[int]) -> tuple[Breach, ...]:
    """Return the breaches in which any of these activities take part; those that do not exist take part in none."""
    wanted = set(activities)
    return tuple(breach for breach in surroundings(planning, activities) if not wanted.isdisjoint(breach.activities))


def surroundings(planning: "Planning", activities: Collection[int], *, soft: bool = True) -> Iterator[Breach]:
    """Yield the breaches of all that these activities have to do with, whether they take part or not.

    Without `soft`, constraints that only cost are not looked at.
    """
    here = [key for key in activities if planning.maybe_get("activity", key) is not None]
    concerned: dict[int, list[int]] = {}
    for activity in here:
        for key, constraint in planning.index.constraints_on(planning.index.candidate(activity)):
            if soft or constraint.hard:
                concerned.setdefault(key, []).append(activity)
    for rule in BUILT_IN:
        yield from rule.near(planning, 0, ALWAYS, here)
    for key, some in concerned.items():
        constraint = cast(Constraint, planning.get("constraint", key))
        if constraint.rule in RULES:
            yield from RULES[constraint.rule].near(planning, key, constraint, some)


def cost(planning: "Planning") -> int:
    """Return what all breaches of soft rules cost."""
    return sum(breach.cost for breach in breaches(planning) if not breach.hard)


def _invalid(key: int, field: str, why: str) -> InvalidChangeError:
    return InvalidChangeError(f"{field} of constraint {key}: {why}", kind="constraint", key=key, field=field)
