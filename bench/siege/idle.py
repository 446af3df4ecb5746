"""L1: thousands who are signed in, follow a planning, and do nothing."""

import asyncio
import time
from typing import Final

from bench import machine, wire
from bench.house import House
from bench.siege.findings import Finding, Size

PLANNING: Final = "idle"
WARM: Final = 50
"""Clients before memory is looked at."""

MOST_KIB: Final = 45
"""For one connection, TLS and all that is known of it, in the processes of the house together."""

IDLE_CPU: Final = 5
"""Percent of a core."""


async def measure(house: House, size: Size) -> list[Finding]:
    """Return the findings."""
    pids = [house.pids["controller"], house.pids[PLANNING]]
    with await house.crowd(PLANNING) as crowd:
        await house.let_in(crowd, PLANNING, [wire.follower()] * WARM, follow=True)
        before = sum(map(machine.rss_bytes, pids))
        began = time.monotonic()
        await house.let_in(crowd, PLANNING, [wire.follower()] * size.idle, follow=True)
        let_in = time.monotonic() - began
        rise = sum(map(machine.rss_bytes, pids)) - before
        spent = machine.cpu_seconds(pids)
        await asyncio.sleep(size.idle_seconds)
        spent = machine.cpu_seconds(pids) - spent
        left = await asyncio.to_thread(crowd.leave, 0)  # it would have ended if one line had been closed
        kept = sum(map(machine.rss_bytes, pids)) - before
    return [
        Finding("L1", "connections that are idle, and still open at the end", left.count - WARM, size.idle, "exactly"),
        Finding("L1", "KiB for each", rise / size.idle / 1024, MOST_KIB),
        Finding("L1", f"the same after {size.idle_seconds:.0f} s", kept / size.idle / 1024, MOST_KIB),
        Finding("L1", "MiB for all", kept / (1 << 20)),
        Finding("L1", "percent of a core while idle", 100 * spent / size.idle_seconds, IDLE_CPU, timed=True),
        Finding("L1", "connections let in a second", size.idle / let_in, timed=True),
    ]
