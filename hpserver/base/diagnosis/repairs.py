"""What to move so that a wanted place becomes free, ranked by how many people it disturbs.

The search places the activity for a moment and follows who is in the way: each of them moves to where it is free, or
where only somebody who can move in turn is in the way, or takes another room. It is bounded by a number of tries, not
by a clock: the same base always gives the same repairs. The planning changes while it lasts, and is as it was when it
ends.
"""

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeAlias

import msgspec

from hpserver.base.changes import Applied, Change
from hpserver.base.diagnosis.grid import diagnose
from hpserver.base.diagnosis.people import audience, students
from hpserver.base.diagnosis.targets import (
    Edit,
    Targets,
    What,
    changes_of,
    is_locked,
    needs_of,
    segments_of,
    substitutes,
)
from hpserver.base.edits import commands
from hpserver.base.occupancy import LANE
from hpserver.base.planning import Planning
from hpserver.base.references import Ident
from hpserver.base.rules import surroundings

MAX_DEPTH: Final = 3
"""Edits beside the placement itself: what a planner can still explain to those concerned."""
MOST_REPAIRS: Final = 10
"""Repairs that are told: a planner chooses among a few."""
MOST_ALIKE: Final = 2
"""Repairs told that do the same to the same activities, but for the place."""
MOST_TRIES: Final = 1_500
"""Edits tried in one search: well under a second on a base of 9,000 activities (`bench.diagnosis`)."""

_Breached: TypeAlias = tuple[str, int, str, int]
"""Rule, constraint, and whom or what it is about."""

_SUBSTITUTABLE: Final[tuple[What, ...]] = ("room", "instructor")


class Repair(msgspec.Struct, frozen=True, array_like=True):
    """Some edits after which the wanted place is free, and the changes that do all of it, the placement first.

    `students` and `instructors` are those whose hours change, `rehoused` the people of activities of which only the
    room or the instructor changes, `meetings` the meetings that change; the wanted activity is in none of them.
    """

    edits: tuple[Edit, ...]
    changes: tuple[Change, ...]
    students: int
    instructors: int
    rehoused: int
    meetings: int

    @property
    def weight(self) -> tuple[int, int, int, int]:
        """What it is ranked by, least first: people disturbed, people rehoused, meetings, edits."""
        return self.students + self.instructors, self.rehoused, self.meetings, len(self.edits)


class Repairs(msgspec.Struct, frozen=True, array_like=True):
    """The best repairs that were found; `complete` says that the search was not cut short."""

    found: tuple[Repair, ...]
    complete: bool
    tries: int


def repairs(
    planning: Planning,
    activity: int,
    place: int,
    rooms: Sequence[int] | None = None,
    *,
    depth: int = MAX_DEPTH,
    most: int = MOST_REPAIRS,
    tries: int = MOST_TRIES,
) -> Repairs:
    """Return what to do so that an activity can be at a place in all its weeks, with `rooms` or its own.

    Each repair is at most `depth` edits; none touches a locked activity or meeting, makes a clash or breaks a hard
    rule. Raises InvalidChangeError when it does not fit there, UnknownObjectError.
    """
    search = _Search(planning, activity, place, most, tries)
    search.run(min(depth, MAX_DEPTH), rooms)
    return Repairs(tuple(search.found), search.tries < tries, search.tries)


