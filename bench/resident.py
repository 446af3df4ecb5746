"""The slowest answers of a server with half a million rows in memory, by those of one with a small base.

Run with `python -m bench.resident [ROUNDS]`. Both have the same activities and are asked the same; what differs is
how much the collector of garbage would go through, had the base not been frozen when it was loaded.
"""

import asyncio
import sys
from contextlib import ExitStack
from random import Random
from typing import Final

from bench import machine, report, school, wire
from bench.bases import add_students
from bench.figures import Figure, Pace, Samples, run
from bench.house import House, opened

PORT: Final = 31500
ROWS: Final = 500_000
CLIENTS: Final = 32
BAR: Final = 1.2


def main(rounds: int) -> None:
    """Print the figures and keep them."""
    samples = Samples()
    figures = asyncio.run(measure(Pace(rounds=rounds), samples))
    print(report.table(figures))
    for name, value in samples.medians().items():
        print(f"  {name:44}{value:9.1f}")
    print(report.write(machine.facts(), figures, {"resident": samples.medians()}))


async def measure(pace: Pace, samples: Samples) -> list[Figure]:
    """Return the figures: the 99th percentile and the median, by one client and by many."""
    small, large = school.base(), school.base()
    add_students(large, (ROWS - sum(large.counts().values())) // 2, Random(ROWS))
    async with opened(PORT) as house:
        await house.serve("small", small)
        await house.serve("large", large)
        return await _compared(house, pace, samples, school.questions(small, CLIENTS))


async def _compared(house: House, pace: Pace, samples: Samples, clients: list[wire.Client]) -> list[Figure]:
    names = ("small", "large")
    with ExitStack() as stack:
        crowds = {name: stack.enter_context(await house.crowd(name)) for name in names}
        for name, crowd in crowds.items():
            await house.let_in(crowd, name, clients)
        for turn in range(pace.rounds):
            for count in (1, CLIENTS):
                for name in names if turn % 2 else reversed(names):
                    ran, cost = await run(crowds[name], pace.seconds, count, [house.pids[name]])
                    samples.add(f"{name}, {count} clients: p99 us", ran.p99_us)
                    samples.add(f"{name}, {count} clients: p50 us", ran.p50_us)
                    samples.add(f"{name}, {count} clients: CPU us", cost)
    return [
        samples.ratio(
            12, f"{which} of a question, {count} clients, {ROWS:,} rows / small base",
            f"large, {count} clients: {which} us", f"small, {count} clients: {which} us", "at most", bar,
        )
        for count in (1, CLIENTS)
        for which, bar in (("p99", BAR), ("p50", None))
    ]  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
