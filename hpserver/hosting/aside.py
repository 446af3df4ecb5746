"""A process that does one long thing, says one answer and ends with us. Knows not what it does."""

import asyncio
import contextlib
import os
import signal
import tempfile
import time
from collections.abc import Callable
from typing import Final

from hpserver.hosting.staging import system_errors

PROGRESS_SECONDS: Final = 1.0
"""Between two times that somebody is told that it goes on."""


class Aside:
    """One process of `program`, which takes one argument."""

    def __init__(self, program: tuple[str, ...]) -> None:
        self._program = program
        self._child: asyncio.subprocess.Process | None = None

    async def run(self, order: bytes, seconds: float, told: Callable[[int], None] = lambda _: None) -> bytes:
        """Return what it says in the end, nothing when it takes longer; `told` hears for how many seconds it goes on.

        Whoever cancels ends it. Raises StoreError: it cannot be started.
        """
        with system_errors():
            self._child = child = await asyncio.create_subprocess_exec(
                *self._program, order, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
                env={"TMPDIR": tempfile.gettempdir()}, start_new_session=True,
            )  # fmt: skip
        try:
            return await self._heard(child, seconds, told)
        finally:
            self.end()
            await child.wait()
            self._child = None

    def end(self) -> None:
        """Leave nothing of it. Safe when it has ended."""
        child = self._child
        if child is not None and child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)

    async def _heard(self, child: asyncio.subprocess.Process, seconds: float, told: Callable[[int], None]) -> bytes:
        began = time.monotonic()
        async with asyncio.TaskGroup() as group:
            hearing = group.create_task(child.communicate())
            while not hearing.done():
                await asyncio.wait({hearing}, timeout=PROGRESS_SECONDS)
                passed = time.monotonic() - began
                if passed > seconds:
                    self.end()
                elif not hearing.done():
                    told(int(passed))
        return hearing.result()[0]
