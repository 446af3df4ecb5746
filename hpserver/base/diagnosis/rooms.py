"""Free rooms at a place, free places of some people and rooms, free (room, start) pairs. Changes nothing."""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, cast
from weakref import WeakKeyDictionary

import msgspec

from hpserver.base import free
from hpserver.base.diagnosis.board import Board
from hpserver.base.diagnosis.grid import diagnose
from hpserver.base.diagnosis.people import expected
from hpserver.base.model import Room
from hpserver.base.occupancy import LANE, LANE_MASK, Occupancy, free_blocks, lanes, weeks_by_place
from hpserver.base.planning import Planning
from hpserver.base.references import Ident
from hpserver.base.rules.possible_rooms import penalties_of
from hpserver.errors import InvalidChangeError

MOST_ROOMS: Final = 1_000
"""Rooms in one answer: more than any school has."""

_boards: WeakKeyDictionary[Occupancy, Board] = WeakKeyDictionary()
"""The rooms of each planning side by side: made when first asked for, brought up to date at each question."""


class RoomFit(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A room, the weeks in which it is free, and how many places it has more than are asked for."""

    room: int
    weeks: int
    spare: int


class Wanted(msgspec.Struct, frozen=True):
    """What a room must have: so many seats, a site, to be of a pool, all of these category values."""

    capacity: int = 0
    site: int | None = None
    pool: int | None = None
    categories: tuple[int, ...] = ()


ANY_ROOM: Final = Wanted()


def free_rooms(
    planning: Planning, place: int, steps: int, weeks: int, wanted: Wanted = ANY_ROOM, *, activity: int = 0
) -> tuple[RoomFit, ...]:
    """Return the rooms free for `steps` steps from `place` in some of `weeks`, the best fit first, at most MOST_ROOMS.

    The best is free in most weeks, then has the fewest seats to spare, then the lowest key. What `activity` takes
    counts as free, and where rooms are possible for it, no other is told.

    Raises InvalidChangeError for a block that does not fit in a working day, UnknownObjectError.
    """
    check_block(planning, place, steps, weeks)
    block, found = lanes(steps) * weeks, []
    for key, row in suitable(planning, wanted, activity).items():
        taken = taken_by_others(planning, ("room", key), activity) >> place * LANE & block
        rest = weeks & ~_any_lane(taken, steps) if taken else weeks
        if rest:
            found.append((-rest.bit_count(), row.capacity - wanted.capacity, key, rest))
    found.sort()
    return tuple(RoomFit(key, rest, spare) for _, spare, key, rest in found[:MOST_ROOMS])


def free_slots(planning: Planning, resources: Sequence[Ident], steps: int, weeks: int) -> dict[int, int]:
    """Return the weeks in which all of these are free for `steps` steps, by place; places of none are left out.

    Students in common count, and so do times that are impossible for one of them. Raises InvalidChangeError,
    UnknownObjectError.
    """
    taken = 0
    for resource in resources:
        planning.get(*resource)
        for rival in planning.students.rivals(resource):
            taken |= taken_by_others(planning, rival, 0)
    within = free.starts(planning.grid, steps) & lanes(planning.grid.places) * (weeks & planning.grid.all_weeks)
    return weeks_by_place(free_blocks(taken, steps, within), planning.grid.places)


class Pairs:
    """Every room and start at which an activity could be in all its weeks, as one mask.

    Bit `start` of a room's stretch says that room, and all other resources of the activity, are free from there.
    """

    def __init__(self, rooms: Sequence[tuple[int, int]], width: int, mask: int) -> None:
        self._rooms = rooms
        self._width = width
        self.mask = mask

    @property
    def count(self) -> int:
        """How many pairs there are."""
        return self.mask.bit_count()

    def rooms(self) -> dict[int, int]:
        """Return the starts, a bit per place, of each room that has any; the best fit first."""
        size = self._width // 8
        content = self.mask.to_bytes(max(1, (self.mask.bit_length() + 7) // 8), "little")
        found = {}
        for room, slot in self._rooms:
            starts = int.from_bytes(content[slot * size : (slot + 1) * size], "little")
            if starts:
                found[room] = starts
        return found


def pairs(planning: Planning, activity: int, wanted: Wanted | None = None) -> Pairs:
    """Return where an activity could be with any one room instead of its own. Raises UnknownObjectError.

    Without `wanted`, rooms of its pool when it has one, with a seat for every student; where rooms are possible for it,
    none but these. Rooms are told the best fit
    first: the fewest seats to spare, then the lowest key.
    """
    row = planning.attended(activity)
    wish = wanted or Wanted(expected(planning, activity), pool=row.pool)
    rooms = suitable(planning, wish, activity)
    board = board_of(planning, rooms)
    people = diagnose(planning, activity, ())
    weeks = people.weeks
    allowed = sum(1 << place for place, possible in people.possible().items() if possible == weeks)
    special = {
        room: _starts_in(planning, room, activity, row.duration, weeks) for room in _special(planning, activity, rooms)
    }
    order = sorted(rooms, key=lambda room: (rooms[room].capacity, room))
    mask = board.free(weeks, row.duration, allowed, order, special)
    return Pairs([(room, board.slot(room)) for room in order], board.width, mask)


def board_of(planning: Planning, rooms: Mapping[int, Room]) -> Board:
    """Return the rooms of a planning side by side, up to date."""
    board = _boards.get(planning.occupancy)
    if board is None:
        board = _boards[planning.occupancy] = Board(planning.grid.places)
    board.refresh(planning.occupancy, rooms)
    return board


def suitable(planning: Planning, wanted: Wanted, activity: int = 0) -> dict[int, Room]:
    """Return the rooms that have what is wanted, and are possible for an activity if it has possible rooms.

    Raises UnknownObjectError when there is no such pool.
    """
    rows = cast(Mapping[int, Room], planning.rows("room"))
    keys: Collection[int] = rows if wanted.pool is None else planning.rooms_of_pool(wanted.pool)
    known = planning.rows("possible_room") and planning.maybe_get("activity", activity) is not None
    if known and (possible := penalties_of(planning.index, activity)):
        keys = [key for key in keys if key in possible]
    elif wanted == ANY_ROOM:
        return dict(rows)
    need = set(wanted.categories)
    return {
        key: row
        for key, row in ((key, rows[key]) for key in keys)
        if row.capacity >= wanted.capacity
        and wanted.site in (None, row.site)
        and (not need or need.issubset(row.categories))
    }


def taken_by_others(planning: Planning, resource: Ident, activity: int) -> int:
    """Return when a resource is taken by others than an activity, or impossible for it."""
    return planning.occupancy.taken(resource, activity) | impossible(planning, resource)


def impossible(planning: Planning, resource: Ident) -> int:
    """Return when a resource cannot be taken, as its availabilities say."""
    taken = 0
    for _, row in planning.index.wishes(resource):
        if row.level == "impossible":
            taken |= lanes(row.steps) * row.weeks << row.place * LANE
    return taken


def check_block(planning: Planning, place: int, steps: int, weeks: int) -> None:
    """Raise InvalidChangeError unless a block lies within a working day and the weeks of the grid."""
    if steps < 1 or place < 0 or not planning.grid.fits(place, steps):
        raise InvalidChangeError("it does not lie within a working day", field="place")
    if weeks < 0 or weeks & ~planning.grid.all_weeks:
        raise InvalidChangeError("there are no such weeks", field="weeks")


def _special(planning: Planning, activity: int, rooms: Mapping[int, Room]) -> set[int]:
    """Return the rooms whose lane on the board does not say all: those of the activity, those not always available."""
    held = {key for kind, key in planning.occupancy.footprint(activity) if kind == "room" and key in rooms}
    if planning.rows("availability"):
        held |= {room for room in rooms if impossible(planning, ("room", room))}
    return held


def _starts_in(planning: Planning, room: int, activity: int, steps: int, weeks: int) -> int:
    """Return the places from which a room is free in all of `weeks`, a bit per place."""
    taken = taken_by_others(planning, ("room", room), activity)
    possible = weeks_by_place(
        free_blocks(taken, steps, lanes(planning.grid.places) * weeks), planning.grid.places
    )  # fmt: skip
    return sum(1 << place for place, some in possible.items() if some == weeks)


def _any_lane(mask: int, count: int) -> int:
    """Return the weeks that are in any of the first lanes of a mask."""
    weeks = 0
    for _ in range(count):
        weeks |= mask
        mask >>= LANE
    return weeks & LANE_MASK
