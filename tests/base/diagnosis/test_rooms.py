"""Free rooms and free places are those a search cell by cell finds."""

import pytest
from hypothesis import given

from hpserver.base.changes import Change, create, delete, update
from hpserver.base.diagnosis.rooms import RoomFit, Wanted, free_rooms, free_slots, pairs
from hpserver.base.integrity import naive_cells
from hpserver.base.planning import Planning
from hpserver.base.weeks import each_week
from hpserver.errors import HPError, InvalidChangeError, UnknownObjectError
from tests.base.diagnosis.naive import WEEKS, a_planning, barred, clashes_at, needed, places_for
from tests.histories import GRID, founding, histories


def replayed(history: list[list[Change]]) -> Planning:
    """Return a planning after what is possible of a history, asked along the way."""
    planning = Planning(GRID)
    planning.apply(founding())
    for changes in history:
        try:
            planning.apply(changes)
        except HPError:
            continue
        for activity in list(planning.rows("activity"))[:1]:
            pairs(planning, activity)  # what is kept side by side must stay true
    return planning


@given(histories)
def test_rooms_are_free_when_nobody_takes_them(history: list[list[Change]]) -> None:
    """For every place, the weeks of every room; the best fit first."""
    planning = replayed(history)
    cells = set().union(*naive_cells(planning).values()) if planning.rows("activity") else set()
    for place in places_for(planning, 2):
        found = free_rooms(planning, place, 2, WEEKS)
        free = {
            room: sum(
                1 << week for week in range(4)
                if not any((("room", room), step, week) in cells or (step, week) in barred(planning, ("room", room))
                           for step in (place, place + 1))
            )
            for room in planning.rows("room")
        }  # fmt: skip
        assert {one.room: one.weeks for one in found} == {room: weeks for room, weeks in free.items() if weeks}
        assert [one.weeks.bit_count() for one in found] == sorted(
            (one.weeks.bit_count() for one in found), reverse=True
        )


@given(histories)
def test_pairs_of_room_and_start_are_free_in_all_weeks(history: list[list[Change]]) -> None:
    """With every room in turn, the places where nobody at all is in the way."""
    planning = replayed(history)
    for activity in planning.rows("activity"):
        found = pairs(planning, activity, Wanted())
        assert found.count == sum(starts.bit_count() for starts in found.rooms().values())
        expected_pairs = {
            (room, place)
            for room in planning.rows("room")
            for place in places_for(planning, planning.activity(activity).duration)
            if needed(planning, activity) and _is_free(planning, activity, room, place)
        }
        assert {
            (room, place) for room, starts in found.rooms().items() for place in each_week(starts)
        } == expected_pairs


def _is_free(planning: Planning, activity: int, room: int, place: int) -> bool:
    row, weeks = planning.activity(activity), needed(planning, activity)
    steps = range(place, place + row.duration)
    cells = {cell for key, some in naive_cells(planning).items() if key != activity for cell in some}
    people = {one for one in clashes_at(planning, activity, place) if one[0][0] != "room"}
    never = {
        (step, week) for week, idents in weeks.items() for ident in idents if ident[0] != "room"
        for step in steps if (step, week) in barred(planning, ident)
    }  # fmt: skip
    mine = any((("room", room), step, week) in cells or (step, week) in barred(planning, ("room", room))
               for step in steps for week in weeks)  # fmt: skip
    return not people and not never and not mine


