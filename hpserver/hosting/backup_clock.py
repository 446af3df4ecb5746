"""When backups are taken: looks every minute, starts a process of its own when one is due. Knows no base."""

import asyncio
import contextlib
import datetime as dt
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

import structlog

from hpserver.config import Paths, Settings
from hpserver.hosting.backups import bases_with_folders, is_due

LOOK_SECONDS: Final = 60.0
"""Between two looks: a few calls of stat for each base."""

LONGEST_SECONDS: Final = 3600.0
"""A round of backups that takes longer hangs: it is ended, and tried again."""

MAX_TOLD: Final = 2_000
"""Bytes of what a failed round says that reach the log."""

PROGRAM: Final = (sys.executable, "-m", "hpserver", "base", "backup", "--due")

log = structlog.get_logger()


class BackupClock:
    """Takes backups for as long as its task lives. `environ` is what the process is started with."""

    def __init__(self, paths: Paths, environ: Mapping[str, str], program: Sequence[str] = PROGRAM) -> None:
        self._paths, self._program = paths, program
        inherited = {name: value for name, value in environ.items() if name != "NOTIFY_SOCKET"}
        self._environ = inherited | {"HP_STATE": str(paths.state), "HP_RUN": str(paths.run)}

    async def run(self, settings: Callable[[], Settings], seconds: float = LOOK_SECONDS) -> None:
        """Look until cancelled; a round that is under way then is ended, and leaves nothing behind."""
        while True:
            await asyncio.sleep(seconds)
            if self.any_due(settings(), dt.datetime.now(dt.UTC)):
                await self.take()

    def any_due(self, settings: Settings, now: dt.datetime) -> bool:
        """Say whether a base is to be backed up now."""
        wished = settings.backups
        if not wished.every_minutes:
            return False
        every = dt.timedelta(minutes=wished.every_minutes)
        folder = Path(wished.folder) if wished.folder else self._paths.backups
        with contextlib.suppress(OSError):  # a folder that is away for a moment is looked at again
            return any(
                is_due(base, backups, every, now) for base, backups in bases_with_folders(self._paths.bases, folder)
            )
        return False

    async def take(self) -> bool:
        """Take what is due in another process; say whether all went well."""
        child = await asyncio.create_subprocess_exec(
            *self._program, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE, env=self._environ, start_new_session=True,
        )  # fmt: skip
        told = b""
        try:
            async with asyncio.timeout(LONGEST_SECONDS):
                _, told = await child.communicate()
        except TimeoutError:
            told = b"it took too long"
        finally:
            if child.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(child.pid, signal.SIGKILL)
                await child.communicate()
        if child.returncode:
            log.error("backups.failed", status=child.returncode, told=told[-MAX_TOLD:].decode("utf-8", "replace"))
        else:
            log.info("backups.taken")
        return child.returncode == 0
