"""The process every child is forked from: everything imported, no thread, no event loop. It knows roles, no wish.

Forking after the imports costs a few milliseconds and 2 MiB a process, where starting Python again costs 0.2 s and
40 MiB (measured). The zygote is a program of its own, because a process that has an event loop or a thread must not
fork.

Whoever loses its parent is killed at once (PR_SET_PDEATHSIG with SIGKILL): the zygote when the agent dies, the
children when the zygote dies. SIGTERM would leave a child that hangs, or that drains without an agent, in the way of
the next agent's child for the same base; and a planning server killed at any instant loses nothing it acknowledged.
"""

import ctypes
import gc
import importlib
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec
import structlog

from hpserver.errors import ConfigurationError, HPError, StoreError
from hpserver.hosting.hiding import hide
from hpserver.log import set_up_log
from hpserver.protocol.codec import encode_internal
from hpserver.protocol.internal import Report
from hpserver.protocol.limits import MAX_NAME

ROLES: Final = {
    "controller": "hpserver.controller:run",
    "planning": "hpserver.planning_server:run",
    "signer": "hpserver.signer:run",
    "web": "hpserver.web_server:run",
}
"""Role of a child -> `module:function` of its entry."""

LIBRARIES: Final = ("uvloop", "msgspec", "cryptography.x509", "apsw", "ssl", "hpserver.log")
"""Imported once, before the first fork, beside the modules of the roles."""

MAX_PACKET: Final = 64 << 10
MAX_FDS: Final = 16
"""File descriptors given to a child: its report channel and its listening sockets."""

MAX_LOG_BYTES: Final = 16 << 20
"""A log file that is longer when its process starts becomes `.1`; the one before it goes."""

EXIT_FAILED: Final = 1
EXIT_SOFTWARE: Final = 70
"""The entry of a child raised something nobody foresaw (EX_SOFTWARE of sysexits.h)."""

EXIT_MEMORY: Final = 71
"""It needed more memory than it may have (EX_OSERR)."""

EXIT_TEMPORARY: Final = 75
EXIT_CONFIGURATION: Final = 78

_EXIT_WORDS: Final = {
    EXIT_SOFTWARE: "an error nobody foresaw, see its log",
    EXIT_MEMORY: "it needed more memory than it may have",
    EXIT_TEMPORARY: "the store cannot be used, see its log",
    EXIT_CONFIGURATION: "a file or a setting is not as it must be, see its log",
}

_EXIT_CODES: Final[tuple[tuple[type[Exception], int], ...]] = (
    (ConfigurationError, EXIT_CONFIGURATION),
    (StoreError, EXIT_TEMPORARY),
    (HPError, EXIT_FAILED),
    (MemoryError, EXIT_MEMORY),
    (Exception, EXIT_SOFTWARE),
)
"""The first that fits an error is its code."""

_PR_SET_PDEATHSIG, _PR_SET_NAME = 1, 15  # <linux/prctl.h>

Entry = Callable[[dict[str, str], list[socket.socket], socket.socket], int]
"""What a role is: arguments, listening sockets, report channel -> exit code."""


class Spawn(msgspec.Struct, frozen=True, array_like=True, tag=1):
    """Agent to zygote, with the file descriptors: fork a child, known by `id` from now on.

    `process` is its name in the log, `title` the one that `ps` shows; `log` "" is our own output. It opens no file
    at or below those of `hidden`, and writes none but those of `writable`.
    """

    id: int
    role: str
    process: str
    title: str
    arguments: dict[str, str]
    log: str = ""
    level: str = "info"
    hidden: tuple[str, ...] = ()
    writable: tuple[str, ...] = ("/",)


class Signal(msgspec.Struct, frozen=True, array_like=True, tag=5):
    """Agent to zygote: send the child of this id a signal, if it has not ended.

    The zygote alone can say so: it is the parent, and a pid is nobody else's before it has waited for it.
    """

    id: int
    number: int


class Spawned(msgspec.Struct, frozen=True, array_like=True, tag=2):
    """Answer to Spawn; pid 0 when there is no child, for this reason."""

    id: int
    pid: int
    reason: str = ""


class Ended(msgspec.Struct, frozen=True, array_like=True, tag=3):
    """Zygote to agent: the child is gone. `status` is that of wait(2); CPU seconds and peak KiB are its use."""

    id: int
    status: int
    cpu_seconds: float
    peak_kib: int


class Ready(msgspec.Struct, frozen=True, array_like=True, tag=4):
    """Zygote to agent: everything is imported."""

    pid: int


FromZygote = Spawned | Ended | Ready
_to_wire: Final = msgspec.msgpack.Encoder().encode
_from_agent: Final[msgspec.msgpack.Decoder[Spawn | Signal]] = msgspec.msgpack.Decoder(Spawn | Signal)
_from_zygote: Final[msgspec.msgpack.Decoder[FromZygote]] = msgspec.msgpack.Decoder(FromZygote)


