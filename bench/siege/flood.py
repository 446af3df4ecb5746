"""L5: connections by the thousand that never say a word, and handshakes without end, while others are at work."""

import asyncio
import errno
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Final

from bench import wire
from bench.house import LOGIN, PASSWORD, House
from bench.load import Stormed
from bench.siege.findings import Finding, Size
from bench.siege.watching import PATIENCE, peaks, while_asking
from hpserver.net.gate import UNFINISHED

ADDRESSES: Final = 100
"""127.0.0.2 and those after it: sources, each with limits of its own."""

STORMS: Final = 4
"""Processes that make handshakes as fast as they can."""

STORM_SECONDS: Final = 8.0
"""Longer than a silent connection lives."""

IN_PASSING: Final = STORMS + 16
"""Descriptors beside the unfinished: handshakes that have ended well, connections refused this moment."""

AT_WORK: Final = 2
PAUSE: Final = 0.05
P99_MS: Final = 250
LONGEST: Final = 6.0
"""Seconds that the last silent connection may live."""


async def measure(house: House, size: Size) -> list[Finding]:
    """Return the findings."""
    with ExitStack() as stack:
        crowd = stack.enter_context(house.controller_crowd())
        await asyncio.to_thread(crowd.connect, [wire.signed_in(LOGIN, PASSWORD)] * AT_WORK)
        storms = [stack.enter_context(house.controller_crowd()).storm for _ in range(STORMS)]
        quiet = await asyncio.to_thread(crowd.pulse, 2.0, PAUSE)
        async with peaks(house.pids["controller"]) as (seen,):
            work = _flood(house.account.port, size.silent, storms)
            (seconds, left, stormed), during = await while_asking(work, crowd, PAUSE)
        more = await seen.settled()
        still = await asyncio.to_thread(crowd.leave, 0)
    unfinished = seen.most_descriptors - seen.first_descriptors
    return [
        Finding("L5", "silent connections", size.silent),
        Finding("L5", "of them, never closed by the server", left, 0, "exactly"),
        Finding("L5", "descriptors more at the highest", unfinished, UNFINISHED + IN_PASSING),
        Finding("L5", "descriptors more afterwards", more, 0),
        Finding("L5", "connections at work, still open at the end", still.count, AT_WORK, "exactly"),
        Finding("L5", "MiB more at the highest", seen.rise_mib, 64),
        Finding("L5", "questions answered meanwhile", during.answers, 1, "at least"),
        Finding("L5", "seconds from the last of them until all are closed", seconds, LONGEST, timed=True),
        Finding("L5", "handshakes of others that ended well", sum(one.done for one in stormed), timed=True),
        Finding("L5", "handshakes of others that were refused", sum(one.failed for one in stormed), timed=True),
        Finding("L5", "ms, p99, of who is signed in, before", quiet.p99_us / 1000, timed=True),
        Finding("L5", "ms, p99 of the slowest second, meanwhile", during.p99_us / 1000, P99_MS, timed=True),
    ]


async def _flood(
    port: int, count: int, storms: Sequence[Callable[[float], Stormed]]
) -> tuple[float, int, tuple[Stormed, ...]]:
    async with asyncio.TaskGroup() as group:
        silent = group.create_task(asyncio.to_thread(_silent, port, count))
        stormed = [group.create_task(asyncio.to_thread(storm, STORM_SECONDS)) for storm in storms]
    return *silent.result(), tuple(one.result() for one in stormed)


def _silent(port: int, count: int) -> tuple[float, int]:
    """Connect, say nothing; the seconds until all were closed, and how many were not."""
    poll = selectors.DefaultSelector()
    for number in range(count):
        sock = socket.socket()
        sock.setblocking(False)
        sock.bind((f"127.0.0.{2 + number % ADDRESSES}", 0))
        assert sock.connect_ex(("127.0.0.1", port)) in {0, errno.EINPROGRESS}
        poll.register(sock, selectors.EVENT_READ)
    began, last, open_ = time.monotonic(), 0.0, count
    while open_ and time.monotonic() - began < PATIENCE:
        for key, _ in poll.select(1.0):
            poll.unregister(key.fileobj)
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()
            open_ -= 1
            last = time.monotonic() - began
    for key in list(poll.get_map().values()):
        assert isinstance(key.fileobj, socket.socket)
        key.fileobj.close()
    poll.close()
    return last, open_
