import asyncio

import pytest

from hpserver.client.events import MOST_WAITING, Events, Revisions
from hpserver.errors import TooSlowError
from hpserver.protocol.messages import Behind


async def test_what_was_put_is_read_in_order_to_the_end() -> None:
    """The end comes after what waited."""
    events = Events()
    for revision in range(3):
        events.put(Behind(revision))
    events.end()
    events.put(Behind(9))
    assert [message async for message in events] == [Behind(0), Behind(1), Behind(2)]


async def test_who_waits_is_woken() -> None:
    """By a message, and by the end."""
    events = Events()
    waiting = asyncio.gather(anext(events))
    await asyncio.sleep(0)
    events.put(Behind(1))
    [message] = await waiting
    assert message == Behind(1)
    rest = asyncio.gather(anext(events), return_exceptions=True)
    await asyncio.sleep(0)
    await events.aclose()
    [ended] = await rest
    assert isinstance(ended, StopAsyncIteration)


async def test_who_does_not_read_is_told_and_costs_no_memory() -> None:
    """A forgotten iterator holds a bounded number of messages."""
    events = Events()
    for revision in range(MOST_WAITING + 2):
        events.put(Behind(revision))
    with pytest.raises(TooSlowError):
        await anext(events)
    assert await anext(events) == Behind(MOST_WAITING)


async def test_revisions_let_go_in_their_order() -> None:
    """Nobody is let go too early, and everybody at the end."""
    revisions = Revisions()
    early, late = (asyncio.gather(revisions.wait(number)) for number in (1, 5))
    await asyncio.sleep(0)
    revisions.reached(3)
    await early
    assert not late.done()
    revisions.end()
    await late
    assert not revisions._waiting