# --- for the agent ------------------------------------------------------------------------------------------


def start_zygote(roles: Mapping[str, str], environ: Mapping[str, str]) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start the zygote; the answer is its process and the channel to it, on which `Ready` comes first.

    `environ` becomes that of every child. The zygote has a session of its own: Ctrl-C on a terminal reaches the
    agent alone, which drains.
    """
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    code = "from hpserver.zygote import main; main()"
    spoken = [f"{role}={entry}" for role, entry in roles.items()]
    with theirs:
        process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            [sys.executable, "-c", code, str(theirs.fileno()), str(os.getpid()), *spoken],
            stdin=subprocess.DEVNULL,
            pass_fds=[theirs.fileno()],
            env=dict(environ),
            start_new_session=True,
        )
    return process, ours


def send_spawn(channel: socket.socket, spawn: Spawn, report: socket.socket, listeners: Sequence[socket.socket]) -> None:
    """Ask for a child. The sockets stay the caller's; the child has its own references to them.

    Raises:
        OSError: the zygote is gone, or does not read.
    """
    fds = [report.fileno(), *(listener.fileno() for listener in listeners)]
    assert len(fds) <= MAX_FDS
    socket.send_fds(channel, [_to_wire(spawn)], fds)


def send_signal(channel: socket.socket, child: int, number: int) -> None:
    """Send the child of this id a signal; nothing happens when it has ended. Raises OSError as `send_spawn`."""
    channel.send(_to_wire(Signal(child, number)))


def receive(channel: socket.socket) -> FromZygote | None:
    """Return what the zygote says next; None when it is gone. Raises BlockingIOError when there is nothing yet."""
    packet = channel.recv(MAX_PACKET)
    return _from_zygote.decode(packet) if packet else None


def describe_end(status: int) -> str:
    """Say in words how a process ended, from the status of wait(2)."""
    code = os.waitstatus_to_exitcode(status)
    if code < 0:
        with suppress(ValueError):
            return f"ended by {signal.Signals(-code).name}"
        return f"ended by signal {-code}"
    words = _EXIT_WORDS.get(code, "")
    return f"ended with exit code {code}{words and f': {words}'}"


# --- the zygote ---------------------------------------------------------------------------------------------


def main() -> None:
    """Be the zygote, until the agent closes the channel or dies. Arguments: channel, agent's pid, role=entry..."""
    channel = socket.socket(fileno=int(sys.argv[1]))
    _die_with(int(sys.argv[2]))
    _set_name("hp-zygote")
    channel.set_inheritable(False)
    set_up_log("zygote", sys.stdout)
    entries = _warm_up(dict(role.split("=", 1) for role in sys.argv[3:]))
    _Zygote(channel, entries).run()


def _warm_up(roles: Mapping[str, str]) -> dict[str, Entry]:
    """Import all that a child will need, and take it out of the garbage collector's sight for ever."""
    gc.disable()
    _tune_malloc()
    for library in LIBRARIES:
        importlib.import_module(library)
    entries = {role: _resolve(entry) for role, entry in roles.items()}
    gc.collect()
    gc.freeze()
    return entries


def _tune_malloc() -> None:
    """Set the allocator once; its settings are inherited by every fork."""
    from hpserver.net.malloc import tune_malloc  # noqa: PLC0415  the agent imports this module, and needs none of it

    tune_malloc()


def _resolve(entry: str) -> Entry:
    """Return the function that `module:function` names."""
    module, _, name = entry.partition(":")
    found: Entry = getattr(importlib.import_module(module), name)
    return found