class _Search:
    """One search: what is done for a moment, who is still in the way, the best that was found."""

    def __init__(self, planning: Planning, activity: int, place: int, most: int, tries: int) -> None:
        self.found: list[Repair] = []
        self.tries = 0
        self._planning = planning
        self._activity = activity
        self._place = place
        self._most = most
        self._limit = tries
        self._depth = 0
        self._done: list[Applied] = []
        self._broken: dict[frozenset[int], dict[_Breached, int]] = {}
        self._edits: list[Edit] = []
        self._seen: set[frozenset[Edit]] = set()
        self._alike: dict[frozenset[tuple[str, int, int]], int] = {}
        self._targets = Targets(planning)

    def run(self, depth: int, rooms: Sequence[int] | None) -> None:
        """Look for repairs of no edit, then of one, and so on."""
        planning, activity, place = self._planning, self._activity, self._place
        with self._for_a_moment(commands.place(planning, activity, place, rooms)):
            own = [week for week, one in planning.meetings_of(activity).items() if one.place is not None]
            moves = [change for week in own for change in commands.move_meeting(planning, activity, week, place)]
            with self._for_a_moment(moves):
                if self._obstacles() == {}:
                    self._keep()
                    return
                for self._depth in range(1, depth + 1):
                    self._solve(self._obstacles())
                    self._substitute()

    def _obstacles(self) -> dict[int, int] | None:
        """Return who keeps the wanted activity from its place, and in which weeks; None when it cannot be helped."""
        found: dict[int, int] = {}
        for reason in diagnose(self._planning, self._activity).at(self._place).reasons:
            if reason.hard:
                if not reason.other or is_locked(self._planning, reason.other, reason.weeks):
                    return None
                found[reason.other] = found.get(reason.other, 0) | reason.weeks
        return found

    def _substitute(self) -> None:
        """Give the wanted activity another room or instructor than one who is in the way, and go on."""
        planning, activity = self._planning, self._activity
        weeks = needs_of(planning, activity).get(None, 0)
        segments = segments_of(planning, activity, weeks)
        reasons = diagnose(planning, activity).at(self._place).reasons
        guilty = sorted({(reason.kind, reason.key) for reason in reasons if reason.hard})
        for what in _SUBSTITUTABLE:
            for resource in (one for one in guilty if one[0] == what):
                for keys in substitutes(planning, activity, resource, segments):
                    self._try(Edit(what, activity, weeks, True, None, keys), {}, None)

    def _solve(self, pending: dict[int, int] | None) -> None:
        """Move those still in the way: by activity, the weeks in which each is."""
        if pending == {}:
            self._keep()
        left = self._depth - len(self._edits)
        if not pending or len(pending) > left or not self._is_promising():
            return
        fixed = {self._activity, *(edit.activity for edit in self._edits)}
        if not fixed.isdisjoint(pending.keys() - {self._activity}):
            return
        options = [
            (self._targets.of(other, pending[other], fixed, left - len(pending)), other) for other in sorted(pending)
        ]
        choices, other = min(options, key=lambda one: (len(one[0]), one[1]))
        rest = {key: weeks for key, weeks in pending.items() if key != other}
        for choice in choices:
            self._try(choice.edit, rest, dict(choice.displaced))

    def _try(self, edit: Edit, rest: dict[int, int], more: dict[int, int] | None) -> None:
        """Do an edit for a moment and go on with those left and `more`; None: look who is in the way."""
        if self.tries >= self._limit or len(self._edits) == self._depth:
            return
        self.tries += 1
        self._edits.append(edit)
        with self._for_a_moment(changes_of(self._planning, edit)):
            if more is None:
                self._solve(self._obstacles())
            else:
                self._solve({key: rest.get(key, 0) | more.get(key, 0) for key in rest.keys() | more.keys()})
        self._edits.pop()

    @contextmanager
    def _for_a_moment(self, changes: Sequence[Change]) -> Iterator[None]:
        self._done.append(self._planning.apply(changes))
        try:
            yield
        finally:
            self._planning.revert(self._done.pop())

    # --- what was found -------------------------------------------------------------------------------------

    def _keep(self) -> None:
        """Keep what was done as a repair, if it holds and is one of the best."""
        edits, alike = frozenset(self._edits), frozenset((one.what, one.activity, one.weeks) for one in self._edits)
        if edits in self._seen or self._alike.get(alike, 0) == MOST_ALIKE:
            return
        self._seen.add(edits)
        if any(edits.issuperset(known.edits) for known in self.found) or not self._holds():
            return
        self._alike[alike] = self._alike.get(alike, 0) + 1
        self.found.append(self._repair())
        self.found.sort(key=_rank)
        del self.found[self._most :]

    def _holds(self) -> bool:
        """Say whether nobody is in the way any more, and no hard rule is broken by what was moved."""
        if self._obstacles() != {} or not all(self._is_possible(edit) for edit in self._edits):
            return False
        if self._planning.index.is_idle:
            return True
        touched = frozenset({self._activity, *(edit.activity for edit in self._edits)})
        before = self._broken.get(touched)
        if before is None:
            before = self._broken[touched] = self._broken_before(touched)
        return all(not weeks & ~before.get(what, 0) for what, weeks in self._broken_now(touched).items())

    def _broken_before(self, activities: Collection[int]) -> dict[_Breached, int]:
        """Return the hard rules that were broken around some activities before anything was done, and the weeks."""
        planning, done = self._planning, list(self._done)
        for one in reversed(done):
            planning.revert(one)
        try:
            return self._broken_now(activities)
        finally:
            self._done[:] = [planning.replay(one.changes) for one in done]

    def _broken_now(self, activities: Collection[int]) -> dict[_Breached, int]:
        found: dict[_Breached, int] = {}
        for one in surroundings(self._planning, activities):
            if one.hard:
                what = one.rule, one.constraint, one.kind, one.key
                found[what] = found.get(what, 0) | one.weeks
        return found

    def _is_possible(self, edit: Edit) -> bool:
        found = diagnose(self._planning, edit.activity)
        new = {(edit.what, key) for key in edit.keys or ()}
        against = 0
        for barrier in found.barriers:
            if barrier.hard and (edit.what == "move" or (barrier.kind, barrier.key) in new):
                against |= barrier.starts
        places = segments_of(self._planning, edit.activity, edit.weeks)
        return not any(against >> place * LANE & weeks for place, _, weeks in places)

    def _repair(self) -> Repair:
        moved, rehoused = self._people("move"), self._people(*_SUBSTITUTABLE)
        return Repair(
            tuple(self._edits),
            tuple(change for one in self._done for change in one.changes),
            students(self._planning, moved),
            _instructors(moved),
            students(self._planning, rehoused) + _instructors(rehoused),
            sum(edit.weeks.bit_count() for edit in self._edits if edit.activity != self._activity),
        )

    def _people(self, *what: What) -> set[Ident]:
        """Return whom edits of some kinds touch."""
        found: set[Ident] = set()
        for edit in self._edits:
            if edit.what in what and edit.activity != self._activity:
                row = self._planning.attended(edit.activity)
                found.update(audience(row), (("instructor", key) for key in row.instructors))
        return found

    def _is_promising(self) -> bool:
        """Say whether what is done so far disturbs no more people than the worst of the repairs to be told."""
        if len(self.found) < self._most:
            return True
        moved = self._people("move")
        return students(self._planning, moved) + _instructors(moved) <= self.found[-1].weight[0]


def _rank(repair: Repair) -> tuple[object, ...]:
    edits = ((one.what, one.activity, one.weeks, one.place or 0, one.keys or ()) for one in repair.edits)
    return repair.weight, tuple(edits)


def _instructors(people: set[Ident]) -> int:
    return sum(kind == "instructor" for kind, _ in people)
