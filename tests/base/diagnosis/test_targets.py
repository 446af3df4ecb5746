"""Where an activity in the way may go, and what it may have instead."""

from hpserver.base.changes import create, update
from hpserver.base.diagnosis.targets import (
    MOST_SUBSTITUTES,
    Choice,
    Edit,
    Targets,
    changes_of,
    is_locked,
    needs_of,
    segments_of,
    shared_with,
    substitutes,
    ways_of,
)
from hpserver.base.model import meeting_key
from tests.base.diagnosis.naive import a_planning

IN_THE_WAY = (
    create("activity", 1, instructors=[1], weeks=0b1, place=0),
    create("activity", 2, instructors=[1], groups=[1], weeks=0b11, place=0),
)


def test_the_same_hour_of_another_day_comes_first() -> None:
    """One start a day, displacing nobody; then whole weeks; then those that displace."""
    planning = a_planning(*IN_THE_WAY, create("activity", 3, groups=[1], weeks=0b1, place=6))
    choices = Targets(planning).of(2, 0b1, {1}, 1)
    assert choices[0] == Choice(Edit("move", 2, 0b1, False, 24))
    assert Choice(Edit("move", 2, 0b11, True, 24)) in choices
    assert choices[-1].displaced == ((3, 0b1),)
    assert all(len(choice.displaced) <= 1 for choice in choices)
    assert all(choice.displaced == () for choice in Targets(planning).of(2, 0b1, {1}, 0))


def test_a_hard_time_is_no_target() -> None:
    """The rules keep an activity from going there."""
    never = [
        create("availability", key, group=1, level="impossible", place=place, steps=6, weeks=0b1111)
        for key, place in ((1, 6), (2, 24))
    ]
    planning = a_planning(*IN_THE_WAY, *never)
    places = {choice.edit.place for choice in Targets(planning).of(2, 0b1, {1}, 0)}
    assert places <= set(range(1, 6))
    assert places


def test_what_is_locked_has_no_choice() -> None:
    """An activity, or one of its meetings in those weeks."""
    planning = a_planning(*IN_THE_WAY, create("meeting", meeting_key(2, 1), locked=True))
    assert [is_locked(planning, 2, weeks) for weeks in (0b01, 0b10, 0b11)] == [False, True, True]
    assert Targets(planning).of(2, 0b10, {1}, 1) == []
    assert not any(choice.edit.whole for choice in Targets(planning).of(2, 0b01, {1}, 1))
    planning.apply([update("activity", 2, locked=True)])
    assert Targets(planning).of(2, 0b01, {1}, 1) == []


def test_rooms_of_the_pool_or_like_it() -> None:
    """As large, on the same site, with the same equipment, free then; the smallest first; three at most."""
    rooms = [create("room", key, name="r", capacity=10 * key, site=1) for key in range(3, 9)]
    planning = a_planning(
        create("site", 1, name="Nord"),
        *rooms,
        create("room_pool", 1, name="p", rooms=[8, 1]),
        create("activity", 1, rooms=[4], students=40, weeks=0b1, place=0),
        create("activity", 2, rooms=[5], weeks=0b1, place=0),
    )
    segments = segments_of(planning, 1, 0b1)
    assert list(substitutes(planning, 1, ("room", 4), segments)) == [(6,), (7,), (8,)]
    assert MOST_SUBSTITUTES == 3
    planning.apply([update("activity", 1, pool=1)])
    assert list(substitutes(planning, 1, ("room", 4), segments)) == [(8,)]
    assert list(substitutes(planning, 1, ("room", 9), segments)) == []
    assert list(substitutes(planning, 1, ("cohort", 1), segments)) == []
    assert list(substitutes(planning, 1, ("instructor", 1), segments)) == []


def test_who_is_in_the_way_start_by_start() -> None:
    """For good by what is fixed, else by activity."""
    planning = a_planning(*IN_THE_WAY, create("activity", 3, groups=[1], duration=2, weeks=0b1, place=7))
    ways = ways_of(planning, 2, 0b1, needs_of(planning, 2), {1})
    assert ways.never == 0b1
    assert ways.others == {3: 0b110000000}
    assert ways.weeks[3] == 0b1
    assert shared_with(planning, 2, 0b1, [1]) == [("instructor", 1)]
    assert shared_with(planning, 2, 0b10, [1]) == []


def test_an_edit_is_the_changes_of_a_planner() -> None:
    """The whole activity, or its meetings one by one."""
    planning = a_planning(*IN_THE_WAY)
    assert changes_of(planning, Edit("move", 2, 0b11, True, 3)) == (update("activity", 2, place=3),)
    moved = changes_of(planning, Edit("move", 2, 0b10, False, 3))
    assert moved == (create("meeting", meeting_key(2, 1), place=3),)
    assert changes_of(planning, Edit("room", 2, 0b11, True, None, (1,))) == (update("activity", 2, rooms=(1,)),)
    assert len(changes_of(planning, Edit("instructor", 2, 0b11, False, None, (2,)))) == 2
