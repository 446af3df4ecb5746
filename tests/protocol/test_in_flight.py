"""The requests that wait for their answer, seen from inside."""

import pytest

from hpserver.errors import LocalProtocolError, RemoteProtocolError
from hpserver.protocol import messages as m
from hpserver.protocol.in_flight import InFlight


def open_with(*requests: m.Request) -> InFlight:
    """Return these requests in flight, asked at 100 s."""
    flights = InFlight()
    for request in requests:
        flights.open(request, 100.0)
    return flights


def test_who_is_blamed_is_the_callers_to_say() -> None:
    """The same rule is our bug when we speak and their fault when they do."""
    for blame in (LocalProtocolError, RemoteProtocolError):
        with pytest.raises(blame):
            InFlight().check(m.Released(1), blame)


def test_a_request_ends_with_its_last_part() -> None:
    """A transfer of two chunks keeps its id for both."""
    flights = open_with(m.FetchSnapshot(1, 0))
    parts = [m.TransferStarted(1, 3, 3, "", bytes(32), 0, 0), m.Chunk(1, 0, b"ab"), m.Chunk(1, 2, b"c")]
    sizes = []
    for part in parts:
        flights.check(part, RemoteProtocolError)
        flights.settle(part)
        sizes.append(len(flights))
    assert sizes == [1, 1, 0]
    assert not flights._transfers


def test_nothing_remains_of_what_ended() -> None:
    """Cancelled, failed or answered: the memory of a connection does not grow with its age."""
    flights = open_with(m.FetchSnapshot(1, 0), m.Logout(2, 0), m.Logout(3, 0))
    flights.settle(m.TransferStarted(1, 3, 3, "", bytes(32), 0, 0))
    assert flights.cancel(1)
    assert not flights.cancel(1)
    assert not flights.cancel(9)
    flights.settle(m.Failed(1, 0, "", False, "", {}))
    flights.settle(m.LoggedOut(2))
    flights.settle(m.LoggedOut(3))
    assert not flights.wishes
    assert not flights._transfers
    assert not flights._cancelled


def test_deadlines_expire_in_the_order_they_were_asked() -> None:
    """Who waited longest is told first."""
    flights = open_with(m.Logout(5, 1000), m.Logout(4, 500), m.Logout(6, 0))
    assert flights.expired(100.4) == []
    assert flights.expired(101.0) == [5, 4]
    assert 6 in flights
    flights.clear()
    assert flights.deadline_of(5) is None
