"""Rooms large enough for the students: holds without any constraint, and costs."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from hpserver.base.model import Constraint
from hpserver.base.rules.api import Barrier, Breach, Candidate, Parameter, Sentences, Unit
from hpserver.base.rules.index import Index

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index beside this module


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
            candidate = index.candidate(activity)
            placed = 0
            for _, _, weeks in index.positions(activity):
                placed |= weeks
            for rooms, seats, weeks in _rooms(index, candidate) if placed else ():
                beyond, hit = index.headcount(activity) - seats, weeks & placed
                if beyond > 0 and hit:
                    cost = beyond * hit.bit_count()
                    about = (self.name, 0, False, cost, "room", rooms[0])
                    yield Breach(*about, (activity,), hit, None, seats + beyond, seats)

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


def _rooms(index: Index, candidate: Candidate) -> list[tuple[tuple[int, ...], int, int]]:
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
    found = []
    for rooms, weeks in sets.items():
        sizes = [index.table("room")[room].capacity for room in rooms]
        if sizes and all(sizes):
            found.append((rooms, sum(sizes), weeks))
    return found


RULE = RoomCapacity()
