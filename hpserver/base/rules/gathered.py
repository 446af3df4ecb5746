"""Rules over all the courses of a list together: what they make of each day, whoever takes part.

A subclass says in plain numbers how much there is in a day; here it becomes breaches and masks, for the weeks that are
alike at once.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, TypeAlias

from hpserver.base.grid import DAYS_IN_WEEK
from hpserver.base.model import Constraint
from hpserver.base.occupancy import LANE, lanes
from hpserver.base.rules.api import Barrier, Breach, Candidate, Parameter, Sentences, Unit, setting
from hpserver.base.rules.index import Index
from hpserver.base.rules.measured import weeks_of
from hpserver.base.rules.wholes import WHOLES, Part, activities_of, idents_of, members_of, parts_of

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index beside this module

Hours: TypeAlias = tuple[int, int]
"""First step of something in a day, and the first after it."""
_Own: TypeAlias = tuple[int, Part]
"""An activity and where it is."""


class Gathered(ABC):
    """A rule over a day of all that is named; `limit` is the name of the parameter with its limit, or nothing for 0."""

    name: str
    fr: str
    en: str
    about: str
    parameters: tuple[Parameter, ...] = ()
    limit: str = ""
    applies_to: tuple[str, ...] = WHOLES
    built_in = False
    counts = True
    unit: Unit = "count"
    sentences: Sentences

    @abstractmethod
    def amount(self, day: Sequence[Hours], step_minutes: int, values: dict[str, int]) -> int:
        """Return how much there is in a day; `day` is in the order of the hours and not empty."""

    def marks(self, _hours: Hours, _step_minutes: int, _values: dict[str, int]) -> tuple[int, ...]:
        """Return the steps that count beside those at which something begins and ends."""
        return ()

    def breaches(self, planning: "Planning", key: int, constraint: Constraint) -> Iterator[Breach]:
        """Yield every breach of the base: one for each day that is too much, in the weeks that are alike."""
        index, values = planning.index, self._values(constraint)
        most, parts = values.get(self.limit, 0), _all_parts(index, constraint, 0)
        for day in range(DAYS_IN_WEEK):
            here = [one for one in parts if one[1].day == day]
            for weeks, some in _alike(here, weeks_of(constraint)):
                found = self.amount(sorted((one.start, one.end) for _, one in some), index.grid.step_minutes, values)
                if found > most:
                    who = tuple(dict.fromkeys(activity for activity, _ in some))
                    cost = constraint.weight * (found - most) * weeks.bit_count()
                    about = (self.name, key, constraint.hard, cost, "activity", who[0])
                    yield Breach(*about, who, weeks, day * index.grid.steps_per_day, found, most)

    def near(
        self, planning: "Planning", key: int, constraint: Constraint, activities: Collection[int]
    ) -> Iterator[Breach]:
        """Yield them when any of the activities is named."""
        if any(idents_of(planning.index, constraint, one) for one in activities):
            yield from self.breaches(planning, key, constraint)

    def barriers(
        self, planning: "Planning", key: int, constraint: Constraint, candidate: Candidate
    ) -> Iterator[Barrier]:
        """Yield a barrier on the starts that make a day too much, or more so."""
        if not idents_of(planning.index, constraint, candidate.key):
            return
        starts = self._against(planning.index, constraint, candidate) & candidate.starts
        if starts:
            about = (self.name, key, constraint.hard, constraint.weight, "activity", candidate.key, 0)
            yield Barrier(*about, starts)

    def _against(self, index: Index, constraint: Constraint, candidate: Candidate) -> int:
        grid, values, within = index.grid, self._values(constraint), weeks_of(constraint) & candidate.weeks
        most, parts = values.get(self.limit, 0), _all_parts(index, constraint, candidate.key)
        last, starts = grid.steps_per_day - candidate.duration, 0
        for day in range(DAYS_IN_WEEK):
            here = [one for one in parts if one[1].day == day]
            empty = within
            alike = list(_alike(here, within))
            for weeks, _ in alike:
                empty &= ~weeks
            for weeks, some in [*alike, (empty, [])] if empty else alike:
                hours = [(one.start, one.end) for _, one in some]
                now = max(most, self.amount(sorted(hours), grid.step_minutes, values)) if hours else most
                turns = self._turns(hours, candidate.duration, last, grid.step_minutes, values)
                for step, following in pairwise((*turns, last + 1)):
                    then = self.amount(sorted([*hours, (step, step + candidate.duration)]), grid.step_minutes, values)
                    if then > now:
                        starts |= lanes(following - step) * weeks << (day * grid.steps_per_day + step) * LANE
        return starts

    def _turns(
        self, hours: list[Hours], duration: int, last: int, step_minutes: int, values: dict[str, int]
    ) -> list[int]:
        """Return the steps at which the answer may turn, the first of the day among them."""
        found = {0}
        for one in hours:
            for mark in (*one, *self.marks(one, step_minutes, values)):
                found.update(
                    step for step in (mark - duration, mark - duration + 1, mark, mark + 1) if 0 < step <= last
                )
        return sorted(found)

    def _values(self, constraint: Constraint) -> dict[str, int]:
        return {one.name: setting(self, constraint, one.name) for one in self.parameters}


def _all_parts(index: Index, constraint: Constraint, without: int) -> list[_Own]:
    """Return where all that is named is, but for one activity; each activity once."""
    named = [activity for ident in members_of(constraint) for activity in activities_of(index, ident)]
    within = weeks_of(constraint)
    return [(one, part) for one in dict.fromkeys(named) if one != without for part in parts_of(index, one, within)]


def _alike(parts: Sequence[_Own], within: int) -> Iterator[tuple[int, list[_Own]]]:
    """Yield the weeks in which the same parts of a day are there, and these; none in which there is nothing."""
    groups: dict[int, list[_Own]] = {within: []}
    for own in parts:
        split: dict[int, list[_Own]] = {}
        for weeks, some in groups.items():
            if weeks & own[1].weeks:
                split[weeks & own[1].weeks] = [*some, own]
            if weeks & ~own[1].weeks:
                split[weeks & ~own[1].weeks] = some
        groups = split
    yield from ((weeks, some) for weeks, some in groups.items() if some)


def blocks(day: Sequence[Hours], gap: int) -> Iterator[tuple[int, int, int]]:
    """Yield the blocks of a day: first step, step after the last, how many; a gap of at most `gap` steps joins."""
    start, end, count = *day[0], 1
    for first, after in day[1:]:
        if end + gap >= first:
            end, count = max(end, after), count + 1
        else:
            yield start, end, count
            start, end, count = first, after, 1
    yield start, end, count
