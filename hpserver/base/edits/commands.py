"""What a planner does, as changes: place, move, cancel, swap, assign, lock, split. Reads a planning, changes nothing.

Weeks are indexes from 0 where one is meant, week sets where several are; None is every week of the activity, and
weeks that an activity does not have are left aside. The changes are checked when applied.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Concatenate, ParamSpec

import msgspec

from hpserver.base.changes import Change, create, delete, update
from hpserver.base.model import Activity, Meeting, meeting_key, values_of
from hpserver.base.occupancy import place_of
from hpserver.base.planning import Planning
from hpserver.base.weeks import each_week
from hpserver.errors import InvalidChangeError

P = ParamSpec("P")

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


def move(planning: Planning, activity: int, place: int, weeks: int | None = None) -> tuple[Change, ...]:
    """Put an activity at a place: in every week, also those that had a place of their own, or in those of a set."""
    row = planning.activity(activity)
    if weeks is None:
        usual = _in_weeks(planning, activity, _placed_apart(planning, activity), place=None)
        return (update("activity", activity, place=place), *usual)
    return _in_weeks(planning, activity, weeks, place=None if place == row.place else place)


def cancel(planning: Planning, activity: int, weeks: int | None = None) -> tuple[Change, ...]:
    """Cancel an activity in these weeks; it frees whatever it took."""
    return _in_weeks(planning, activity, weeks, cancelled=True)


def restore(planning: Planning, activity: int, weeks: int | None = None) -> tuple[Change, ...]:
    """Take back the cancellations of these weeks; what else differs in them is kept."""
    return _in_weeks(planning, activity, weeks, cancelled=False)


def swap(planning: Planning, a: int, b: int, weeks: int | None = None) -> tuple[Change, ...]:
    """Exchange the places of two activities, in every week or in those of a set that both have.

    Raises InvalidChangeError when one of them has no place in such a week, or they have none in common.
    """
    one, two = planning.activity(a), planning.activity(b)
    if weeks is None:
        return update("activity", a, place=two.place), update("activity", b, place=one.place)
    common = weeks & one.weeks & two.weeks
    if a == b or not common:
        raise _invalid(a, "weeks", f"it has none of these weeks in common with activity {b}")
    found: list[Change] = []
    for week in each_week(common):
        here, there = _place_in(planning, a, week), _place_in(planning, b, week)
        found += _meeting(planning, a, week, place=None if there == one.place else there)
        found += _meeting(planning, b, week, place=None if here == two.place else here)
    return tuple(found)


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


def lock(planning: Planning, activity: int, weeks: int | None = None) -> tuple[Change, ...]:
    """Keep automatic placement from moving an activity, in every week or in those of a set."""
    row = planning.activity(activity)
    if weeks is None:
        return () if row.locked else (update("activity", activity, locked=True),)
    return () if row.locked else _in_weeks(planning, activity, weeks, locked=True)


def unlock(planning: Planning, activity: int, weeks: int | None = None) -> tuple[Change, ...]:
    """Let automatic placement move an activity, in every week or in those of a set; the others stay locked."""
    row = planning.activity(activity)
    open_ = () if not row.locked else (update("activity", activity, locked=False),)
    freed = _in_weeks(planning, activity, weeks, locked=False)
    if weeks is None or not row.locked:
        return (*open_, *freed)
    return (*open_, *freed, *_in_weeks(planning, activity, row.weeks & ~weeks, locked=True))


def split(planning: Planning, activity: int, weeks: int, place: int | None = None) -> tuple[Change, ...]:
    """Make some weeks of an activity an activity of their own, with what differs in them; with `place`, put it there.

    Its placeholder is the key of the first one, negative. Raises InvalidChangeError when nothing would be left of
    one of the two.
    """
    row = planning.activity(activity)
    apart = weeks & row.weeks
    if not apart or apart == row.weeks:
        raise _invalid(activity, "weeks", "some weeks are to stay, and some to go")
    fields = values_of(row) | {"weeks": apart, "forced": row.forced & apart, "code": ""}
    if place is not None:
        fields |= {"place": place, "forced": 0}
    left = {"weeks": row.weeks & ~apart, "forced": row.forced & ~apart}
    meetings = _copied(planning, activity, apart, with_places=place is None)
    return update("activity", activity, **left), create("activity", -activity, **fields), *meetings


def duplicate(planning: Planning, activity: int) -> tuple[Change, ...]:
    """Make the same activity again, without a place: what differs in its weeks is kept, but where it is.

    Its placeholder is the key of the first one, negative. Whoever follows both cannot be in both: it is placed next.
    """
    row = planning.activity(activity)
    fields = values_of(row) | {"place": None, "forced": 0, "locked": False, "code": ""}
    return create("activity", -activity, **fields), *_copied(planning, activity, row.weeks, with_places=False)


def each(
    planning: Planning,
    activities: Iterable[int],
    command: Callable[Concatenate[Planning, int, P], tuple[Change, ...]],
    *args: P.args,
    **kwargs: P.kwargs,
) -> tuple[Change, ...]:
    """Do the same to many activities, each named once, in one transaction. Raises what the command raises."""
    return tuple(change for key in dict.fromkeys(activities) for change in command(planning, key, *args, **kwargs))


def _in_weeks(planning: Planning, activity: int, weeks: int | None, **fields: Any) -> tuple[Change, ...]:
    row = planning.activity(activity)
    chosen = row.weeks if weeks is None else row.weeks & weeks
    return tuple(change for week in each_week(chosen) for change in _meeting(planning, activity, week, **fields))


def _placed_apart(planning: Planning, activity: int) -> int:
    return sum(1 << week for week, one in planning.meetings_of(activity).items() if one.place is not None)


def _place_in(planning: Planning, activity: int, week: int) -> int:
    place = place_of(planning.activity(activity), planning.maybe_meeting(activity, week))
    if place is None:
        raise _invalid(activity, "place", f"it has no place in week {week + 1}")
    return place


def _copied(planning: Planning, activity: int, weeks: int, *, with_places: bool) -> list[Change]:
    """Return the creation of the same exceptions for the placeholder of an activity."""
    found: list[Change] = []
    for week, meeting in planning.meetings_of(activity).items():
        kept = meeting if with_places else msgspec.structs.replace(meeting, place=None, locked=False)
        if weeks >> week & 1 and kept != _REGULAR:
            found.append(create("meeting", meeting_key(-activity, week), **values_of(kept)))
    return found


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
        raise _invalid(activity, "weeks", f"it has no meeting in week {week + 1}")
    return row


def _invalid(activity: int, field: str, why: str) -> InvalidChangeError:
    return InvalidChangeError(f"activity {activity}: {why}", kind="activity", key=activity, field=field)