def test_what_a_room_must_have() -> None:
    """Seats, site, pool, category values; fewer seats to spare fit better."""
    planning = a_planning(
        create("site", 1, name="Nord"),
        create("category", 1, name="Équipement"),
        create("category_value", 1, category=1, name="Piano"),
        create("room", 3, name="c", capacity=40, site=1),
        create("room", 4, name="d", capacity=30, site=1, categories=[1]),
        create("room", 5, name="e", capacity=30),
        create("room_pool", 1, name="p", rooms=[3, 5]),
        create("activity", 1, rooms=[5], weeks=0b01, place=0),
    )
    assert [one.room for one in free_rooms(planning, 0, 1, 0b11, Wanted(25))] == [4, 3, 5]
    assert free_rooms(planning, 0, 1, 0b11, Wanted(25))[2] == RoomFit(5, 0b10, 5)
    assert free_rooms(planning, 0, 1, 0b11, Wanted(25), activity=1)[1] == RoomFit(5, 0b11, 5)
    assert [one.room for one in free_rooms(planning, 0, 1, 0b01, Wanted(25))] == [4, 3]
    assert [one.room for one in free_rooms(planning, 0, 1, 0b11, Wanted(site=1))] == [4, 3]
    assert [one.room for one in free_rooms(planning, 6, 1, 0b11, Wanted(pool=1))] == [5, 3]
    assert [one.room for one in free_rooms(planning, 6, 1, 0b11, Wanted(categories=(1,)))] == [4]
    with pytest.raises(UnknownObjectError):
        free_rooms(planning, 6, 1, 0b11, Wanted(pool=9))


@pytest.mark.parametrize(("place", "steps", "weeks"), [(5, 2, 1), (12, 1, 1), (-1, 1, 1), (0, 0, 1), (0, 1, 16)])
def test_a_block_that_is_none_is_refused(place: int, steps: int, weeks: int) -> None:
    """Past the day, on a day off, of no length, in a week that the grid has not."""
    with pytest.raises(InvalidChangeError):
        free_rooms(a_planning(), place, steps, weeks)


def test_when_some_people_and_a_room_are_all_free() -> None:
    """Students in common count, and times that are impossible."""
    planning = a_planning(
        create("activity", 1, cohorts=[1], weeks=0b01, place=0),
        create("activity", 2, rooms=[1], weeks=0b10, place=2),
        create("availability", 1, instructor=1, level="impossible", place=4, steps=2, weeks=0b11),
    )
    found = free_slots(planning, [("group", 1), ("room", 1), ("instructor", 1)], 2, 0b11)
    assert {place: weeks for place, weeks in found.items() if place < 6} == {0: 0b10, 1: 0b01, 2: 0b01}
    assert found[6] == 0b11
    assert free_slots(planning, [], 6, 0b1)[0] == 0b1
    with pytest.raises(UnknownObjectError):
        free_slots(planning, [("room", 9)], 1, 1)


def test_rooms_come_and_go() -> None:
    """What is kept side by side follows rooms that appear, move and disappear."""
    planning = a_planning(create("activity", 1, weeks=0b1), create("activity", 2, rooms=[1], weeks=0b1, place=0))
    before = pairs(planning, 1).rooms()
    assert before[1] == before[2] & ~1
    planning.apply([update("activity", 2, rooms=[2]), create("room", 3, name="new")])
    after = pairs(planning, 1).rooms()
    assert (after[1], after[2], after[3]) == (before[2], before[1], before[2])
    planning.apply([delete("activity", 2), delete("room", 2)])
    assert set(pairs(planning, 1).rooms()) == {1, 3}


def test_what_has_possible_rooms_is_offered_no_other() -> None:
    """Its own and those of its series, in the list of free rooms and in the pairs; who has none may be anywhere."""
    planning = a_planning(
        create("series", 1, name="s"),
        create("room", 3, name="c", capacity=40),
        create("activity", 1, weeks=0b01, series=1),
        create("activity", 2, weeks=0b01),
        create("possible_room", 1, room=3, penalty=2, series=1),
    )
    assert [one.room for one in free_rooms(planning, 0, 1, 0b01, activity=1)] == [3]
    assert set(pairs(planning, 1, Wanted()).rooms()) == {3}
    planning.apply([create("possible_room", 2, room=2, penalty=0, activity=1)])
    assert {one.room for one in free_rooms(planning, 0, 1, 0b01, Wanted(1), activity=1)} <= {2, 3}
    assert set(pairs(planning, 1, Wanted()).rooms()) == {2, 3}
    for other in (0, 2, 9):
        assert {one.room for one in free_rooms(planning, 0, 1, 0b01, activity=other)} == set(planning.rows("room"))
