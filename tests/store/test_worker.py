"""The thread of a database: one call at a time, answers to whoever still waits."""

import asyncio
import threading

import pytest

from hpserver.store.worker import Worker


async def test_calls_run_in_order_in_one_other_thread() -> None:
    """A connection is only ever touched by its own thread."""
    worker = Worker("test")
    seen: list[tuple[int, int]] = []
    await asyncio.gather(
        *(worker.run(lambda n=n: seen.append((n, threading.get_ident()))) for n in range(20))  # type: ignore[misc] # mypy cannot infer a lambda with a default
    )
    worker.stop()
    assert [number for number, _ in seen] == list(range(20))
    assert len({thread for _, thread in seen}) == 1
    assert threading.get_ident() not in {thread for _, thread in seen}


async def test_an_error_reaches_its_caller_alone() -> None:
    """One failed call does not stop the thread."""
    worker = Worker("test")
    with pytest.raises(ZeroDivisionError):
        await worker.run(lambda: 1 // 0)
    assert await worker.run(lambda: 7) == 7
    worker.stop()


async def test_a_cancelled_caller_does_not_stop_its_call() -> None:
    """A write goes on when the client that asked for it leaves."""
    worker = Worker("test")
    go, done = threading.Event(), threading.Event()

    def call() -> None:
        go.wait(5)
        done.set()

    async with asyncio.TaskGroup() as group:
        task = group.create_task(worker.run(call))
        await asyncio.sleep(0)
        task.cancel()
    assert not done.is_set()
    go.set()
    await worker.run(lambda: None)
    assert done.is_set()
    worker.stop()


async def test_after_and_idle_run_when_nobody_waits() -> None:
    """Upkeep comes after the answer, and once when there is nothing to do."""
    happened: list[str] = []
    idle = threading.Event()
    worker = Worker("test", lambda: happened.append("after"), idle.set, idle_after=0.001)
    await worker.run(lambda: happened.append("call"))
    await asyncio.get_running_loop().run_in_executor(None, idle.wait, 5)
    worker.stop()
    assert happened == ["call", "after"]
    assert idle.is_set()


async def test_stopping_is_safe_twice_and_before_the_start() -> None:
    """Every stop is safe twice, and a stopped worker starts again when asked."""
    worker = Worker("test")
    worker.stop()
    await worker.run(lambda: None)
    worker.stop()
    worker.stop()
    assert await worker.run(lambda: 1) == 1
    worker.stop()


def test_a_closed_loop_does_not_kill_the_thread() -> None:
    """A program that ends while a write is under way leaves no traceback."""
    worker = Worker("test")
    go = threading.Event()

    async def leave() -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await worker.run(lambda: go.wait(5))

    asyncio.run(leave())
    go.set()
    assert asyncio.run(worker.run(lambda: 3)) == 3
    worker.stop()
