"""The headline figures: what each compares, how it is measured, and the bar it must reach.

Every figure is a ratio. What is compared runs alternately, round after round, on the same machine in the same
minutes: a ratio is taken inside each round and the median over the rounds is the figure. Absolute numbers are kept
beside it and mean little.
"""

import asyncio
import statistics
from collections.abc import Callable
from typing import Final, Literal

import msgspec

from bench import machine
from bench.load import Crowd, Ran

Bound = Literal["at least", "at most"]


class Figure(msgspec.Struct, frozen=True):
    """One ratio: its number in docs/performance.md, its bar, and what it was in each round."""

    number: int
    name: str
    bound: Bound
    bar: float | None
    """What it must reach; None for a figure that is only told."""
    rounds: tuple[float, ...]
    measured: dict[str, float]
    """Medians of what the ratio was made of, by name with its unit."""

    @property
    def value(self) -> float:
        """The figure: the median of the rounds."""
        return statistics.median(self.rounds)

    @property
    def holds(self) -> bool:
        """Whether it reaches its bar."""
        if self.bar is None:
            return True
        return self.value >= self.bar if self.bound == "at least" else self.value <= self.bar


class Pace(msgspec.Struct, frozen=True):
    """How long everything is measured."""

    rounds: int = 5
    seconds: float = 1.0
    messages: int = 7
    handshakes: int = 100
    clients: int = 1000


QUICK: Final = Pace(rounds=2, seconds=0.5, messages=3, handshakes=30, clients=200)


class Samples:
    """What was measured in each round, by name."""

    def __init__(self) -> None:
        self._values: dict[str, list[float]] = {}

    def add(self, name: str, value: float) -> None:
        """Keep a value of this round."""
        self._values.setdefault(name, []).append(value)

    def ratio(self, number: int, name: str, over: str, under: str, bound: Bound, bar: float | None) -> Figure:
        """Return the figure `over` / `under`, round by round."""
        pairs = zip(self._values[over], self._values[under], strict=True)
        measured = {one: round(statistics.median(self._values[one]), 2) for one in (over, under)}
        return Figure(number, name, bound, bar, tuple(round(a / b, 4) for a, b in pairs), measured)

    def has(self, name: str) -> bool:
        """Whether anything was measured under that name."""
        return name in self._values

    def medians(self) -> dict[str, float]:
        """Everything that was measured, for who wants to look closer."""
        return {name: round(statistics.median(values), 2) for name, values in self._values.items()}


async def run(crowd: Crowd, seconds: float, count: int, pids: list[int]) -> tuple[Ran, float]:
    """Return what a closed loop gave, and the microseconds of the servers' CPU for each answer."""
    before = machine.cpu_seconds(pids)
    ran = await asyncio.to_thread(crowd.run, seconds, count)
    return ran, (machine.cpu_seconds(pids) - before) / ran.answers * 1e6


async def quiet(call: Callable[[], object]) -> None:
    """Do something that takes long without stopping the loop: our line to the controller answers its pings."""
    await asyncio.to_thread(call)
