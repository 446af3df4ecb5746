"""The children of the agent: their listening sockets, their channels, their zygote. Carries out; decides nothing.

What is known of each is in `known`, kept by `hpserver.supervision.process`.
"""

import asyncio
import errno
import signal
import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

import msgspec
import structlog

from hpserver.directory.model import State
from hpserver.errors import ConfigurationError, ProtocolError, UnexpectedMessageError
from hpserver.protocol.codec import decode_internal, encode_internal
from hpserver.protocol.internal import MAX_PACKET, Drain, Internal, Report
from hpserver.supervision import process as facts
from hpserver.supervision.process import Process
from hpserver.zygote import (
    Ended,
    FromZygote,
    Ready,
    Spawn,
    Spawned,
    describe_end,
    receive,
    send_signal,
    send_spawn,
    start_zygote,
)

BACKLOG: Final = 4096
"""Connections that wait to be accepted, up to the kernel's somaxconn; they outlive the child that was to take them."""

PACKETS_PER_WAKE: Final = 64
"""Reports read from one child before the others have their turn."""

GONE_SECONDS: Final = 0.02
"""Between two looks at whether the kernel has ended the children of a dead zygote: it does so within milliseconds."""

_PORT_REMEDIES: Final = {
    errno.EADDRINUSE: "is in use: stop the program that listens there, or give another port",
    errno.EACCES: "needs a privilege: give a port above 1023",
    errno.EADDRNOTAVAIL: "cannot be opened, the address is not of this machine: change listen.host in the settings",
}


class Task(msgspec.Struct, frozen=True):
    """What a child is to be. `label` names it to people, `title` to `ps`; `log` is its file, "" for our output.

    With port 0 it does not listen. What it may not open is `hidden` from it; beside that, it
    writes what is `writable` alone, where the kernel can see to it.
    """

    subject: str
    role: str
    label: str
    title: str
    arguments: dict[str, str]
    host: str
    port: int
    log: str = ""
    level: str = "info"
    hidden: tuple[str, ...] = ()
    writable: tuple[str, ...] = ("/",)


class Child:
    """One process, from the request for it until its end. `pid` is 0 until the zygote has told it."""

    def __init__(self, subject: str, number: int, channel: socket.socket) -> None:
        self.subject, self.number, self.channel = subject, number, channel
        self.pid = 0
        self.epoch = 0
        self.counters: dict[str, int] = {}


