"""Figures 1, 3 and 8: a question asked by authenticated clients, through the controller's port and directly."""

import asyncio
from contextlib import AsyncExitStack

from bench import machine, peers, school, wire
from bench.figures import Figure, Pace, Samples, run
from bench.house import House
from hpserver.base.planning import Planning

CLIENTS = 32
ROUTED_CLIENTS = 64
PLANNING = "planning01"
TURNS = 10
"""Turns in which set-ups are made one way and the other: in one block each, what else the machine does shows as a
difference between the two (standard deviation of the ratio of a round 0.10, in turns 0.03)."""


async def measure(house: House, base: Planning, pace: Pace, samples: Samples) -> list[Figure]:
    """Return the figures."""
    await house.serve(PLANNING, base)
    clients = school.questions(base, ROUTED_CLIENTS)
    answer = school.answer_size(base, clients[0])
    echoed = [wire.Client(request=clients[0].request)] * CLIENTS
    server = [house.pids[PLANNING], house.pids["controller"]]
    async with AsyncExitStack() as stack:
        routed = stack.enter_context(await house.crowd(PLANNING))
        direct = stack.enter_context(await house.crowd(PLANNING, direct=True))
        for crowd in (routed, direct):
            await house.let_in(crowd, PLANNING, clients)
        uvloop = stack.enter_context(peers.uvloop_echo(house, answer))
        limit = stack.enter_context(peers.limit(house, answer))
        crowds = {"uvloop": stack.enter_context(uvloop.crowd()), "C": stack.enter_context(limit.crowd())}
        for crowd in crowds.values():
            await asyncio.to_thread(crowd.connect, echoed)
        all_of_them = (
            ("ours", routed, server),
            ("uvloop", crowds["uvloop"], [uvloop.pid]),
            ("C", crowds["C"], [limit.pid]),
        )
        for turn in range(pace.rounds):
            for count in (1, CLIENTS):
                for name, crowd, pids in all_of_them:
                    ran, cost = await run(crowd, pace.seconds, count, pids)
                    samples.add(f"{name}, {count} clients: answers/s", ran.rate)
                    samples.add(f"{name}, {count} clients: p50 us", ran.p50_us)
                    samples.add(f"{name}, {count} clients: p99 us", ran.p99_us)
                    samples.add(f"{name}, {count} clients: CPU us", cost)
            ways = (("routed", routed), ("direct", direct))
            for name, crowd in ways if turn % 2 else reversed(ways):  # who comes first finds colder caches
                ran, cost = await run(crowd, pace.seconds, ROUTED_CLIENTS, server)
                samples.add(f"{name}, {ROUTED_CLIENTS} clients: answers/s", ran.rate)
                samples.add(f"{name}, {ROUTED_CLIENTS} clients: CPU us", cost)
            spent = dict.fromkeys(("routed", "direct"), 0.0)
            for part in range(TURNS):
                for name, crowd in ways if part % 2 else reversed(ways):
                    spent[name] += await _shake(crowd.shake, pace.handshakes // TURNS, server)
            for name, total in spent.items():
                samples.add(f"{name}: set-up CPU us", total / TURNS)
    return [
        samples.ratio(
            1, "questions, 32 clients / uvloop TLS echo",
            "ours, 32 clients: answers/s", "uvloop, 32 clients: answers/s", "at least", 0.60,
        ),
        samples.ratio(
            3, "p50 of one client / C OpenSSL echo",
            "ours, 1 clients: p50 us", "C, 1 clients: p50 us", "at most", 1.6,
        ),
        samples.ratio(
            8, "questions by the controller's port / direct, 64 clients",
            "routed, 64 clients: answers/s", "direct, 64 clients: answers/s", "at least", 0.95,
        ),
        samples.ratio(
            8, "CPU to set up by the controller's port / direct",
            "routed: set-up CPU us", "direct: set-up CPU us", "at most", 1.10,
        ),
    ]  # fmt: skip


async def _shake(shake: object, count: int, pids: list[int]) -> float:
    assert callable(shake)
    before = machine.cpu_seconds(pids)
    await asyncio.to_thread(shake, count, wire.Client(greetings=((wire.HELLO, b""),)))
    return (machine.cpu_seconds(pids) - before) / count * 1e6
