"""Turns of those who check the same secret, in one process: the next one sees what the one before has counted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from hpserver.errors import BusyError


class OneByOne:
    """Turns by name; no more than `most` have or await the same one. A name nobody holds is not kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.held: dict[str, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def turn(self, name: str) -> AsyncIterator[None]:
        """Have the turn of that name inside the block. Raises BusyError: too many wait for it already."""
        lock, holders = self.held.get(name, (asyncio.Lock(), 0))
        if holders >= self._most:
            raise BusyError("Too many passwords are being checked.", seconds=1)
        self.held[name] = lock, holders + 1
        try:
            async with lock:
                yield
        finally:
            lock, holders = self.held[name]
            if holders == 1:
                del self.held[name]
            else:
                self.held[name] = lock, holders - 1
