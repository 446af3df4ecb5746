"""All rooms of a planning side by side in one big int per week: free (room, start) pairs in a few operations.

Where the resources of one activity are asked for in all weeks, a mask per resource is best (occupancy); where one
activity is tried in every room, reading one int per week is ten times quicker. The figures are in docs/performance.md.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from hpserver.base.occupancy import Occupancy
from hpserver.base.weeks import MAX_WEEKS, each_week

KEPT_PATTERNS: Final = 64
"""Week sets whose rooms are kept together: a school has a few dozen; at most 40 KiB each for 300 rooms."""


class Board:
    """Bit `slot * width + place` of a week's int: that room is taken then. Rooms keep their slot."""

    def __init__(self, places: int) -> None:
        self.width = (places + 7) // 8 * 8
        """Bits of a room: whole bytes, to be cut out again."""
        self._slots: dict[int, int] = {}
        self._seen: dict[int, int] = {}  # the very int of the occupancy: another object means another content
        self._rows: dict[int, dict[int, int]] = {}
        self._weeks = [0] * MAX_WEEKS
        self._together: dict[int, int] = {}
        self._stretches: dict[tuple[int, ...], int] = {}

    def slot(self, room: int) -> int:
        """Return where a room is."""
        return self._slots[room]

    def refresh(self, occupancy: Occupancy, rooms: Iterable[int]) -> None:
        """Take over what changed of these rooms."""
        seen, taken = self._seen, occupancy.taken
        changed = [room for room in rooms if taken(("room", room), 0) is not seen.get(room)]
        if not changed:
            return
        self._together.clear()
        self._stretches.clear()
        flips: dict[int, list[tuple[int, int]]] = {}
        for room in changed:
            seen[room] = taken(("room", room), 0)
            slot = self._slots.setdefault(room, len(self._slots))
            for week, flip in self._flips(occupancy, room):
                flips.setdefault(week, []).append((slot, flip))
        for week, some in flips.items():
            self._weeks[week] ^= self._side_by_side(some)

    def free(
        self, weeks: int, steps: int, allowed: int, rooms: Sequence[int], special: Mapping[int, int]
    ) -> int:  # fmt: skip
        """Return the pairs of a room and one of the `allowed` starts from which it is free in all of `weeks`.

        The starts of rooms in `special` are those given there. All of `allowed` must end the same day.
        """
        if not allowed or not rooms:
            return 0
        everywhere = allowed.to_bytes(self.width // 8, "little") * len(self._slots)
        found = int.from_bytes(everywhere, "little") & self._stretch(tuple(rooms))
        found &= ~_reaching(self._taken(weeks), steps)
        if special:
            found &= ~self._stretch(tuple(special))
        for room, starts in special.items():
            found |= (starts & allowed) << self._slots[room] * self.width
        return found

    def _taken(self, weeks: int) -> int:
        """Return what is taken in any of `weeks`."""
        found = self._together.get(weeks)
        if found is None:
            found = 0
            for week in each_week(weeks):
                found |= self._weeks[week]
            if len(self._together) == KEPT_PATTERNS:
                self._together.clear()
            self._together[weeks] = found
        return found

    def _stretch(self, rooms: tuple[int, ...]) -> int:
        """Return every place of some rooms."""
        found = self._stretches.get(rooms)
        if found is None:
            size = self.width // 8
            content = bytearray(size * len(self._slots))
            for room in rooms:
                start = self._slots[room] * size
                content[start : start + size] = b"\xff" * size
            if len(self._stretches) == KEPT_PATTERNS:
                self._stretches.clear()
            found = self._stretches[rooms] = int.from_bytes(content, "little")
        return found

    def _flips(self, occupancy: Occupancy, room: int) -> list[tuple[int, int]]:
        """Return what differs from what was known of a room, by week, and know it."""
        now: dict[int, int] = {}
        for segments in occupancy.holders(("room", room)).values():
            for place, steps, weeks in segments:
                run = (1 << steps) - 1 << place
                for week in each_week(weeks):
                    now[week] = now.get(week, 0) | run
        before, self._rows[room] = self._rows.get(room, {}), now
        both = ((week, before.get(week, 0) ^ now.get(week, 0)) for week in sorted(before.keys() | now.keys()))
        return [(week, flip) for week, flip in both if flip]

    def _side_by_side(self, some: Sequence[tuple[int, int]]) -> int:
        if len(some) == 1:
            ((slot, row),) = some
            return row << slot * self.width
        size = self.width // 8
        content = bytearray(size * len(self._slots))
        for slot, row in some:
            content[slot * size : (slot + 1) * size] = row.to_bytes(size, "little")
        return int.from_bytes(content, "little")


def _reaching(taken: int, steps: int) -> int:
    """Return the starts from which so many steps touch one that is taken; what runs past a day is not looked at."""
    length = 1
    while length < steps:
        shift = min(length, steps - length)
        taken |= taken >> shift
        length += shift
    return taken
