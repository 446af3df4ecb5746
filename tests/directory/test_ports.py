"""Giving out TCP ports."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.directory import ports
from hpserver.errors import NoPortLeftError


def test_the_first_school_gets_the_port_people_know() -> None:
    """The controller first, then its plannings, then the next school."""
    assert ports.allocate([], 3) == [21200, 21201, 21202]
    assert ports.allocate([21200, 21201, 21202], 3) == [21203, 21204, 21205]
    assert ports.allocate([21200, 21202], 2) == [21201, 21203]


@given(st.sets(st.integers(100, 120)), st.integers(0, 25))
def test_a_port_is_given_once(taken: set[int], count: int) -> None:
    """No port that is taken is given, whatever was returned before."""
    free = 21 - len(taken)
    if count > free:
        with pytest.raises(NoPortLeftError):
            ports.allocate(taken, count, 100, 120)
        return
    given_out = ports.allocate(taken, count, 100, 120)
    assert len(set(given_out) - taken) == count
    assert given_out == sorted(given_out)


def test_a_chosen_port_is_checked() -> None:
    """A port outside the range can be lost to an outgoing connection."""
    assert ports.check(21207, [21200]) == 21207
    for port in (21200, 80, 40_000):
        with pytest.raises(NoPortLeftError):
            ports.check(port, [21200])
