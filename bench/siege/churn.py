"""L7: thousands come in, one after the other, and leave; nothing of them must stay."""

import asyncio
import time
from typing import Final

from bench import wire
from bench.house import House
from bench.siege.findings import Finding, Size
from bench.siege.watching import Peaks

PLANNING: Final = "churn"
AT_ONCE: Final = 250
MOST_MIB: Final = 10
"""Memory that a process may have gained after the first of them (reliability of uvloop: leaks were reported)."""


async def measure(house: House, size: Size) -> list[Finding]:
    """Return the findings."""
    with await house.crowd(PLANNING) as crowd:
        await house.let_in(crowd, PLANNING, [wire.follower()])
        before = {name: Peaks(house.pids[name]).first_descriptors for name in ("controller", PLANNING)}
        await _churn(house, size.warm)
        seen = {name: Peaks(house.pids[name]) for name in before}
        began = time.monotonic()
        await _churn(house, size.churn - size.warm)
        rate = (size.churn - size.warm) / (time.monotonic() - began)
        findings = [
            Finding("L7", "clients that came in and left", size.churn),
            Finding("L7", "the same, a second", rate, timed=True),
        ]
        for name, one in seen.items():
            one.first_descriptors = before[name]
            more = await one.settled()
            who = "controller" if name == "controller" else "planning server"
            findings += [
                Finding("L7", f"{who}: MiB more after the first {size.warm:,}", one.kept_mib, MOST_MIB),
                Finding("L7", f"{who}: descriptors more", more, 0),
            ]
    return findings


async def _churn(house: House, count: int) -> None:
    with await house.crowd(PLANNING) as crowd:
        for start in range(0, count, AT_ONCE):
            some = min(AT_ONCE, count - start)
            await house.let_in(crowd, PLANNING, [wire.follower()] * some, follow=True)
            await asyncio.to_thread(crowd.leave, some)
