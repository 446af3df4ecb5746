"""`hp agent`: makes what should run and what runs the same, and nothing else. It knows no session and no base.

The directory says what should run; `hpserver.supervision` decides; `hpserver.children` carries out; what is goes back
to the directory. When the directory does not answer, what runs goes on running.
"""

import asyncio
import contextlib
import fcntl
import os
import resource
import shutil
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec
import structlog
import uvloop

import hpserver
from hpserver.children import Children, Task
from hpserver.config import Paths, Settings, find_paths, read_settings
from hpserver.directory.api import LEASE
from hpserver.directory.model import Observed
from hpserver.errors import (
    AgentRunningError,
    BaseInUseError,
    ConfigurationError,
    FencedError,
    HPError,
    NotFoundError,
    UnexpectedMessageError,
)
from hpserver.hosting.backup_clock import BackupClock
from hpserver.hosting.keyring import Keyring
from hpserver.ledger import Ledger
from hpserver.log import set_up_log
from hpserver.net.hub import HubLink, HubServer
from hpserver.protocol.codec import encode_internal
from hpserver.protocol.internal import (
    MAX_PACKET,
    AnyInternal,
    GetStatus,
    ProcessStatus,
    Status,
    Wake,
    Woken,
)
from hpserver.store.sqlite_directory import SqliteDirectory
from hpserver.supervision.process import Process
from hpserver.supervision.reconcile import (
    DEFAULT_LIMITS,
    Drain,
    Effect,
    Fail,
    Forget,
    Kill,
    Limits,
    Start,
    next_look,
    reconcile,
)
from hpserver.zygote import EXIT_SOFTWARE, EXIT_TEMPORARY, ROLES

POLL_SECONDS: Final = 1.0
"""How late a change of the directory is seen when nobody wakes the agent."""

HEARTBEAT_SECONDS: Final = LEASE / 4
"""Three heartbeats may be late or lost before the lease lapses."""


def run_agent(
    environ: Mapping[str, str] = os.environ, roles: Mapping[str, str] = ROLES, limits: Limits = DEFAULT_LIMITS
) -> int:
    """Be the agent of this installation until SIGTERM or SIGINT; answers the exit code.

    Must be called before the process has any thread or event loop of its own.

    Raises:
        AgentRunningError: another one is.
        ConfigurationError: a path or a setting is not as it must be; nothing was started.
    """
    paths = find_paths(environ)
    settings = read_settings(paths, environ)
    set_up_log("agent", sys.stdout, settings.log.level)
    paths.make()
    with _only_one(paths.agent_lock):
        _raise_descriptor_limit()
        inherited = {name: value for name, value in environ.items() if name != "NOTIFY_SOCKET"}
        inherited |= {"HP_STATE": str(paths.state), "HP_RUN": str(paths.run)}
        inherited.setdefault("TMPDIR", str(paths.scratch))
        Keyring(paths.certs).put_in_place()
        for left in paths.scratch.iterdir():
            shutil.rmtree(left, ignore_errors=True)
        turn = asyncio.Event()
        children = Children(roles, inherited, turn.set)
        try:
            children.wait_ready()
            agent = Agent(paths, settings, environ, children, turn, limits)
            return uvloop.run(agent.run())
        finally:
            children.close()