class Children:
    """Everything that runs. `changed` is called when something did that the agent should look at."""

    def __init__(self, roles: Mapping[str, str], environ: Mapping[str, str], changed: Callable[[], None]) -> None:
        self.known: dict[str, Process] = {}
        self._roles, self._environ, self._changed = roles, environ, changed
        self._children: dict[str, Child] = {}
        self._listeners: dict[str, tuple[str, int, socket.socket]] = {}
        self._last_number = 0
        self._log = structlog.get_logger()
        self._is_ready = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._zygote, self._channel = start_zygote(roles, environ)

    def wait_ready(self) -> None:
        """Wait, before there is an event loop, until the zygote has imported everything.

        Raises:
            ConfigurationError: it ended instead; what it said of that is on our standard error.
        """
        if not isinstance(receive(self._channel), Ready):
            raise ConfigurationError("The process that starts the others could not start: see the lines above.")
        self._is_ready = True

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        """Hear the zygote, and the children to come, on this loop."""
        self._loop = loop
        self._channel.setblocking(False)
        loop.add_reader(self._channel.fileno(), self._hear_zygote)

    @property
    def alive(self) -> list[str]:
        """The subjects that have a process."""
        return [subject for subject, process in self.known.items() if process.is_alive]

    def child(self, subject: str) -> Child | None:
        """Return the process of a subject; None when it has none."""
        return self._children.get(subject)

    # --- what the agent wishes --------------------------------------------------------------------------------

    def start(self, task: Task, now: float) -> None:
        """Start a process for the task, with its listening socket.

        Raises:
            ConfigurationError: its port cannot be opened; the text says which and what to do.
            OSError: the zygote does not take the request now.
        """
        assert self._loop is not None
        assert task.subject not in self._children
        listeners = [self._listen(task)] if task.port else []
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        number = self._last_number + 1
        told = (task.role, task.label, task.title, task.arguments, task.log, task.level, task.hidden, task.writable)
        spawn = Spawn(number, *told)
        with theirs:
            try:
                send_spawn(self._channel, spawn, theirs, listeners)
            except OSError:
                ours.close()
                raise
        self._last_number = number
        ours.setblocking(False)
        child = self._children[task.subject] = Child(task.subject, number, ours)
        self._loop.add_reader(ours.fileno(), self._hear_child, child)
        self.known[task.subject] = facts.started(self.known.get(task.subject, Process()), now)

    def drain(self, subject: str, seconds: float, kill_after: float, now: float) -> None:
        """Ask a process to take leave, by packet and by SIGTERM, and listen no more on its behalf."""
        child = self._children.get(subject)
        if child is None:  # it ended since that was decided
            return
        self._tell(child, Drain(seconds))
        self._signal(child, signal.SIGTERM)
        self._stop_listening(subject)
        self.known[subject] = facts.draining(self.known[subject], now, kill_after)

    def kill(self, subject: str, reason: str) -> None:
        """End a process now."""
        child = self._children.get(subject)
        if child is not None and self._signal(child, signal.SIGKILL):
            self.known[subject] = facts.killed(self.known[subject], reason)

    def fail(self, subject: str, reason: str) -> None:
        """Give up on a subject; who connects is refused instead of waiting for nobody."""
        self._stop_listening(subject)
        self.known[subject] = facts.failed(self.known.get(subject, Process()), reason)

    def forget(self, subject: str) -> None:
        """Nothing should run and nothing does."""
        self._stop_listening(subject)
        del self.known[subject]

    def close(self) -> None:
        """Let go of everything; children that still run are killed by the kernel. Safe twice."""
        for subject in list(self._listeners):
            self._stop_listening(subject)
        for child in list(self._children.values()):
            self._drop(child)
        if self._loop is not None and self._channel.fileno() >= 0:
            self._loop.remove_reader(self._channel.fileno())
        self._channel.close()
        self._zygote.kill()
        self._zygote.wait()

    # --- sockets ----------------------------------------------------------------------------------------------

    def _listen(self, task: Task) -> socket.socket:
        """Return the listening socket of the task: the one held already when it is at the same place."""
        host, port, listener = self._listeners.get(task.subject, ("", 0, None))
        if listener is not None and (host, port) == (task.host, task.port):
            return listener
        self._stop_listening(task.subject)
        family = socket.AF_INET6 if ":" in task.host else socket.AF_INET
        try:
            listener = socket.create_server((task.host, task.port), family=family, backlog=BACKLOG)
        except OSError as error:
            remedy = _PORT_REMEDIES.get(error.errno or 0, f"cannot be opened: {error.strerror}")
            raise ConfigurationError(f"TCP port {task.port} on {task.host} {remedy}.", port=task.port) from error
        listener.setblocking(False)
        self._listeners[task.subject] = (task.host, task.port, listener)
        return listener

    def _stop_listening(self, subject: str) -> None:
        if subject in self._listeners:
            self._listeners.pop(subject)[2].close()

    def _tell(self, child: Child, message: Internal) -> None:
        """Say something to a child; one that does not read will be killed when its time is over."""
        try:
            child.channel.send(encode_internal(message))
        except OSError as error:
            self._log.info("child.not_told", subject=child.subject, reason=str(error))

    def _signal(self, child: Child, number: int) -> bool:
        """Signal a child; False when that must be tried again."""
        try:
            send_signal(self._channel, child.number, number)
        except OSError:
            return False
        return True

    # --- what children say ------------------------------------------------------------------------------------

    def _hear_child(self, child: Child) -> None:
        """Read reports; the other end is treated as hostile input."""
        for _ in range(PACKETS_PER_WAKE):
            try:
                packet = child.channel.recv(MAX_PACKET)
            except BlockingIOError:
                return
            except OSError:
                packet = b""
            if not packet:
                self._deafen(child)
                return
            try:
                self._take_report(child, packet)
            except ProtocolError as error:
                self._log.error("child.spoke_nonsense", subject=child.subject, reason=str(error))
                self._deafen(child)
                self.kill(child.subject, "did not speak as our processes do")
                return

    def _take_report(self, child: Child, packet: bytes) -> None:
        report = decode_internal(packet)
        if not isinstance(report, Report):
            raise UnexpectedMessageError("A child reports, and says nothing else.")
        try:
            state = msgspec.convert(report.state, State)
        except msgspec.ValidationError as error:
            raise UnexpectedMessageError(str(error)) from error
        assert self._loop is not None
        before = self.known[child.subject]
        after = facts.reported(before, state, self._loop.time(), report.reason)
        self.known[child.subject] = after
        child.epoch, child.counters = report.epoch, report.counters
        if (before.state, before.reason) != (after.state, after.reason):
            self._log.info("child.changed", subject=child.subject, state=after.state, reason=after.reason)
            self._changed()

    def _deafen(self, child: Child) -> None:
        """Listen to a child no more; the zygote tells its end."""
        assert self._loop is not None
        if child.channel.fileno() >= 0:
            self._loop.remove_reader(child.channel.fileno())

    def _drop(self, child: Child) -> None:
        """Let go of a child."""
        self._deafen(child)
        child.channel.close()
        del self._children[child.subject]

    # --- what the zygote says ---------------------------------------------------------------------------------

    def _hear_zygote(self) -> None:
        for _ in range(PACKETS_PER_WAKE):
            try:
                message = receive(self._channel)
            except BlockingIOError:
                return
            except OSError:
                message = None
            if message is None:
                assert self._loop is not None
                self._loop.remove_reader(self._channel.fileno())
                self._channel.close()
                self._changed()
                return
            self._take(message)

    def _take(self, message: FromZygote) -> None:
        if isinstance(message, Ready):
            self._is_ready = True
            return
        child = next((one for one in self._children.values() if one.number == message.id), None)
        if child is None:
            return
        if isinstance(message, Ended):
            use = {"cpu_seconds": round(message.cpu_seconds, 3), "peak_kib": message.peak_kib}
            self._end(child, describe_end(message.status), use)
        elif isinstance(message, Spawned) and message.pid:
            child.pid = message.pid
            self._log.info("child.started", subject=child.subject, child=child.pid)
            self._changed()
        else:
            self._end(child, message.reason, {})

    def _end(self, child: Child, how: str, use: Mapping[str, float]) -> None:
        """Note that a child is gone, after having heard its last words."""
        assert self._loop is not None
        if child.channel.fileno() >= 0:
            self._hear_child(child)
        self._drop(child)
        before = self.known[child.subject]
        after = facts.ended(before, self._loop.time(), how)
        self.known[child.subject] = after
        log = self._log.info if before.asked else self._log.error
        log("child.ended", subject=child.subject, child=child.pid, how=how, reason=after.reason, **use)
        self._changed()

    # --- the zygote itself ------------------------------------------------------------------------------------

    @property
    def is_orphaned(self) -> bool:
        """Whether the zygote is gone, and every child with it."""
        return self._channel.fileno() < 0

    async def replace_zygote(self) -> None:
        """Wait for the end of the dead zygote's children, then start another.

        Raises:
            ConfigurationError: it died before it was ready: another would too.
        """
        status = self._zygote.wait()
        self._log.error("zygote.ended", status=status)
        if not self._is_ready:
            raise ConfigurationError("The process that starts the others cannot start: see the lines above.")
        for child in list(self._children.values()):
            await _wait_gone(child.pid)
            self._end(child, "ended with the process that starts the others", {})
        self._is_ready = False
        self._zygote, self._channel = start_zygote(self._roles, self._environ)
        self.attach(asyncio.get_running_loop())


async def _wait_gone(pid: int) -> None:
    """Wait until the kernel has ended a process that is no child of ours; pid 0 is none."""
    while pid and _exists(pid):  # noqa: ASYNC110  nothing tells a grandparent of an end
        await asyncio.sleep(GONE_SECONDS)


def _exists(pid: int) -> bool:
    """Tell whether there is a process of this id, and it is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
