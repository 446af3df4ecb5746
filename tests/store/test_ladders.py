"""Counters of tried secrets, driven through every step of a ladder."""

import math
from collections.abc import Iterator

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.errors import LockedError
from hpserver.store import ladders, sqlite_file

PIN = (0.0, 0.0, 0.0, 60.0, 300.0, 900.0, 3600.0, 3600.0, 3600.0, math.inf)


def opened() -> apsw.Connection:
    """Make an empty directory in memory."""
    connection = apsw.Connection(":memory:")
    with sqlite_file.writing(connection):
        sqlite_file.migrate(connection, "directory", 1)
    return connection


@pytest.fixture
def connection() -> Iterator[apsw.Connection]:
    """An empty directory in memory."""
    made = opened()
    yield made
    made.close()


def test_a_ladder_is_climbed_step_by_step(connection: apsw.Connection) -> None:
    """Ten guesses ever, and each costs the time the ladder says."""
    now, waited = 0.0, list[float]()
    for _ in range(10):
        spent = ladders.spend(connection, "pin", now, PIN)
        waited.append(spent.locked_until - now)
        now = max(now, spent.locked_until) if spent.count < 10 else now + 1e9
    assert tuple(waited) == PIN
    with pytest.raises(LockedError) as caught:
        ladders.spend(connection, "pin", now, PIN)
    assert caught.value.details["seconds"] == 0


def test_a_refused_attempt_is_not_counted(connection: apsw.Connection) -> None:
    """Hammering a lock does not make it longer: nobody is locked out by somebody else's noise."""
    ladders.spend(connection, "k", 0.0, (60.0,))
    for now in (1.0, 30.0, 59.9):
        with pytest.raises(LockedError):
            ladders.spend(connection, "k", now, (60.0,))
    assert ladders.read(connection, "k").locked_until == 60.0
    assert ladders.spend(connection, "k", 60.0, (60.0,)).count == 2


@given(st.lists(st.floats(-1e6, 1e6), max_size=30))
def test_s07_no_jump_of_the_clock_gives_a_free_guess(jumps: list[float]) -> None:
    """However the clock moves, a guess is counted or refused; the count never goes back."""
    connection = opened()
    now, count, waits = 0.0, 0, list[int]()
    for jump in jumps:
        now += jump
        try:
            spent = ladders.spend(connection, "k", now, PIN)
        except LockedError as error:
            waits.append(int(error.details["seconds"]))
            continue
        assert spent.count == count + 1
        count = spent.count
    connection.close()
    assert count <= 10
    assert all(0 <= seconds <= 3600 for seconds in waits)


def test_forgetting_spares_locks(connection: apsw.Connection) -> None:
    """A cleanup in the night gives no new guesses."""
    ladders.spend(connection, "free", 1.0, ())
    ladders.spend(connection, "locked", 1.0, (100.0,))
    assert ladders.forget(connection, 50.0) == 1
    ladders.reset(connection, "locked")
    assert ladders.read(connection, "locked").count == 0
