from hypothesis import given

from hpserver.base.changes import Change, create
from hpserver.base.rules import barriers
from tests.rules import EXAMPLES, a_base, activities, assert_barriers_tell_breaches, told


@EXAMPLES
@given(activities())
def test_a_start_is_bad_just_where_it_would_break_the_rule(some: list[Change]) -> None:
    """In the weeks in which it has a room too small for it, any start is."""
    assert_barriers_tell_breaches(a_base(*some), "room_capacity")


def test_students_are_counted_against_the_seats_of_all_rooms() -> None:
    """A cohort of 20 and a group of 10 in rooms of 25: five too many, in both weeks."""
    planning = a_base(create("activity", 1, cohorts=[2], groups=[1], rooms=[1], weeks=3, place=0))
    (breach,) = told(planning, "room_capacity")
    assert (breach.amount, breach.limit, breach.cost, breach.hard, breach.key) == (30, 25, 10, False, 1)


def test_what_an_activity_expects_goes_before_the_size_of_its_groups() -> None:
    """A lecture to which few of the cohort come fits."""
    planning = a_base(create("activity", 1, cohorts=[2], rooms=[2], students=10, weeks=3, place=0))
    assert told(planning, "room_capacity") == []


def test_other_rooms_can_be_asked_about() -> None:
    """The search for a room tells those that are too small; a room of unknown size holds anybody."""
    planning = a_base(create("activity", 1, cohorts=[2], rooms=[1], weeks=3, place=0))
    assert barriers(planning, 1) == []
    (small,) = barriers(planning, 1, rooms=[2])
    assert (small.rule, small.key, small.cost) == ("room_capacity", 2, 10)
    assert barriers(planning, 1, rooms=[3]) == []
