"""Rules between courses as wholes: an activity, or all of a series, with all its days, hours, weeks and rooms at once.

A pair of them keeps the rule or breaks it, once, however many weeks it lasts. A subclass says which two go together.
An activity and the series it is of are no pair.
"""

from abc import ABC, abstractmethod
from bisect import bisect_right
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Sequence
from itertools import chain, pairwise
from typing import TYPE_CHECKING, NamedTuple

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

HOURS = 24
"""Parts of a day by which wholes are sorted before they are compared: on the finest grid, twelve steps each."""


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

    def hours(self) -> frozenset[tuple[int, int]]:
        """Return the steps of the day at which something of it begins and ends."""
        return frozenset((part.start, part.end) for part in self.parts)

    def with_(self, other: "Whole") -> "Whole":
        """Return both as one."""
        return Whole(self.parts + other.parts, self.rooms | other.rooms)


class Named(NamedTuple):
    """What a constraint names, its activities, and what of it is placed."""

    ident: Ident
    activities: list[int]
    whole: Whole


class Group(NamedTuple):
    """Those that look the same, in order, and one that stands for them."""

    members: list[int]
    whole: Whole


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

    def view(self, whole: Whole) -> Hashable:
        """Return what of a whole the answer turns on: of two that look the same, one stands for both."""
        return whole

    def keys(self, index: Index, whole: Whole, values: tuple[int, ...]) -> Iterable[Hashable] | None:  # noqa: ARG002 - for those who know
        """Return what a whole meets others by: two with nothing of it in common agree. None when nothing says so."""
        return None

    def breaches(self, planning: "Planning", key: int, constraint: Constraint) -> Iterator[Breach]:
        """Yield every breach of the base, each pair once."""
        named = self._named(planning.index, constraint)
        pairs = self.disagreements(planning.index, [one.whole for one in named], self._values(constraint))
        return self._told(planning.index, key, constraint, named, pairs)

    def near(
        self, planning: "Planning", key: int, constraint: Constraint, activities: Collection[int]
    ) -> Iterator[Breach]:
        """Yield the breaches of what these activities are of."""
        index, values = planning.index, self._values(constraint)
        mine = {ident for one in activities for ident in idents_of(index, constraint, one)}
        if not mine:
            return
        named = self._named(index, constraint)
        here = [at for at, one in enumerate(named) if one.ident in mine]
        pairs = (
            (at, there)
            for at, one in enumerate(named)
            for there in (range(at + 1, len(named)) if one.ident in mine else here[bisect_right(here, at) :])
            if not self.agrees(index, one.whole, named[there].whole, values)
        )
        yield from self._told(index, key, constraint, named, pairs)

    def barriers(
        self, planning: "Planning", key: int, constraint: Constraint, candidate: Candidate
    ) -> Iterator[Barrier]:
        """Yield one barrier per other whole that speaks against some starts."""
        index, values, within = planning.index, self._values(constraint), weeks_of(constraint)
        mine = idents_of(index, constraint, candidate.key)
        members = self._named(index, constraint) if mine else []
        rank = {ident: at for at, ident in enumerate(members_of(constraint))}
        for own in mine:
            rest = whole_of(index, own, within, candidate.key, rooms=self.needs_rooms(index))
            known: dict[tuple[Hashable, bool], int] = {}
            for other in members:
                if not _are_apart(index, own, other.ident):
                    continue
                earlier = rank[other.ident] < rank[own]
                alike = self.view(other.whole), earlier
                starts = known.get(alike)
                if starts is None:
                    how = values, within, earlier
                    starts = known[alike] = self._against(index, rest, other.whole, candidate, how)
                if starts:
                    about = (self.name, key, constraint.hard, constraint.weight, "activity", candidate.key)
                    yield Barrier(*about, other.activities[0], starts)

    def disagreements(
        self, index: Index, wholes: Sequence[Whole], values: tuple[int, ...]
    ) -> Iterator[tuple[int, int]]:  # fmt: skip
        """Yield each two that break the rule, in order; those that look the same are asked about once."""
        alike: dict[Hashable, list[int]] = {}
        for at, whole in enumerate(wholes):
            alike.setdefault(self.view(whole), []).append(at)
        groups = [Group(some, wholes[some[0]]) for some in alike.values()]
        group_of = {at: group for group, some in enumerate(groups) for at in some.members}
        near = self._meeting(index, groups, values)
        against: dict[int, list[list[int]]] = {}
        for at, first in enumerate(wholes):
            group = group_of[at]
            if group not in against:
                against[group] = [
                    members
                    for members, second in near(group)
                    if members[-1] > at and not self.agrees(index, first, second, values)
                ]
            rest = against[group] if at < groups[group].members[-1] else against.pop(group)
            for there in sorted(chain.from_iterable(some[bisect_right(some, at) :] for some in rest)):
                yield at, there

    def _meeting(
        self, index: Index, groups: list[Group], values: tuple[int, ...]
    ) -> Callable[[int], Iterable[Group]]:  # fmt: skip
        """Return who may disagree with one of some groups."""
        keys = [self.keys(index, one.whole, values) for one in groups]
        by_key: dict[Hashable, list[int]] = {}
        for at, some in enumerate(keys):
            for key in some or ():
                by_key.setdefault(key, []).append(at)

        def near(at: int) -> Iterable[Group]:
            mine = keys[at]
            return groups if mine is None else [groups[one] for one in {one for key in mine for one in by_key[key]}]

        return near

    def _named(self, index: Index, constraint: Constraint) -> list[Named]:
        """Return those that a constraint names of which something is placed, in order."""
        within, rooms = weeks_of(constraint), self.needs_rooms(index)
        found = []
        for ident in members_of(constraint):
            activities = activities_of(index, ident)
            whole = _whole(index, activities, within, rooms=rooms)
            if whole.parts:
                found.append(Named(ident, activities, whole))
        return found

    def _told(
        self, index: Index, key: int, constraint: Constraint, named: list[Named], pairs: Iterable[tuple[int, int]]
    ) -> Iterator[Breach]:
        about = (self.name, key, constraint.hard, constraint.weight)
        weeks = [one.whole.weeks() for one in named]
        for at, there in pairs:
            first, second = named[at], named[there]
            if _are_apart(index, first.ident, second.ident):
                who, rest = first.activities, second.activities
                together = (who[0], rest[0], *who[1:], *rest[1:])
                yield Breach(*about, *first.ident, together, weeks[at] | weeks[there], None, 1, 0)

    def _values(self, constraint: Constraint) -> tuple[int, ...]:
        return tuple(setting(self, constraint, parameter.name) for parameter in self.parameters)

    def _agree(self, index: Index, own: Whole, other: Whole, values: tuple[int, ...], earlier: bool) -> bool:
        return self.agrees(index, *((other, own) if earlier else (own, other)), values)

    def _against(
        self, index: Index, rest: Whole, other: Whole, candidate: Candidate, how: tuple[tuple[int, ...], int, bool]
    ) -> int:
        """Return the starts of a candidate at which it and the rest of its whole break the rule; none if that does."""
        values, within, earlier = how
        if rest.parts and not self._agree(index, rest, other, values, earlier):
            return 0
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


