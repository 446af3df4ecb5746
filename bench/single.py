"""The planning server with other settings of its disk, to see what group commit is worth. Roles of a benchmark's agent.

The name of the planning says which: `single...` writes one transaction per commit, `...slow` waits 2 ms more at every
fsync, as an ordinary disk makes it (bench/slow_disk.c must be preloaded).
"""

import ctypes
import socket
from typing import Final

from hpserver import planning_server
from hpserver.planning import engine

SLOW_MICROSECONDS: Final = 2000


def run(arguments: dict[str, str], listeners: list[socket.socket], report: socket.socket) -> int:
    """Serve a planning as its name says. See `hpserver.planning_server.run`."""
    settle(arguments["planning"])
    return planning_server.run(arguments, listeners, report)


def settle(name: str) -> None:
    """Give this process the settings that a name says."""
    if name.startswith("single"):
        setattr(engine, "MAX_BATCH", 1)  # noqa: B010  the one thing that is compared; it is a constant to everybody else
    if name.endswith("slow"):
        ctypes.CDLL(None).slow_disk(ctypes.c_long(SLOW_MICROSECONDS))
