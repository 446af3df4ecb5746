"""Enough free rooms in a pool for the activities that are still to be given one of it: holds without constraint."""

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from hpserver.base.model import Constraint, RoomPool
from hpserver.base.occupancy import Segment, blocks_of, free_blocks
from hpserver.base.rules.api import Barrier, Breach, Candidate, Parameter, Sentences, Unit
from hpserver.base.rules.days import Count, above, levels, more, plus, take, tally
from hpserver.base.rules.index import Index

if TYPE_CHECKING:
    from hpserver.base.planning import Planning  # the aggregate imports the index beside this module


class RoomPoolRule:
    """Counts, at every place, the rooms of a pool that are taken and the activities that wait for one."""

    name = "room_pool"
    fr = "Groupes de salles"
    en = "Room pools"
    about = (
        "At no time do more activities wait for a room of a pool than it has free rooms. Each pool is looked at by "
        "itself: a room that is in two of them may be counted on twice."
    )
    parameters: tuple[Parameter, ...] = ()
    applies_to: tuple[str, ...] = ()
    built_in = True
    counts = True
    unit: Unit = "count"
    sentences = Sentences(
        fr=("{kind} {who} : {amount} salles nécessaires au lieu de {limit} le {day}, semaines {weeks}",
            "{kind} {who} : plus de salle libre, semaines {weeks}"),
        en=("{kind} {who}: {amount} rooms needed instead of {limit} on {day}, weeks {weeks}",
            "{kind} {who}: no room left, weeks {weeks}"),
    )  # fmt: skip

    def breaches(self, planning: "Planning", _key: int, _constraint: Constraint) -> Iterator[Breach]:
        """Yield every time at which a pool lacks rooms."""
        for pool in planning.rows("room_pool"):
            yield from self._breaches(planning.index, pool)

    def near(
        self, planning: "Planning", _key: int, _constraint: Constraint, activities: Collection[int]
    ) -> Iterator[Breach]:
        """Yield those of the pools that these activities wait for, or take a room of."""
        index = planning.index
        pools: dict[int, None] = {}
        for activity in activities if index.table("room_pool") else ():
            candidate = index.candidate(activity)
            pools.update(dict.fromkeys(_pools(index, candidate)))
        for pool in pools:
            yield from self._breaches(index, pool)

    def barriers(
        self, planning: "Planning", _key: int, _constraint: Constraint, candidate: Candidate
    ) -> Iterator[Barrier]:
        """Yield one barrier per pool that would lack a room."""
        index = planning.index
        for pool, rooms in _pools(index, candidate).items() if index.table("room_pool") else ():
            size, now = _size(index, pool), _needed(index, pool, candidate.key)
            own = [index.everywhere * index.waiting_weeks(candidate)] if candidate.row.pool == pool else []
            for room in rooms:  # a room that somebody has already is no room less
                taken = index.occupancy.taken(("room", room), candidate.key)
                own.append(index.everywhere * candidate.needs["room", room] & ~taken)
            then = plus(now, tally(own))
            bad = above(then, size) & more(then, now)
            starts = candidate.starts & ~free_blocks(bad, candidate.duration, candidate.starts)
            if starts:
                yield Barrier(self.name, 0, True, 0, "room_pool", pool, 0, starts)

    def _breaches(self, index: Index, pool: int) -> Iterator[Breach]:
        size = _size(index, pool)
        waiting, wait = index.waiting(pool)
        count = plus(wait, tally(_taken(index, pool, 0)))
        for value, bits in levels(count, above(count, size)):
            for place, steps, weeks in blocks_of(bits):
                block = place, steps, weeks
                who = {one for one, blocks in waiting.items() if _meets(blocks, block)}
                for room in index.table("room_pool")[pool].rooms:
                    holders = index.occupancy.holders(("room", room))
                    who.update(one for one, blocks in holders.items() if _meets(blocks, block))
                yield Breach(self.name, 0, True, 0, "room_pool", pool, tuple(sorted(who)), weeks, place, value, size)


def _meets(blocks: Iterable[Segment], block: Segment) -> bool:
    """Say whether any of some blocks has a time of another."""
    place, steps, weeks = block
    return any(weeks & some and first < place + steps and place < first + length for first, length, some in blocks)


def _pools(index: Index, candidate: Candidate) -> dict[int, list[int]]:
    """Return the pools that a candidate has to do with, each with the rooms it takes of it."""
    found: dict[int, list[int]] = {}
    if candidate.row.pool is not None:
        found[candidate.row.pool] = []
    for kind, room in candidate.needs:
        if kind == "room":
            for pool in index.pools_with(room):
                found.setdefault(pool, []).append(room)
    return found


def _needed(index: Index, pool: int, without: int) -> Count:
    """Return how many rooms of a pool are taken or waited for, at every place and week."""
    waiting, count = index.waiting(pool)
    if own := waiting.get(without):
        count = take(count, index.occupancy.mask(own))
    return plus(count, tally(_taken(index, pool, without)))


def _taken(index: Index, pool: int, without: int) -> Iterator[int]:
    """Yield when each room of a pool is taken."""
    row: RoomPool = index.table("room_pool")[pool]
    return (index.occupancy.taken(("room", room), without) for room in row.rooms)


def _size(index: Index, pool: int) -> int:
    row: RoomPool = index.table("room_pool")[pool]
    return len(row.rooms)


RULE = RoomPoolRule()
