"""Figures 4, 5 and 10: one committed edit told to a thousand clients, and the memory a client takes."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from bench import machine, peers, school, wire
from bench.figures import Figure, Pace, Samples
from bench.house import House
from bench.load import Crowd
from hpserver.base.planning import Planning

PLANNING = "planning02"
WARM = 50
"""Clients of each server before memory is looked at."""


async def measure(house: House, base: Planning, pace: Pace, samples: Samples, folder: Path) -> list[Figure]:
    """Return the figures."""
    await house.serve(PLANNING, base)
    async with AsyncExitStack() as stack:
        ours = stack.enter_context(await house.crowd(PLANNING))
        await _remember(stack, house, ours, pace, samples)
        await house.let_in(ours, PLANNING, school.edits(base, 1, school.REASON))
        crowds = {"ours": ours}
        others = {
            "C limit": stack.enter_context(peers.limit(house, 0)),
            "C that keeps it": stack.enter_context(peers.limit(house, 0, house.accounts.paths.state / "kept")),
            "websockets": stack.enter_context(peers.websockets(house)),
            "nats": stack.enter_context(peers.nats(house, folder)),
            "redis": stack.enter_context(peers.redis(house)),
        }
        pids = {"ours": house.pids[PLANNING]}
        for name, peer in others.items():
            if peer is None:
                print(f"WITHOUT {name}-server: not compared")
                continue
            crowds[name] = stack.enter_context(await asyncio.to_thread(peer.fan_crowd, WARM + pace.clients))
            pids[name] = peer.pid
        for _ in range(pace.rounds):
            for name, crowd in crowds.items():
                before = machine.cpu_seconds([pids[name]])
                fanned = await asyncio.to_thread(crowd.fan, pace.messages)
                cost = (machine.cpu_seconds([pids[name]]) - before) / pace.messages / fanned.receivers
                samples.add(f"{name}: last client ms", fanned.last_us / 1000)
                samples.add(f"{name}: CPU us/delivery", cost * 1e6)
    return _figures(samples)


def _figures(samples: Samples) -> list[Figure]:
    found = []
    compared: tuple[tuple[int, str, float | None], ...] = (
        (4, "nats", 1.0),
        (4, "C that keeps it", 1.25),
        (4, "C limit", None),  # it keeps nothing: what durability costs besides
        (5, "websockets", 0.7),
    )
    for number, name, bar in compared:
        under = f"{name}: last client ms"
        if samples.has(under):
            found.append(
                samples.ratio(number, f"last of 1,000 clients / {name}", "ours: last client ms", under, "at most", bar)
            )
    found.append(
        samples.ratio(
            10, "memory of an idle client / uvloop TLS", "ours: KiB/client", "uvloop: KiB/client", "at most", 0.65
        )
    )
    return found


async def _remember(stack: AsyncExitStack, house: House, ours: Crowd, pace: Pace, samples: Samples) -> None:
    """Let all clients in, ours in step with those of an echo, and look at the memory of both after each step.

    Each has spoken and was answered before it falls silent: ours three times, theirs once.
    """
    echo = stack.enter_context(peers.uvloop_echo(house, 500))
    theirs = stack.enter_context(echo.crowd())
    await house.let_in(ours, PLANNING, [wire.follower()] * WARM, follow=True)
    await asyncio.to_thread(theirs.connect, [peers.ONCE] * WARM)
    step = pace.clients // pace.rounds
    for _ in range(pace.rounds):
        before = machine.rss_bytes(house.pids[PLANNING]), machine.rss_bytes(echo.pid)
        await house.let_in(ours, PLANNING, [wire.follower()] * step, follow=True)
        await asyncio.to_thread(theirs.connect, [peers.ONCE] * step)
        samples.add("ours: KiB/client", (machine.rss_bytes(house.pids[PLANNING]) - before[0]) / step / 1024)
        samples.add("uvloop: KiB/client", (machine.rss_bytes(echo.pid) - before[1]) / step / 1024)
