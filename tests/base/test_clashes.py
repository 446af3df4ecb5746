from hpserver.base.changes import Change, create, update
from hpserver.base.clashes import MAX_CLASHES, Clash
from hpserver.base.model import meeting_key
from hpserver.base.planning import Planning
from tests.histories import GRID


def a_planning(*changes: Change) -> Planning:
    """Return a cohort with groups of two partitions, and these changes."""
    planning = Planning(GRID)
    named = [create(kind, key, name="n") for kind in ("room", "instructor") for key in (1, 2)]
    groups = [create("group", key, cohort=1, name="g", partition="aab"[key - 1]) for key in (1, 2, 3)]
    planning.apply([*named, create("cohort", 1, name="L1"), *groups, *changes])
    return planning


def test_a_room_is_in_one_place_at_once() -> None:
    """The overlap says which weeks, from which place and for how long."""
    planning = a_planning(
        create("activity", 1, rooms=[1], place=0, duration=3, weeks=0b111),
        create("activity", 2, rooms=[1], place=1, duration=4, weeks=0b110),
        create("activity", 3, rooms=[1], place=3, duration=1, weeks=0b001),
    )
    assert planning.clashes_of(1) == (Clash("room", 1, "room", 1, 1, 2, 0b110, 1, 2),)
    assert planning.clashes_of(2) == (Clash("room", 1, "room", 1, 2, 1, 0b110, 1, 2),)
    assert planning.clashes_of(3) == ()


def test_students_are_in_one_place_at_once() -> None:
    """A cohort is all its groups; groups of one partition share nobody; groups of two do."""
    planning = a_planning(
        create("activity", 1, cohorts=[1], place=0, weeks=1),
        create("activity", 2, groups=[1], place=0, weeks=1),
        create("activity", 3, groups=[2], place=6, weeks=1),
        create("activity", 4, groups=[1], place=6, weeks=1),
        create("activity", 5, groups=[3], place=6, weeks=1),
    )
    assert planning.clashes_of(1) == (Clash("cohort", 1, "group", 1, 1, 2, 1, 0, 1),)
    assert planning.clashes_of(3) == (Clash("group", 2, "group", 3, 3, 5, 1, 6, 1),)
    planning.apply([update("group", 3, apart=[2])])
    assert planning.clashes_of(3) == ()
    assert planning.clashes_of(5) == (Clash("group", 3, "group", 1, 5, 4, 1, 6, 1),)


def test_a_cancelled_meeting_is_in_nobody_s_way() -> None:
    """Its room and people are free that week."""
    planning = a_planning(
        create("activity", 1, rooms=[1], place=0, weeks=0b11),
        create("activity", 2, rooms=[1], place=0, weeks=0b11),
        create("meeting", meeting_key(1, 0), cancelled=True),
    )
    assert planning.clashes_of(2) == (Clash("room", 1, "room", 1, 2, 1, 0b10, 0, 1),)


def test_only_what_an_edit_brings_about_is_new() -> None:
    """A planner who moves a clashing activity by one step is told of the step gained, not of the old clash."""
    planning = a_planning(
        create("activity", 1, rooms=[1], place=0, duration=2, weeks=1),
        create("activity", 2, rooms=[1], place=0, duration=4, weeks=1),
    )
    moved = planning.apply([update("activity", 1, place=1)])
    assert planning.new_clashes(moved) == (Clash("room", 1, "room", 1, 1, 2, 1, 2, 1),)
    told = planning.apply([update("activity", 1, memo="still there", locked=True)])
    assert planning.new_clashes(told) == ()


def test_a_clash_of_two_edited_activities_is_told_once() -> None:
    """Both sides moved; one clash came about."""
    planning = a_planning(
        create("activity", 1, rooms=[1], place=0, weeks=1),
        create("activity", 2, rooms=[1], place=1, weeks=1),
    )
    moved = planning.apply([update("activity", 1, place=6), update("activity", 2, place=6)])
    assert planning.new_clashes(moved) == (Clash("room", 1, "room", 1, 1, 2, 1, 6, 1),)


def test_a_meeting_that_comes_back_may_clash() -> None:
    """Taking back a cancellation is checked like a move."""
    planning = a_planning(
        create("activity", 1, rooms=[1], place=0, weeks=1),
        create("activity", 2, rooms=[1], place=0, weeks=1),
        create("meeting", meeting_key(1, 0), cancelled=True),
    )
    back = planning.apply([update("meeting", meeting_key(1, 0), cancelled=False)])
    assert planning.new_clashes(back) == (Clash("room", 1, "room", 1, 1, 2, 1, 0, 1),)


def test_groups_that_begin_to_share_students_may_clash() -> None:
    """Nothing moved, yet somebody is now in two places at once."""
    planning = a_planning(
        create("activity", 1, groups=[1], place=0, weeks=1),
        create("activity", 2, groups=[2], place=0, weeks=1),
    )
    changed = planning.apply([update("group", 2, partition="c")])
    assert planning.new_clashes(changed) == (Clash("group", 2, "group", 1, 2, 1, 1, 0, 1),)


def test_a_pile_of_activities_holds_nobody_up() -> None:
    """An answer has a largest size, whatever somebody put at one place."""
    pile = [create("activity", key, rooms=[1, 2], place=0, weeks=1) for key in range(1, MAX_CLASHES)]
    planning = a_planning(*pile)
    assert len(planning.clashes_of(1)) == MAX_CLASHES


def test_groups_that_both_change_are_told_once() -> None:
    """Two groups regrouped and an activity moved in one transaction bring about one clash, not two or three."""
    planning = a_planning(
        create("activity", 1, groups=[1], place=0, weeks=1),
        create("activity", 2, groups=[2], place=6, weeks=1),
    )
    changed = planning.apply(
        [update("group", 1, partition="c"), update("group", 2, partition="d"), update("activity", 2, place=0)]
    )
    assert planning.new_clashes(changed) == (Clash("group", 1, "group", 2, 1, 2, 1, 0, 1),)
    assert planning.clashes_of(2) == (Clash("group", 2, "group", 1, 2, 1, 1, 0, 1),)
