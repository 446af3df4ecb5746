"""Who waits for what is pushed: to see it pass, or to have a revision. Knows no connection."""

import asyncio
from collections import deque
from typing import Final, Self

from hpserver.errors import TooSlowError
from hpserver.protocol.messages import Message

MOST_WAITING: Final = 10_000
"""Messages that may wait for who reads them; beyond, they are lost to them, and they are told."""


class Events:
    """Every push from the moment this was made: `async for message in events`. Ends with the session.

    Raises TooSlowError when more than `MOST_WAITING` messages were left to wait; look at the replica again then.
    """

    def __init__(self) -> None:
        self._waiting: deque[Message] = deque()
        self._news = asyncio.Event()
        self._over = self._lost = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Message:
        while not self._waiting and not self._lost and not self._over:
            self._news.clear()
            await self._news.wait()
        if self._lost:
            self._lost = False
            raise TooSlowError(f"More than {MOST_WAITING} events waited to be read; some are lost.")
        if self._waiting:
            return self._waiting.popleft()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Read no more. Safe to repeat; letting go of it does the same."""
        self._waiting.clear()
        self.end()

    def put(self, message: Message) -> None:
        """Add what was pushed."""
        if self._over:
            return
        if len(self._waiting) >= MOST_WAITING:
            self._waiting.clear()
            self._lost = True
        self._waiting.append(message)
        self._news.set()

    def end(self) -> None:
        """Nothing more comes; what waits can still be read."""
        self._over = True
        self._news.set()


class Revisions:
    """Who waits until the replica has a revision."""

    def __init__(self) -> None:
        self._waiting: set[tuple[int, asyncio.Future[None]]] = set()

    async def wait(self, revision: int) -> None:
        """Wait until it was reached, or nothing more comes."""
        waiter = (revision, asyncio.get_running_loop().create_future())
        self._waiting.add(waiter)
        try:
            await waiter[1]
        finally:
            self._waiting.discard(waiter)

    def reached(self, reached: int) -> None:
        """Let go who waited for that revision, or an earlier one."""
        for revision, future in self._waiting:
            if revision <= reached and not future.done():
                future.set_result(None)

    def end(self) -> None:
        """Let everybody go."""
        for _, future in self._waiting:
            if not future.done():
                future.set_result(None)
