"""Where an activity that is in the way could go, and what it could have instead of a room or an instructor.

Sets of places are small here, a bit per place: for the weeks looked at, a start is possible or not.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Final, Literal, cast

import msgspec

from hpserver.base import free
from hpserver.base.changes import Change
from hpserver.base.diagnosis.people import expected
from hpserver.base.diagnosis.rooms import Wanted, suitable, taken_by_others
from hpserver.base.edits import commands
from hpserver.base.grid import DAYS_IN_WEEK
from hpserver.base.model import Activity, Room, TeachingAssignment
from hpserver.base.occupancy import LANE, Segment, lanes, weeks_by_place
from hpserver.base.planning import Planning
from hpserver.base.references import Ident
from hpserver.base.rules import each_barrier
from hpserver.base.weeks import each_week

MOST_SUBSTITUTES: Final = 3
"""Rooms, or instructors, tried in place of one: the best fits; others would do the same."""
MOST_ALIKE: Final = 2
"""Places tried among those where the very same activities would be in the way."""

What = Literal["move", "room", "instructor"]


class Edit(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One thing to do to an activity in some weeks: move it to `place`, or give it `keys` as rooms or instructors.

    `whole` says that these are all its weeks: the activity itself changes, not single meetings.
    """

    what: What
    activity: int
    weeks: int
    whole: bool
    place: int | None = None
    keys: tuple[int, ...] | None = None


class Choice(msgspec.Struct, frozen=True):
    """An edit, and whom it displaces: by activity, the weeks."""

    edit: Edit
    displaced: tuple[tuple[int, int], ...] = ()


class Ways(msgspec.Struct, frozen=True):
    """For one activity in some weeks: the starts that nothing can clear, and those of each activity in the way."""

    never: int
    others: Mapping[int, int]
    weeks: Mapping[int, int]


def changes_of(planning: Planning, edit: Edit) -> tuple[Change, ...]:
    """Return the changes that do an edit, as the planning is now."""
    weeks = None if edit.whole else edit.weeks
    if edit.what == "room":
        return commands.assign_room(planning, edit.activity, edit.keys or (), weeks)
    if edit.what == "instructor":
        return commands.assign_instructors(planning, edit.activity, edit.keys or (), weeks)
    assert edit.place is not None
    if edit.whole:
        return commands.place(planning, edit.activity, edit.place)
    return tuple(
        change
        for week in each_week(edit.weeks)
        for change in commands.move_meeting(planning, edit.activity, week, edit.place)
    )


