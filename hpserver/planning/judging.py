"""What a transaction breaks that was not broken: rules, and what they cost. Pure; nothing is done when none is set."""

from collections.abc import Collection, Iterable
from typing import TypeAlias

import msgspec

from hpserver.base.changes import Applied
from hpserver.base.model import activity_and_week
from hpserver.base.planning import Planning
from hpserver.base.rules import RULES, Breach, surroundings

MAX_BREACHES = 1_000
"""Breaches in one answer: nobody reads more."""
JUDGED = frozenset(
    {
        *("duration", "weeks", "place", "instructors", "cohorts", "groups", "combined", "rooms"),
        *("subject", "pool", "students", "cancelled", "series"),
    }
)
"""Fields of activities, of meetings and of combined groups of which a rule may ask more."""

MOVING = frozenset({"duration", "place", "students"})
"""Those that change nothing in whom and what an activity has to do with."""

_Subject: TypeAlias = tuple[str, int, str, int, int | None, tuple[int, ...]]


class Verdict(msgspec.Struct, frozen=True):
    """New breaches, the hard ones first, and by how much the cost of the soft rules grew (negative: it shrank)."""

    breaches: tuple[Breach, ...] = ()
    cost: int = 0


NOTHING = Verdict()


def verdict(planning: Planning, applied: Applied, *, soft: bool) -> Verdict:
    """Return what the transaction applied last breaks; without `soft`, only what keeps it from being done.

    A breach that was there before is none of its doing, unless it became worse or takes more weeks. Only activities,
    meetings and those that a combined group brings together are judged: a new wish or constraint may well be broken
    by what there is.
    """
    if not soft and planning.index.is_idle:
        return NOTHING
    touched = touched_activities(planning, applied)
    before, after, fresh = _compared(planning, applied, touched, soft=soft)
    cost = _growth(planning, touched, before, after, alone=_moves_alone(applied)) if soft else 0
    fresh.sort(key=lambda breach: (not breach.hard, breach.rule, breach.constraint))
    return Verdict(tuple(fresh[:MAX_BREACHES]), cost)


def newly_broken(planning: Planning, applied: Applied) -> dict[int, int]:
    """Return the weeks in which the transaction applied last newly breaks hard rules, by activity that it touched."""
    if planning.index.is_idle:
        return {}
    touched = touched_activities(planning, applied)
    return hard_weeks(planning, _compared(planning, applied, touched, soft=False)[2], touched)


def hard_weeks(planning: Planning, breaches: Iterable[Breach], activities: Collection[int]) -> dict[int, int]:
    """Return the weeks in which each of these activities takes part in hard breaches, if any."""
    found: dict[int, int] = {}
    for breach in breaches:
        for key in breach.activities if breach.hard else ():
            if key in activities:
                found[key] = found.get(key, 0) | breach.weeks & planning.activity(key).weeks
    return found


def newer(before: Iterable[Breach], after: Iterable[Breach]) -> list[Breach]:
    """Return what is broken after and was not before, in the weeks in which it was not, or not as much."""
    known: dict[_Subject, list[Breach]] = {}
    for breach in before:
        known.setdefault(_subject(breach), []).append(breach)
    found = []
    for breach in after:
        weeks = breach.weeks
        for old in known.get(_subject(breach), ()):
            if _beyond(old) >= _beyond(breach):
                weeks &= ~old.weeks
        if weeks:
            cost = breach.cost * weeks.bit_count() // breach.weeks.bit_count()
            found.append(msgspec.structs.replace(breach, weeks=weeks, cost=cost))
    return found


def touched_activities(planning: Planning, applied: Applied) -> set[int]:
    """Return the activities of which a transaction changed what rules ask for, themselves or by who attends them."""
    found = set[int]()
    for change, fields in zip(applied.changes, applied.fields, strict=True):
        if JUDGED.isdisjoint(fields):
            continue
        if change.kind == "activity":
            found.add(change.key)
        elif change.kind == "meeting":
            found.add(activity_and_week(change.key)[0])
        elif change.kind == "combined_group":
            found.update(planning.references.users("activity", change.kind, change.key))
    return {activity for activity in found if planning.maybe_get("activity", activity) is not None}


def _compared(
    planning: Planning, applied: Applied, touched: set[int], *, soft: bool
) -> tuple[list[Breach], list[Breach], list[Breach]]:
    """Return what was broken before and what is now around some activities, and what of it they newly break.

    What was broken before is not looked for when nothing can be new.
    """
    after = list(surroundings(planning, touched, soft=soft)) if touched else []
    taking_part = [breach for breach in after if soft or breach.hard]
    taking_part = [breach for breach in taking_part if not touched.isdisjoint(breach.activities)]
    if not taking_part and not soft:
        return [], after, []
    others: set[int] = set()
    if not _moves_alone(applied):
        others = _leading_to(after, {_subject(breach) for breach in taking_part}, touched)
    planning.revert(applied)
    try:
        before = list(surroundings(planning, touched | others, soft=soft))
    finally:
        planning.replay(applied.changes)
    return before, after, newer(before, taking_part)


def _moves_alone(applied: Applied) -> bool:
    """Return whether activities have to do with the same people and things before a transaction and after it."""
    facts = zip(applied.changes, applied.fields, strict=True)
    return all(one.kind == "activity" and MOVING.issuperset(JUDGED.intersection(fields)) for one, fields in facts)


def _growth(
    planning: Planning, touched: set[int], before: list[Breach], after: list[Breach], *, alone: bool
) -> int:  # fmt: skip
    """Return what the soft breaches in which the activities take part cost now, less what they did."""
    every = (*before, *after)
    subjects = {_subject(breach) for breach in every if not touched.isdisjoint(breach.activities)}
    others = set() if alone else _leading_to(every, subjects, touched)
    now = surroundings(planning, touched | others) if others else after
    return _cost(now, subjects) - _cost(before, subjects)


def _leading_to(breaches: Iterable[Breach], subjects: Collection[_Subject], touched: Collection[int]) -> set[int]:
    """Return untouched activities by which breaches of these subjects are found, before as after.

    What is counted is found by any one of those that count; else it is about each of them.
    """
    found: set[int] = set()
    for breach in breaches:
        rest = [activity for activity in breach.activities if activity not in touched]
        if rest and _subject(breach) in subjects:
            if not RULES[breach.rule].counts:
                found.update(rest)
            elif found.isdisjoint(rest):
                found.add(rest[0])
    return found


def _cost(breaches: Iterable[Breach], subjects: Collection[_Subject]) -> int:
    return sum(breach.cost for breach in breaches if not breach.hard and _subject(breach) in subjects)


def _subject(breach: Breach) -> _Subject:
    """Return what a breach is about, whatever its weeks and amount."""
    who = () if RULES[breach.rule].counts else breach.activities
    return breach.rule, breach.constraint, breach.kind, breach.key, breach.place, who


def _beyond(breach: Breach) -> int:
    return abs(breach.amount - breach.limit)
