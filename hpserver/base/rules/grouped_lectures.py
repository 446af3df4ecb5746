"""Activities of a subject that are grouped when several are on one day: the double lectures of UD4."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from hpserver.base.model import Constraint
from hpserver.base.occupancy import LANE, Segment, lanes
from hpserver.base.rules.api import Barrier, Breach, Candidate, Sentences, Unit
from hpserver.base.rules.measured import weeks_of

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index beside this module


class GroupedLectures:
    """Counts the activities of a subject that stand apart from the others of their day."""

    name = "grouped_lectures"
    fr = "Cours groupés dans la journée"
    en = "Grouped on a day"
    about = (
        "When several activities of one of the subjects named are on one day, each is right before or after another, "
        "in the same room. Soft: the weight for each one that is not, and week."
    )
    parameters = ()
    applies_to = ("subjects",)
    built_in = False
    counts = False
    unit: Unit = "count"
    sentences = Sentences(
        fr=("{activities} : pas groupé avec les autres du {day}, semaines {weeks}",
            "pas groupé avec les autres cours du jour, semaines {weeks}"),
        en=("{activities}: not grouped with the others of {day}, weeks {weeks}",
            "not grouped with the others of the day, weeks {weeks}"),
    )  # fmt: skip

    def breaches(self, planning: "Planning", key: int, constraint: Constraint) -> Iterator[Breach]:
        """Yield every activity that stands apart."""
        for subject in constraint.subjects:
            yield from self._of(planning, key, constraint, subject)

    def near(
        self, planning: "Planning", key: int, constraint: Constraint, activities: Collection[int]
    ) -> Iterator[Breach]:
        """Yield those of the subjects of these activities."""
        for subject in dict.fromkeys(planning.index.subject_of(activity) for activity in activities):
            if subject is not None and subject in constraint.subjects:
                yield from self._of(planning, key, constraint, subject)

    def barriers(
        self, planning: "Planning", key: int, constraint: Constraint, candidate: Candidate
    ) -> Iterator[Barrier]:
        """Yield a barrier on the days that others of the subject are on, but right before and after them."""
        index, subject = planning.index, candidate.row.subject
        if subject is None or subject not in constraint.subjects:
            return
        steps, apart, beside = index.grid.steps_per_day, 0, 0
        for other in index.with_subject(subject):
            for place, length, weeks in index.positions(other) if other != candidate.key else ():
                apart |= lanes(steps) * weeks << (place // steps * steps) * LANE
                for start in (place - candidate.duration, place + length):
                    beside |= weeks << start * LANE if start >= 0 and start // steps == place // steps else 0
        starts = apart & ~beside & candidate.starts & index.everywhere * weeks_of(constraint)
        if starts:
            yield Barrier(self.name, key, constraint.hard, constraint.weight, "subject", subject, 0, starts)

    def _of(self, planning: "Planning", key: int, constraint: Constraint, subject: int) -> Iterator[Breach]:
        index = planning.index
        positions = [(one, at) for one in index.with_subject(subject) for at in index.positions(one)]
        for activity, here in positions:
            place, steps = here[0], index.grid.steps_per_day
            several = grouped = 0
            for other, there in positions:
                if other != activity and there[0] // steps == place // steps:
                    several |= there[2]
                    if here[0] + here[1] == there[0] or there[0] + there[1] == here[0]:
                        grouped |= there[2] & _in_one_room(planning, (activity, here), (other, there))
            weeks = here[2] & several & ~grouped & weeks_of(constraint)
            if weeks:
                cost = constraint.weight * weeks.bit_count()
                about = (self.name, key, constraint.hard, cost, "subject", subject)
                yield Breach(*about, (activity,), weeks, place, 1, 0)


def _in_one_room(planning: "Planning", one: tuple[int, Segment], other: tuple[int, Segment]) -> int:
    """Return the weeks in which two activities take a room in common, or neither takes one."""
    mine, its = _rooms(planning, one), _rooms(planning, other)
    shared = 0
    for room, weeks in mine.items():
        shared |= weeks & its.get(room, 0)
    roomless = one[1][2] & other[1][2]
    for weeks in (*mine.values(), *its.values()):
        roomless &= ~weeks
    return shared | roomless


def _rooms(planning: "Planning", one: tuple[int, Segment]) -> dict[int, int]:
    """Return the rooms of an activity at one of its places, each with its weeks."""
    found: dict[int, int] = {}
    for (kind, room), segments in planning.index.occupancy.footprint(one[0]).items():
        for place, _, weeks in segments if kind == "room" else ():
            if place == one[1][0]:
                found[room] = weeks
    return found


RULE = GroupedLectures()
