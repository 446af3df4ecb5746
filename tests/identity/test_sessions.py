"""Who is here, since when, and who has to go."""

from hpserver.identity.sessions import Attendance, Attendant, SessionLimits, lasted, replaced, sent_away, was_idle


def one(number: int, user: int = 7, since: float = 0.0, ends: float = 100.0) -> Attendant:
    """A session of somebody."""
    return Attendant(number, user, "durand", "", since, since, ends)


def test_the_oldest_goes_when_a_user_has_too_many() -> None:
    """Five of one user are borne, whatever others have; 0 is any number."""
    here = Attendance()
    assert [here.came(one(number)) for number in range(1, 6)] == [[]] * 5
    assert here.came(one(9, user=8)) == []
    assert here.came(one(6)) == [1]
    here.limits = SessionLimits(sessions=0)
    assert here.came(one(7)) == []


def test_idle_is_who_does_nothing_and_over_is_who_was_here_long_enough() -> None:
    """Doing something puts off the one, nothing puts off the other."""
    here = Attendance()
    here.limits = SessionLimits(idle_minutes=1)
    here.came(one(1, ends=1000.0))
    here.came(one(2, ends=1000.0))
    here.did(2, 50.0)
    here.did(3, 50.0)
    assert ([each.number for each in here.idle(60.0)], list(here.over(60.0))) == ([1], [])
    assert ([each.number for each in here.over(1000.0)], list(here.idle(1000.0))) == ([1, 2], [])
    assert here.get(1) == one(1, ends=1000.0)
    here.left(1)
    here.left(1)
    assert [each.number for each in here.all()] == [2]
    assert here.get(1) is None


def test_no_idle_limit_is_none_and_no_school_may_wish_more_than_twelve_hours() -> None:
    """The twelve hours are the most there is."""
    assert SessionLimits(idle_minutes=0).idle_seconds == float("inf")
    assert (SessionLimits(hours=24).seconds, SessionLimits(hours=1).seconds) == (43_200.0, 3600.0)
    strict = SessionLimits(most_seconds=600.0, most_idle_seconds=30.0)
    assert (strict.seconds, strict.idle_seconds) == (600.0, 30.0)
    assert SessionLimits(1, 1, most_idle_seconds=300.0).idle_seconds == 60.0
    causes = {error.details["cause"] for error in (lasted(), was_idle(), replaced(5), sent_away())}
    assert len(causes) == 4
