"""Counters of tried secrets, driven through every step of a ladder."""

import math
from collections.abc import Iterator

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpserver.directory.model import Attempts
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


def spend(
    connection: apsw.Connection, key: str, now: float, steps: tuple[float, ...], tag: bytes = b""
) -> Attempts:  # fmt: skip
    """Spend an attempt of one key. Raises LockedError."""
    spent = ladders.spend(connection, {key: steps}, now, tag)
    if isinstance(spent, LockedError):
        raise spent
    return spent[0]


def test_a_ladder_is_climbed_step_by_step(connection: apsw.Connection) -> None:
    """Ten guesses ever, and each costs the time the ladder says."""
    now, waited = 0.0, list[float]()
    for _ in range(10):
        spent = spend(connection, "pin", now, PIN)
        waited.append(spent.locked_until - now)
        now = max(now, spent.locked_until) if spent.count < 10 else now + 1e9
    assert tuple(waited) == PIN
    with pytest.raises(LockedError) as caught:
        spend(connection, "pin", now, PIN)
    assert caught.value.details["seconds"] == 0


def test_a_refused_attempt_is_not_counted(connection: apsw.Connection) -> None:
    """Hammering a lock does not make it longer: nobody is locked out by somebody else's noise."""
    spend(connection, "k", 0.0, (60.0,))
    for now in (1.0, 30.0, 59.9):
        with pytest.raises(LockedError):
            spend(connection, "k", now, (60.0,))
    assert ladders.read(connection, "k").locked_until == 60.0
    assert spend(connection, "k", 60.0, (60.0,)).count == 2


@given(st.lists(st.tuples(st.floats(0, 1e5), st.booleans()), max_size=60))
def test_s07_no_restart_of_the_machine_shortens_a_lock(life: list[tuple[float, bool]]) -> None:
    """Two guesses are never nearer in true time than the step between them, however often the clock starts again."""
    connection = opened()
    true, booted, count, last = 1e6, 0.0, 0, 0.0
    for pause, restarts in life:
        true += pause
        if restarts:
            booted = true
        told = ladders.spend(connection, {"k": PIN}, true - booted, b"")
        if isinstance(told, LockedError):
            assert 0 <= int(told.details["seconds"]) <= 3600
            continue
        [spent] = told
        assert spent.count == count + 1
        assert not count or true - last >= PIN[count - 1] - 1e-6
        count, last = spent.count, true
    connection.close()
    assert count <= 10


@given(st.floats(0, 1e6), st.integers(1, 9))
def test_s07_after_a_restart_a_lock_lasts_its_step_and_no_longer(uptime: float, tries: int) -> None:
    """Nobody waits for the clock to reach what it showed before."""
    connection, now = opened(), 1e7
    for _ in range(tries):
        now = max(now, spend(connection, "k", now, PIN).locked_until)
    step = PIN[tries - 1]
    if step:
        with pytest.raises(LockedError) as caught:
            spend(connection, "k", uptime, PIN)
        assert caught.value.details["seconds"] in {step, step + 1}
    assert spend(connection, "k", uptime + step, PIN).count == tries + 1
    connection.close()


def test_a06_one_locked_key_stops_both(connection: apsw.Connection) -> None:
    """An attempt counts in the lane and over all lanes, or in neither."""
    spend(connection, "lane", 1.0, (60.0,))
    refused = ladders.spend(connection, {"all": (), "lane": (60.0,)}, 2.0, b"")
    assert isinstance(refused, LockedError)
    assert refused.details == {"seconds": 59}
    assert ladders.read(connection, "all").count == 0
    spend(connection, "all", 3.0, (5.0,))
    refused = ladders.spend(connection, {"all": (5.0,), "lane": (60.0,)}, 4.0, b"")
    assert isinstance(refused, LockedError)
    assert refused.details == {"seconds": 57}


def test_a01_the_same_secret_is_paid_for_once(connection: apsw.Connection) -> None:
    """It costs no try and no wait again; another one does, and so does the first after it."""
    steps = (0.0, 60.0, 60.0)
    assert [spend(connection, "k", 1.0, steps, b"a").count for _ in range(9)] == [1] * 9
    assert spend(connection, "k", 2.0, steps, b"b").locked_until == 62.0
    with pytest.raises(LockedError):
        spend(connection, "k", 3.0, steps, b"b")
    assert spend(connection, "k", 62.0, steps, b"b") == Attempts(
        key="k", count=2, last_at=2.0, locked_until=62.0, tag=b"b"
    )
    assert spend(connection, "k", 63.0, steps, b"a").count == 3


@given(st.lists(st.tuples(st.binary(min_size=1, max_size=1), st.floats(0, 4e3)), max_size=60))
def test_a05_no_more_secrets_are_compared_than_were_counted(tried: list[tuple[bytes, float]]) -> None:
    """Whatever is repeated, and wherever the process dies after the count: each secret compared was paid for."""
    connection, now, compared, count = opened(), 0.0, set[bytes](), 0
    for secret, pause in tried:
        now += pause
        spent = ladders.spend(connection, {"k": PIN}, now, secret)
        if isinstance(spent, tuple):
            compared.add(secret)
            count = spent[0].count
        assert len(compared) <= count <= 10
    connection.close()


def test_what_was_tried_is_told_with_the_last_time(connection: apsw.Connection) -> None:
    """Who cleans up knows how old each counter is."""
    spend(connection, "free", 1.0, ())
    spend(connection, "locked", 1.0, (100.0,))
    assert spend(connection, "free", 2.0, ()).locked_until == 2.0
    assert sorted(ladders.tried(connection)) == [("free", 2.0), ("locked", 1.0)]
    ladders.reset(connection, ["locked"])
    assert ladders.read(connection, "locked").count == 0