class Targets:
    """Choices for the activities of one search; what the rules forbid is looked up once for each."""

    def __init__(self, planning: Planning) -> None:
        self._planning = planning
        self._forbidden: dict[tuple[int, int], int] = {}

    def of(self, activity: int, weeks: int, fixed: Collection[int], more: int) -> list[Choice]:
        """Return what an activity that is in the way of `fixed` in `weeks` could do, what displaces nobody first.

        Displaced are `more` others at most, none of them locked or among `fixed`.
        """
        if is_locked(self._planning, activity, weeks):
            return []
        needs = needs_of(self._planning, activity)
        every = needs.get(None, 0)
        found = list(self._substitutes(activity, weeks & every, every, fixed))
        sets = [weeks & every]
        if sets[0] != every and not is_locked(self._planning, activity, every):
            sets.append(every)
        for some in sets:
            whole = some == every and not _has_places(self._planning, activity)
            found += self._moves(activity, some, needs, fixed, more, whole=whole)
        return sorted(found, key=lambda choice: len(choice.displaced))

    def _moves(
        self,
        activity: int,
        weeks: int,
        needs: Mapping[Ident | None, int],
        fixed: Collection[int],
        more: int,
        *,
        whole: bool,
    ) -> Iterator[Choice]:
        row, grid = self._planning.activity(activity), self._planning.grid
        ways = ways_of(self._planning, activity, weeks, needs, fixed)
        starts = _fitting(self._planning, row.duration) & ~ways.never & ~self._forbids(activity, weeks)
        if row.place is not None:
            starts &= ~(1 << row.place)
        busy = 0
        for bits in ways.others.values():
            busy |= bits
        home = 0 if row.place is None else grid.day_and_step(row.place)[1]
        for place in _one_a_day(starts & ~busy, grid.steps_per_day, home):
            yield Choice(Edit("move", activity, weeks, whole, place))
        if more:
            for place, others in _displacing(starts & busy, ways.others, more):
                displaced = tuple((other, ways.weeks[other]) for other in others)
                yield Choice(Edit("move", activity, weeks, whole, place), displaced)

    def _forbids(self, activity: int, weeks: int) -> int:
        """Return the starts that a hard rule keeps an activity from, as the base was when the search began."""
        known = self._forbidden.get((activity, weeks))
        if known is None:
            places, mask = self._planning.grid.places, 0
            for barrier in each_barrier(self._planning, self._planning.index.candidate(activity)):
                if barrier.hard and not barrier.other:
                    mask |= barrier.starts
            known = sum(1 << place for place in weeks_by_place(mask & lanes(places) * weeks, places))
            self._forbidden[activity, weeks] = known
        return known

    def _substitutes(self, activity: int, weeks: int, every: int, fixed: Collection[int]) -> Iterator[Choice]:
        """Yield what it could have instead, when one room, or one instructor, is all that it shares with `fixed`."""
        shared = shared_with(self._planning, activity, weeks, fixed)
        if len(shared) == 1:
            segments = segments_of(self._planning, activity, weeks)
            whole = weeks == every
            for keys in substitutes(self._planning, activity, shared[0], segments):
                yield Choice(Edit(cast(What, shared[0][0]), activity, weeks, whole, None, keys))


def substitutes(
    planning: Planning, activity: int, resource: Ident, segments: Sequence[Segment]
) -> Iterator[tuple[int, ...]]:
    """Yield the rooms or instructors that an activity could have with another one in place of `resource`.

    A room of its pool, or as large, on the same site, with the same category values; an instructor who has the
    subject in a teaching assignment. Only who is free in `segments`.
    """
    row = planning.attended(activity)
    kind, key = resource
    now = row.rooms if kind == "room" else row.instructors
    if kind not in {"room", "instructor"} or key not in now:
        return
    candidates = _rooms_like(planning, activity, row, key) if kind == "room" else _colleagues(planning, row)
    count = 0
    for other in candidates:
        if other in now or any(_is_taken(planning, (kind, other), activity, segment) for segment in segments):
            continue
        yield tuple(other if one == key else one for one in now)
        count += 1
        if count == MOST_SUBSTITUTES:
            return


def ways_of(
    planning: Planning, activity: int, weeks: int, needs: Mapping[Ident | None, int], fixed: Collection[int]
) -> Ways:
    """Return who is in the way of an activity in some weeks, start by start."""
    duration, never = planning.activity(activity).duration, 0
    others: dict[int, int] = {}
    when: dict[int, int] = {}
    for resource, needed in needs.items():
        if resource is None or not needed & weeks:
            continue
        for rival in planning.students.rivals(resource):
            for other, segments in planning.occupancy.holders(rival).items():
                if other == activity:
                    continue
                for place, steps, their in segments:
                    both = their & needed & weeks
                    if both:
                        first = max(0, place - duration + 1)
                        bits = (1 << place + steps - first) - 1 << first
                        others[other] = others.get(other, 0) | bits
                        when[other] = when.get(other, 0) | both
    for other in [other for other in others if other in fixed or is_locked(planning, other, when[other])]:
        never |= others.pop(other)
    return Ways(never, others, when)


def shared_with(planning: Planning, activity: int, weeks: int, fixed: Collection[int]) -> list[Ident]:
    """Return the resources of an activity that clash with `fixed` in some weeks."""
    occupancy, found = planning.occupancy, []
    where = [(rival, mask) for one in fixed for rival, _, mask in occupancy.masks(occupancy.footprint(one))]
    within = lanes(occupancy.places) * weeks
    for resource, _, mask in occupancy.masks(occupancy.footprint(activity)):
        rivals = planning.students.rivals(resource)
        if any(rival in rivals and mask & within & taken for rival, taken in where):
            found.append(resource)
    return found


