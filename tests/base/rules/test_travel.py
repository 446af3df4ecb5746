import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.base.changes import Change, create
from tests.rules import EXAMPLES, a_base, activities, assert_barriers_tell_breaches, told


@EXAMPLES
@given(activities(), st.sampled_from([10, 30, 60]), st.booleans())
def test_a_start_is_bad_just_where_it_would_break_the_rule(some: list[Change], minutes: int, back: bool) -> None:
    """Whoever goes: an instructor, a group, or those who share its students."""
    ways = [create("travel_time", 1, start=1, finish=2, minutes=minutes)]
    if back:
        ways.append(create("travel_time", 2, start=2, finish=1, minutes=90))
    assert_barriers_tell_breaches(a_base(*some, *ways), "travel")


@pytest.mark.parametrize(("place", "amount"), [(1, 0), (2, 30), (3, None), (8, None)])
def test_the_way_takes_its_time(place: int, amount: int | None) -> None:
    """An hour from one site to the other: right after, and half an hour after, is too soon."""
    planning = a_base(
        create("travel_time", 1, start=2, finish=1, minutes=60),
        create("activity", 1, instructors=[1], rooms=[1], weeks=3, place=0),
        create("activity", 2, instructors=[1], rooms=[3], weeks=6, place=place),
    )
    told_so = [(one.amount, one.limit, one.activities, one.weeks, one.hard) for one in told(planning, "travel")]
    assert told_so == ([] if amount is None else [(amount, 60, (1, 2), 2, True)])


def test_students_of_a_group_follow_their_cohort() -> None:
    """From a lecture in one site to a tutorial in the other."""
    planning = a_base(
        create("travel_time", 1, start=1, finish=2, minutes=30),
        create("activity", 1, cohorts=[1], rooms=[1], weeks=1, place=0),
        create("activity", 2, groups=[1], rooms=[3], weeks=1, place=1),
    )
    (breach,) = told(planning, "travel")
    assert breach.activities == (1, 2)
