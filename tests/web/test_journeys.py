"""Who is elsewhere: back once, on the device they left from, with the state of their journey."""

import time

import pytest

from hpserver.directory.model import IdentityProvider
from hpserver.web.journeys import AWAY_SECONDS, MAX_AWAY, Away, Journeys

CAS = IdentityProvider(account="1" * 12, name="CAS", address="https://cas.example")


def away(device: int = 1, seconds: float = 60.0) -> Away:
    """Somebody who was sent away."""
    return Away(device, CAS, "https://here/back?state=s", "s", time.monotonic() + seconds, "/")


def test_a16_a_journey_ends_once_and_where_it_began() -> None:
    """A wrong state spends it too: nobody tries states."""
    journeys = Journeys()
    one = away()
    token = journeys.leave(one)
    assert journeys.take("", "s", 1) is None
    assert journeys.take(token, "s", 1) == one
    assert journeys.take(token, "s", 1) is None
    for state, device in (("t", 1), ("s", 2), ("", 1), ("é", 1)):
        token = journeys.leave(away())
        assert journeys.take(token, state, device) is None
        assert journeys.take(token, "s", 1) is None


def test_a16_a_journey_ends_with_its_time() -> None:
    """Who comes back after the time begins again."""
    journeys = Journeys()
    assert journeys.take(journeys.leave(away(seconds=-1.0)), "s", 1) is None


def test_the_last_instant_is_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the figures are those that are documented."""
    monkeypatch.setattr("time.monotonic", lambda: 1000.0)
    journeys = Journeys()
    token = journeys.leave(away(seconds=0.0))
    journeys.leave(away(device=2))
    assert journeys.take(token, "s", 1) is not None
    assert (AWAY_SECONDS, MAX_AWAY, len(token)) == (600, 4, 43)


def test_a_device_has_so_many_and_keeps_those_of_others() -> None:
    """The oldest of the same device makes room, and what is over does."""
    journeys = Journeys()
    other = journeys.leave(away(device=2))
    tokens = [journeys.leave(away()) for _ in range(MAX_AWAY + 2)]
    assert [journeys.take(one, "s", 1) is not None for one in tokens] == [False] * 2 + [True] * MAX_AWAY
    assert journeys.take(other, "s", 2) is not None


@pytest.mark.parametrize("count", [2, 50])
def test_every_journey_has_a_token_of_its_own(count: int) -> None:
    """Of 256 bits."""
    tokens = {Journeys().leave(away()) for _ in range(count)}
    assert len(tokens) == count
    assert min(map(len, tokens)) >= 43
