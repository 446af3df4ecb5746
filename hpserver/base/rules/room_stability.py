"""Activities that stay in one room: the room stability of ITC-2007."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from hpserver.base.model import Constraint
from hpserver.base.rules.api import Barrier, Breach, Candidate, Sentences, Unit
from hpserver.base.rules.measured import weeks_of

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index beside this module


class RoomStability:
    """Counts the rooms that the activities of a list take, in all the weeks of the constraint together."""

    name = "room_stability"
    fr = "Stabilité de salle"
    en = "Room stability"
    about = "The activities named are all in one room, in every week. Soft: the weight for each room beyond the first."
    parameters = ()
    applies_to = ("activities",)
    built_in = False
    counts = True
    unit: Unit = "count"
    sentences = Sentences(
        fr=("{activities} : {amount} salles au lieu d'une",
            "une salle de plus que celles des autres cours"),
        en=("{activities}: {amount} rooms instead of one",
            "one room more than those of the other activities"),
    )  # fmt: skip

    def breaches(self, planning: "Planning", key: int, constraint: Constraint) -> Iterator[Breach]:
        """Yield one breach when there is more than one room."""
        rooms = _rooms(planning, constraint, constraint.activities)
        if len(rooms) > 1:
            weeks = 0
            for some in rooms.values():
                weeks |= some
            who = tuple(one for one in constraint.activities if _rooms(planning, constraint, (one,)))
            about = (
                self.name,
                key,
                constraint.hard,
                constraint.weight * (len(rooms) - 1),
                "activity",
                min(constraint.activities),
            )
            yield Breach(*about, who, weeks, None, len(rooms), 1)

    def near(
        self, planning: "Planning", key: int, constraint: Constraint, activities: Collection[int]
    ) -> Iterator[Breach]:
        """Yield it when any of the activities is in the list."""
        if not set(activities).isdisjoint(constraint.activities):
            yield from self.breaches(planning, key, constraint)

    def barriers(
        self, planning: "Planning", key: int, constraint: Constraint, candidate: Candidate
    ) -> Iterator[Barrier]:
        """Yield a barrier on every start of the weeks in which the candidate takes a room that the others do not."""
        if candidate.key not in constraint.activities:
            return
        index, within = planning.index, weeks_of(constraint)
        others = _rooms(planning, constraint, [one for one in constraint.activities if one != candidate.key])
        own = {key: weeks & within for (kind, key), weeks in candidate.needs.items() if kind == "room"}
        weeks = 0
        for room, some in own.items():
            if room not in others and len(others.keys() | own.keys()) > 1:
                weeks |= some
        if weeks:
            starts = candidate.starts & index.everywhere * weeks
            yield Barrier(self.name, key, constraint.hard, constraint.weight, "activity", candidate.key, 0, starts)


def _rooms(planning: "Planning", constraint: Constraint, activities: Collection[int]) -> dict[int, int]:
    """Return the rooms that some activities occupy, each with the weeks."""
    found: dict[int, int] = {}
    for activity in activities:
        for (kind, room), segments in planning.index.occupancy.footprint(activity).items():
            for _, _, weeks in segments if kind == "room" else ():
                if weeks & weeks_of(constraint):
                    found[room] = found.get(room, 0) | weeks & weeks_of(constraint)
    return found


RULE = RoomStability()
