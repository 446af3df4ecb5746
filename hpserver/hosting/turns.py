"""One at a time in all processes of this machine. Knows no wish."""

import asyncio
import fcntl
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from hpserver.config import Paths
from hpserver.errors import BusyError, StoreFullError

TURN_SECONDS: Final = 5.0
"""How long another process is waited for: nobody waits longer for an answer of ours."""

LOOK_SECONDS: Final = 0.01
"""Between two looks at a lock that another process has: the kernel tells nobody on a loop."""


class Turn:
    """The turn whose lock is a file, made when it is missing; the kernel gives it back however its holder ends."""

    def __init__(self, file: Path) -> None:
        self._file, self._here = file, asyncio.Lock()

    @asynccontextmanager
    async def taken(self) -> AsyncIterator[None]:
        """Have the turn inside the block. Raises StoreFullError: it cannot be taken here, BusyError: others have it."""
        async with self._here:
            try:
                descriptor = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            except OSError as error:
                raise StoreFullError("Nothing can be changed here now.", reason=str(error.strerror)) from error
            try:
                await _lock(descriptor)
                yield
            finally:
                os.close(descriptor)


def turn_of(paths: Paths, account: str) -> Turn:
    """Return the turn of who changes anything in an account."""
    paths.audit.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Turn(turn_file(paths, account))


def turn_file(paths: Paths, account: str) -> Path:
    """Return the lock of an account."""
    return paths.audit / f"{account}.turn"


async def _lock(descriptor: int) -> None:
    for _ in range(int(TURN_SECONDS / LOOK_SECONDS)):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await asyncio.sleep(LOOK_SECONDS)
        else:
            return
    raise BusyError("Another command of this machine changes the account.", seconds=1)
