"""Booking requests answered: validated, refused, reassigned to other rooms, as changes. Reads a planning."""

from collections.abc import Sequence
from typing import Any, cast

from hpserver.base.changes import Change, create, update
from hpserver.base.edits.commands import assign_room
from hpserver.base.model import Activity, BookingRequest, RoomPool
from hpserver.base.occupancy import place_of
from hpserver.base.planning import Planning
from hpserver.base.weeks import each_week
from hpserver.errors import InvalidChangeError

KIND = "booking_request"


def validate(planning: Planning, request: int, rooms: Sequence[int] = (), answer: str = "") -> tuple[Change, ...]:
    """Give a request the rooms it asks for, or `rooms` out of those and of the pool it asks for.

    Its activity gets them in the weeks of the request (every week when it names none); without one, an activity is
    made where and when it asks, whose placeholder is the key of the request, negative. Raises InvalidChangeError:
    it was answered, `rooms` are others than those asked for, none is known, or it is unclear where and when.
    """
    row = _pending(planning, request)
    given = tuple(rooms) or row.rooms
    if not given:
        raise _invalid(request, "given", "it names no room: say which one of the pool is given")
    pool = () if row.pool is None else cast(RoomPool, planning.get("room_pool", row.pool)).rooms
    others = sorted(set(given) - {*row.rooms, *pool})
    if others and (row.rooms or row.pool is not None):
        raise _invalid(request, "given", f"room {others[0]} was not asked for: reassign the request")
    return _answered(planning, request, row, "validated", given, answer)


def reassign(planning: Planning, request: int, rooms: Sequence[int], answer: str = "") -> tuple[Change, ...]:
    """Give a request other rooms than those it asks for. Raises as `validate`."""
    row = _pending(planning, request)
    if not rooms:
        raise _invalid(request, "given", "say which rooms are given instead")
    return _answered(planning, request, row, "reassigned", tuple(rooms), answer)


def refuse(planning: Planning, request: int, answer: str = "") -> tuple[Change, ...]:
    """Give a request nothing. Raises InvalidChangeError when it was answered."""
    _pending(planning, request)
    return (update(KIND, request, status="refused", answer=answer),)


def _answered(
    planning: Planning, request: int, row: BookingRequest, status: str, rooms: tuple[int, ...], answer: str
) -> tuple[Change, ...]:
    fields: dict[str, Any] = {"status": status, "given": rooms, "answer": answer}
    if row.activity is not None:
        activity = planning.activity(row.activity)
        _check_when(planning, request, row, activity)
        every = not row.weeks or not activity.weeks & ~row.weeks
        booked = assign_room(planning, row.activity, rooms, None if every else row.weeks)
        return *booked, update(KIND, request, **fields)
    if row.place is None or not row.weeks:
        raise _invalid(request, "place" if row.place is None else "weeks", "it says not when: nothing can be booked")
    made = create(
        "activity", -request, duration=row.steps, weeks=row.weeks, place=row.place, rooms=rooms, memo=row.comment
    )  # fmt: skip
    return made, update(KIND, request, activity=-request, **fields)


def _check_when(planning: Planning, request: int, row: BookingRequest, activity: Activity) -> None:
    """A room is not booked in other weeks or at another hour than asked for."""
    weeks = (row.weeks or activity.weeks) & activity.weeks
    if not weeks:
        raise _invalid(request, "weeks", f"activity {row.activity} has no meeting in these weeks")
    for week in each_week(weeks) if row.place is not None else ():
        if place_of(activity, planning.maybe_meeting(cast(int, row.activity), week)) not in {row.place, None}:
            raise _invalid(request, "place", f"activity {row.activity} is elsewhere in week {week + 1}: move it first")


def _pending(planning: Planning, request: int) -> BookingRequest:
    row = cast(BookingRequest, planning.get(KIND, request))
    if row.status != "pending":
        raise _invalid(request, "status", f"it is {row.status} already")
    return row


def _invalid(request: int, field: str, why: str) -> InvalidChangeError:
    return InvalidChangeError(f"{KIND} {request}: {why}", kind=KIND, key=request, field=field)
