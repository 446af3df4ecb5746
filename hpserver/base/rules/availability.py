"""Availabilities: when somebody or something cannot be taken, or would rather (not) be. Needs no constraint."""

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from hpserver.base.model import Availability, Constraint
from hpserver.base.occupancy import LANE, free_blocks, lanes
from hpserver.base.rules.api import Barrier, Breach, Candidate, Parameter, Sentences, Unit, breach_of
from hpserver.base.rules.index import Index

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index beside this module

COSTS = {"impossible": 0, "unwanted": 2, "wanted": 1}
"""What a meeting in one week costs: to take somebody against a wish weighs twice as much as to miss a wish."""


class AvailabilityRule:
    """An impossible time is never taken; an unwanted one costs; where times are wanted, any other costs."""

    name: Final = "availability"
    fr: Final = "Indisponibilités et vœux"
    en: Final = "Availabilities and wishes"
    about: Final = (
        "A time that is impossible for an instructor, a cohort, a group, a room or a subject is not taken; an unwanted "
        "one costs, and so does any time outside those that are wanted. A group has the times of its cohort."
    )
    parameters: Final[tuple[Parameter, ...]] = ()
    applies_to: Final[tuple[str, ...]] = ()
    built_in: Final = True
    counts: Final = False
    unit: Final[Unit] = "weeks"
    sentences = Sentences(
        fr=("{kind} {who} : {activities} hors des disponibilités le {day}, semaines {weeks}",
               "{kind} {who} : hors des disponibilités, semaines {weeks}"),
        en=("{kind} {who}: {activities} outside the availabilities on {day}, weeks {weeks}",
               "{kind} {who}: outside the availabilities, weeks {weeks}"),
    )  # fmt: skip

    def breaches(self, planning: "Planning", key: int, constraint: Constraint) -> Iterator[Breach]:
        """Yield every placed activity that is where somebody it takes is not available."""
        if planning.index.table("availability"):
            yield from self.near(planning, key, constraint, planning.rows("activity"))

    def near(
        self, planning: "Planning", key: int, constraint: Constraint, activities: Collection[int]
    ) -> Iterator[Breach]:
        """Yield those of these activities."""
        for activity in activities:
            candidate = planning.index.candidate(activity)
            for barrier in self.barriers(planning, key, constraint, candidate):
                for place, _, weeks in planning.index.positions(activity):
                    hit = barrier.starts >> place * LANE & weeks
                    if hit:
                        yield breach_of(barrier, (activity,), place, hit)

    def barriers(
        self, planning: "Planning", _key: int, _constraint: Constraint, candidate: Candidate
    ) -> Iterator[Barrier]:
        """Yield one barrier per availability that forbids or dislikes, one per resource that has wishes."""
        index = planning.index
        for holder, weeks in index.concerned(candidate).items():
            rows = index.wishes(holder)
            allowed = candidate.starts & index.everywhere * weeks
            for key, row in rows:
                starts = _overlapping(row, candidate.duration) & allowed if row.level != "wanted" else 0
                if starts:
                    yield Barrier(self.name, key, row.level == "impossible", COSTS[row.level], *holder, 0, starts)
            wanted = [(key, row) for key, row in rows if row.level == "wanted"]
            starts = _outside([row for _, row in wanted], candidate.duration, index) & allowed if wanted else 0
            if starts:
                yield Barrier(self.name, wanted[0][0], False, COSTS["wanted"], *holder, 0, starts)


def _overlapping(row: Availability, duration: int) -> int:
    """Return the starts from which so many steps meet the time of an availability."""
    first = max(0, row.place - duration + 1)
    return lanes(row.place + row.steps - first) * row.weeks << first * LANE


def _outside(rows: Sequence[Availability], duration: int, index: Index) -> int:
    """Return the starts from which so many steps are not all wanted, in the weeks in which any is."""
    mask = weeks = 0
    for row in rows:
        mask |= lanes(row.steps) * row.weeks << row.place * LANE
        weeks |= row.weeks
    everywhere = index.everywhere * weeks
    return everywhere & ~free_blocks(~mask, duration, everywhere)


RULE = AvailabilityRule()