class Agent:
    """The loop: read the wishes, reconcile, report; sleep until something happened or time calls."""

    def __init__(
        self,
        paths: Paths,
        settings: Settings,
        environ: Mapping[str, str],
        children: Children,
        turn: asyncio.Event,
        limits: Limits,
    ) -> None:
        self._paths, self._settings, self._environ = paths, settings, environ
        self._children, self._turn, self._limits = children, turn, limits
        self._log = structlog.get_logger()
        self._loop: asyncio.AbstractEventLoop
        self._ledger = Ledger(paths, lambda: SqliteDirectory(paths.directory), self._fenced)
        self._must_read = False
        self._wakes: list[tuple[HubLink, int]] = []
        self._stops = 0
        self._exit_code = 0

    async def run(self) -> int:
        """Look after this machine until told to stop; answers the exit code."""
        self._loop = asyncio.get_running_loop()
        self._children.attach(self._loop)
        self._handle_signals()
        hub = HubServer(self._paths.agent_socket, self._loop, self, name="agent")
        try:
            await self._ledger.open()
            await self._ledger.read(self._settings, anyway=True)  # so that the first answer on the hub is whole
            hub.open()
            notify("READY=1")
            self._log.info("agent.started", version=hpserver.__version__, state_directory=str(self._paths.state))
            async with asyncio.TaskGroup() as group:
                clock = BackupClock(self._paths, self._environ)
                aside = [group.create_task(self._beat()), group.create_task(clock.run(lambda: self._settings))]
                await self._keep()
                for task in aside:
                    task.cancel()
        finally:
            hub.close()
            self._children.close()
            await self._ledger.close()
        self._log.info("agent.stopped", exit_code=self._exit_code)
        return self._exit_code

    # --- the loop ---------------------------------------------------------------------------------------------

    async def _keep(self) -> None:
        """Reconcile until everything is stopped on our own wish."""
        while True:
            self._turn.clear()
            wakes, self._wakes = self._wakes, []
            if self._children.is_orphaned and not await self._replace_zygote():
                return
            async with self._ledger.errors():
                await self._ledger.read(self._settings, anyway=bool(wakes) or self._must_read)
                self._must_read = False
                await self._ledger.release(but=self._children.alive)
            wishes = {} if self._stops else self._ledger.wishes
            for effect in reconcile(wishes, self._children.known, self._loop.time(), self._limits):
                await self._carry_out(effect)
            async with self._ledger.errors():
                await self._ledger.write(self._observed(), self._loop.time())
            for link, number in wakes:
                _answer(link, Woken(number))
            if self._stops and not self._children.alive:
                return
            await self._sleep()

    async def _replace_zygote(self) -> bool:
        """Start another zygote; False when none can be started."""
        try:
            await self._children.replace_zygote()
        except ConfigurationError as error:
            self._log.critical("agent.gave_up", reason=error.text)
            self._exit_code = EXIT_SOFTWARE
            return False
        return True

    async def _sleep(self) -> None:
        """Wait until something changed, or time alone calls."""
        at = min(next_look(self._children.known, self._limits), self._loop.time() + POLL_SECONDS)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout_at(max(at, self._loop.time() + 0.01)):
                await self._turn.wait()

    async def _carry_out(self, effect: Effect) -> None:
        subject, now = effect.subject, self._loop.time()
        match effect:
            case Start():
                await self._start(subject)
            case Drain():
                self._children.drain(subject, effect.seconds, effect.kill_after, now)
            case Kill():
                self._log.warning("child.killed", subject=subject, reason=effect.reason or "its time to leave is over")
                self._children.kill(subject, effect.reason)
            case Fail():
                self._fail(subject, effect.reason)
            case Forget():
                self._children.forget(subject)

    async def _start(self, subject: str) -> None:
        """Start what the subject is; a port that cannot be had is its failure alone."""
        try:
            task = self._ledger.tasks[subject]
            await self._ledger.claim(task)
            self._children.start(task, self._loop.time())
        except (ConfigurationError, NotFoundError, BaseInUseError) as error:
            self._fail(subject, error.text)
        except (HPError, OSError) as error:  # tried again at the next look
            self._log.warning("child.not_started", subject=subject, reason=str(error))

    def _fail(self, subject: str, reason: str) -> None:
        self._log.error("child.failed", subject=subject, reason=reason)
        self._children.fail(subject, reason)

    async def _beat(self) -> None:
        """Keep the lease of the node."""
        while True:
            async with self._ledger.errors():
                await self._ledger.beat()
            await asyncio.sleep(HEARTBEAT_SECONDS)

    def _fenced(self, error: FencedError) -> None:
        """Stop: another agent is this node now, and will start what runs here."""
        self._log.critical("node.taken", reason=str(error))
        self._exit_code = EXIT_TEMPORARY
        self._stop()

    def _observed(self) -> dict[str, Observed]:
        """Say of every subject that should or does run how it is."""
        return {subject: self._observe(subject) for subject in self._children.known}

    def _observe(self, subject: str) -> Observed:
        process = self._children.known.get(subject, Process())
        child = self._children.child(subject)
        if child is None:
            return Observed(subject=subject, state=process.state, reason=process.reason)
        return Observed(
            subject=subject,
            state=process.state,
            pid=child.pid,
            epoch=child.epoch,
            reason=process.reason,
            counters=child.counters,
        )

    # --- signals ----------------------------------------------------------------------------------------------

    def _handle_signals(self) -> None:
        """Stop on SIGTERM and SIGINT, at once on the second; on SIGHUP read the settings, or stop on a terminal."""
        on_terminal = os.isatty(0)
        self._loop.add_signal_handler(signal.SIGTERM, self._stop)
        self._loop.add_signal_handler(signal.SIGINT, self._stop)
        self._loop.add_signal_handler(signal.SIGHUP, self._stop if on_terminal else self._reload)

    def _stop(self) -> None:
        self._stops += 1
        self._log.info("agent.asked_to_stop", times=self._stops)
        notify("STOPPING=1")
        if self._stops > 1:
            for subject in self._children.alive:
                self._children.kill(subject, "")
        self._turn.set()

    def _reload(self) -> None:
        """Read the settings again; what runs keeps its own until it starts again. A mistake changes nothing."""
        try:
            self._settings = read_settings(self._paths, self._environ)
        except ConfigurationError as error:
            self._log.error("settings.refused", reason=error.text)
            return
        set_up_log("agent", sys.stdout, self._settings.log.level)
        self._log.info("settings.read")
        self._must_read = True
        self._turn.set()

    # --- the CLI ----------------------------------------------------------------------------------------------

    def hub_joined(self, link: HubLink) -> None:
        """See `HubOwner.hub_joined`."""

    def hub_received(self, link: HubLink, message: AnyInternal, passenger: socket.socket | None) -> None:
        """See `HubOwner.hub_received`."""
        if passenger is not None:
            passenger.close()
        if isinstance(message, GetStatus):
            _answer(link, self._status(message.id))
        elif isinstance(message, Wake):
            self._wakes.append((link, message.id))
            self._turn.set()
        else:
            raise UnexpectedMessageError("The agent answers GetStatus and Wake.")

    def hub_lost(self, link: HubLink, error: HPError | None) -> None:
        """See `HubOwner.hub_lost`."""

    def _status(self, number: int) -> Status:
        """Say what runs; without counters when there are too many processes for one packet."""
        rows = tuple(self._row(task) for task in self._ledger.tasks.values())
        status = Status(number, os.getpid(), hpserver.__version__, rows)
        if len(encode_internal(status)) > MAX_PACKET:
            rows = tuple(msgspec.structs.replace(row, counters={}, reason=row.reason[:40]) for row in rows)
            status = msgspec.structs.replace(status, processes=rows)
        return status

    def _row(self, task: Task) -> ProcessStatus:
        found = self._observe(task.subject)
        restarts = self._children.known.get(task.subject, Process()).restarts
        wish = self._ledger.wishes.get(task.subject, "down")
        return ProcessStatus(
            task.subject, wish, found.state, found.pid, found.epoch, restarts, found.reason, found.counters
        )


def notify(state: str) -> None:
    """Tell the service manager (sd_notify(3)), when there is one."""
    if address := os.environ.get("NOTIFY_SOCKET", ""):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock, contextlib.suppress(OSError):
            sock.sendto(state.encode(), address.replace("@", "\0", 1))


def _answer(link: HubLink, message: Status | Woken) -> None:
    """Answer, if who asked is still there."""
    with contextlib.suppress(HPError):
        link.send(message)


@contextlib.contextmanager
def _only_one(path: Path) -> Iterator[None]:
    """Hold the lock of the agent; the kernel lets go of it however we end. Raises AgentRunningError."""
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            pid = os.read(lock, 32).decode("ascii", "replace").strip()
            raise AgentRunningError(f"The agent of this installation runs already: process {pid}.", pid=pid) from error
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(lock)


def _raise_descriptor_limit() -> None:
    """Allow us and every child as many descriptors as this user may have: each client is one."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
