"""Rules between two activities: those a constraint names, or those of its subjects that share students.

A subclass says in plain numbers whether two positions in one week go together; here it becomes masks, one pattern of
starts per position and length, kept.
"""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from functools import lru_cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING

from hpserver.base.grid import DAYS_IN_WEEK, Grid
from hpserver.base.model import Constraint
from hpserver.base.occupancy import LANE, lanes
from hpserver.base.rules.api import Barrier, Breach, Candidate, Parameter, Sentences, Unit, setting
from hpserver.base.rules.compared import Family, Found, Runs, Shelf, Where, families
from hpserver.base.rules.index import Index
from hpserver.base.rules.measured import weeks_of

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index beside this module

KNOWN_RUNS = 16_384
"""Runs kept: of a rule, a length, a place and length of the other, its parameters. About 10 MB."""
KNOWN_PATTERNS = 2_048
"""Patterns kept: rules and lengths share many. 32 MB on the finest grid."""
BETWEEN = ("activities", "subjects", "cohorts", "groups", "series")
"""The lists of a constraint that such a rule reads; cohorts and groups narrow down whose subjects are meant."""

Partner = tuple[int, bool]
"""Another activity, and whether it is named before."""


class Span:
    """Where something is in a week, in plain numbers: its day, its first step in it and the first after it."""

    __slots__ = ("day", "end", "start")

    def __init__(self, grid: Grid, place: int, steps: int) -> None:
        self.day, self.start = grid.day_and_step(place)
        self.end = self.start + steps

    def is_before(self, other: "Span") -> bool:
        """Say whether this is over when the other begins."""
        return (self.day, self.end) <= (other.day, other.start)

    def is_apart(self, other: "Span") -> bool:
        """Say whether they have no step in common."""
        return self.is_before(other) or other.is_before(self)

    def halves(self, noon: int) -> set[bool]:
        """Return the halves of the day it is in; the second begins at step `noon`."""
        return {self.start >= noon, self.end > noon}


class Paired(ABC):
    """A rule over pairs. `first` is the position of the activity that is named first in the constraint."""

    name: str
    fr: str
    en: str
    about: str
    parameters: tuple[Parameter, ...] = ()
    applies_to: tuple[str, ...] = BETWEEN
    built_in = False
    counts = False
    unit: Unit = "weeks"
    sentences: Sentences

    @abstractmethod
    def agrees(self, grid: Grid, first: Span, second: Span, values: tuple[int, ...]) -> bool:
        """Say whether two positions in one week satisfy the rule; `values` are the parameters in their order."""

    def marks(self, _grid: Grid, _values: tuple[int, ...]) -> tuple[int, ...]:
        """Return the steps of a day that count beside those at which the two begin and end.

        The answer of `agrees` turns nowhere else, and between two days only the days count: so a pattern takes a
        few answers, however fine the grid.
        """
        return ()

    def is_ordered(self, _values: tuple[int, ...]) -> bool:
        """Say whether it matters which of two is named first."""
        return False

    def breaches(self, planning: "Planning", key: int, constraint: Constraint) -> Iterator[Breach]:
        """Yield every breach of the base, each pair once."""
        index = planning.index
        about, weight = (self.name, key, constraint.hard), constraint.weight
        for family in families(index, constraint, partial(_is_meant, index, constraint)):
            keeps = family.keeps
            for first, second, weeks, place in self.disagreements(index, constraint, family):
                if keeps is None or keeps(first, second):
                    cost = weight * weeks.bit_count()
                    yield Breach(*about, cost, "activity", first, (first, second), weeks, place, 1, 0)

    def near(
        self, planning: "Planning", key: int, constraint: Constraint, activities: Collection[int]
    ) -> Iterator[Breach]:
        """Yield the breaches of these activities with others."""
        told = set()
        for activity in activities:
            for other, earlier in _partners(planning.index, constraint, activity):
                pair = (other, activity) if earlier else (activity, other)
                if pair not in told:
                    told.add(pair)
                    for *_, weeks, place in self.between(planning.index, constraint, *pair):
                        cost = constraint.weight * weeks.bit_count()
                        about = (self.name, key, constraint.hard, cost, "activity", pair[0])
                        yield Breach(*about, pair, weeks, place, 1, 0)

    def barriers(
        self, planning: "Planning", key: int, constraint: Constraint, candidate: Candidate
    ) -> Iterator[Barrier]:
        """Yield one barrier per other activity that speaks against some starts."""
        index, values = planning.index, self.values(constraint)
        allowed = candidate.starts & index.everywhere * weeks_of(constraint)
        for other, earlier in _partners(index, constraint, candidate.key):
            starts = self.against(index, values, other, candidate, earlier=earlier) & allowed
            if starts:
                about = (self.name, key, constraint.hard, constraint.weight)
                yield Barrier(*about, "activity", candidate.key, other, starts)

    def values(self, constraint: Constraint) -> tuple[int, ...]:
        """Return the parameters in their order."""
        return tuple(setting(self, constraint, parameter.name) for parameter in self.parameters)

    def against(
        self, index: Index, values: tuple[int, ...], other: int, candidate: Candidate, *, earlier: bool
    ) -> int:  # fmt: skip
        """Return the starts that disagree with where another activity is; `earlier` when it is named before."""
        starts, grid = 0, index.grid
        for place, steps, weeks in index.positions(other):
            if candidate.only is None:
                runs = self.runs(grid, (place, steps), candidate.duration, values, earlier=earlier)
                starts |= _pattern(runs) * weeks
            else:
                here, there = Span(grid, candidate.only, candidate.duration), Span(grid, place, steps)
                if not self.agrees(grid, *((there, here) if earlier else (here, there)), values):
                    starts |= weeks << candidate.only * LANE
        return starts

    def disagreements(self, index: Index, constraint: Constraint, family: Family) -> Iterator[Found]:
        """Find each two of a family that disagree; nobody is compared with those who are where all agree."""
        within, values = weeks_of(constraint), self.values(constraint)
        first = Shelf(index, family.first, within)
        second = first if family.second is family.first else Shelf(index, family.second, within)
        return first.disagreeing(second, lambda one, steps: self.runs(index.grid, one, steps, values))

    def between(self, index: Index, constraint: Constraint, first: int, second: int) -> Iterator[Found]:
        """Yield where two activities, in the order in which they are named, disagree."""
        grid, values, within = index.grid, self.values(constraint), weeks_of(constraint)
        for one in index.positions(first):
            for two in index.positions(second):
                weeks = one[2] & two[2] & within
                if weeks and not self.agrees(grid, Span(grid, *one[:2]), Span(grid, *two[:2]), values):
                    yield first, second, weeks, one[0]

    def runs(
        self, grid: Grid, there: Where, duration: int, values: tuple[int, ...], *, earlier: bool = True
    ) -> Runs:  # fmt: skip
        """Return where starting disagrees with something somewhere that is named before, or after."""
        return _runs(self, grid, there, duration, earlier or not self.is_ordered(values), values)


