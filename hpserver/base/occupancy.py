"""When each resource is taken, as one big int per resource. Knows activities by key, and no row of resources.

A mask has one lane of 64 bits per place of the week, one bit per week in the lane: a year's test is one AND, a
longer meeting is the same lane repeated, and free places of a length are found by shifting lanes together.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from itertools import repeat
from typing import Final, TypeAlias

from hpserver.base.grid import DAYS_IN_WEEK
from hpserver.base.model import Activity, Meeting
from hpserver.base.references import Ident

LANE = 64
"""Bits per place: 62 weeks fit, and a lane is one machine word."""
LANE_MASK = (1 << LANE) - 1

OCCUPYING: Mapping[str, frozenset[str]] = {
    "activity": frozenset(
        {"duration", "weeks", "place", "instructors", "cohorts", "groups", "combined", "rooms"},
    ),
    "meeting": frozenset({"cancelled", "place", "instructors", "rooms"}),
    "combined_group": frozenset({"cohorts", "groups"}),
}
"""By kind, the fields that decide what activities occupy."""

Segment: TypeAlias = tuple[int, int, int]
"""Place, steps, week set: a block of the year."""
Footprint: TypeAlias = Mapping[Ident, tuple[Segment, ...]]
"""What an activity occupies, by resource."""

_NOBODY: Mapping[int, tuple[Segment, ...]] = {}

_INSTRUCTOR: Final = repeat("instructor")
_COHORT: Final = repeat("cohort")
_GROUP: Final = repeat("group")
_ROOM: Final = repeat("room")

KNOWN_MASKS: Final = 64
"""Masks that are remembered: 16 KiB each, at most, on the finest grid."""


class Occupancy:
    """Who is taken when, and by which activities; right also when activities overlap.

    The masks of a resource are made when they are first asked for, and kept true from then on: a base that is read
    serves before those of thousands are made.
    """

    def __init__(self, steps_per_day: int) -> None:
        self.steps_per_day = steps_per_day
        self.places = DAYS_IN_WEEK * steps_per_day
        self._lanes = [lanes(count) for count in range(steps_per_day + 1)]
        self.mask: Callable[[tuple[Segment, ...]], int] = lru_cache(KNOWN_MASKS)(self._mask)
        """The mask of some blocks. An edit asks eight times for those of two."""
        self._once: dict[Ident, int] = {}
        self._more: dict[Ident, int] = {}  # bits taken twice or more: never cleared blindly
        self._holders: dict[Ident, dict[int, tuple[Segment, ...]]] = {}
        self._footprints: dict[int, Footprint] = {}

    def put(self, footprints: Mapping[int, Footprint]) -> dict[int, Footprint]:
        """Make each of `footprints`, by activity, what that activity occupies, in place of what it occupied: returned.

        All leave before any comes: what is taken twice is counted once for all of them, however many they are.
        """
        doubtful: dict[Ident, int] = {}
        before = {activity: self._footprints.pop(activity, {}) for activity in footprints}
        for activity, earlier in before.items():
            footprint = footprints[activity]
            for resource, segments in earlier.items():
                if footprint.get(resource) != segments:
                    self._vacate(resource, activity, segments, doubtful)
        for resource, within in doubtful.items():
            self._count(resource, within)
        for activity, footprint in footprints.items():
            if footprint:
                self._footprints[activity] = footprint
                self._occupy(activity, footprint)
        return before

    def footprint(self, activity: int) -> Footprint:
        """Return what an activity occupies."""
        return self._footprints.get(activity, {})

    def holders(self, resource: Ident) -> Mapping[int, tuple[Segment, ...]]:
        """Return the activities that occupy a resource, and when."""
        return self._holders.get(resource, _NOBODY)

    def _mask(self, segments: tuple[Segment, ...]) -> int:
        mask = 0
        for place, steps, weeks in segments:
            mask |= weeks * self._lanes[steps] << place * LANE
        return mask

    def masks(self, footprint: Footprint) -> Iterator[tuple[Ident, tuple[Segment, ...], int]]:
        """Yield the resources of a footprint, each with its blocks and their mask."""
        known: tuple[Segment, ...] | None = None
        mask = 0
        for resource, segments in footprint.items():
            if segments is not known:  # most often the same blocks for all of them
                known, mask = segments, self.mask(segments)
            yield resource, segments, mask

    def taken(self, resource: Ident, activity: int) -> int:
        """Return when a resource is taken by others than `activity`."""
        once = self._once.get(resource)
        if once is None:
            once = self._make(resource)
        segments = self._holders.get(resource, _NOBODY).get(activity)
        if segments is None:
            return once
        return once & ~self.mask(segments) | self._more.get(resource, 0)

    def shared(self, resource: Ident) -> int:
        """Return when a resource is taken by two activities or more."""
        if resource not in self._once:
            self._make(resource)
        return self._more.get(resource, 0)

    def as_dict(self) -> dict[Ident, tuple[int, int, dict[int, tuple[Segment, ...]]]]:
        """Return per resource: taken, taken twice or more, by whom and when. A copy, for checks."""
        return {
            resource: (self.taken(resource, 0), self.shared(resource), dict(holders))
            for resource, holders in self._holders.items()
        }

    def _make(self, resource: Ident) -> int:
        """Make the masks of a resource that somebody occupies; when it is taken."""
        if resource not in self._holders:
            return 0
        once = more = 0
        for segments in self._holders[resource].values():
            mask = self.mask(segments)
            more |= once & mask
            once |= mask
        self._once[resource] = once
        if more:
            self._more[resource] = more
        return once

    def _occupy(self, activity: int, footprint: Footprint) -> None:
        known: tuple[Segment, ...] | None = None
        mask = 0
        for resource, segments in footprint.items():
            holders = self._holders.get(resource)
            if holders is None:
                self._holders[resource] = {activity: segments}
                continue
            if holders.get(activity) == segments:
                continue
            holders[activity] = segments
            once = self._once.get(resource)
            if once is None:
                continue
            if segments is not known:  # most often the same blocks for all of them
                known, mask = segments, self.mask(segments)
            if both := once & mask:
                self._more[resource] = self._more.get(resource, 0) | both
            self._once[resource] = once | mask

    def _vacate(
        self, resource: Ident, activity: int, segments: tuple[Segment, ...], doubtful: dict[Ident, int]
    ) -> None:
        """Take an activity away; what others may have taken too is left as it is and noted as doubtful."""
        holders = self._holders[resource]
        del holders[activity]
        if not holders:
            del self._holders[resource]
            self._once.pop(resource, None)
            self._more.pop(resource, None)
            doubtful.pop(resource, None)
            return
        if resource not in self._once:
            return
        mask = self.mask(segments)
        shared = self._more.get(resource, 0) & mask
        if shared:
            doubtful[resource] = doubtful.get(resource, 0) | shared
        self._once[resource] ^= mask ^ shared

    def _count(self, resource: Ident, within: int) -> None:
        """Find out what of `within` is still taken, and taken twice."""
        once = more = 0
        for segments in self._holders[resource].values():
            mask = self.mask(segments) & within
            more |= once & mask
            once |= mask
            if more == within:
                break
        self._once[resource] = self._once[resource] & ~within | once
        self._more[resource] = self._more[resource] & ~within | more


def footprint(activity: Activity, meetings: Mapping[int, Meeting]) -> Footprint:
    """Return what an activity occupies, its meetings (by week index) taken into account.

    The cohorts and groups of combined groups must be among those of `activity`: see `audience.attended`.
    A cancelled meeting occupies nothing; nor does a week that neither activity nor meeting places.
    """
    if not meetings:
        if activity.place is None or not activity.weeks:
            return {}
        return dict.fromkeys(resources_of(activity, None), ((activity.place, activity.duration, activity.weeks),))
    regular = activity.weeks & ~sum(1 << week for week in meetings)
    parts = [(None, regular), *((meeting, 1 << week) for week, meeting in meetings.items())]
    found: dict[Ident, dict[int, int]] = {}
    for meeting, weeks in parts:
        place = place_of(activity, meeting)
        if place is None or not weeks or (meeting is not None and meeting.cancelled):
            continue
        for resource in resources_of(activity, meeting):
            blocks = found.setdefault(resource, {})
            blocks[place] = blocks.get(place, 0) | weeks
    return {
        resource: tuple((place, activity.duration, blocks[place]) for place in sorted(blocks))
        for resource, blocks in found.items()
    }


def place_of(activity: Activity, meeting: Meeting | None) -> int | None:
    """Return where an activity is in the week of `meeting` (None: a week like the others)."""
    return activity.place if meeting is None or meeting.place is None else meeting.place


def resources_of(activity: Activity, meeting: Meeting | None) -> list[Ident]:
    """Return whom and what an activity takes in the week of `meeting` (None: a week like the others)."""
    instructors, rooms = activity.instructors, activity.rooms
    if meeting is not None:
        instructors = instructors if meeting.instructors is None else meeting.instructors
        rooms = rooms if meeting.rooms is None else meeting.rooms
    return [
        *zip(_INSTRUCTOR, instructors, strict=False),
        *zip(_COHORT, activity.cohorts, strict=False),
        *zip(_GROUP, activity.groups, strict=False),
        *zip(_ROOM, rooms, strict=False),
    ]


def lanes(count: int) -> int:
    """Return a 1 in the lowest bit of each of `count` lanes: times a week set, that many lanes of it."""
    return ((1 << count * LANE) - 1) // LANE_MASK


def blocks_of(mask: int) -> Iterator[Segment]:
    """Yield the blocks of a mask in order of place: runs of places with the same weeks, as long as can be.

    In one week an activity is in one place, so the blocks of a mask within its own never run past a day.
    """
    while mask:
        place, _ = bounds(mask)
        rest = mask >> place * LANE
        weeks = rest & LANE_MASK
        steps = 1
        while rest >> steps * LANE & LANE_MASK == weeks:
            steps += 1
        yield place, steps, weeks
        mask = rest >> steps * LANE << (place + steps) * LANE


def weeks_in(mask: int) -> int:
    """Return the weeks of which a mask has any place."""
    weeks = 0
    for _, _, some in blocks_of(mask):
        weeks |= some
    return weeks


def bounds(mask: int) -> tuple[int, int]:
    """Return the first and the last place of a mask that is not empty."""
    return ((mask & -mask).bit_length() - 1) // LANE, (mask.bit_length() - 1) // LANE


def free_blocks(taken: int, steps: int, starts: int) -> int:
    """Return the mask of `starts` from which `steps` lanes are free of `taken`, week by week."""
    free, length = ~taken, 1
    while length < steps:
        shift = min(length, steps - length)
        free &= free >> shift * LANE
        length += shift
    return free & starts


def weeks_by_place(mask: int, places: int) -> dict[int, int]:
    """Return the non-empty lanes of a mask."""
    words = memoryview(mask.to_bytes(places * 8, "little")).cast("Q")
    return {place: weeks for place, weeks in enumerate(words) if weeks}
