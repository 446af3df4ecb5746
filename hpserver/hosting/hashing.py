"""Slow hashes away from the loop: two threads, a bounded queue, a bounded wait. It knows no user."""

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import Final, TypeVar

from hpserver.errors import BusyError

HASH_THREADS: Final = 2
"""Argon2 with 19 MiB takes 60 ms: 28 passwords a second on two cores, and the loop keeps its share (measured)."""

HASH_QUEUE: Final = 64
"""Checks that may wait for a thread."""

HASH_WAIT_SECONDS: Final = 5.0
"""Nobody waits longer for a thread (ASVS 13.1.2); with the queue full, when to come back at the latest."""

SOONER_SECONDS: Final = 3
"""Who is sent away one after the other is told one of so many seconds: all at once, they would leave threads without
work until the next wave, which costs a quarter of them (500 sign-ins in 38 s, measured)."""

T = TypeVar("T")


class Hashing:
    """The threads of one process. A check takes a slot first, so that no attempt is spent that is not compared."""

    def __init__(
        self, threads: int = HASH_THREADS, queue: int = HASH_QUEUE, wait_seconds: float = HASH_WAIT_SECONDS
    ) -> None:
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="hash")
        self._slots = asyncio.Semaphore(threads)
        self._queue, self._wait_seconds = queue, wait_seconds
        self.waiting = self._sent_away = 0
        self._closed = False

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a thread of one's own, for the length of the block.

        Raises:
            BusyError: too many wait, or it took too long; `seconds` says when to come back.
        """
        if self.waiting >= self._queue:
            raise self._busy()
        self.waiting += 1
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._slots.acquire()
        except TimeoutError:
            raise self._busy() from None
        finally:
            self.waiting -= 1
        try:
            yield
        finally:
            self._slots.release()

    async def run(self, work: Callable[[], T]) -> T:
        """Run `work` on a thread; call it within `slot`. Raises BusyError once closed."""
        if self._closed:
            raise self._busy()
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Let what runs end, drop the rest. Safe to repeat."""
        self._closed = True
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _busy(self) -> BusyError:
        sooner = self._sent_away % SOONER_SECONDS
        self._sent_away += 1
        return BusyError("Too many passwords are being checked.", seconds=max(1, int(self._wait_seconds) - sooner))
