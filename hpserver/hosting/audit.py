"""The audit log of one account, for who runs on a loop. Knows no event."""

import asyncio
import time

from hpserver.config import Paths
from hpserver.hosting.keyring import Keyring
from hpserver.store.audit import AuditLog, Entry, Result, Verdict

About = dict[str, str | int | bool]


class Audit:
    """The log of an account; made when first told something."""

    def __init__(self, paths: Paths, keyring: Keyring, account: str) -> None:
        self._paths, self._keyring, self._account = paths, keyring, account
        self._log: AuditLog | None = None
        self._turn = asyncio.Lock()

    async def tell(self, event: str, actor: str, about: About, result: Result = "") -> int:
        """Keep an event: it is on the disk when this returns its number. Raises StoreFullError, CorruptBaseError."""
        async with self._turn:  # one thread at most waits for the lock of the file
            at = time.time_ns() // 1_000_000
            return (await asyncio.to_thread(self._opened().append, at, event, actor, about, result)).number

    async def read(self, after: int = 0, limit: int = 100) -> list[Entry]:
        """Return entries with a number above `after`, in order."""
        return await asyncio.to_thread(self._opened().read, after, limit)

    async def latest(self, limit: int) -> list[Entry]:
        """Return the last entries, in order."""
        return await asyncio.to_thread(self._opened().latest, limit)

    async def verify(self) -> Verdict:
        """Check the whole log."""
        return await asyncio.to_thread(self._opened().verify)

    async def prune(self, before_ms: int) -> int:
        """Forget entries older than that, and say how many. Raises StoreFullError."""
        async with self._turn:
            return await asyncio.to_thread(self._opened().prune, before_ms)

    def _opened(self) -> AuditLog:
        if self._log is None:
            self._log = AuditLog(self._paths.audit / f"{self._account}.log", self._keyring.pepper())
        return self._log
