import pytest

from hpserver.base.audience import attended
from hpserver.base.changes import Change, create, delete, inverse, update
from hpserver.base.model import Activity, CombinedGroup
from hpserver.base.planning import Planning
from hpserver.errors import InvalidChangeError, UnknownObjectError
from tests.histories import GRID

COMBINED = {1: CombinedGroup("CM", cohorts=(2,), groups=(1, 2)), 2: CombinedGroup("LV", groups=(2, 3))}


def lecture() -> Planning:
    """Return a base where activity 1 is for combined group 1 (cohort 2 and group 1 of cohort 1)."""
    planning = Planning(GRID)
    planning.apply(
        [
            *(create("cohort", key, name="L") for key in (1, 2, 3)),
            *(create("group", key, cohort=1, name="TD", partition="TD") for key in (1, 2)),
            create("group", 3, cohort=2, name="TD", partition="TD"),
            create("combined_group", 1, name="CM", cohorts=[2], groups=[1]),
            create("activity", 1, combined=[1], groups=[1], weeks=15, place=0, duration=2),
            create("activity", 2, groups=[1], weeks=15, place=1),
            create("activity", 3, groups=[2], weeks=15, place=0),
            create("activity", 4, groups=[3], weeks=15, place=4),
            create("activity", 5, cohorts=[1], weeks=15, place=3),
            create("student", 1, name="Ada"),
            create("membership", 1, student=1, group=1, weeks=0b0011),
            create("membership", 2, student=1, group=3, weeks=0b0100),
            create("membership", 3, student=1, combined=1, weeks=0b1000),
        ]
    )
    return planning


def seen(planning: Planning, kind: str, key: int, week: int = 0) -> list[int]:
    """Return the activities of a timetable."""
    return [item.activity for item in planning.timetable(kind, key, week)]


def test_an_activity_is_attended_by_all_that_its_groups_combine_once() -> None:
    """A group named twice is not two groups."""
    row = attended(Activity(cohorts=(2,), groups=(3,), combined=(1, 2)), COMBINED)
    assert (row.cohorts, row.groups, row.combined) == ((2,), (3, 1, 2), (1, 2))


def test_without_combined_groups_an_activity_is_itself() -> None:
    """Most have none, and pay nothing."""
    row = Activity(cohorts=(1,))
    assert attended(row, COMBINED) is row


def test_whoever_is_combined_is_taken() -> None:
    """A lecture for a combined group clashes with the tutorials of whom it combines, and with nobody else's."""
    planning = lecture()
    planning.validate()
    assert [(clash.kind, clash.key, clash.other) for clash in planning.clashes_of(1)] == [("group", 1, 2)]
    assert 4 not in planning.free_places(1)
    assert 1 not in planning.free_places(4)
    assert planning.attended(1).cohorts == (2,)


def test_a_timetable_has_what_reaches_it_by_a_combined_group() -> None:
    """Students look at the timetable of their group, and the lecture is there, with all who attend it."""
    planning = lecture()
    assert seen(planning, "group", 1) == [1, 2, 5]
    assert seen(planning, "group", 2) == [3, 5]
    assert seen(planning, "group", 3) == [1, 4]
    assert seen(planning, "cohort", 1) == [1, 3, 2, 5]
    assert seen(planning, "cohort", 2) == [1, 4]
    assert seen(planning, "combined_group", 1) == [1, 2, 5, 4]
    (item,) = (item for item in planning.timetable("cohort", 2, 0) if item.activity == 1)
    assert (item.cohorts, item.groups) == ((2,), (1,))


@pytest.mark.parametrize(("week", "expected"), [(0, [1, 2, 5]), (1, [1, 2, 5]), (2, [1, 4]), (3, [1])])
def test_a_student_has_the_timetable_of_the_groups_of_that_week(week: int, expected: list[int]) -> None:
    """Who changes groups in the middle of a year sees each week as it is."""
    assert seen(lecture(), "student", 1, week) == expected


def test_a_change_of_a_combined_group_moves_its_activities() -> None:
    """Who joins is taken from then on, the clashes are told, and undo frees them again."""
    planning = lecture()
    applied = planning.apply([update("combined_group", 1, cohorts=[2], groups=[1, 2])])
    planning.validate()
    assert [(clash.kind, clash.key, clash.other) for clash in planning.new_clashes(applied)] == [("group", 2, 3)]
    planning.apply(inverse(applied))
    planning.validate()
    assert seen(planning, "group", 2) == [3, 5]


def test_an_activity_that_leaves_a_combined_group_frees_it() -> None:
    """Also in the transaction in which the group goes, and when that is taken back."""
    planning = lecture()
    changes: list[Change] = [update("activity", 1, combined=[]), delete("membership", 3), delete("combined_group", 1)]
    applied = planning.apply(changes)
    planning.validate()
    assert seen(planning, "cohort", 2) == [4]
    assert planning.new_clashes(applied) == ()
    planning.revert(applied)
    planning.validate()
    assert seen(planning, "cohort", 2) == [1, 4]


def test_there_is_no_timetable_of_what_does_nothing() -> None:
    """A subject has no week of its own; a stranger is unknown."""
    for kind, key, error in (("subject", 1, InvalidChangeError), ("student", 9, UnknownObjectError)):
        with pytest.raises(error):
            lecture().timetable(kind, key, 0)


def test_a_pool_says_its_rooms() -> None:
    """In the order in which they were put there: that of preference."""
    planning = lecture()
    planning.apply(
        [create("room", 1, name="A"), create("room", 2, name="B"), create("room_pool", 1, name="P", rooms=[2, 1])]
    )
    assert planning.rooms_of_pool(1) == (2, 1)
    with pytest.raises(UnknownObjectError):
        planning.rooms_of_pool(2)
