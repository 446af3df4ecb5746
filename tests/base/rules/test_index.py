from hpserver.base.changes import create, delete, update
from hpserver.base.model import meeting_key
from hpserver.base.planning import Planning
from tests.rules import GRID, a_base


def test_a_base_without_wishes_is_idle() -> None:
    """Nothing was asked for: nothing is looked at."""
    planning = Planning(GRID)
    planning.apply([create("instructor", 1, name="Curie"), create("activity", 1, instructors=[1], weeks=1)])
    assert planning.index.is_idle
    planning.apply([create("constraint", 1, rule="same_day", activities=[1])])
    assert not planning.index.is_idle


def test_what_is_remembered_is_forgotten_when_its_rows_change() -> None:
    """Availabilities and travel times, also when a change is taken back."""
    planning = a_base(
        create("availability", 1, instructor=1, level="impossible", place=0, weeks=1),
        create("travel_time", 1, start=1, finish=2, minutes=10),
    )
    assert [key for key, _ in planning.index.wishes(("instructor", 1))] == [1]
    assert (planning.index.travel(1, 2), planning.index.travel(2, 1), planning.index.travel(1, 1)) == (10, 10, 0)
    planning.validate()
    applied = planning.apply([delete("availability", 1), update("travel_time", 1, minutes=20)])
    assert planning.index.wishes(("instructor", 1)) == ()
    assert planning.index.travel(2, 1) == 20
    planning.validate()
    planning.revert(applied)
    assert [key for key, _ in planning.index.wishes(("instructor", 1))] == [1]
    assert planning.index.travel(2, 1) == 10
    planning.validate()


def test_a_constraint_is_found_through_whom_an_activity_concerns() -> None:
    """The cohort of its group, the groups that share its students, its subject, itself."""
    named = ({"cohorts": [1]}, {"groups": [3]}, {"subjects": [1]}, {"activities": [1]}, {"groups": [2]})
    planning = a_base(
        create("activity", 1, subject=1, groups=[1], weeks=1),
        *(create("constraint", key, rule="same_day", **one) for key, one in enumerate(named, 1)),
    )
    assert [key for key, _ in planning.index.constraints_on(planning.index.candidate(1))] == [1, 2, 3, 4]


def test_positions_follow_the_meetings_of_an_activity_without_resources() -> None:
    """A rule between activities needs nobody to take part in them."""
    planning = a_base(
        create("activity", 1, weeks=7, place=0, duration=2),
        create("meeting", meeting_key(1, 1), place=9),
        create("meeting", meeting_key(1, 2), cancelled=True),
    )
    assert planning.index.positions(1) == ((0, 2, 1), (9, 2, 2))
    assert planning.index.days_of(1) == 1 | 2 << 64


def test_students_are_counted_by_group_unless_they_are_told() -> None:
    """Cohorts and groups of combined groups count as its own."""
    planning = a_base(
        create("combined_group", 1, name="Tous", cohorts=[2], groups=[1]),
        create("activity", 1, weeks=1, combined=[1]),
        create("activity", 2, weeks=1, combined=[1], students=7),
    )
    assert (planning.index.headcount(1), planning.index.headcount(2)) == (30, 7)
