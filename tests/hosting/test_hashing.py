"""The hash threads: a bounded queue, a bounded wait."""

import asyncio
import threading
from functools import partial

import pytest

from hpserver.errors import BusyError
from hpserver.hosting.hashing import HASH_QUEUE, HASH_THREADS, HASH_WAIT_SECONDS, Hashing


def test_a11_the_limits_are_those_promised() -> None:
    """Two threads, 64 waiting, five seconds."""
    assert (HASH_THREADS, HASH_QUEUE, HASH_WAIT_SECONDS) == (2, 64, 5.0)


async def test_a11_a_flood_is_told_when_to_come_back() -> None:
    """With the threads taken and the queue full, nobody waits."""
    hashing = Hashing(threads=1, queue=1, wait_seconds=5)
    async with hashing.slot(), asyncio.TaskGroup() as group:
        second = group.create_task(_take(hashing))
        while not hashing.waiting:  # noqa: ASYNC110  the task gets there at its first step
            await asyncio.sleep(0)
        with pytest.raises(BusyError) as refused:
            await _take(hashing)
        assert refused.value.details == {"seconds": 5}
        second.cancel()
    assert hashing.waiting == 0
    await _take(hashing)
    hashing.close()


async def test_a11_who_is_sent_away_does_not_come_back_all_at_once() -> None:
    """Spread over three seconds, and five at the latest: the threads are never without work between two waves."""
    hashing = Hashing(threads=1, queue=0)
    told = []
    for _ in range(6):
        with pytest.raises(BusyError) as refused:
            await _take(hashing)
        told.append(refused.value.details["seconds"])
    assert told == [5, 4, 3, 5, 4, 3]
    hashing.close()


async def test_a11_sixty_four_at_once_are_hashed_two_at_a_time_and_the_loop_goes_on() -> None:
    """No third thread works, none of the 64 is refused, and whoever else asks has as many turns as hashes end."""
    hashing, under_way, most, turns = Hashing(), set[int](), list[int](), 0
    rounds = threading.Barrier(HASH_THREADS)

    def work() -> None:
        under_way.add(threading.get_ident())
        most.append(len(under_way))
        rounds.wait(5)
        under_way.discard(threading.get_ident())
        rounds.wait(5)

    async def check() -> None:
        async with hashing.slot():
            await hashing.run(work)

    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(check()) for _ in range(HASH_QUEUE)]
        while not all(task.done() for task in tasks):
            turns += 1
            await asyncio.sleep(0)
    assert (len(most), max(most)) == (HASH_QUEUE, HASH_THREADS)
    assert turns >= HASH_QUEUE / HASH_THREADS
    assert hashing.waiting == 0
    hashing.close()


async def test_a11_nobody_waits_for_ever() -> None:
    """A thread that does not come free in time is a refusal, and the place in the queue is given back."""
    hashing = Hashing(threads=1, queue=1, wait_seconds=0.001)
    async with hashing.slot():
        with pytest.raises(BusyError) as refused:
            await _take(hashing)
    assert refused.value.details == {"seconds": 1}
    assert hashing.waiting == 0
    hashing.close()


async def test_work_runs_on_another_thread() -> None:
    """The loop goes on while a password is hashed."""
    hashing = Hashing()
    async with hashing.slot():
        assert await hashing.run(threading.get_ident) != threading.get_ident()
    hashing.close()


async def test_closing_twice_is_safe_and_final() -> None:
    """Who still waits at the end is refused, and nothing breaks."""
    hashing = Hashing()
    hashing.close()
    hashing.close()
    with pytest.raises(BusyError):
        await hashing.run(threading.get_ident)


async def test_closing_lets_what_runs_end_and_drops_the_rest() -> None:
    """No hash goes on behind the back of a process that ends."""
    hashing, begun, go_on, done = Hashing(threads=1), threading.Event(), threading.Event(), list[int]()

    def work(number: int) -> None:
        begun.set()
        go_on.wait(5)
        done.append(number)

    tasks = [asyncio.ensure_future(hashing.run(partial(work, number))) for number in (1, 2)]  # noqa: TID251  gathered
    await asyncio.to_thread(begun.wait, 5)
    asyncio.get_running_loop().call_later(0.02, go_on.set)
    await asyncio.to_thread(hashing.close)
    assert done == [1]
    told = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(told[1], asyncio.CancelledError)


async def _take(hashing: Hashing) -> None:
    async with hashing.slot():
        pass
