"""Who or what is in two places at once, by whom and when. Reads occupancy; knows no name and changes nothing."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TypeAlias

import msgspec

from hpserver.base.occupancy import Footprint, Occupancy, blocks_of, bounds, weeks_in
from hpserver.base.references import Ident
from hpserver.base.students import Students

MAX_CLASHES = 1_000
"""Clashes in one answer: nobody reads more, and a pile of activities at one place holds nobody up."""

Pair: TypeAlias = tuple[Ident, Ident]
"""Two resources."""


class Clash(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """An overlap of `activity` with `other`, `steps` long from `place` in each of `weeks`.

    `kind` and `key` are the resource of `activity`, `other_kind` and `other_key` that of `other`: they differ
    when students are shared by a cohort and a group, or by two groups.
    """

    kind: str
    key: int
    other_kind: str
    other_key: int
    activity: int
    other: int
    weeks: int
    place: int
    steps: int


class Search:
    """Looks for clashes; activities looked at earlier in the same search are not reported a second time.

    Pairs of resources in `apart` are left aside.
    """

    def __init__(self, occupancy: Occupancy, students: Students, apart: Collection[Pair] = ()) -> None:
        self._occupancy = occupancy
        self._students = students
        self._apart = apart
        self._before: dict[int, Footprint] = {}

    def of(self, activity: int, before: Footprint) -> Iterator[Clash]:
        """Yield the clashes of an activity in what it occupies now and did not occupy `before`."""
        occupancy = self._occupancy
        for resource, segments in occupancy.footprint(activity).items():
            earlier = before.get(resource)
            fresh = occupancy.mask(segments)
            if earlier is not None:
                fresh &= ~occupancy.mask(earlier)
            for rival in self._students.rivals(resource) if fresh else ():
                taken = occupancy.shared(resource) if rival == resource else occupancy.taken(rival, activity)
                if (hit := taken & fresh) and (resource, rival) not in self._apart:
                    yield from self._name(activity, resource, rival, hit)
        self._before[activity] = before

    def between(self, resource: Ident, rival: Ident) -> Iterator[Clash]:
        """Yield every clash of two resources, whatever was looked at."""
        for activity, segments in self._occupancy.holders(resource).items():
            hit = self._occupancy.taken(rival, activity) & self._occupancy.mask(segments)
            if hit:
                yield from self._name(activity, resource, rival, hit)

    def _name(self, activity: int, resource: Ident, rival: Ident, hit: int) -> Iterator[Clash]:
        mask_of = self._occupancy.mask
        first, last = bounds(hit)
        for other, segments in self._occupancy.holders(rival).items():
            # Most activities of a resource are elsewhere in the week: comparing numbers leaves them out first.
            near = [block for block in segments if block[0] <= last and block[0] + block[1] > first]
            if not near or other == activity:
                continue
            overlap = mask_of(tuple(near)) & hit
            if overlap and other in self._before:
                overlap &= mask_of(self._before[other].get(rival, ()))
            for place, steps, weeks in blocks_of(overlap):
                yield Clash(*resource, *rival, activity, other, weeks, place, steps)


def new_clashes(
    occupancy: Occupancy, students: Students, before: Mapping[int, Footprint], rivals: Sequence[Pair]
) -> tuple[Clash, ...]:
    """Return the clashes that exist now and did not when activities occupied `before`, at most MAX_CLASHES.

    `rivals` are the pairs of resources, each named once, that share students only since then.
    """
    search = Search(occupancy, students, {*rivals, *((two, one) for one, two in rivals)})
    moved = map(search.of, before, before.values())
    shared = (Search(occupancy, students).between(one, two) for one, two in rivals)
    return _in_order(chain.from_iterable(chain(moved, shared)))


def clashing_weeks(
    occupancy: Occupancy, students: Students, before: Mapping[int, Footprint]
) -> dict[int, tuple[int, int]]:
    """Return for each activity the weeks in which it clashes, and those where it did not stand `before`."""
    found: dict[int, tuple[int, int]] = {}
    for activity, earlier in before.items():
        every = fresh = 0
        for resource, _, mask in occupancy.masks(occupancy.footprint(activity)):
            hit = occupancy.shared(resource)
            for rival in students.rivals(resource)[1:]:
                hit |= occupancy.taken(rival, activity)
            if hit := hit & mask:
                every |= hit
                fresh |= hit & ~occupancy.mask(earlier.get(resource, ()))
        found[activity] = weeks_in(every), weeks_in(fresh)
    return found


def clashes_of(occupancy: Occupancy, students: Students, activity: int) -> tuple[Clash, ...]:
    """Return every clash of an activity, in order, at most MAX_CLASHES."""
    return _in_order(Search(occupancy, students).of(activity, {}))


def _in_order(found: Iterator[Clash]) -> tuple[Clash, ...]:
    return tuple(sorted(islice(found, MAX_CLASHES), key=msgspec.structs.astuple))
