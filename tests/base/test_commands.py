from collections.abc import Sequence

import pytest

from hpserver.base import commands
from hpserver.base.changes import Change, create, delete, update
from hpserver.base.model import Meeting, meeting_key
from hpserver.base.planning import Planning
from hpserver.errors import InvalidChangeError, UnknownObjectError
from tests.histories import GRID


def a_planning() -> Planning:
    """Return two activities, one of them moved in week 2."""
    planning = Planning(GRID)
    planning.apply(
        [
            *(create(kind, key, name="n") for kind in ("room", "instructor") for key in (1, 2)),
            create("activity", 1, rooms=[1], weeks=0b0111, place=0),
            create("activity", 2, rooms=[2], weeks=0b0111, place=6),
            create("meeting", meeting_key(1, 1), place=3, rooms=[2]),
        ]
    )
    return planning


def after(planning: Planning, changes: Sequence[Change]) -> Planning:
    """Apply changes and check that all is sound."""
    planning.apply(changes)
    planning.validate()
    return planning


def test_an_activity_is_placed_with_or_without_rooms() -> None:
    """One change, whatever is named with the place."""
    planning = a_planning()
    assert commands.place(planning, 1, 4) == (update("activity", 1, place=4),)
    assert commands.place(planning, 1, 4, rooms=[2]) == (update("activity", 1, place=4, rooms=(2,)),)
    with pytest.raises(UnknownObjectError):
        commands.place(planning, 9, 4)


def test_an_unplaced_activity_is_nowhere() -> None:
    """Also not in the weeks that had a place of their own."""
    planning = a_planning()
    after(planning, commands.unplace(planning, 1))
    assert [planning.timetable("room", 1, week) for week in range(4)] == [()] * 4
    assert planning.maybe_meeting(1, 1) == Meeting(rooms=(2,))


def test_a_meeting_is_moved_and_moved_back() -> None:
    """Back where the others are, it no longer differs, and leaves no row behind."""
    planning = a_planning()
    after(planning, commands.move_meeting(planning, 1, 0, 4))
    assert planning.maybe_meeting(1, 0) == Meeting(place=4)
    assert commands.move_meeting(planning, 1, 0, 0) == (delete("meeting", meeting_key(1, 0)),)
    after(planning, commands.move_meeting(planning, 1, 1, 5))
    assert planning.maybe_meeting(1, 1) == Meeting(place=5, rooms=(2,))


def test_a_meeting_is_cancelled_and_restored() -> None:
    """What else differs in that week is kept; doing it twice is doing it once."""
    planning = a_planning()
    after(planning, commands.cancel_meeting(planning, 1, 1))
    assert planning.maybe_meeting(1, 1) == Meeting(cancelled=True, place=3, rooms=(2,))
    assert commands.cancel_meeting(planning, 1, 1) == ()
    after(planning, commands.restore_meeting(planning, 1, 1))
    assert planning.maybe_meeting(1, 1) == Meeting(place=3, rooms=(2,))
    after(planning, commands.cancel_meeting(planning, 2, 0))
    after(planning, commands.restore_meeting(planning, 2, 0))
    assert planning.maybe_meeting(2, 0) is None
    assert commands.restore_meeting(planning, 2, 0) == ()


@pytest.mark.parametrize("week", [-1, 3, 4, 70])
def test_a_week_without_meeting_cannot_change(week: int) -> None:
    """Neither a week off, nor one outside the year."""
    with pytest.raises(InvalidChangeError):
        commands.cancel_meeting(a_planning(), 1, week)


def test_two_activities_exchange_places() -> None:
    """In one transaction: neither is ever in the other's way."""
    planning = a_planning()
    applied = planning.apply(commands.swap(planning, 1, 2))
    assert (planning.activity(1).place, planning.activity(2).place) == (6, 0)
    assert planning.new_clashes(applied) == ()


def test_rooms_are_given_for_the_year_or_for_some_weeks() -> None:
    """For the year means every week; for some weeks, only those differ."""
    planning = a_planning()
    after(planning, commands.assign_room(planning, 2, [1], weeks=0b1101))
    assert {week: row.rooms for week, row in planning.meetings_of(2).items()} == {0: (1,), 2: (1,)}
    after(planning, commands.assign_room(planning, 2, [2], weeks=0b0001))
    assert list(planning.meetings_of(2)) == [2]
    after(planning, commands.assign_room(planning, 2, [1]))
    assert planning.activity(2).rooms == (1,)
    assert planning.meetings_of(2) == {}


def test_instructors_are_given_likewise() -> None:
    """A replacement is an instructor for some weeks."""
    planning = a_planning()
    after(planning, commands.assign_instructors(planning, 1, [1]))
    after(planning, commands.assign_instructors(planning, 1, [2], weeks=0b10))
    assert planning.activity(1).instructors == (1,)
    assert planning.maybe_meeting(1, 1) == Meeting(place=3, rooms=(2,), instructors=(2,))