def hours_of(index: Index, part: Part, after: int = 0) -> range:
    """Return the hours of the day, a 24th each, in which a part is, and some steps after it."""
    steps = index.grid.steps_per_day
    first, last = part.start, min(part.end + after, steps) - 1
    return range(first * HOURS // steps, last * HOURS // steps + 1)


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
    return _whole(index, [one for one in activities_of(index, ident) if one != without], within, rooms=rooms)


def _whole(index: Index, activities: Iterable[int], within: int, *, rooms: bool) -> Whole:
    parts: list[Part] = []
    taken: set[int] = set()
    for activity in activities:
        parts += parts_of(index, activity, within)
        for (kind, room), segments in index.occupancy.footprint(activity).items() if rooms else ():
            if kind == "room" and any(weeks & within for _, _, weeks in segments):
                taken.add(room)
    return Whole(tuple(parts), frozenset(taken))


def _are_apart(index: Index, one: Ident, other: Ident) -> bool:
    """Say whether two that are named have no activity in common: not an activity and its series, not one and itself."""
    if one[0] == other[0]:
        return one != other
    activity, series = (one[1], other[1]) if one[0] == "activity" else (other[1], one[1])
    return index.series_of(activity) != series


def parts_of(index: Index, activity: int, within: int) -> Iterator[Part]:
    """Yield where an activity is in some weeks."""
    for place, steps, weeks in index.positions(activity):
        if weeks & within:
            day, step = index.grid.day_and_step(place)
            yield Part(day, step, step + steps, weeks & within)
