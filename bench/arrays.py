"""The same searches with numpy, as well as we know how: what the base is compared with. Needs the group `bench`."""

from typing import Any, Final

import numpy as np

from hpserver.base.planning import Planning

WEEKS: Final = 62


class Rooms:
    """When each room is taken, in three shapes: week masks, packed bits per week, booleans."""

    def __init__(self, planning: Planning) -> None:
        self.places = planning.grid.places
        rooms = sorted(planning.rows("room"))
        self.masks = np.zeros((len(rooms), self.places), np.uint64)
        for index, room in enumerate(rooms):
            taken = planning.occupancy.taken(("room", room), 0)
            self.masks[index] = np.frombuffer(taken.to_bytes(self.places * 8, "little"), np.uint64)
        weeks = np.arange(WEEKS, dtype=np.uint64)[:, None, None]
        self.booleans = (self.masks[None] >> weeks & np.uint64(1)).astype(bool)
        self.packed = np.packbits(self.booleans, axis=2, bitorder="little")
        pad = -self.packed.shape[2] % 8
        self.packed = np.pad(self.packed, ((0, 0), (0, 0), (0, pad))).view(np.uint64)

    def by_masks(self, weeks: int, steps: int, allowed: Any) -> Any:
        """Return the free pairs: one AND of every (room, place) with the weeks."""
        return _runs((self.masks & np.uint64(weeks)) == 0, steps) & allowed

    def by_booleans(self, weeks: int, steps: int, allowed: Any) -> Any:
        """Return the free pairs: `any` over the weeks."""
        return _runs(~self.booleans[_indexes(weeks)].any(axis=0), steps) & allowed

    def by_words(self, weeks: int, steps: int, allowed: Any) -> Any:
        """Return the free pairs: OR of the weeks' words, then bits."""
        words = np.bitwise_or.reduce(self.packed[_indexes(weeks)], axis=0)
        bits = np.unpackbits(words.view(np.uint8), axis=1, count=self.places, bitorder="little")
        return _runs(bits == 0, steps) & allowed


class Families:
    """The blocks of each resource, and of each cohort with its groups, as arrays; made ready beforehand."""

    def __init__(self, planning: Planning) -> None:
        self.families: list[tuple[Any, Any, Any, Any, Any]] = []
        holders = planning.occupancy.holders
        lone = [((kind, key),) for kind in ("instructor", "room") for key in planning.rows(kind)]
        shared = [planning.students.rivals(("cohort", key)) for key in planning.rows("cohort")]
        for family in [*lone, *shared]:
            rows = [
                (place, place + steps, weeks, activity, which)
                for which, ident in enumerate(family)
                for activity, segments in holders(ident).items()
                for place, steps, weeks in segments
            ]
            if rows:
                rivals = np.array([[b in planning.students.rivals(a) for b in family] for a in family])
                first, last, weeks, activity, which = (np.array(column) for column in zip(*rows, strict=True))
                self.families.append((first, last, weeks.astype(np.uint64), activity, rivals[which][:, which]))

    def count(self) -> int:
        """Return how many clashes there are: every pair of blocks of a family is compared."""
        found = 0
        for first, last, weeks, activity, rivals in self.families:
            both = (first[:, None] < last[None]) & (first[None] < last[:, None]) & rivals
            both &= (weeks[:, None] & weeks[None]) != 0
            both &= activity[:, None] != activity[None]
            found += len(np.nonzero(np.triu(both, 1))[0])
        return found


def starts(planning: Planning, allowed: int) -> Any:
    """Return a set of places, a bit each, as an array of booleans."""
    return np.array([bool(allowed >> place & 1) for place in range(planning.grid.places)])


def _runs(free: Any, steps: int) -> Any:
    """Return where so many places in a row are free."""
    found = free.copy()
    for step in range(1, steps):
        found[:, :-step] &= free[:, step:]
        found[:, -step:] = False
    return found


def _indexes(weeks: int) -> list[int]:
    return [week for week in range(WEEKS) if weeks >> week & 1]
