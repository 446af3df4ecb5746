from hypothesis import given

from hpserver.base.changes import Change, create
from tests.rules import EXAMPLES, a_base, activities, assert_barriers_tell_breaches, told


@EXAMPLES
@given(activities())
def test_a_start_is_bad_just_where_it_would_break_the_rule(some: list[Change]) -> None:
    """Also for what takes a room of the pool while others wait for one."""
    assert_barriers_tell_breaches(a_base(*some), "room_pool")


def test_more_cannot_wait_than_there_are_free_rooms() -> None:
    """Two rooms: one is taken, so two that wait are one too many, where all three meet."""
    planning = a_base(
        create("activity", 1, rooms=[1], weeks=7, place=0, duration=2),
        create("activity", 2, pool=1, weeks=3, place=0, duration=2),
        create("activity", 3, pool=1, weeks=6, place=1, duration=2),
    )
    (breach,) = told(planning, "room_pool")
    assert (breach.kind, breach.key, breach.amount, breach.limit) == ("room_pool", 1, 3, 2)
    assert (breach.place, breach.weeks, breach.activities, breach.hard) == (1, 2, (1, 2, 3), True)
