"""Looks at processes again and again while something goes on: the most memory, the most descriptors. Knows no load."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final, TypeVar

from bench import machine
from bench.load import Crowd, Ran

LOOK_SECONDS: Final = 0.05
PATIENCE: Final = 60.0
"""Seconds to wait for what must come; only reached when it does not."""

MIB: Final = 1 << 20

T = TypeVar("T")


class Peaks:
    """The highest that was seen of one process, beside what it was at first."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.first_bytes = self.most_bytes = machine.rss_bytes(pid)
        self.first_descriptors = self.most_descriptors = machine.descriptors(pid)

    def look(self) -> None:
        """Look once more."""
        self.most_bytes = max(self.most_bytes, machine.rss_bytes(self.pid))
        self.most_descriptors = max(self.most_descriptors, machine.descriptors(self.pid))

    @property
    def rise_mib(self) -> float:
        """How much more memory it had at the highest."""
        return (self.most_bytes - self.first_bytes) / MIB

    @property
    def kept_mib(self) -> float:
        """How much more it has now."""
        return (machine.rss_bytes(self.pid) - self.first_bytes) / MIB

    async def settled(self) -> int:
        """Return how many descriptors there are more than at first, once there are none, or patience ends."""
        await until(lambda: machine.descriptors(self.pid) <= self.first_descriptors)
        return machine.descriptors(self.pid) - self.first_descriptors


@asynccontextmanager
async def peaks(*pids: int) -> AsyncIterator[tuple[Peaks, ...]]:
    """Look at these processes for as long as the block lasts."""
    found = tuple(Peaks(pid) for pid in pids)

    async def look() -> None:
        while True:
            for one in found:
                one.look()
            await asyncio.sleep(LOOK_SECONDS)

    async with asyncio.TaskGroup() as group:
        looking = group.create_task(look())
        yield found
        for one in found:
            one.look()
        looking.cancel()


async def until(true: Callable[[], bool]) -> bool:
    """Wait until something is true; False when patience ended before."""
    end = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > end:
            return False
        await asyncio.sleep(LOOK_SECONDS)
    return True


async def while_asking(work: Coroutine[Any, Any, T], crowd: Crowd, pause: float) -> tuple[T, Ran]:
    """Do some work while clients go on asking; what it gave, and the slowest second of theirs."""
    slowest = Ran(0, 0, 0, 0)
    answers = 0
    async with asyncio.TaskGroup() as group:
        task = group.create_task(work)
        while not task.done():
            ran = await asyncio.to_thread(crowd.pulse, 1.0, pause)
            answers += ran.answers
            slowest = max(slowest, ran, key=lambda one: one.p99_us)
    return task.result(), Ran(slowest.rate, slowest.p50_us, slowest.p99_us, answers)
