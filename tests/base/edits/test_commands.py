from collections.abc import Sequence

import pytest

from hpserver.base.changes import Change, create, delete, update
from hpserver.base.edits import commands
from hpserver.base.model import Meeting, meeting_key
from hpserver.base.occupancy import place_of
from hpserver.base.planning import Planning
from hpserver.base.weeks import each_week
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
    after(planning, commands.cancel(planning, 1, 0b10))
    assert planning.maybe_meeting(1, 1) == Meeting(cancelled=True, place=3, rooms=(2,))
    assert commands.cancel(planning, 1, 0b10) == ()
    after(planning, commands.restore(planning, 1, 0b10))
    assert planning.maybe_meeting(1, 1) == Meeting(place=3, rooms=(2,))
    after(planning, commands.cancel(planning, 2, 0b1))
    after(planning, commands.restore(planning, 2, 0b1))
    assert planning.maybe_meeting(2, 0) is None
    assert commands.restore(planning, 2, 0b1) == ()


@pytest.mark.parametrize("week", [-1, 3, 4, 70])
def test_a_week_without_meeting_cannot_change(week: int) -> None:
    """Neither a week off, nor one outside the year."""
    with pytest.raises(InvalidChangeError):
        commands.move_meeting(a_planning(), 1, week, 4)


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


def places(planning: Planning, activity: int) -> list[int | None]:
    """Return where an activity is in each of its weeks; None where it is cancelled or nowhere."""
    found: list[int | None] = []
    for week in each_week(planning.activity(activity).weeks):
        meeting = planning.maybe_meeting(activity, week) or Meeting()
        found.append(None if meeting.cancelled else place_of(planning.activity(activity), meeting))
    return found


def test_an_activity_moves_in_every_week_or_in_some() -> None:
    """A week like the others again has no row."""
    planning = after(a_planning(), commands.move(a_planning(), 1, 6, weeks=0b1110))
    assert places(planning, 1) == [0, 6, 6]
    after(planning, commands.move(planning, 1, 0, weeks=0b100))
    assert places(planning, 1) == [0, 6, 0]
    after(planning, commands.move(planning, 1, 7))
    assert places(planning, 1) == [7, 7, 7]
    assert planning.maybe_meeting(1, 1) == Meeting(rooms=(2,))


def test_weeks_are_cancelled_and_restored_together() -> None:
    """A strike of a fortnight is one edit; what differed in a week is found again."""
    planning = a_planning()
    after(planning, commands.cancel(planning, 1, 0b11))
    assert places(planning, 1) == [None, None, 0]
    after(planning, commands.cancel(planning, 1))
    after(planning, commands.restore(planning, 1))
    assert planning == a_planning()


def test_two_activities_change_places_in_some_weeks() -> None:
    """From wherever each is in that week."""
    planning = a_planning()
    after(planning, commands.swap(planning, 1, 2, weeks=0b11))
    assert (places(planning, 1), places(planning, 2)) == ([6, 6, 0], [0, 3, 6])
    after(planning, commands.swap(planning, 2, 1, weeks=0b11))
    assert planning == a_planning()


@pytest.mark.parametrize(("a", "b", "weeks"), [(1, 2, 0b1000), (1, 1, 1), (1, 3, 1)])
def test_a_swap_needs_two_places_in_each_week(a: int, b: int, weeks: int) -> None:
    """Nobody loses a place by it."""
    planning = after(a_planning(), [create("activity", 3, weeks=1)])
    with pytest.raises(InvalidChangeError):
        commands.swap(planning, a, b, weeks)


def test_weeks_are_locked_one_by_one() -> None:
    """What is unlocked in a week stays locked in the others."""
    planning = a_planning()
    after(planning, commands.lock(planning, 1))
    assert commands.lock(planning, 1, 0b1) == ()
    after(planning, commands.unlock(planning, 1, 0b10))
    assert not planning.activity(1).locked
    assert [week for week, one in planning.meetings_of(1).items() if one.locked] == [0, 2]
    after(planning, commands.unlock(planning, 1))
    assert planning == a_planning()
    after(planning, commands.lock(planning, 1, 0b100))
    assert planning.maybe_meeting(1, 2) == Meeting(locked=True)


def test_weeks_split_off_take_along_what_differs_in_them() -> None:
    """The two together do what the one did."""
    planning = a_planning()
    after(planning, [create("activity", -9, weeks=0), *commands.split(planning, 1, 0b1110)])
    assert (planning.activity(1).weeks, planning.activity(4).weeks) == (0b1, 0b110)
    assert planning.meetings_of(4) == {1: Meeting(place=3, rooms=(2,))}
    assert planning.meetings_of(1) == {}


def test_weeks_split_off_may_go_elsewhere() -> None:
    """Then it is one activity at one place; nothing may be left empty."""
    planning = a_planning()
    after(planning, commands.split(planning, 1, 0b110, place=8))
    assert places(planning, 3) == [8, 8]
    assert planning.maybe_meeting(3, 1) == Meeting(rooms=(2,))
    for weeks in (0b1000, 0b1111):
        with pytest.raises(InvalidChangeError):
            commands.split(planning, 2, weeks)


def test_a_copy_is_the_same_without_a_place() -> None:
    """It would stand where the first one stands."""
    planning = after(a_planning(), [update("activity", 1, code="X1", locked=True, memo="m")])
    after(planning, commands.duplicate(planning, 1))
    row = planning.activity(3)
    assert (row.place, row.locked, row.code, row.memo, row.rooms) == (None, False, "", "m", (1,))
    assert planning.meetings_of(3) == {1: Meeting(rooms=(2,))}


def test_many_are_edited_in_one_transaction() -> None:
    """Whatever one can do to an activity, also when it makes new ones."""
    planning = a_planning()
    after(planning, commands.each(planning, [1, 2, 1], commands.cancel, 0b1))
    assert (places(planning, 1), places(planning, 2)) == ([None, 3, 0], [None, 6, 6])
    changes = commands.each(planning, [1, 2], commands.duplicate)
    assert planning.apply(changes).keys == {-1: 3, -2: 4}
    after(planning, commands.each(planning, [3, 4], commands.place, 4, rooms=[1]))
    assert places(planning, 4) == [None, 4, 4]