class _Zygote:
    """Forks on request and reports every end. One thread, one loop, two things to wait for."""

    def __init__(self, channel: socket.socket, entries: Mapping[str, Entry]) -> None:
        self._channel = channel
        self._entries = entries
        self._bell, self._ringer = socket.socketpair()
        self._bell.setblocking(False)
        self._ringer.setblocking(False)
        self._pid = os.getpid()
        self._children: dict[int, int] = {}
        """Pid -> id of every child that was not waited for."""

    def run(self) -> None:
        """Serve until the agent closes the channel."""
        signal.signal(signal.SIGCHLD, lambda _signal, _frame: None)
        signal.set_wakeup_fd(self._ringer.fileno(), warn_on_full_buffer=False)
        poll = select.poll()
        poll.register(self._channel, select.POLLIN)
        poll.register(self._bell, select.POLLIN)
        with suppress(ConnectionError):  # an agent that was killed had words unread: that resets the line
            self._say(Ready(self._pid))
            while True:
                ready = {fd for fd, _ in poll.poll()}
                if self._bell.fileno() in ready:
                    self._reap()
                if self._channel.fileno() in ready and not self._serve():
                    return

    def _say(self, message: FromZygote) -> None:
        self._channel.send(_to_wire(message))

    def _reap(self) -> None:
        """Report every child that has ended."""
        with suppress(BlockingIOError):
            while self._bell.recv(4096):
                pass
        with suppress(ChildProcessError):
            while (ended := os.wait4(-1, os.WNOHANG))[0]:
                pid, status, use = ended
                self._say(Ended(self._children.pop(pid), status, use.ru_utime + use.ru_stime, use.ru_maxrss))

    def _serve(self) -> bool:
        """Carry out one request; False when the agent is gone."""
        packet, fds, _, _ = socket.recv_fds(self._channel, MAX_PACKET, MAX_FDS)
        if not packet:
            return False
        try:
            request = _from_agent.decode(packet)
            if isinstance(request, Spawn):
                self._say(self._spawn(request, fds))
            else:
                self._signal(request)
        finally:
            for fd in fds:
                os.close(fd)
        return True

    def _signal(self, request: Signal) -> None:
        """Signal a child that has not been waited for."""
        for pid, child in self._children.items():
            if child == request.id:
                os.kill(pid, request.number)

    def _spawn(self, spawn: Spawn, fds: list[int]) -> Spawned:
        """Fork; in the child, never return."""
        entry = self._entries.get(spawn.role)
        if entry is None or not fds:
            return Spawned(spawn.id, 0, f"no such role: {spawn.role}")
        try:
            pid = os.fork()
        except OSError as error:
            return Spawned(spawn.id, 0, f"no process can be made: {error.strerror}")
        if pid == 0:
            self._be_child(entry, spawn, fds)
        self._children[pid] = spawn.id
        return Spawned(spawn.id, pid)

    def _be_child(self, entry: Entry, spawn: Spawn, fds: list[int]) -> None:
        """Become the process of the role, and end with its exit code."""
        code = EXIT_SOFTWARE
        try:
            _die_with(self._pid)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            for ours in (self._channel, self._bell, self._ringer):
                ours.close()
            _set_name(spawn.title)
            with suppress(OSError):  # without its file, a child writes to our own output
                _redirect(spawn.log)
            set_up_log(spawn.process, sys.stdout, spawn.level)
            if spawn.hidden and not hide([*map(Path, spawn.hidden)], [*map(Path, spawn.writable)]):
                structlog.get_logger().warning("keys.not_hidden", reason="this kernel has no Landlock of version 2")
            gc.enable()
            code = _run(entry, spawn.arguments, fds)
        finally:
            with suppress(OSError, ValueError):
                sys.stdout.flush()
                sys.stderr.flush()
            os._exit(code)  # nothing of the zygote's own ends here


def _run(entry: Entry, arguments: dict[str, str], fds: list[int]) -> int:
    """Run the role; an error it lets through is logged, reported as its last words, and becomes an exit code."""
    report, *listeners = (socket.socket(fileno=fd) for fd in fds)
    last_words = report.dup()
    try:
        return entry(arguments, listeners, report)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else EXIT_FAILED
    except Exception as caught:  # noqa: BLE001  logged in full; nothing may pass this frame of a fork
        error = _first(caught)
        structlog.get_logger().exception("process.failed", error=type(error).__name__)
        with suppress(OSError):
            last_words.send(encode_internal(Report("failed", 0, {}, _reason(error)[:MAX_NAME])), socket.MSG_DONTWAIT)
        return next(code for kind, code in _EXIT_CODES if isinstance(error, kind))


def _reason(error: Exception) -> str:
    """Say why a role failed, for whoever looks at a screen and not into a log."""
    if isinstance(error, MemoryError):  # it has no words of its own
        return _EXIT_WORDS[EXIT_MEMORY]
    return str(error) if isinstance(error, HPError) and str(error) else f"{type(error).__name__}: {error}"


def _first(error: Exception) -> Exception:
    """Return the first error inside the groups that tasks of an event loop are wrapped in."""
    return _first(error.exceptions[0]) if isinstance(error, ExceptionGroup) else error


def _die_with(parent: int) -> None:
    """Be killed by the kernel when the parent ends; end now when it already has."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(EXIT_SOFTWARE)


def _set_name(title: str) -> None:
    """Set the name that `ps` and `top` show, 15 bytes at most."""
    _prctl(_PR_SET_NAME, ctypes.c_char_p(title.encode()[:15]))


def _prctl(option: int, value: int | ctypes.c_char_p) -> None:
    """Call prctl(2). Raises OSError."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(option, value, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl")


def _redirect(log: str) -> None:
    """Send output and errors to the end of a file, when one is named."""
    if not log:
        return
    path = Path(log)
    with suppress(FileNotFoundError):
        if path.stat().st_size > MAX_LOG_BYTES:
            path.replace(path.with_suffix(".log.1"))
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(fd, sys.stdout.fileno())
    os.dup2(fd, sys.stderr.fileno())
    os.close(fd)
