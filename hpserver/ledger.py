"""The agent's side of the directory: what should run here, which plannings this node holds, what was told of them.

It starts nothing. When the directory does not answer, what was read last still holds, and what could not be written is
written later.
"""

import contextlib
import os
import socket
import time
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from pathlib import Path
from typing import Final

import msgspec
import structlog

from hpserver.children import Task
from hpserver.config import Paths, Settings
from hpserver.directory.api import Directory
from hpserver.directory.model import Account, Desired, Observed, Planning, controller_subject, planning_subject
from hpserver.errors import BusyError, FencedError, OutcomeUnknownError, StoreError
from hpserver.hosting.keyring import Keyring

COUNTERS_SECONDS: Final = 0.75
"""Between two writings of mere numbers, all in one fsync: what processes tell each second is written as soon."""


SIGNER: Final = "signer"
WEB: Final = "web"
"""The subjects of the process that signs for every account, and of the one that has their consoles."""


class Ledger:
    """What the directory says and is told. `fenced` is called when another agent has become this node."""

    def __init__(self, paths: Paths, directory: Callable[[], Directory], fenced: Callable[[FencedError], None]) -> None:
        self.wishes: dict[str, Desired] = {}
        """What should run, by subject."""
        self.tasks: dict[str, Task] = {}
        """How it would be started, by subject."""
        self._paths, self._make, self._fenced = paths, directory, fenced
        self._hidden = tuple(map(str, Keyring(paths.certs).signers_own))
        self._writable = (*map(str, paths.of_children), *filter(None, [os.environ.get("TMPDIR")]))
        self._directory = directory()
        self._node, self._incarnation = socket.gethostname(), 0
        self._version = -1
        self._must_reopen = False
        self._claims: dict[str, tuple[int, int]] = {}
        self._written: dict[str, tuple[Observed, float]] = {}
        self._log = structlog.get_logger()

    async def open(self) -> None:
        """Open the directory and be this machine's node. Raises as `Directory.open`."""
        await self._directory.open()
        self._incarnation = await self._directory.register_node(self._node)
        # What a former agent said of its children is not so any more: it is compared with what is, and written over.
        self._written = {subject: (one, 0.0) for subject, one in (await self._directory.observed()).items()}

    async def close(self) -> None:
        """Let go of the directory. Safe twice."""
        await self._directory.close()

    @contextlib.asynccontextmanager
    async def errors(self) -> AsyncIterator[None]:
        """Live through a directory that does not answer: what runs goes on, and the next look tries again."""
        try:
            yield
        except FencedError as error:
            self._fenced(error)
        except (StoreError, BusyError) as error:
            self._log.error("directory.failed", error=type(error).__name__, reason=str(error))
            self._version = -1
            self._must_reopen = self._must_reopen or isinstance(error, OutcomeUnknownError)

    async def beat(self) -> None:
        """Keep the lease of the node. Raises FencedError when another agent is this node now."""
        await self._directory.heartbeat(self._node, self._incarnation)

    async def read(self, settings: Settings, *, anyway: bool) -> None:
        """Read what should run, when it changed since the last time, or `anyway`."""
        if self._must_reopen:
            await self._reopen()
        version = await self._directory.version()
        if version == self._version and not anyway:
            return
        accounts = await self._directory.list(Account)
        plannings = await self._directory.list(Planning)
        self.wishes = {controller_subject(one.number): one.desired for one in accounts}
        self.wishes |= {planning_subject(one.key): one.desired for one in plannings}
        tasks = [self._controller(one, settings) for one in accounts]
        tasks += [self._planning(one, settings) for one in plannings]
        has_web = bool(accounts) and settings.web.port > 0
        if has_web or any(one.desired == "up" for one in accounts):  # who enrols needs who signs
            tasks.append(self._signer(settings))
            self.wishes[SIGNER] = "up"
        if has_web:
            tasks.append(self._web(settings))
            self.wishes[WEB] = "up"
        self.tasks = {task.subject: task for task in tasks}
        self._version = version

    async def claim(self, task: Task) -> None:
        """Take a planning for this node, once until its `release`. Raises as `Directory.claim`."""
        if task.role == "planning" and task.subject not in self._claims:
            key = int(task.arguments["key"])
            self._claims[task.subject] = (key, await self._directory.claim(key, self._node, self._incarnation))

    async def release(self, *, but: Collection[str]) -> None:
        """Give back the plannings that have no process, so that the next one is another epoch."""
        for subject, (key, epoch) in list(self._claims.items()):
            if subject not in but:
                await self._directory.release(key, epoch)
                del self._claims[subject]

    async def write(self, observed: Mapping[str, Observed], now: float) -> None:
        """Tell what runs, all of it at once: a change, and mere numbers; what is not told of is stopped."""
        for subject in self._written.keys() - self.tasks.keys() - observed.keys():
            del self._written[subject]
        told: dict[str, Observed] = {}
        for subject in sorted(observed.keys() | self._written.keys()):
            found = observed.get(subject) or Observed(subject=subject, state="stopped")
            former, at = self._written.get(subject, (None, 0.0))
            if former is None or _told(former) != _told(found):
                due = True
            else:
                due = former.counters != found.counters and now >= at + COUNTERS_SECONDS
            if due:
                told[subject] = found
        if told:
            await self._directory.observe(*(msgspec.structs.replace(one, at=time.time()) for one in told.values()))
            self._written |= {subject: (one, now) for subject, one in told.items()}

    async def _reopen(self) -> None:
        """Open the directory anew after the disk has failed: what it holds is what is on the disk."""
        with contextlib.suppress(StoreError):
            await self._directory.close()
        self._directory = self._make()
        await self._directory.open()
        self._must_reopen = False

    def _controller(self, account: Account, settings: Settings) -> Task:
        return Task(
            subject=controller_subject(account.number),
            role="controller",
            label=f"controller:{account.number}",
            title=f"hp-c-{account.number[-10:]}",
            arguments={"account": account.number},
            host=settings.listen.host,
            port=account.port,
            log=_file(settings, self._paths.log(account.number)),
            level=settings.log.level,
            hidden=self._hidden,
            writable=self._writable,
        )

    def _signer(self, settings: Settings) -> Task:
        return Task(
            subject=SIGNER,
            role="signer",
            label=SIGNER,
            title="hp-signer",
            arguments={},
            host="",
            port=0,
            log=_file(settings, self._paths.signer_log),
            level=settings.log.level,
        )

    def _web(self, settings: Settings) -> Task:
        return Task(
            subject=WEB,
            role="web",
            label=WEB,
            title="hp-web",
            arguments={},
            host=settings.listen.host,
            port=settings.web.port,
            log=_file(settings, self._paths.web_log),
            level=settings.log.level,
            hidden=self._hidden,
            writable=self._writable,
        )

    def _planning(self, planning: Planning, settings: Settings) -> Task:
        return Task(
            subject=planning_subject(planning.key),
            role="planning",
            label=f"planning:{planning.account}/{planning.name}",
            title=f"hp-{planning.name}",
            arguments={"account": planning.account, "planning": planning.name, "key": str(planning.key)},
            host=settings.listen.host,
            port=planning.port,
            log=_file(settings, self._paths.log(planning.account, planning.name)),
            level=settings.log.level,
            hidden=self._hidden,
            writable=self._writable,
        )


def _file(settings: Settings, log: Path) -> str:
    """Return the log file of a child, "" when it writes to our output."""
    return str(log) if settings.log.to == "files" else ""


def _told(observed: Observed) -> tuple[str, int, int, str]:
    """Return what is told at once when it changes."""
    return observed.state, observed.pid, observed.epoch, observed.reason
