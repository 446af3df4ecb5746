"""The running order of oral exams: who passes before which panel, and when. Reads a planning; changes nothing.

The turns of a panel follow one another from the start of its activity, in the weeks it takes place in: `turn` minutes
each, `pause` minutes between two. A student's `position` says which of them is theirs; one may stay empty.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import cast

import msgspec

from hpserver.base.changes import Change, create
from hpserver.base.model import OralExam, OralPanel, OralTurn
from hpserver.base.occupancy import place_of
from hpserver.base.planning import Planning
from hpserver.base.weeks import each_week
from hpserver.errors import InvalidChangeError


class Slot(msgspec.Struct, frozen=True, order=True):
    """When a turn is: week (index from 0), day (0 = Monday), minutes after that day's midnight."""

    week: int
    day: int
    start: int
    end: int


class Turn(msgspec.Struct, frozen=True):
    """Who passes when; `slot` is None when the panel does not sit that long, or has no place."""

    turn: int
    panel: int
    student: int
    position: int
    slot: Slot | None


class Trouble(msgspec.Struct, frozen=True):
    """Two turns (keys) that cannot both be: of one student at once, or of one panel at once."""

    first: int
    second: int


def slots(planning: Planning, panel: int) -> tuple[Slot, ...]:
    """Return when the turns of a panel are, by position. Raises UnknownObjectError."""
    row = cast(OralPanel, planning.get("oral_panel", panel))
    exam = cast(OralExam, planning.get("oral_exam", row.exam))
    return tuple(_slots(planning, row.activity, exam.turn, exam.pause))


def running_order(planning: Planning, exam: int) -> tuple[Turn, ...]:
    """Return the turns of an exam as they follow one another; those without a time last. Raises UnknownObjectError."""
    planning.get("oral_exam", exam)
    found = [
        turn for panel in planning.references.users("oral_panel", "oral_exam", exam) for turn in _turns(planning, panel)
    ]
    return tuple(sorted(found, key=_order))


def troubles(planning: Planning, exam: int) -> tuple[Trouble, ...]:
    """Return the turns of an exam that cannot be: two of a panel at once, or of a student at once in whatever exams.

    Raises UnknownObjectError.
    """
    here = running_order(planning, exam)
    by_position: dict[tuple[int, int], list[Turn]] = {}
    for one in here:
        by_position.setdefault((one.panel, one.position), []).append(one)
    found = {_pair(*two) for turns in by_position.values() for two in combinations(turns, 2)}
    for one in here:
        found |= {_pair(one, two) for two in turns_of(planning, one.student) if two != one and _meet(one, two)}
    return tuple(Trouble(*pair) for pair in sorted(found))


def turns_of(planning: Planning, student: int) -> tuple[Turn, ...]:
    """Return the turns of a student in every exam, in order of time."""
    users = planning.references.users("oral_turn", "student", student)
    return tuple(sorted((_turn(planning, key) for key in users), key=_order))


def spread(planning: Planning, exam: int, students: Sequence[int]) -> tuple[Change, ...]:
    """Return turns for the students of an exam who have none: the first that are free, over all of its panels.

    Nobody passes twice at once, in whatever exams; students come in the order given, as far as that allows.
    Placeholders count down from -1. Raises InvalidChangeError when turns are missing, UnknownObjectError.
    """
    order = running_order(planning, exam)
    taken = {(turn.panel, turn.position) for turn in order}
    panels = sorted(planning.references.users("oral_panel", "oral_exam", exam))
    free = [(slot, panel, at) for panel in panels for at, slot in enumerate(slots(planning, panel))]
    free = sorted(one for one in free if one[1:] not in taken)
    made: list[Change] = []
    has = {turn.student for turn in order}
    for student in dict.fromkeys(students):
        planning.get("student", student)
        if student in has:
            continue
        busy = [turn.slot for turn in turns_of(planning, student) if turn.slot is not None]
        chosen = next((one for one in free if not any(_overlap(one[0], other) for other in busy)), None)
        if chosen is None:
            text = f"oral_exam {exam}: no turn is left for student {student}: add a panel or longer ones"
            raise InvalidChangeError(text, kind="oral_exam", key=exam, field="turn")
        free.remove(chosen)
        fields = {"panel": chosen[1], "student": student, "position": chosen[2]}
        made.append(create("oral_turn", -1 - len(made), **fields))
    return tuple(made)


def _slots(planning: Planning, activity: int, turn: int, pause: int) -> Iterator[Slot]:
    row, grid = planning.activity(activity), planning.grid
    for week in each_week(row.weeks):
        meeting = planning.maybe_meeting(activity, week)
        place = place_of(row, meeting)
        if place is None or (meeting is not None and meeting.cancelled) or not turn:
            continue
        first = grid.minutes_of(place)
        last = first + row.duration * grid.step_minutes - turn
        for start in range(first, last + 1, turn + pause):
            yield Slot(week, grid.day_and_step(place)[0], start, start + turn)


def _turns(planning: Planning, panel: int) -> Iterator[Turn]:
    times = slots(planning, panel)
    for key in planning.references.users("oral_turn", "oral_panel", panel):
        yield _turn(planning, key, times)


def _turn(planning: Planning, key: int, times: tuple[Slot, ...] | None = None) -> Turn:
    row = cast(OralTurn, planning.get("oral_turn", key))
    known = slots(planning, row.panel) if times is None else times
    slot = known[row.position] if row.position < len(known) else None
    return Turn(key, row.panel, row.student, row.position, slot)


def _order(turn: Turn) -> tuple[bool, Slot, int, int, int]:
    slot = turn.slot or Slot(0, 0, 0, 0)
    return turn.slot is None, slot, turn.panel, turn.position, turn.turn


def _meet(one: Turn, two: Turn) -> bool:
    return one.slot is not None and two.slot is not None and _overlap(one.slot, two.slot)


def _overlap(one: Slot, two: Slot) -> bool:
    return (one.week, one.day) == (two.week, two.day) and one.start < two.end and two.start < one.end


def _pair(one: Turn, two: Turn) -> tuple[int, int]:
    return min(one.turn, two.turn), max(one.turn, two.turn)
