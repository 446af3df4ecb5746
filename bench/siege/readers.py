"""L6: some of those who watch a planning stop reading, while others edit it."""

import asyncio
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Final

from bench import school, wire
from bench.house import House
from bench.load import Told
from bench.siege.findings import Finding, Size
from bench.siege.watching import PATIENCE, peaks
from hpserver.base.planning import Planning
from hpserver.protocol.limits import OUTPUT_SOFT

PLANNING: Final = "readers"
EDITORS: Final = 8
ROUND_SECONDS: Final = 1.0
BESIDE_MIB: Final = 50
"""Memory that is not the output of slow readers: the journal, answers, what is being told."""


async def measure(house: House, base: Planning, size: Size) -> list[Finding]:
    """Return the findings."""
    with ExitStack() as stack:
        watchers = stack.enter_context(await house.crowd(PLANNING))
        editors = stack.enter_context(await house.crowd(PLANNING))
        await house.let_in(watchers, PLANNING, [wire.follower()] * size.watchers, follow=True)
        await house.let_in(editors, PLANNING, school.edits(base, EDITORS, school.REASON))
        healthy = await asyncio.to_thread(watchers.deaf, size.slow)
        async with peaks(house.pids[PLANNING]) as (seen,):
            began = time.monotonic()
            made = 0
            while made < size.edits:
                made += (await asyncio.to_thread(editors.run, ROUND_SECONDS, EDITORS)).answers
            seconds = time.monotonic() - began
            told, late = await _told(watchers.told, made)
    return [
        Finding("L6", "edits, each of them told", made, size.edits, "at least"),
        Finding("L6", "who go on reading", healthy.count, size.watchers - size.slow, "exactly"),
        Finding("L6", "edits told to the last of those who read", told.least, made, "exactly"),
        Finding("L6", "edits told to the first of them", told.most, made, "exactly"),
        Finding("L6", "MiB more at the highest", seen.rise_mib, size.slow * OUTPUT_SOFT / (1 << 20) + BESIDE_MIB),
        Finding("L6", "edits a second", made / seconds, timed=True),
        Finding("L6", "ms from the last edit until all who read have all", late * 1000, 500, timed=True),
    ]


async def _told(ask: Callable[[], Told], made: int) -> tuple[Told, float]:
    """Wait until everybody who reads was told everything, or patience ends; the seconds it took."""
    began = time.monotonic()
    while True:
        told = await asyncio.to_thread(ask)
        late = time.monotonic() - began
        if told.least >= made or late > PATIENCE:
            return told, late
        await asyncio.sleep(0.01)
