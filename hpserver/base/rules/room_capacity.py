"""Rooms large enough for the students: holds without any constraint, and costs."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, TypeAlias

from hpserver.base.model import Activity, Constraint
from hpserver.base.rules.api import Barrier, Breach, Candidate, Parameter, Sentences, Unit
from hpserver.base.rules.index import Index

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index beside this module

_Together: TypeAlias = tuple[tuple[int, ...], int, int]
"""Rooms taken together, all their seats, the weeks."""


class RoomCapacity:
    """Compares the students of an activity with what its rooms hold together; a capacity of 0 is not known."""

    name = "room_capacity"
    fr = "Capacité des salles"
    en = "Room capacity"
    about = (
        "The rooms of an activity hold its students: the number it expects, or else the sizes of its cohorts and "
        "groups. A room of capacity 0 holds anybody. Costs 1 for each student beyond, in each week."
    )
    parameters: tuple[Parameter, ...] = ()
    applies_to: tuple[str, ...] = ()
    built_in = True
    counts = False
    unit: Unit = "people"
    sentences = Sentences(
        fr=("{activities} : {amount} étudiants pour {limit} places, semaines {weeks}",
            "{kind} {who} : trop petite, semaines {weeks}"),
        en=("{activities}: {amount} students for {limit} seats, weeks {weeks}",
            "{kind} {who}: too small, weeks {weeks}"),
    )  # fmt: skip

    def breaches(self, planning: "Planning", key: int, constraint: Constraint) -> Iterator[Breach]:
        """Yield every activity in rooms too small for it."""
        yield from self.near(planning, key, constraint, planning.rows("activity"))

    def near(
        self, planning: "Planning", _key: int, _constraint: Constraint, activities: Collection[int]
    ) -> Iterator[Breach]:
        """Yield those of these activities."""
        index = planning.index
        for activity in activities:
            for rooms, seats, weeks in _taken(index, activity):
                beyond = index.headcount(activity) - seats
                if beyond > 0:
                    cost = beyond * weeks.bit_count()
                    about = (self.name, 0, False, cost, "room", rooms[0])
                    yield Breach(*about, (activity,), weeks, None, seats + beyond, seats)

    def barriers(
        self, planning: "Planning", _key: int, _constraint: Constraint, candidate: Candidate
    ) -> Iterator[Barrier]:
        """Yield a barrier on every start in the weeks in which the rooms are too small."""
        index = planning.index
        for rooms, seats, weeks in _rooms(index, candidate):
            beyond = index.headcount(candidate.key) - seats
            starts = candidate.starts & index.everywhere * weeks if beyond > 0 else 0
            if starts:
                yield Barrier(self.name, 0, False, beyond, "room", rooms[0], 0, starts)


def _taken(index: Index, activity: int) -> list[_Together]:
    """Return the sets of rooms that an activity takes when it is somewhere, as `_rooms` does."""
    row: Activity = index.table("activity")[activity]
    if index.is_regular(activity):  # most are: one set of rooms, in all weeks
        return [] if row.place is None or not row.weeks else _known(index, row.rooms, row.weeks)
    placed = 0
    for _, _, weeks in index.positions(activity):
        placed |= weeks
    if not placed:
        return []
    return [
        (rooms, seats, hit)
        for rooms, seats, weeks in _rooms(index, index.candidate(activity))
        if (hit := weeks & placed)
    ]


def _rooms(index: Index, candidate: Candidate) -> list[_Together]:
    """Return the sets of rooms that a candidate takes, with their seats and weeks; those of unknown size left out."""
    sets: dict[tuple[int, ...], int] = {(): candidate.weeks}
    for (kind, room), weeks in candidate.needs.items():
        if kind == "room":
            split: dict[tuple[int, ...], int] = {}
            for rooms, known in sets.items():
                for some, part in (((*rooms, room), known & weeks), (rooms, known & ~weeks)):
                    if part:
                        split[some] = split.get(some, 0) | part
            sets = split
    return [one for rooms, weeks in sets.items() for one in _known(index, rooms, weeks)]


def _known(index: Index, rooms: tuple[int, ...], weeks: int) -> list[_Together]:
    """Return the set of rooms with its seats, nothing when any is of unknown size."""
    table, seats = index.table("room"), 0
    for room in rooms:
        capacity = table[room].capacity
        if not capacity:
            return []
        seats += capacity
    return [(rooms, seats, weeks)] if rooms else []


RULE = RoomCapacity()
