"""A process gives up what it does not need, before it reads what it was sent. Linux; knows no file format."""

import ctypes
import os
import resource
from collections.abc import Callable
from typing import Final

import msgspec

from hpserver.hosting.seccomp import restrict

WALLS: Final = ("namespaces", "landlock", "seccomp")
"""What a kernel or a container may forbid; the rest is required."""


class Bounds(msgspec.Struct, frozen=True):
    """What a confined process may use: `cpu_seconds` of processor time, bytes of address space and of output."""

    cpu_seconds: int = 60
    memory: int = 2 << 30
    output: int = 1 << 30


DEFAULT_BOUNDS: Final = Bounds()
"""A base of 60,000 activities takes 2.5 s and 320 MB to open (measured); five times it is no school."""

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38
_CLONE_NEWUSER, _CLONE_NEWNET, _CLONE_NEWIPC = 0x10000000, 0x40000000, 0x08000000
_SYS_LANDLOCK_CREATE, _SYS_LANDLOCK_RESTRICT = 444, 446
_LANDLOCK_VERSION: Final = 1
_EVERY_FILE_RIGHT: Final = (1 << 13) - 1
"""Every access right of the first version of Landlock: with no rule beside it, none is left."""

_SIGKILL: Final = 9
_PRIVATE: Final = 0o077


def confine(bounds: Bounds = DEFAULT_BOUNDS) -> tuple[str, ...]:
    """Give up new files, sockets, processes and privileges, and bound memory and time; for ever.

    What every Linux has is required, and OSError is raised without it. What a kernel or a container may forbid is
    tried too: the names of what held are returned, of `WALLS`.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    _must(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _must(libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0))
    end_with_parent(_SIGKILL)
    tried: dict[str, Callable[[], bool]] = {
        "namespaces": lambda: libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET | _CLONE_NEWIPC) == 0,
        "landlock": lambda: _landlock(libc),
    }
    held = [name for name, attempt in tried.items() if attempt()]
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_NPROC, 0)
    _limit(resource.RLIMIT_FSIZE, bounds.output)
    _limit(resource.RLIMIT_AS, bounds.memory)
    _limit(resource.RLIMIT_CPU, bounds.cpu_seconds)
    _limit(resource.RLIMIT_NOFILE, 0)  # what is open stays so; nothing more can be: no file, no socket, no pipe
    if restrict():  # the last: what comes before needs calls that it takes away
        held.append("seccomp")
    return tuple(held)


def keep_secrets() -> tuple[str, ...]:
    """Give up what could tell others what is in memory: debuggers, core dumps, new privileges; the network if it may.

    Raises OSError without the first three. Answers what held of the rest: "network" is gone for who may say so.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    _must(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _must(libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0))
    _limit(resource.RLIMIT_CORE, 0)
    os.umask(_PRIVATE)
    return ("network",) if libc.unshare(_CLONE_NEWNET) == 0 else ()


def end_with_parent(signal: int) -> None:
    """Ask the kernel for that signal when the parent ends; a parent that is gone already is noticed too.

    Raises OSError where the kernel does not know how.
    """
    parent = os.getppid()
    _must(ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal, 0, 0, 0))
    if os.getppid() != parent:
        os.kill(os.getpid(), signal)


def _limit(which: int, value: int) -> None:
    _, hard = resource.getrlimit(which)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(which, (value, value))


def _landlock(libc: ctypes.CDLL) -> bool:
    """Forbid every path of the file system, where the kernel knows how."""
    if libc.syscall(_SYS_LANDLOCK_CREATE, None, 0, _LANDLOCK_VERSION) < 1:
        return False
    handled = ctypes.c_uint64(_EVERY_FILE_RIGHT)
    ruleset = libc.syscall(_SYS_LANDLOCK_CREATE, ctypes.byref(handled), ctypes.sizeof(handled), 0)
    if ruleset < 0:
        return False
    held: bool = libc.syscall(_SYS_LANDLOCK_RESTRICT, ruleset, 0) == 0
    os.close(ruleset)
    return held


def _must(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
