"""The nineteen constraints of ITC-2019: how often each is broken. Knows classes where they are, no problem file.

Definitions: the format of the competition, section on distribution constraints.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import TypeAlias

import msgspec

from hpserver.base.weeks import each_week
from hpserver.costs.itc2019_problem import Problem, Time


class At(msgspec.Struct, frozen=True):
    """A class where a solution puts it."""

    time: Time
    room: str | None


Pair: TypeAlias = Callable[[Problem, At, At, Sequence[int]], bool]
"""Says whether two classes, the first named first, keep the constraint."""


def broken_pairs(problem: Problem, kind: str, classes: Sequence[At], parameters: Sequence[int]) -> int:
    """Return how many pairs of classes break a constraint between two."""
    kept = PAIRS[kind]
    return sum(not kept(problem, one, other, parameters) for one, other in combinations(classes, 2))


def excess(problem: Problem, kind: str, classes: Sequence[At], parameters: Sequence[int]) -> int:
    """Return by how much classes together break a constraint over all of them, summed over days and weeks."""
    if kind == "MaxDays":
        return _excess_days(classes, parameters[0])
    over = _OVER_A_DAY[kind]
    return sum(over(day, parameters) for day in _days(problem, classes))


# --- constraints between two --------------------------------------------------------------------------------


def _same_time(_: Problem, one: At, other: At, _parameters: Sequence[int]) -> bool:
    a, b = one.time, other.time
    return (a.start <= b.start and b.end <= a.end) or (b.start <= a.start and a.end <= b.end)


def _different_time(_: Problem, one: At, other: At, _parameters: Sequence[int]) -> bool:
    return one.time.end <= other.time.start or other.time.end <= one.time.start


def _one_within(one: int, other: int) -> bool:
    return one | other in {one, other}


def _same_attendees(problem: Problem, one: At, other: At, _parameters: Sequence[int]) -> bool:
    travel = problem.travel(one.room, other.room)
    a, b = one.time, other.time
    return not a.meets_with(b) or a.end + travel <= b.start or b.end + travel <= a.start


def _precedence(_: Problem, one: At, other: At, _parameters: Sequence[int]) -> bool:
    a, b = one.time, other.time
    first, second = (_lowest(a.weeks), _lowest(a.days)), (_lowest(b.weeks), _lowest(b.days))
    return first < second or (first == second and a.end <= b.start)


def _work_day(_: Problem, one: At, other: At, parameters: Sequence[int]) -> bool:
    a, b = one.time, other.time
    return not a.meets_with(b) or max(a.end, b.end) - min(a.start, b.start) <= parameters[0]


def _min_gap(_: Problem, one: At, other: At, parameters: Sequence[int]) -> bool:
    a, b = one.time, other.time
    return not a.meets_with(b) or a.end + parameters[0] <= b.start or b.end + parameters[0] <= a.start


def _lowest(bits: int) -> int:
    return (bits & -bits).bit_length()


PAIRS: dict[str, Pair] = {
    "SameStart": lambda _, one, other, __: one.time.start == other.time.start,
    "SameTime": _same_time,
    "DifferentTime": _different_time,
    "SameDays": lambda _, one, other, __: _one_within(one.time.days, other.time.days),
    "DifferentDays": lambda _, one, other, __: not one.time.days & other.time.days,
    "SameWeeks": lambda _, one, other, __: _one_within(one.time.weeks, other.time.weeks),
    "DifferentWeeks": lambda _, one, other, __: not one.time.weeks & other.time.weeks,
    "Overlap": lambda _, one, other, __: one.time.overlaps(other.time),
    "NotOverlap": lambda _, one, other, __: not one.time.overlaps(other.time),
    "SameRoom": lambda _, one, other, __: one.room == other.room,
    "DifferentRoom": lambda _, one, other, __: one.room != other.room,
    "SameAttendees": _same_attendees,
    "Precedence": _precedence,
    "WorkDay": _work_day,
    "MinGap": _min_gap,
}


# --- constraints over all -----------------------------------------------------------------------------------


def _excess_days(classes: Sequence[At], most: int) -> int:
    days = 0
    for one in classes:
        days |= one.time.days
    return max(0, days.bit_count() - most)


def _days(problem: Problem, classes: Sequence[At]) -> Iterator[list[Time]]:
    """Yield the times of each day of each week that has several; a lone one for loads."""
    for week in range(problem.weeks):
        here = [one.time for one in classes if one.time.weeks >> week & 1]
        days = 0
        for time in here:
            days |= time.days
        for day in each_week(days):
            yield sorted((time for time in here if time.days >> day & 1), key=lambda time: (time.start, time.end))


def _blocks(day: Sequence[Time], gap: int) -> Iterator[tuple[int, int, int]]:
    """Yield the blocks of a day: first slot, slot after the last, classes; a gap of at most `gap` joins."""
    start, end, count = day[0].start, day[0].end, 1
    for time in day[1:]:
        if end + gap >= time.start:
            end, count = max(end, time.end), count + 1
        else:
            yield start, end, count
            start, end, count = time.start, time.end, 1
    yield start, end, count


def _over_load(day: Sequence[Time], parameters: Sequence[int]) -> int:
    return max(0, sum(time.length for time in day) - parameters[0])


def _over_breaks(day: Sequence[Time], parameters: Sequence[int]) -> int:
    return max(0, sum(1 for _ in _blocks(day, parameters[1])) - 1 - parameters[0])


def _over_block(day: Sequence[Time], parameters: Sequence[int]) -> int:
    return sum(count > 1 and end - start > parameters[0] for start, end, count in _blocks(day, parameters[1]))


_OVER_A_DAY: dict[str, Callable[[Sequence[Time], Sequence[int]], int]] = {
    "MaxDayLoad": _over_load,
    "MaxBreaks": _over_breaks,
    "MaxBlock": _over_block,
}
BY_WEEK = frozenset(_OVER_A_DAY)
"""Those whose penalty is shared out over the weeks of the problem."""
