"""Which of many activities are where two do not go together: found by place and rank, nobody tried with everybody.

Knows no rule: it is told in which runs of places others disagree with something.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from hpserver.base.grid import DAYS_IN_WEEK, Grid
from hpserver.base.model import Constraint
from hpserver.base.references import Ident
from hpserver.base.rules.index import Index

Ranked: TypeAlias = tuple[int, int]
"""The rank of what an activity is named by, and the activity: those of one rank are not compared."""
Runs: TypeAlias = Sequence[tuple[int, int]]
"""Places in a row: the first, and how many."""
Where: TypeAlias = tuple[int, int]
"""A place, and for how many steps."""
Keeps: TypeAlias = Callable[[int, int], bool]
"""Says whether two activities are compared here, and not elsewhere."""
Found: TypeAlias = tuple[int, int, int, int]
"""Two activities, the first named before the second, the weeks that they share, the place of the first."""
Moment: TypeAlias = tuple[int, int, int]
"""A week, a day and a step."""
_Placed: TypeAlias = tuple[int, int, int]
"""A rank, an activity and its weeks at a place."""

LOWEST = -(1 << 62)
"""Less than every rank and every time."""


class Tops:
    """Some numbers, of which those above a limit are found without looking at the others."""

    def __init__(self, numbers: Sequence[int]) -> None:
        self._size = 1 << max(0, len(numbers) - 1).bit_length()
        tree = [LOWEST] * self._size + list(numbers) + [LOWEST] * (self._size - len(numbers))
        for at in range(self._size - 1, 0, -1):
            tree[at] = max(tree[2 * at], tree[2 * at + 1])
        self._tree = tree

    def above(self, limit: int, start: int, stop: int) -> Iterator[int]:
        """Yield where, from `start` to before `stop`, a number is above a limit, in order."""
        waiting = [(1, 0, self._size)]
        while waiting:
            node, first, count = waiting.pop()
            if self._tree[node] <= limit or first >= stop or first + count <= start:
                continue
            if count == 1:
                yield first
            else:
                half = count // 2
                waiting += ((2 * node + 1, first + half, half), (2 * node, first, half))


class Shelf:
    """Activities by where they are, there in order of rank, each with its weeks."""

    def __init__(self, index: Index, some: Sequence[Ranked], within: int) -> None:
        self.there: dict[Where, list[_Placed]] = {}
        self.weeks: dict[Where, int] = {}
        for rank, activity in sorted(some):
            for place, steps, weeks in index.positions(activity):
                if weeks & within:
                    where = place, steps
                    self.there.setdefault(where, []).append((rank, activity, weeks & within))
                    self.weeks[where] = self.weeks.get(where, 0) | weeks & within
        by_steps: dict[int, list[int]] = {}
        for place, steps in sorted(self.there):
            by_steps.setdefault(steps, []).append(place)
        self._rows = [
            (steps, places, Tops([self.there[place, steps][-1][0] for place in places]))
            for steps, places in by_steps.items()
        ]

    def disagreeing(self, other: "Shelf", runs_of: Callable[[Where, int], Runs]) -> Iterator[Found]:
        """Yield each two of this and another shelf that share weeks in which they disagree.

        `runs_of` tells in which places something of so many steps disagrees with what is named before it, and where.
        """
        for one, here in self.there.items():
            for two in other._ahead(one, here[0][0], runs_of):  # noqa: SLF001 - another of the same class
                if not self.weeks[one] & other.weeks[two]:
                    continue
                others = other.there[two]
                for rank, first, weeks in here:
                    for _, second, when in others[bisect_left(others, (rank + 1, 0, 0)) :]:
                        both = weeks & when
                        if both:
                            yield first, second, both, one[0]

    def _ahead(self, one: Where, rank: int, runs_of: Callable[[Where, int], Runs]) -> Iterator[Where]:
        """Yield where somebody of a higher rank disagrees with what is somewhere."""
        for steps, places, tops in self._rows:
            for place, count in runs_of(one, steps):
                start, stop = bisect_left(places, place), bisect_left(places, place + count)
                if start < stop:
                    for at in tops.above(rank, start, stop):
                        yield places[at], steps


class Ladder:
    """Activities by rank, each with a number: those of higher rank and lower number are found without the others."""

    def __init__(self, some: Sequence[Ranked], numbers: Mapping[int, int]) -> None:
        self._some = sorted(some)
        self._ranks = [rank for rank, _ in self._some]
        self._tops = Tops([-numbers[activity] for _, activity in self._some])

    def below(self, number: int, rank: int) -> Iterator[int]:
        """Yield the activities of a higher rank whose number is lower."""
        start = bisect_right(self._ranks, rank)
        for at in self._tops.above(-number, start, len(self._some)):
            yield self._some[at][1]


def number_of(grid: Grid, when: Moment) -> int:
    """Return a number that is the greater the later; a step may be the first after a day."""
    week, day, step = when
    return (week * DAYS_IN_WEEK + day) * (grid.steps_per_day + 1) + step


class Family(NamedTuple):
    """Activities that are compared: each of the first with those of the second that have a higher rank."""

    first: list[Ranked]
    second: list[Ranked]
    keeps: Keeps | None = None


def families(index: Index, constraint: Constraint, meant: Callable[[int], bool]) -> Iterator[Family]:
    """Yield who is compared: those listed; those of different series; those of subjects that share students."""
    listed = list(enumerate(constraint.activities))
    yield Family(listed, listed)
    series = [(rank, one) for rank, key in enumerate(constraint.series) for one in index.of_series(key)]
    yield Family(series, series)
    taught = [(rank, one) for rank, key in enumerate(constraint.subjects) for one in index.with_subject(key)]
    yield from _sharing(index, [(rank, one) for rank, one in taught if meant(one)])


def _sharing(index: Index, some: list[Ranked]) -> Iterator[Family]:
    """Yield those who share students, by whom: one cohort or group of the second, and all whose students it has."""
    audience = {activity: index.audience(activity) for _, activity in some}
    rivals = {
        activity: {rival for ident in idents for rival in index.students.rivals(ident)}
        for activity, idents in audience.items()
    }
    seconds: dict[Ident, list[Ranked]] = {}
    firsts: dict[Ident, list[Ranked]] = {}
    for rank, activity in some:
        for ident in audience[activity]:
            seconds.setdefault(ident, []).append((rank, activity))
    for rank, activity in some:
        for rival in rivals[activity]:
            if rival in seconds:
                firsts.setdefault(rival, []).append((rank, activity))

    def is_first(ident: Ident) -> Keeps:
        return lambda one, two: next(each for each in audience[two] if each in rivals[one]) == ident

    for ident, others in seconds.items():
        yield Family(firsts.get(ident, []), others, is_first(ident))
