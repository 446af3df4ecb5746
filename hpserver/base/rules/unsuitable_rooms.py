"""Rooms that do not suit a subject: the room suitability of curriculum-based timetabling."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from hpserver.base.model import Constraint
from hpserver.base.rules.api import Barrier, Breach, Candidate, Sentences, Unit
from hpserver.base.rules.measured import weeks_of

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index beside this module


class UnsuitableRooms:
    """Counts the activities of the subjects named that are in one of the rooms named."""

    name = "unsuitable_rooms"
    fr = "Salles inadaptées"
    en = "Unsuitable rooms"
    about = (
        "The activities of the subjects named are in none of the rooms named. Soft: the weight for each week in one."
    )
    parameters = ()
    applies_to = ("subjects", "rooms")
    built_in = False
    counts = False
    unit: Unit = "count"
    sentences = Sentences(
        fr=("{activities} : salle inadaptée le {day}, semaines {weeks}", "salle inadaptée, semaines {weeks}"),
        en=("{activities}: unsuitable room on {day}, weeks {weeks}", "unsuitable room, weeks {weeks}"),
    )

    def breaches(self, planning: "Planning", key: int, constraint: Constraint) -> Iterator[Breach]:
        """Yield every activity that is in one of the rooms."""
        for subject in constraint.subjects:
            yield from self.near(planning, key, constraint, planning.index.with_subject(subject))

    def near(
        self, planning: "Planning", key: int, constraint: Constraint, activities: Collection[int]
    ) -> Iterator[Breach]:
        """Yield those of these activities."""
        index = planning.index
        for activity in activities:
            if index.subject_of(activity) not in constraint.subjects:
                continue
            for room in constraint.rooms:
                for place, _, taken in index.occupancy.footprint(activity).get(("room", room), ()):
                    weeks = taken & weeks_of(constraint)
                    if weeks:
                        about = (self.name, key, constraint.hard, constraint.weight * weeks.bit_count(), "room", room)
                        yield Breach(*about, (activity,), weeks, place, 1, 0)

    def barriers(
        self, planning: "Planning", key: int, constraint: Constraint, candidate: Candidate
    ) -> Iterator[Barrier]:
        """Yield a barrier per room named that the candidate takes, on every start of these weeks."""
        if candidate.row.subject not in constraint.subjects:
            return
        for room in constraint.rooms:
            weeks = candidate.needs.get(("room", room), 0) & weeks_of(constraint)
            if weeks:
                starts = candidate.starts & planning.index.everywhere * weeks
                yield Barrier(self.name, key, constraint.hard, constraint.weight, "room", room, 0, starts)


RULE = UnsuitableRooms()
