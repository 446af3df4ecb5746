"""This machine: what it is, what its processes use, who else works on it. Knows no server."""

import os
import platform
import re
import resource
import ssl
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

SERVER_CORE: Final = 0
CLIENT_CORE: Final = 1
URGENT: Final = -15
"""Niceness: thirty times the share of an ordinary process."""

AUTOGROUP: Final = Path("/proc/self/autogroup")
TICK: Final = os.sysconf("SC_CLK_TCK")

_BUSY: Final = (0, 1, 2, 5, 6, 7)  # user, nice, system, irq, softirq, steal in the first line of /proc/stat


def facts() -> dict[str, str | int | float]:
    """Return what a reader must know to compare figures."""
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text(encoding="utf-8"))
    return {
        "cpu": cpu[1] if cpu else platform.machine(),
        "cores": os.cpu_count() or 0,
        "kernel": platform.release(),
        "python": platform.python_version(),
        "openssl": ssl.OPENSSL_VERSION,
        "load": os.getloadavg()[0],
        "commit": _output("git", "rev-parse", "--short", "HEAD"),
    }


def version(*command: str) -> str:
    """Return the first line a program says of its version, empty when there is no such program."""
    return _output(*command).partition("\n")[0]


def on_core(core: int, command: list[str]) -> list[str]:
    """Return the command that runs there; on a machine with one core, as it is."""
    cores = os.sched_getaffinity(0)
    return ["taskset", "-c", str(core), *command] if {SERVER_CORE, CLIENT_CORE} <= cores else command


def hurry() -> None:
    """Take most of the cores from everybody else's processes; inherited by those started from now on. Needs root."""
    os.setpriority(os.PRIO_PROCESS, 0, URGENT)
    if AUTOGROUP.exists():
        AUTOGROUP.write_text(str(URGENT), encoding="ascii")


def hurry_as_we_do(pid: int) -> None:
    """Give a process that has left our session the urgency of ours: Linux shares the cores among sessions first."""
    if AUTOGROUP.exists():
        words = AUTOGROUP.read_text(encoding="ascii").split()  # none where sessions have no group: nothing to give then
        if words and words[-1] != "0":
            Path(f"/proc/{pid}/autogroup").write_text(words[-1], encoding="ascii")


@contextmanager
def all_descriptors() -> Iterator[None]:
    """Take as many descriptors as we may have, for what we start too; afterwards as many as before."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def cpu_seconds(pids: Iterable[int]) -> float:
    """Return the time these processes, with all their threads, have been on a core."""
    total = 0
    for pid in pids:
        for task in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            total += int(task.read_text(encoding="ascii").split()[0])
    return total / 1e9


def rss_bytes(pid: int) -> int:
    """Return the memory of a process that is in RAM."""
    resident = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    return int(resident) * os.sysconf("SC_PAGESIZE")


def descriptors(pid: int) -> int:
    """Return how many descriptors a process has open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())


def busy_seconds() -> float:
    """Return the time the cores of this machine have been busy, whoever used them."""
    fields = Path("/proc/stat").read_text(encoding="ascii").split("\n", 1)[0].split()[1:]
    return sum(int(fields[index]) for index in _BUSY) / TICK


def _output(*command: str) -> str:
    try:
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
    except OSError:
        return ""
