"""Roles for tests: small processes that do one thing, good or bad. They speak to the agent as real ones do."""

import contextlib
import gc
import os
import select
import signal
import socket
import threading
import time
from pathlib import Path

import msgspec

from hpserver.errors import ConfigurationError, CorruptBaseError
from hpserver.protocol.codec import decode_internal, encode_internal
from hpserver.protocol.internal import Drain, Report
from tests.processes.ps import fds

ROOT = Path(__file__).resolve().parents[2]
REPORT_SECONDS = 0.2


def by_name(arguments: dict[str, str], listeners: list[socket.socket], report: socket.socket) -> int:
    """Be what the first word of the planning's name says; a controller serves."""
    kind = arguments.get("planning", "serves").partition("-")[0]
    kinds = {"serves": serves, "ends": ends, "fails": fails, "hangs": hangs, "babbles": babbles, "stays": stays}
    kinds["peeks"] = peeks
    return kinds[kind](arguments, listeners, report)


def babbles(_arguments: dict[str, str], _listeners: list[socket.socket], report: socket.socket) -> int:
    """Speak nonsense."""
    report.send(b"\xc1nonsense")
    while True:
        time.sleep(60)


def stays(_arguments: dict[str, str], _listeners: list[socket.socket], report: socket.socket) -> int:
    """Report for ever, whatever it is asked."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    while True:
        report.send(encode_internal(Report("live", 1, {})))
        time.sleep(REPORT_SECONDS)


def ends(arguments: dict[str, str], _listeners: list[socket.socket], _report: socket.socket) -> int:
    """End at once with the code that was given."""
    return int(arguments.get("code", "1"))


def fails(_arguments: dict[str, str], _listeners: list[socket.socket], _report: socket.socket) -> int:
    """Let an error of the house through."""
    raise ConfigurationError("the base is corrupt: restore the last good backup")


def bundles(_arguments: dict[str, str], _listeners: list[socket.socket], _report: socket.socket) -> int:
    """Fail inside the tasks of an event loop."""
    inner = ExceptionGroup("tasks", [CorruptBaseError("page 7 is damaged"), ValueError("another")])
    raise ExceptionGroup("tasks", [inner])


def breaks(_arguments: dict[str, str], _listeners: list[socket.socket], _report: socket.socket) -> int:
    """Fail as no error of the house does."""
    raise ZeroDivisionError("in the role")


def starves(_arguments: dict[str, str], _listeners: list[socket.socket], _report: socket.socket) -> int:
    """Ask for more memory than there is."""
    raise MemoryError


def hangs(_arguments: dict[str, str], _listeners: list[socket.socket], report: socket.socket) -> int:
    """Serve, it says, then do nothing for ever, deaf to SIGTERM."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    report.send(encode_internal(Report("live", 1, {})))
    while True:
        time.sleep(60)


def tells(arguments: dict[str, str], listeners: list[socket.socket], report: socket.socket) -> int:
    """Tell on the report channel what kind of process this is, then wait to be killed."""
    status = dict(line.split(":\t", 1) for line in Path("/proc/self/status").read_text().splitlines() if ":\t" in line)
    facts = {
        "pid": os.getpid(),
        "name": Path("/proc/self/comm").read_text().strip(),
        "threads": threading.active_count(),
        "fds": fds(os.getpid()),
        "ignored": status["SigIgn"],
        "caught": status["SigCgt"],
        "frozen": gc.get_freeze_count(),
        "collects": gc.isenabled(),
        "arguments": arguments,
        "ports": [listener.getsockname()[1] for listener in listeners],
        "home": os.environ.get("HP_TEST", ""),
    }
    report.send(msgspec.json.encode(facts))
    print("told")  # noqa: T201  what reaches the log file is what is tested
    while True:
        time.sleep(60)


def peeks(_arguments: dict[str, str], _listeners: list[socket.socket], report: socket.socket) -> int:
    """Say which files of keys can be opened, as the reason of a report."""
    opened = []
    for file in sorted(Path(os.environ["HP_STATE"], "certs").rglob("*.*")):
        with contextlib.suppress(OSError):
            file.read_bytes()
            opened.append(file.name)
    report.send(encode_internal(Report("live", 1, {}, " ".join(opened))))
    while True:
        time.sleep(60)


def serves(_arguments: dict[str, str], listeners: list[socket.socket], report: socket.socket) -> int:
    """Tell every client this process's pid, report, and leave when asked. A client that says `q` ends it badly."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the packet that comes with it says the same
    served = 0
    [listener] = listeners
    report.send(encode_internal(Report("live", 7, {"sessions": served})))
    while True:
        ready, _, _ = select.select([listener, report], [], [], REPORT_SECONDS)
        if report in ready:
            assert isinstance(decode_internal(report.recv(65536)), Drain)
            report.send(encode_internal(Report("draining", 7, {})))
            return 0
        if listener in ready:
            served += 1
            client, _ = listener.accept()
            with client:
                client.send(str(os.getpid()).encode())
        report.send(encode_internal(Report("live", 7, {"sessions": served})))
