"""The timetable of one resource in one week. Reads rows; knows no hour and no date."""

from collections.abc import Iterable, Mapping

import msgspec

from hpserver.base.audience import attended
from hpserver.base.model import WEEKS_PER_ACTIVITY, Activity, CombinedGroup, Meeting
from hpserver.base.occupancy import place_of


class Item(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One meeting as it takes place in its week; a cancelled one is kept, to be shown as such.

    Its cohorts and groups are all that attend it, those of combined groups too.
    """

    activity: int
    place: int
    duration: int
    subject: int | None
    instructors: tuple[int, ...]
    cohorts: tuple[int, ...]
    groups: tuple[int, ...]
    rooms: tuple[int, ...]
    cancelled: bool


def items(
    keys: Iterable[int],
    activities: Mapping[int, Activity],
    meetings: Mapping[int, Meeting],
    combined: Mapping[int, CombinedGroup],
    week: int,
) -> list[Item]:
    """Return what those activities do in a week (index from 0), sorted by place, then activity."""
    found = []
    this = 1 << week
    for key in keys:
        row = activities[key]
        if row.weeks & this:
            meeting = meetings.get(key * WEEKS_PER_ACTIVITY + week)
            place = row.place if meeting is None else place_of(row, meeting)
            if place is not None:
                found.append((place, key, row, meeting))
    found.sort()  # a key comes once: rows are never compared
    return [
        _item(place, key, attended(row, combined) if row.combined else row, meeting)
        for place, key, row, meeting in found
    ]


def _item(place: int, key: int, row: Activity, meeting: Meeting | None) -> Item:
    instructors, rooms, cancelled = row.instructors, row.rooms, False
    if meeting is not None:
        cancelled = meeting.cancelled
        instructors = instructors if meeting.instructors is None else meeting.instructors
        rooms = rooms if meeting.rooms is None else meeting.rooms
    return Item(key, place, row.duration, row.subject, instructors, row.cohorts, row.groups, rooms, cancelled)
