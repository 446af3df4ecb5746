from typing import cast

import pytest

from hpserver.base.changes import create, update
from hpserver.base.edits.requests import reassign, refuse, validate
from hpserver.base.model import BookingRequest
from hpserver.base.planning import Planning
from hpserver.errors import InvalidChangeError
from tests.schools import a_grid


@pytest.fixture
def planning() -> Planning:
    """Rooms 1 to 4, a pool of 2 and 3, an activity in weeks 1 to 4 on Monday at 8:00."""
    found = Planning(a_grid())
    found.apply([
        *(create("room", key, name=f"A{key}") for key in (1, 2, 3, 4)),
        create("room_pool", 1, name="Informatique", rooms=[2, 3]),
        create("activity", 1, duration=2, weeks=15, place=0, rooms=[1]),
    ])  # fmt: skip
    return found


def ask(planning: Planning, **fields: object) -> None:
    """Make request 1."""
    planning.apply([create("booking_request", 1, asked_by="Marie", **fields)])


def asked(planning: Planning, key: int = 1) -> BookingRequest:
    """The request as it is now."""
    return cast(BookingRequest, planning.get("booking_request", key))


def test_a_validated_request_gives_its_activity_the_rooms(planning: Planning) -> None:
    """In the weeks asked for; what was given and why is kept with the request."""
    ask(planning, activity=1, rooms=[4], weeks=2, place=0)
    planning.apply(validate(planning, 1, answer="volontiers"))
    row = asked(planning)
    assert (row.status, row.given, row.answer, row.activity) == ("validated", (4,), "volontiers", 1)
    assert [planning.timetable("room", 4, week) != () for week in range(4)] == [False, True, False, False]


def test_a_request_without_activity_makes_one(planning: Planning) -> None:
    """Where and when it asks; it remembers which."""
    ask(planning, rooms=[4], weeks=5, place=24, steps=3, comment="soutenance")
    keys = planning.apply(validate(planning, 1)).keys
    made = planning.activity(keys[-1])
    assert (made.rooms, made.weeks, made.place, made.duration, made.memo) == ((4,), 5, 24, 3, "soutenance")
    assert asked(planning).activity == keys[-1]


def test_a_room_of_the_pool_is_chosen(planning: Planning) -> None:
    """Who asks for a pool gets one of its rooms, and nothing before somebody says which."""
    ask(planning, activity=1, pool=1)
    with pytest.raises(InvalidChangeError, match="say which one of the pool"):
        validate(planning, 1)
    with pytest.raises(InvalidChangeError, match="room 4 was not asked for"):
        validate(planning, 1, [4])
    planning.apply(validate(planning, 1, [3]))
    assert planning.activity(1).rooms == (3,)


def test_other_rooms_are_a_reassignment(planning: Planning) -> None:
    """The status says that it is not what was asked for."""
    ask(planning, activity=1, rooms=[2])
    with pytest.raises(InvalidChangeError, match="instead"):
        reassign(planning, 1, [])
    planning.apply(reassign(planning, 1, [4], "A2 est prise"))
    assert (asked(planning).status, planning.activity(1).rooms) == ("reassigned", (4,))


def test_a_refused_request_books_nothing_and_is_answered_once(planning: Planning) -> None:
    """Whoever answers second is told."""
    ask(planning, activity=1, rooms=[4])
    planning.apply(refuse(planning, 1, "fermée"))
    assert (asked(planning).status, asked(planning).answer, planning.activity(1).rooms) == ("refused", "fermée", (1,))
    with pytest.raises(InvalidChangeError, match="refused already"):
        validate(planning, 1)
    with pytest.raises(InvalidChangeError, match="refused already"):
        refuse(planning, 1)
    with pytest.raises(InvalidChangeError, match="refused already"):
        reassign(planning, 1, [2])


def test_a_room_is_not_booked_at_another_hour(planning: Planning) -> None:
    """The activity was moved since, or has no meeting then: nothing is booked for nobody."""
    ask(planning, activity=1, rooms=[4], place=24)
    with pytest.raises(InvalidChangeError, match="elsewhere in week 1"):
        validate(planning, 1)
    planning.apply([update("booking_request", 1, weeks=1 << 9, place=None)])
    with pytest.raises(InvalidChangeError, match="no meeting in these weeks"):
        validate(planning, 1)


def test_a_request_that_says_not_when_makes_nothing(planning: Planning) -> None:
    """Neither place nor weeks can be guessed."""
    ask(planning, rooms=[4], place=24)
    with pytest.raises(InvalidChangeError, match="says not when"):
        validate(planning, 1)
