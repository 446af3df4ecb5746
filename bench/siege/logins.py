"""L4: everybody signs in at one moment, while others are at work."""

import asyncio
import time
from contextlib import AsyncExitStack
from typing import Final

from bench import wire
from bench.house import LOGIN, PASSWORD, House
from bench.siege.findings import Finding, Size
from bench.siege.watching import peaks, while_asking
from hpserver.client import School
from hpserver.errors import BusyError, ConnectionLostError, DeadlineExceededError, GoingAwayError, TooSlowError
from hpserver.hosting.hashing import HASH_THREADS

AT_WORK: Final = 2
"""Who is signed in already, and asks ten times a second."""

PAUSE: Final = 0.1
MOST_MIB: Final = 64
"""Memory more than before, once all are in."""

HASH_MIB: Final = 64
"""Memory of the dearest hash, in each thread, while it is made."""

P99_MS: Final = 100
LONGEST: Final = {50: 5.0, 500: 30.0}
"""Seconds until all are in, by how many they are."""


async def measure(house: House, size: Size) -> list[Finding]:
    """Return the findings."""
    names = [f"prof{number}" for number in range(size.logins)]
    for name in names:
        await house.accounts.add_user(house.account, name, name=name, password=PASSWORD, measure="none")
    async with AsyncExitStack() as stack:
        crowd = stack.enter_context(house.controller_crowd())
        await asyncio.to_thread(crowd.connect, [wire.signed_in(LOGIN, PASSWORD)] * AT_WORK)
        quiet = await asyncio.to_thread(crowd.pulse, 2.0, PAUSE)
        schools = [School(house.credentials) for _ in names]
        for one in schools:
            stack.push_async_callback(one.close)
        for one in schools:  # no handshake is measured here
            await one.connect()
        async with peaks(house.pids["controller"]) as (seen,):
            began = time.monotonic()
            busy, during = await while_asking(_all_at_once(schools, names), crowd, PAUSE)
            seconds = time.monotonic() - began
        signed_in = sum(one.is_open and one.user is not None for one in schools)
        kept = seen.kept_mib
    return [
        Finding("L4", "users who sign in at one moment, and are in", signed_in, size.logins, "exactly"),
        Finding("L4", "times that one was told to come back", busy),
        Finding("L4", "MiB more once all are in", kept, MOST_MIB),
        Finding("L4", "MiB more at the highest", seen.rise_mib, MOST_MIB + HASH_THREADS * HASH_MIB),
        Finding("L4", "seconds until the last one is in", seconds, LONGEST.get(size.logins), timed=True),
        Finding("L4", "ms, p99, of who is signed in, before", quiet.p99_us / 1000, timed=True),
        Finding("L4", "ms, p99 of the slowest second, meanwhile", during.p99_us / 1000, P99_MS, timed=True),
    ]


async def _all_at_once(schools: list[School], names: list[str]) -> int:
    """Sign everybody in; how many answers were *busy*."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(_come_in(*one)) for one in zip(schools, names, strict=True)]
    return sum(task.result() for task in tasks)


async def _come_in(school: School, name: str) -> int:
    busy = 0
    while True:
        try:
            await school.log_in(name, PASSWORD)
        except BusyError as error:
            busy += 1
            await asyncio.sleep(float(error.details.get("seconds", 1)))
        except (
            ConnectionLostError,
            DeadlineExceededError,
            GoingAwayError,
            TooSlowError,
        ):  # waited longer than a login may take
            continue
        else:
            return busy