def segments_of(planning: Planning, activity: int, weeks: int) -> list[Segment]:
    """Return where an activity is in some weeks."""
    return [
        (place, steps, their & weeks) for place, steps, their in planning.index.positions(activity) if their & weeks
    ]


def needs_of(planning: Planning, activity: int) -> dict[Ident | None, int]:
    """Return the weeks in which an activity takes each resource, under None those in which it takes place."""
    return free.needs(planning.attended(activity), planning.meetings_of(activity), None)


def is_locked(planning: Planning, activity: int, weeks: int) -> bool:
    """Say whether an activity, or one of its meetings in some weeks, is to stay where it is."""
    if planning.activity(activity).locked:
        return True
    return any(one.locked and weeks >> week & 1 for week, one in planning.meetings_of(activity).items())


def _has_places(planning: Planning, activity: int) -> bool:
    return any(one.place is not None for one in planning.meetings_of(activity).values())


def _rooms_like(planning: Planning, activity: int, row: Activity, key: int) -> list[int]:
    mine = cast(Room, planning.get("room", key))
    if row.pool is not None:
        wanted = Wanted(expected(planning, activity), pool=row.pool)
    else:
        seats = min(mine.capacity, expected(planning, activity)) if mine.capacity else 0
        wanted = Wanted(seats, mine.site, None, mine.categories)
    rooms = suitable(planning, wanted, activity)
    return sorted(rooms, key=lambda room: (rooms[room].capacity, room))


def _colleagues(planning: Planning, row: Activity) -> list[int]:
    if row.subject is None:
        return []
    keys = planning.references.users("teaching_assignment", "subject", row.subject)
    rows = [cast(TeachingAssignment, planning.get("teaching_assignment", key)) for key in sorted(keys)]
    same = [one for one in rows if one.instructional_type in (None, row.instructional_type)]
    return sorted({one.instructor for one in same})


def _is_taken(planning: Planning, resource: Ident, activity: int, segment: Segment) -> bool:
    place, steps, weeks = segment
    return bool(taken_by_others(planning, resource, activity) >> place * LANE & lanes(steps) * weeks)


def _fitting(planning: Planning, duration: int) -> int:
    grid, bits = planning.grid, 0
    for day in range(DAYS_IN_WEEK):
        if grid.works_on(day) and duration <= grid.steps_per_day:
            bits |= (1 << grid.steps_per_day - duration + 1) - 1 << day * grid.steps_per_day
    return bits


def _one_a_day(starts: int, steps: int, home: int) -> list[int]:
    """Return on each day the start whose hour is the nearest to that of now."""
    found = []
    for day in range(DAYS_IN_WEEK):
        bits = starts >> day * steps & (1 << steps) - 1
        if bits:
            step = min(each_week(bits), key=lambda one: (abs(one - home), one))
            found.append(day * steps + step)
    return sorted(found, key=lambda place: (abs(place % steps - home), place))


def _displacing(starts: int, others: Mapping[int, int], more: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield the starts where no more than so many others are in the way, with them; the fewest first."""
    counts = [starts]  # counts[n]: those where at least n are
    for bits in others.values():
        for n in range(min(len(counts), more + 1), 0, -1):
            reached = counts[n - 1] & bits
            if n == len(counts):
                counts.append(reached)
            else:
                counts[n] |= reached
    for n in range(1, min(more, len(counts) - 1) + 1):
        exactly = counts[n] & ~(counts[n + 1] if n + 1 < len(counts) else 0)
        alike: dict[tuple[int, ...], int] = {}
        for place in each_week(exactly):
            here = tuple(sorted(other for other, bits in others.items() if bits >> place & 1))
            alike[here] = alike.get(here, 0) + 1
            if alike[here] <= MOST_ALIKE:
                yield place, here
