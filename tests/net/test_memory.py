"""Two ends of a line with no network: the same contract as the real link."""

import asyncio

import pytest

from hpserver.errors import ConnectionLostError, TooSlowError
from hpserver.net.memory import MemoryLink, joined
from hpserver.net.owner import Carrier
from hpserver.protocol.limits import OUTPUT_BEFORE_LOGIN, OUTPUT_HARD, OUTPUT_SOFT
from tests.net.ends import Recorder, until


class Pair:
    """Two joined ends, both logged in."""

    def __init__(self) -> None:
        self.near, self.far = Recorder(), Recorder()
        self.link, self.other = joined(asyncio.get_running_loop(), self.near, self.far)
        self.link.raise_limits()
        self.other.raise_limits()


async def test_bytes_arrive_in_one_piece_both_ways() -> None:
    """The plainest use, and the counters."""
    pair = Pair()
    pair.far.echo = True
    pair.link.write(b"bon")
    pair.link.write(b"jour")
    assert pair.link.queued == 7
    await pair.near.wait_bytes(7)
    assert bytes(pair.near.received) == bytes(pair.far.received) == b"bonjour"
    assert pair.link.statistics.sent == pair.link.statistics.received == 7


async def test_closing_delivers_what_waits_then_tells_both() -> None:
    """A leave is no error, and comes after the last bytes."""
    pair = Pair()
    pair.link.write(b"adieu")
    pair.link.close()
    pair.link.close()
    pair.link.write(b"late")
    await pair.far.wait("lost")
    await pair.near.wait("lost")
    assert bytes(pair.far.received) == b"adieu"
    assert pair.near.error is pair.far.error is None
    pair.link.abort()
    assert (pair.near.told, pair.far.told) == (["lost"], ["received", "lost"])


async def test_p07_an_abort_is_an_error_at_the_other_end() -> None:
    """A cut line is told apart from a leave."""
    pair = Pair()
    pair.link.write(b"lost")
    pair.link.abort(TooSlowError("enough"))
    await pair.far.wait("lost")
    await pair.near.wait("lost")
    assert not pair.far.received
    assert isinstance(pair.near.error, TooSlowError)
    assert isinstance(pair.far.error, ConnectionLostError)


async def test_p06_a_paused_end_is_a_slow_reader() -> None:
    """Behind is told once; caught up when all was read."""
    pair = Pair()
    pair.other.pause()
    pair.link.write(bytes(OUTPUT_SOFT))
    assert pair.near.told == []
    pair.link.write(b"x")
    await pair.near.wait("behind")
    drained: list[int] = []
    pair.link.call_when_drained(lambda: drained.append(1))
    pair.other.resume()
    await pair.far.wait_bytes(OUTPUT_SOFT + 1)
    await pair.near.wait("caught up")
    assert drained == [1]
    pair.link.call_when_drained(lambda: drained.append(2))
    await until(lambda: drained == [1, 2])


@pytest.mark.parametrize(("limit", "logged_in"), [(OUTPUT_BEFORE_LOGIN, False), (OUTPUT_HARD, True)])
async def test_p05_the_hard_limit_closes(limit: int, logged_in: bool) -> None:
    """A reader that stopped costs what it may, before and after login."""
    near = Recorder()
    link, other = joined(asyncio.get_running_loop(), near, Recorder())
    if logged_in:
        link.raise_limits()
    other.pause()
    link.write(bytes(limit))
    assert link.is_open
    link.write(b"x")
    await near.wait("lost")
    assert isinstance(near.error, TooSlowError)


async def test_p05_the_soft_limit_closes_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader that stays behind is closed without another write."""
    monkeypatch.setattr("hpserver.net.outbox.OUTPUT_SOFT_SECONDS", 0.01)
    pair = Pair()
    pair.other.pause()
    pair.link.write(bytes(OUTPUT_SOFT + 1))
    await pair.near.wait("lost")
    assert isinstance(pair.near.error, TooSlowError)


async def test_a_close_does_not_wait_for_ever() -> None:
    """The grace ends it when the other end does not read."""
    pair = Pair()
    pair.other.pause()
    pair.link.write(b"x")
    pair.link.close(grace=0.01)
    await pair.near.wait("lost")


async def test_a_memory_link_is_a_carrier() -> None:
    """Whatever stands above takes either."""
    link: Carrier = MemoryLink(asyncio.get_running_loop(), Recorder())
    assert link.is_open
