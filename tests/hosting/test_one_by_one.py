"""Turns by name, and how many may wait."""

import asyncio

import pytest

from hpserver.errors import BusyError
from hpserver.hosting.one_by_one import OneByOne


async def test_one_at_a_time_and_no_more_than_may_wait() -> None:
    """Two names do not wait for each other; a name nobody holds is not kept."""
    turns, inside, most = OneByOne(2), 0, 0

    async def one(name: str) -> None:
        nonlocal inside, most
        async with turns.turn(name):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0)
            inside -= 1

    results = await asyncio.gather(*(one("a") for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [type(None), type(None), BusyError]
    assert most == 1
    assert not turns.held
    async with turns.turn("a"):
        await one("b")
        assert set(turns.held) == {"a"}


async def test_who_gives_up_keeps_nobody_out() -> None:
    """A check that is over while it waits leaves the turn to the next."""
    turns = OneByOne(2)
    async with turns.turn("a"):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01), turns.turn("a"):
                pytest.fail("two have the turn")
    async with turns.turn("a"):
        assert set(turns.held) == {"a"}
    assert not turns.held