def shares_students(index: Index, one: int, two: int) -> bool:
    """Say whether two activities have students in common."""
    audience = set(index.audience(two))
    return any(rival in audience for ident in index.audience(one) for rival in index.students.rivals(ident))


@lru_cache(maxsize=KNOWN_PATTERNS)
def _pattern(runs: Runs) -> int:
    """Return a 1 in the lane of every place of some runs."""
    mask = 0
    for place, count in runs:
        mask |= lanes(count) << place * LANE
    return mask


@lru_cache(maxsize=KNOWN_RUNS)
def _runs(rule: Paired, grid: Grid, there: Where, duration: int, earlier: bool, values: tuple[int, ...]) -> Runs:
    """Return the places where starting disagrees with something at `there`."""
    other, last = Span(grid, *there), grid.steps_per_day - duration
    found: list[tuple[int, int]] = []
    for day in range(DAYS_IN_WEEK) if last >= 0 else ():
        turns = _turns(rule, grid, other, duration, values) if day == other.day else [0]
        for step, following in pairwise((*turns, last + 1)):
            place = day * grid.steps_per_day + step
            here = Span(grid, place, duration)
            pair = (other, here) if earlier else (here, other)
            if not rule.agrees(grid, *pair, values):
                if found and sum(found[-1]) == place:
                    found[-1] = (found[-1][0], found[-1][1] + following - step)
                else:
                    found.append((place, following - step))
    return tuple(found)


def _turns(rule: Paired, grid: Grid, other: Span, duration: int, values: tuple[int, ...]) -> list[int]:
    """Return the steps of the day of another at which the answer of a rule may turn, the first of the day among them.

    It can only where the beginning or the end of what starts there comes to, or leaves, a step that counts.
    """
    last = grid.steps_per_day - duration
    found = {0}
    for mark in (other.start, other.end, *rule.marks(grid, values)):
        found.update(step for step in (mark - duration, mark - duration + 1, mark, mark + 1) if 0 < step <= last)
    return sorted(found)


def _partners(index: Index, constraint: Constraint, activity: int) -> Iterator[Partner]:
    """Yield the activities that a rule compares with one, each with whether it is named before it."""
    if activity in constraint.activities:
        here = constraint.activities.index(activity)
        for there, other in enumerate(constraint.activities):
            if other != activity:
                yield other, there < here
    yield from _unlisted_partners(index, constraint, activity)


def _unlisted_partners(index: Index, constraint: Constraint, activity: int) -> Iterator[Partner]:
    """Yield those of them that are compared by their series or subjects."""
    series = index.series_of(activity)
    if series is not None and series in constraint.series:
        yield from _of_other_series(index, constraint, series)
    subject = index.subject_of(activity)
    if subject in constraint.subjects and _is_meant(index, constraint, activity):
        assert subject is not None
        here = constraint.subjects.index(subject)
        for there, named in enumerate(constraint.subjects):
            for other in index.with_subject(named) if named != subject else ():
                if _is_meant(index, constraint, other) and shares_students(index, activity, other):
                    yield other, there < here


def _of_other_series(index: Index, constraint: Constraint, series: int) -> Iterator[Partner]:
    here = constraint.series.index(series)
    for there, named in enumerate(constraint.series):
        yield from ((other, there < here) for other in index.of_series(named) if named != series)


def _is_meant(index: Index, constraint: Constraint, activity: int) -> bool:
    """Say whether a constraint on subjects is about an activity: it names nobody, or some of its students."""
    if not constraint.cohorts and not constraint.groups:
        return True
    for kind, key in index.audience(activity):
        for student_kind, known in index.students.rivals((kind, key)):
            if known in (constraint.cohorts if student_kind == "cohort" else constraint.groups):
                return True
    return False
