from hypothesis import given
from hypothesis import strategies as st

from hpserver.client.reconnecting import MOST_ANNOUNCED, MOST_SECONDS, announced, comes_back, pause
from hpserver.errors import BusyError, ConnectionLostError, LockedError, NotFoundError, SessionEndedError


@given(st.integers(0, 10_000), st.floats(0, 1, exclude_max=True), st.floats(0, 1000))
def test_a_pause_keeps_to_its_ceiling_and_to_what_was_asked(attempt: int, draw: float, asked: float) -> None:
    """However often it fails, it is tried again within a minute; never before the server wishes."""
    assert asked <= pause(attempt, draw, asked) <= asked + MOST_SECONDS


def test_the_first_pause_is_short_and_they_grow() -> None:
    """A planning that was killed is back in half a second; one that is gone is not asked all the time."""
    assert [pause(attempt, 0.999999) for attempt in (0, 1, 2, 9)] == [
        0.999999 * ceiling for ceiling in (0.5, 1.0, 2.0, 60.0)
    ]


def test_what_a_person_must_settle_is_not_tried_again() -> None:
    """A lock that ends by itself is waited for, one that only an administrator ends is not."""
    assert comes_back(ConnectionLostError())
    assert comes_back(LockedError("", seconds=30))
    assert not comes_back(LockedError("", seconds=0))
    assert not comes_back(NotFoundError())
    assert not comes_back(SessionEndedError())


def test_what_a_server_asks_for_is_bounded() -> None:
    """A mistake in a server does not put its clients to sleep for a year."""
    assert announced(BusyError("", seconds=2)) == 2.0
    assert announced(BusyError("", seconds=10**9)) == MOST_ANNOUNCED
    assert announced(BusyError("", seconds=-1)) == 0.0
    assert announced(BusyError("", seconds="soon")) == 0.0
    assert announced(BusyError()) == 0.0
