"""What this process does at length for one account: carried out aside, cancelled by whoever may. Knows no work.

What is said of it is in files (`hpserver.hosting.tasks`): who looks need not be this process.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

import structlog

from hpserver.config import Paths
from hpserver.directory.api import Directory
from hpserver.directory.model import Observed
from hpserver.errors import HPError, InternalError
from hpserver.hosting.tasks import Kind, Running, Task, Tasks, served
from hpserver.identity.actor import Actor

LOOK_SECONDS: Final = 0.25
"""Between two looks whether somebody wants it to stop."""

log = structlog.get_logger()


class Works:
    """The long actions of an account, those of this process among them."""

    def __init__(self, paths: Paths, account: str, directory: Directory) -> None:
        self.tasks = Tasks(paths.tasks / account)
        self.interrupted: Callable[[list[Task]], None] = lambda _: None
        """Hears of what was interrupted, once."""
        self._directory = directory
        self._doing: dict[str, asyncio.Task[None]] = {}

    def start(self, running: Running, work: Coroutine[Any, Any, bool]) -> Task:
        """Carry `work` out from now on; it answers whether it left a file to be fetched. Returns what is told of it."""
        key = running.task.key
        doing = asyncio.get_running_loop().create_task(_carry(running, work))  # owned here: `close` waits for it
        self._doing[key] = doing
        doing.add_done_callback(lambda _: self._doing.pop(key, None))
        return running.task

    @contextlib.asynccontextmanager
    async def told(self, kind: Kind, actor: Actor, *, planning: str, base: str) -> AsyncIterator[Running]:
        """Tell what is done inside the block, at once and whole: it cannot be cancelled."""
        running = self.tasks.begin(kind, actor, planning=planning, base=base, cancellable=False, step="writing")
        try:
            yield running
        except HPError as error:
            running.end("failed", error)
            raise
        except BaseException:
            running.end("interrupted")
            raise
        running.end("done")

    def wished(self, kind: Kind, actor: Actor, subject: str, *, planning: str = "") -> None:
        """Tell what is wished of a process: it is over when that is so, or wished no more. A start can be cancelled.

        What was wished already is told once.
        """
        told = {(one.kind, one.subject) for one in self.tasks.listed() if one.state == "running"}
        if (kind, subject) in told:
            return
        cancellable = kind.endswith(".start")
        self.tasks.begin(kind, actor, planning=planning, subject=subject, cancellable=cancellable)

    async def finished(self, key: str) -> Task:
        """Wait for one of this process, and return what became of it. Raises NotFoundError."""
        if (doing := self._doing.get(key)) is not None:
            await asyncio.wait({doing})
        return await asyncio.to_thread(self.tasks.get, key)

    async def listed(self) -> list[Task]:
        """Return what is told, the newest first, as it is now."""
        await self.settle()
        return await asyncio.to_thread(self.tasks.listed)

    async def settle(self) -> None:
        """Say how ended what nobody says anything of any more."""
        if gone := await asyncio.to_thread(self.tasks.settle):
            self.interrupted(gone)
        waiting = [one for one in await asyncio.to_thread(self.tasks.listed) if one.subject and one.state == "running"]
        if waiting:
            desired, observed = await self._directory.desired(), await self._directory.observed()
            for one in waiting:
                now = observed.get(one.subject) or Observed(subject=one.subject, state="stopped")
                if ended := served(one, desired.get(one.subject, "down"), now.state):
                    error = HPError(now.reason) if ended == "failed" else None
                    Running(self.tasks, one).end(ended, error)

    async def close(self) -> None:
        """End what is under way here; it is told as interrupted."""
        for doing in (under_way := list(self._doing.values())):
            doing.cancel()
        if under_way:
            await asyncio.wait(under_way)


async def _carry(running: Running, work: Coroutine[Any, Any, bool]) -> None:
    """Carry out and say how it ended; a cancel that comes too late changes nothing."""
    doing = asyncio.get_running_loop().create_task(work)
    try:
        while not doing.done():
            await asyncio.wait({doing}, timeout=LOOK_SECONDS)
            if not doing.done() and running.is_cancelled:
                doing.cancel()
                await asyncio.wait({doing})
    except asyncio.CancelledError:
        doing.cancel()
        await asyncio.wait({doing})
        running.end("interrupted")
        raise
    if doing.cancelled():
        running.end("cancelled")
        return
    error = doing.exception()
    if error is None:
        running.end("done", file=doing.result())
    elif isinstance(error, HPError):
        running.end("failed", error)
    else:
        log.error("task.failed", key=running.task.key, kind=running.task.kind, exc_info=error)
        running.end("failed", InternalError("Something went wrong here: it is in the log of the server."))
