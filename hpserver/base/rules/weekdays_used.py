"""Courses that are on few days of the week."""

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from hpserver.base.grid import DAYS_IN_WEEK
from hpserver.base.model import Constraint
from hpserver.base.occupancy import LANE, lanes
from hpserver.base.rules.api import Barrier, Breach, Candidate, Parameter, Sentences, Unit, setting
from hpserver.base.rules.measured import weeks_of
from hpserver.base.rules.wholes import WHOLES, Whole, activities_of, idents_of, members_of, whole_of

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index beside this module


class WeekdaysUsed:
    """Courses that are on few days of the week."""

    name = "weekdays_used"
    fr = "Jours de la semaine occupés"
    en = "Weekdays used"
    about = (
        "The activities or series together are on at most so many days of the week, over all weeks. Soft: the weight "
        "for each day too many."
    )
    parameters = (Parameter("limit", "Jours au plus", "Days at most", 5, 0, 10_000_000),)
    applies_to = WHOLES
    built_in = False
    counts = True
    unit: Unit = "count"
    sentences = Sentences(
        fr=("{activities} : {amount} jours de la semaine au lieu de {limit}",
            "un jour de la semaine de plus que {limit}, semaines {weeks}"),
        en=("{activities}: {amount} days of the week instead of {limit}",
            "a day of the week more than {limit}, weeks {weeks}"),
    )  # fmt: skip

    def breaches(self, planning: "Planning", key: int, constraint: Constraint) -> Iterator[Breach]:
        """Yield one breach when there are too many days."""
        whole, limit = _all(planning, constraint, 0), setting(self, constraint, "limit")
        found = whole.days().bit_count()
        if found > limit:
            kind, first = members_of(constraint)[0]
            cost = constraint.weight * (found - limit)
            who = tuple(dict.fromkeys(_named(planning, constraint)))
            yield Breach(self.name, key, constraint.hard, cost, kind, first, who, whole.weeks(), None, found, limit)

    def near(
        self, planning: "Planning", key: int, constraint: Constraint, activities: Collection[int]
    ) -> Iterator[Breach]:
        """Yield it when any of the activities is named."""
        if any(idents_of(planning.index, constraint, one) for one in activities):
            yield from self.breaches(planning, key, constraint)

    def barriers(
        self, planning: "Planning", key: int, constraint: Constraint, candidate: Candidate
    ) -> Iterator[Barrier]:
        """Yield a barrier on the days that would be one more than allowed."""
        index, limit = planning.index, setting(self, constraint, "limit")
        if not idents_of(index, constraint, candidate.key):
            return
        days, starts = _all(planning, constraint, candidate.key).days(), 0
        for day in range(DAYS_IN_WEEK) if days.bit_count() >= limit else ():
            if not days >> day & 1:
                starts |= lanes(index.grid.steps_per_day) << day * index.grid.steps_per_day * LANE
        starts = starts * (candidate.weeks & weeks_of(constraint)) & candidate.starts
        if starts:
            about = (self.name, key, constraint.hard, constraint.weight, "activity", candidate.key, 0)
            yield Barrier(*about, starts)


def _all(planning: "Planning", constraint: Constraint, without: int) -> Whole:
    found = Whole((), frozenset())
    for ident in members_of(constraint):
        found = found.with_(whole_of(planning.index, ident, weeks_of(constraint), without))
    return found


def _named(planning: "Planning", constraint: Constraint) -> Iterator[int]:
    for ident in members_of(constraint):
        for activity in activities_of(planning.index, ident):
            if planning.index.positions(activity):
                yield activity


RULE = WeekdaysUsed()
