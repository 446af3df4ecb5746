"""Rules that bound what is counted in somebody's days: by the day, by the week, by the year. Knows no single rule."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Literal, TypeAlias

from hpserver.base.model import Constraint
from hpserver.base.occupancy import LANE, LANE_MASK
from hpserver.base.references import Ident
from hpserver.base.rules import lines
from hpserver.base.rules.api import Barrier, Breach, Candidate, Parameter, Sentences, Unit
from hpserver.base.rules.days import (
    ALL,
    ONE,
    Columns,
    Count,
    above,
    levels,
    mask_of,
    more,
    other_days,
    plus,
    week_total,
)
from hpserver.base.rules.index import Index

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index beside this module

MAX_MINUTES = 60_000
"""As in the rows: a thousand hours."""

Scope: TypeAlias = Literal["day", "week"]
"""Over what is counted before it is compared with the limit."""


class Lined(ABC):
    """A rule over lines: what is told of each, and where it speaks against a start."""

    name: str
    fr: str
    en: str
    about: str
    parameters: tuple[Parameter, ...] = ()
    applies_to: tuple[str, ...] = lines.PEOPLE
    built_in = False
    counts = True
    unit: Unit = "minutes"
    sentences: Sentences

    @abstractmethod
    def told_of(self, index: Index, key: int, constraint: Constraint, line: Ident) -> Iterator[Breach]:
        """Yield the breaches of a line."""

    @abstractmethod
    def starts(self, index: Index, constraint: Constraint, line: Ident, candidate: Candidate) -> int:
        """Return the starts that are bad for a line, also those that are not asked for."""

    def breaches(self, planning: "Planning", key: int, constraint: Constraint) -> Iterator[Breach]:
        """Yield every breach of the base."""
        for line in lines.lines_of(planning.index, constraint):
            yield from self.told_of(planning.index, key, constraint, line)

    def near(
        self, planning: "Planning", key: int, constraint: Constraint, activities: Collection[int]
    ) -> Iterator[Breach]:
        """Yield the breaches of the lines in which these activities are."""
        for line in lines.lines_near(planning.index, constraint, activities):
            yield from self.told_of(planning.index, key, constraint, line)

    def barriers(
        self, planning: "Planning", key: int, constraint: Constraint, candidate: Candidate
    ) -> Iterator[Barrier]:
        """Yield one barrier per line of the candidate in which some starts are bad."""
        index = planning.index
        for line in lines.lines_with(index, constraint, candidate.needs):
            weeks = lines.weeks_in(index, line, candidate) & weeks_of(constraint)
            starts = self.starts(index, constraint, line, candidate) & candidate.starts & index.everywhere * weeks
            if starts:
                yield Barrier(self.name, key, constraint.hard, constraint.weight, *line, 0, starts)


class Bounded(Lined):
    """A rule over lines that bounds a count: by the day, or by the week."""

    scope: Scope = "day"

    @abstractmethod
    def limit(self, index: Index, constraint: Constraint) -> int:
        """Return what may not be exceeded."""

    @abstractmethod
    def count(self, index: Index, constraint: Constraint, busy: Columns) -> Count:
        """Return what is counted in each day."""

    @abstractmethod
    def bad(self, index: Index, constraint: Constraint, busy: Columns, duration: int) -> list[int]:
        """Return, start by start, the days and weeks in which a block there exceeds the limit, or exceeds it more."""

    def told(self, index: Index, constraint: Constraint, value: int) -> tuple[int, int]:
        """Return the amount and the limit to tell, in the unit of the rule, for a count."""
        scale = index.grid.step_minutes if self.unit == "minutes" else 1
        return value * scale, self.limit(index, constraint) * scale

    def starts(self, index: Index, constraint: Constraint, line: Ident, candidate: Candidate) -> int:
        """See `Lined`."""
        bad = self.bad(index, constraint, lines.busy(index, line, candidate.key), candidate.duration)
        return mask_of(bad, index.grid.steps_per_day)

    def told_of(self, index: Index, key: int, constraint: Constraint, line: Ident) -> Iterator[Breach]:
        """See `Lined`."""
        limit = self.limit(index, constraint)
        count = self.count(index, constraint, lines.busy(index, line))
        if self.scope == "week":
            count = week_total(count)
        within = weeks_of(constraint) * ONE & above(count, limit)
        for value, bits in levels(count, within):
            if self.scope == "week":
                yield self._breach(index, key, constraint, line, value, None, bits)
            else:
                for day, weeks in lines.each_day(bits):
                    yield self._breach(index, key, constraint, line, value, day, weeks)

    def _breach(
        self, index: Index, key: int, constraint: Constraint, line: Ident, value: int, day: int | None, weeks: int
    ) -> Breach:
        cost = constraint.weight * (value - self.limit(index, constraint)) * weeks.bit_count()
        about = (self.name, key, constraint.hard, cost, *line)
        bits = weeks * ONE if day is None else weeks << day * LANE
        place = None if day is None else day * index.grid.steps_per_day
        return Breach(*about, lines.those_in(index, line, bits), weeks, place, *self.told(index, constraint, value))


class Measured(Bounded):
    """A bounded count that is also known start by start, with a block there."""

    @abstractmethod
    def with_block(self, index: Index, constraint: Constraint, busy: Columns, duration: int) -> list[Count]:
        """Return, start by start, what would be counted with a block of `duration` steps there."""

    def bad(self, index: Index, constraint: Constraint, busy: Columns, duration: int) -> list[int]:
        """See `Bounded`."""
        limit = self.limit(index, constraint)
        now = self.count(index, constraint, busy)
        then = self.with_block(index, constraint, busy, duration)
        if self.scope == "day":
            over = [above(count, limit) for count in then]
        else:
            rest = other_days(now)
            over = [above(plus(count, rest), limit) for count in then]
        return [bits and bits & more(count, now) & ALL for count, bits in zip(then, over, strict=True)]


def weeks_of(constraint: Constraint) -> int:
    """Return the weeks in which a constraint holds."""
    return LANE_MASK if constraint.weeks is None else constraint.weeks


def steps_at_most(index: Index, minutes: int) -> int:
    """Return how many whole steps there are in some minutes."""
    return minutes // index.grid.step_minutes


def steps_at_least(index: Index, minutes: int) -> int:
    """Return how many steps it takes to last some minutes."""
    return -(-minutes // index.grid.step_minutes)


def minutes_parameter(default: int) -> Parameter:
    """Return the parameter `minutes` with a default."""
    return Parameter("minutes", "Minutes", "Minutes", default, 0, MAX_MINUTES, "minutes")


def clock_parameter(name: str, fr: str, en: str, default: int) -> Parameter:
    """Return a parameter that is an hour, in minutes after midnight."""
    return Parameter(name, fr, en, default, 0, MAX_MINUTES, "clock")


def number_parameter(default: int, most: int) -> Parameter:
    """Return the parameter `limit`, a number, with a default."""
    return Parameter("limit", "Nombre", "Number", default, 0, most)
