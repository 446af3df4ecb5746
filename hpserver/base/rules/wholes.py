"""Rules between courses as wholes: an activity, or all of a series, with all its days, hours, weeks and rooms at once.

A pair of them keeps the rule or breaks it, once, however many weeks it lasts. A subclass says which two go together.
An activity and the series it is of are no pair.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import TYPE_CHECKING

import msgspec

from hpserver.base.grid import DAYS_IN_WEEK
from hpserver.base.model import Constraint
from hpserver.base.occupancy import LANE
from hpserver.base.references import Ident
from hpserver.base.rules.api import Barrier, Breach, Candidate, Parameter, Sentences, Unit, setting
from hpserver.base.rules.index import Index
from hpserver.base.rules.measured import weeks_of

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index beside this module

WHOLES = ("activities", "series")
"""The lists of a constraint that such a rule reads."""

MOST_MINUTES = 10_000_000
"""A bound for parameters: beyond a day all are alike, and the problems that are published have such."""


class Part(msgspec.Struct, frozen=True, gc=False):
    """Something of a whole: its day, its first step and the first after it, its weeks."""

    day: int
    start: int
    end: int
    weeks: int

    def meets(self, other: "Part") -> bool:
        """Say whether both have a day of some week in common."""
        return self.day == other.day and bool(self.weeks & other.weeks)

    def gap(self, other: "Part") -> int:
        """Return the steps between both, as hours of a day; less than 0 when they overlap."""
        return max(other.start - self.end, self.start - other.end)


class Whole(msgspec.Struct, frozen=True):
    """What is placed of an activity or of a series, and the rooms it is in."""

    parts: tuple[Part, ...]
    rooms: frozenset[int]

    def days(self) -> int:
        """Return its days, bit 0 = Monday."""
        found = 0
        for part in self.parts:
            found |= 1 << part.day
        return found

    def weeks(self) -> int:
        """Return its weeks."""
        found = 0
        for part in self.parts:
            found |= part.weeks
        return found

    def with_(self, other: "Whole") -> "Whole":
        """Return both as one."""
        return Whole(self.parts + other.parts, self.rooms | other.rooms)


class BetweenWholes(ABC):
    """A rule over pairs; the first is the one that is named first, activities before series."""

    name: str
    fr: str
    en: str
    about: str
    parameters: tuple[Parameter, ...] = ()
    applies_to: tuple[str, ...] = WHOLES
    built_in = False
    counts = False
    unit: Unit = "count"
    sentences: Sentences

    @abstractmethod
    def agrees(self, index: Index, first: Whole, second: Whole, values: tuple[int, ...]) -> bool:
        """Say whether two wholes, something of each placed, keep the rule; `values` are the parameters in order.

        They have rooms when `needs_rooms` says so.
        """

    def marks(self, index: Index, part: Part, values: tuple[int, ...]) -> tuple[int, ...]:  # noqa: ARG002 - for those who need more
        """Return the steps at which the answer may turn when something begins or ends there, because of a part."""
        return part.start, part.end

    def needs_rooms(self, index: Index) -> bool:  # noqa: ARG002 - for those who do
        """Say whether rooms matter to the answer."""
        return False

    def breaches(self, planning: "Planning", key: int, constraint: Constraint) -> Iterator[Breach]:
        """Yield every breach of the base, each pair once."""
        members = members_of(constraint)
        yield from self._among(planning.index, key, constraint, members, set(members))

    def near(
        self, planning: "Planning", key: int, constraint: Constraint, activities: Collection[int]
    ) -> Iterator[Breach]:
        """Yield the breaches of what these activities are of."""
        mine = {ident for one in activities for ident in idents_of(planning.index, constraint, one)}
        yield from self._among(planning.index, key, constraint, members_of(constraint), mine)

    def barriers(
        self, planning: "Planning", key: int, constraint: Constraint, candidate: Candidate
    ) -> Iterator[Barrier]:
        """Yield one barrier per other whole that speaks against some starts."""
        index, members = planning.index, members_of(constraint)
        values, within, rooms = self._values(constraint), weeks_of(constraint), self.needs_rooms(index)
        for own in idents_of(index, constraint, candidate.key):
            together = set(activities_of(index, own))
            rest = whole_of(index, own, within, candidate.key, rooms=rooms)
            for ident in members:
                apart = together.isdisjoint(activities_of(index, ident))
                other = whole_of(index, ident, within, rooms=rooms) if apart else Whole((), frozenset())
                earlier = members.index(ident) < members.index(own)
                if not other.parts or (rest.parts and not self._agree(index, rest, other, values, earlier)):
                    continue
                starts = self._against(index, rest, other, candidate, (values, within, earlier))
                if starts:
                    about = (self.name, key, constraint.hard, constraint.weight, "activity", candidate.key)
                    yield Barrier(*about, activities_of(index, ident)[0], starts)

    def _among(
        self, index: Index, key: int, constraint: Constraint, members: list[Ident], mine: set[Ident]
    ) -> Iterator[Breach]:
        within, rooms = weeks_of(constraint), self.needs_rooms(index)
        values = self._values(constraint)
        wholes = [whole_of(index, ident, within, rooms=rooms) for ident in members]
        for at, first in enumerate(wholes):
            others = range(at + 1, len(members)) if first.parts else ()
            for there in others if members[at] in mine else (one for one in others if members[one] in mine):
                second = wholes[there]
                if second.parts and not self.agrees(index, first, second, values):
                    who, rest = activities_of(index, members[at]), activities_of(index, members[there])
                    if set(who).isdisjoint(rest):
                        weeks = first.weeks() | second.weeks()
                        about = (self.name, key, constraint.hard, constraint.weight, *members[at])
                        yield Breach(*about, (who[0], rest[0], *who[1:], *rest[1:]), weeks, None, 1, 0)

    def _values(self, constraint: Constraint) -> tuple[int, ...]:
        return tuple(setting(self, constraint, parameter.name) for parameter in self.parameters)

    def _agree(self, index: Index, own: Whole, other: Whole, values: tuple[int, ...], earlier: bool) -> bool:
        return self.agrees(index, *((other, own) if earlier else (own, other)), values)

    def _against(
        self, index: Index, rest: Whole, other: Whole, candidate: Candidate, how: tuple[tuple[int, ...], int, bool]
    ) -> int:
        """Return the starts of a candidate at which it and the rest of its whole break the rule."""
        values, within, earlier = how
        weeks, grid, duration = candidate.weeks & within, index.grid, candidate.duration
        rooms = frozenset(key for (kind, key), some in candidate.needs.items() if kind == "room" and some & within)
        starts = 0
        days, turns, end = range(DAYS_IN_WEEK), [0], grid.steps_per_day - duration + 1
        if candidate.only is None:
            turns = self._turns(index, (*rest.parts, *other.parts), duration, values)
        else:
            day, step = grid.day_and_step(candidate.only)
            days, turns, end = range(day, day + 1), [step], step + 1
        for day in days if weeks else ():
            for step, following in pairwise((*turns, end)):
                own = rest.with_(Whole((Part(day, step, step + duration, weeks),), rooms))
                if not self._agree(index, own, other, values, earlier):
                    row = ((1 << (following - step) * LANE) - 1) // ((1 << LANE) - 1)
                    starts |= row * weeks << (day * grid.steps_per_day + step) * LANE
        return starts & candidate.starts

    def _turns(self, index: Index, parts: tuple[Part, ...], duration: int, values: tuple[int, ...]) -> list[int]:
        last = index.grid.steps_per_day - duration
        found = {0}
        for mark in {mark for part in parts for mark in self.marks(index, part, values)}:
            found.update(step for step in (mark - duration, mark - duration + 1, mark, mark + 1) if 0 < step <= last)
        return sorted(found)


def members_of(constraint: Constraint) -> list[Ident]:
    """Return the wholes that a constraint names, each once, in order."""
    named = [("activity", key) for key in constraint.activities] + [("series", key) for key in constraint.series]
    return list(dict.fromkeys(named))


def idents_of(index: Index, constraint: Constraint, activity: int) -> list[Ident]:
    """Return the wholes of a constraint that an activity is, or is of."""
    found = [("activity", activity)] if activity in constraint.activities else []
    series = index.series_of(activity)
    return [*found, ("series", series)] if series is not None and series in constraint.series else found


def activities_of(index: Index, ident: Ident) -> list[int]:
    """Return the activities of a whole."""
    return [ident[1]] if ident[0] == "activity" else index.of_series(ident[1])


def whole_of(index: Index, ident: Ident, within: int, without: int = 0, *, rooms: bool = False) -> Whole:
    """Return what is placed of a whole in some weeks, all but one of its activities, with its rooms or without."""
    parts: list[Part] = []
    taken: set[int] = set()
    for activity in activities_of(index, ident):
        if activity != without:
            parts += parts_of(index, activity, within)
            for (kind, room), segments in index.occupancy.footprint(activity).items() if rooms else ():
                if kind == "room" and any(weeks & within for _, _, weeks in segments):
                    taken.add(room)
    return Whole(tuple(parts), frozenset(taken))


def parts_of(index: Index, activity: int, within: int) -> Iterator[Part]:
    """Yield where an activity is in some weeks."""
    for place, steps, weeks in index.positions(activity):
        if weeks & within:
            day, step = index.grid.day_and_step(place)
            yield Part(day, step, step + steps, weeks & within)
