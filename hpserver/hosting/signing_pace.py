"""How much may be signed at once, and for one account in a minute (T10). It knows no key."""

import asyncio
import contextlib
import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from typing import Final

from hpserver.errors import BusyError, CertificateRefusedError, EnrolmentRefusedError

CONCURRENT: Final = 10
"""Signatures under way (Teleport: 10)."""

PER_MINUTE: Final = 60
"""Signatures for one account in any 60 s: an account that enrols a room full of machines is served in a minute."""

MAX_QUEUED: Final = 64
"""Signatures that may wait for their turn, in all."""

MINUTE: Final = 60.0


class SigningPace:
    """`async with pace.turn(account):` around each signature."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._free = asyncio.Semaphore(CONCURRENT)
        self._waiting = 0
        self._signed: dict[str, deque[float]] = {}

    @contextlib.asynccontextmanager
    async def turn(self, account: str) -> AsyncIterator[None]:
        """Wait for a turn and take it. What is refused for itself counts for nothing: no stranger uses up a school's.

        Raises BusyError, before anything was done: too many wait, or the account had its share of this minute.
        """
        at = self._count(account)
        try:
            await self._wait()
            try:
                yield
            finally:
                self._free.release()
        except (BusyError, EnrolmentRefusedError, CertificateRefusedError):
            with contextlib.suppress(ValueError):  # it waited for more than a minute: it counts no more
                self._signed[account].remove(at)
            raise

    async def _wait(self) -> None:
        if self._free.locked() and self._waiting >= MAX_QUEUED:
            raise BusyError("Too many certificates are being signed.", seconds=1)
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1

    def _count(self, account: str) -> float:
        now = self._clock()
        signed = self._signed.setdefault(account, deque())
        while signed and signed[0] <= now - MINUTE:
            signed.popleft()
        if len(signed) >= PER_MINUTE:
            seconds = int(signed[0] + MINUTE - now) + 1
            raise BusyError("This school had its certificates of this minute.", seconds=seconds)
        signed.append(now)
        return now
