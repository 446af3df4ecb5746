from hpserver.base.changes import create, update
from hpserver.base.model import meeting_key
from hpserver.base.planning import Planning
from tests.histories import GRID

DAYS = (0, 1, 4)
"""The working days of the grid, six steps each."""


def a_planning() -> Planning:
    """Return an activity of three steps in room 1, and one that has room 2 on Monday at place 2 in week 1."""
    planning = Planning(GRID)
    planning.apply(
        [
            *(create("room", key, name="r") for key in (1, 2)),
            create("activity", 1, rooms=[1], duration=3, weeks=0b11),
            create("activity", 2, rooms=[2], duration=2, weeks=0b01, place=2),
        ]
    )
    return planning


def test_an_activity_fits_within_working_days() -> None:
    """It starts early enough to end the same day, on a day that is worked."""
    free = a_planning().free_places(1)
    assert free == {day * 6 + step: 0b11 for day in DAYS for step in range(4)}


def test_other_rooms_can_be_asked_for() -> None:
    """In the week where the room is taken, only what leaves it alone is free."""
    free = a_planning().free_places(1, rooms=[2])
    assert {place: weeks for place, weeks in free.items() if place < 6} == dict.fromkeys(range(4), 0b10)
    assert free[6] == 0b11


def test_an_activity_is_not_in_its_own_way() -> None:
    """Where it is now, it could be."""
    planning = a_planning()
    planning.apply([update("activity", 1, place=0)])
    assert planning.free_places(1)[0] == 0b11


def test_cancelled_weeks_need_no_place() -> None:
    """Only the weeks in which it takes place are looked at."""
    planning = a_planning()
    planning.apply([create("meeting", meeting_key(1, 0), cancelled=True)])
    assert set(planning.free_places(1).values()) == {0b10}
    planning.apply([update("activity", 1, weeks=0b01)])
    assert planning.free_places(1) == {}


def test_a_week_with_other_rooms_needs_those() -> None:
    """Room and instructor may differ in a week; so does what is in the way."""
    planning = a_planning()
    planning.apply([create("meeting", meeting_key(1, 0), rooms=[2])])
    free = planning.free_places(1)
    assert (free[0], free[6]) == (0b10, 0b11)
