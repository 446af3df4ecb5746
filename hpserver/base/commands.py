"""What a planner does, as changes: place, move, cancel, swap, assign. Reads a planning and changes nothing.

Weeks are indexes from 0 where one is meant, week sets where several are. The changes are checked when applied.
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from hpserver.base.changes import Change, create, delete, update
from hpserver.base.model import Activity, Meeting, meeting_key
from hpserver.base.planning import Planning
from hpserver.base.weeks import each_week
from hpserver.errors import InvalidChangeError

_REGULAR = Meeting()


def place(planning: Planning, activity: int, place: int, rooms: Sequence[int] | None = None) -> tuple[Change, ...]:
    """Put an activity at a place, in every week without a place of its own; with `rooms`, in these."""
    planning.activity(activity)
    fields: dict[str, Any] = {"place": place}
    if rooms is not None:
        fields["rooms"] = tuple(rooms)
    return (update("activity", activity, **fields),)


def unplace(planning: Planning, activity: int) -> tuple[Change, ...]:
    """Take an activity off the timetable, also in the weeks that had a place of their own."""
    planning.activity(activity)
    moved = [week for week, meeting in planning.meetings_of(activity).items() if meeting.place is not None]
    meetings = (_meeting(planning, activity, week, place=None) for week in moved)
    return (update("activity", activity, place=None), *(change for some in meetings for change in some))


def move_meeting(planning: Planning, activity: int, week: int, place: int) -> tuple[Change, ...]:
    """Put an activity at another place in one week."""
    usual = _activity_in(planning, activity, week).place
    return _meeting(planning, activity, week, place=None if place == usual else place)


def cancel_meeting(planning: Planning, activity: int, week: int) -> tuple[Change, ...]:
    """Cancel an activity in one week; it frees whatever it took."""
    return _meeting(planning, activity, week, cancelled=True)


def restore_meeting(planning: Planning, activity: int, week: int) -> tuple[Change, ...]:
    """Take back a cancellation; what else differs in that week is kept."""
    return _meeting(planning, activity, week, cancelled=False)


def swap(planning: Planning, a: int, b: int) -> tuple[Change, ...]:
    """Exchange the places of two activities."""
    return (
        update("activity", a, place=planning.activity(b).place),
        update("activity", b, place=planning.activity(a).place),
    )


def assign_room(
    planning: Planning, activity: int, rooms: Sequence[int], weeks: int | None = None
) -> tuple[Change, ...]:
    """Give an activity these rooms, in every week or in those of a set."""
    return _assign(planning, activity, "rooms", tuple(rooms), weeks)


def assign_instructors(
    planning: Planning, activity: int, instructors: Sequence[int], weeks: int | None = None
) -> tuple[Change, ...]:
    """Give an activity these instructors, in every week or in those of a set."""
    return _assign(planning, activity, "instructors", tuple(instructors), weeks)


def _assign(
    planning: Planning, activity: int, field: str, keys: tuple[int, ...], weeks: int | None
) -> tuple[Change, ...]:
    row = planning.activity(activity)
    if weeks is None:
        special = [week for week, it in planning.meetings_of(activity).items() if getattr(it, field) is not None]
        usual = (_meeting(planning, activity, week, **{field: None}) for week in special)
        return (update("activity", activity, **{field: keys}), *(change for some in usual for change in some))
    value = None if keys == getattr(row, field) else keys
    each = (_meeting(planning, activity, week, **{field: value}) for week in each_week(weeks & row.weeks))
    return tuple(change for some in each for change in some)


def _meeting(planning: Planning, activity: int, week: int, **fields: Any) -> tuple[Change, ...]:
    """Return what makes the meeting of a week so, none when it is; a meeting like the others has no row."""
    _activity_in(planning, activity, week)
    key = meeting_key(activity, week)
    known = planning.maybe_meeting(activity, week)
    wanted = msgspec.structs.replace(known or _REGULAR, **fields)
    if wanted == (known or _REGULAR):
        return ()
    if known is None:
        return (create("meeting", key, **fields),)
    return (delete("meeting", key),) if wanted == _REGULAR else (update("meeting", key, **fields),)


def _activity_in(planning: Planning, activity: int, week: int) -> Activity:
    row = planning.activity(activity)
    if not 0 <= week < planning.grid.weeks or not row.weeks >> week & 1:
        text = f"activity {activity} has no meeting in week {week + 1}"
        raise InvalidChangeError(text, kind="activity", key=activity, field="weeks")
    return row
