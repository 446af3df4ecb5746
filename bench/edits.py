"""Figure 6: durable edits of many clients, with group commit and with one transaction per commit."""

from collections.abc import Mapping
from contextlib import AsyncExitStack

from bench import school
from bench.build import build
from bench.figures import Figure, Pace, Samples, run
from bench.house import House
from bench.load import Crowd
from hpserver.base.planning import Planning

AGENT = (
    "import sys; from hpserver.agent import run_agent; from hpserver.zygote import ROLES;"
    "sys.exit(run_agent(roles={**ROLES, 'planning': 'bench.single:run'}))"
)
FEW, MANY = 32, 256
PLANNINGS = ("group", "single", "group-slow", "single-slow")
"""See bench/single.py."""


def environ() -> Mapping[str, str]:
    """Return what the agent of this house needs besides."""
    return {"LD_PRELOAD": str(build("slow_disk"))}


async def measure(house: House, base: Planning, pace: Pace, samples: Samples) -> list[Figure]:
    """Return the figures."""
    clients = school.edits(base, MANY)
    crowds: dict[str, Crowd] = {}
    async with AsyncExitStack() as stack:
        for name in PLANNINGS:
            await house.serve(name, base)
            crowds[name] = stack.enter_context(await house.crowd(name))
            await house.let_in(crowds[name], name, clients[: FEW if name.endswith("slow") else MANY])
        for _ in range(pace.rounds):
            for count in (FEW, MANY):
                for name, crowd in crowds.items():
                    if count == FEW or not name.endswith("slow"):
                        ran, cost = await run(crowd, pace.seconds, count, [house.pids[name]])
                        samples.add(f"{name}, {count} clients: edits/s", ran.rate)
                        samples.add(f"{name}, {count} clients: p50 us", ran.p50_us)
                        samples.add(f"{name}, {count} clients: CPU us", cost)
    rows = ((FEW, "", 2.5, ""), (MANY, "", 3.0, ""), (FEW, "-slow", 15.0, ", fsync + 2 ms"))
    return [
        samples.ratio(
            6, f"durable edits, {count} clients{said} / one per commit",
            f"group{slow}, {count} clients: edits/s", f"single{slow}, {count} clients: edits/s", "at least", bar,
        )
        for count, slow, bar, said in rows
    ]  # fmt: skip
