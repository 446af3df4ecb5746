"""Figure 6: durable edits of many clients, with group commit and with one transaction per commit."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from contextlib import AsyncExitStack

from bench import machine, school
from bench.build import build
from bench.figures import Figure, Pace, Samples, run
from bench.house import ROOT, House
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
    for _ in range(pace.rounds):
        for name in ("group-slow", "single-slow"):
            samples.add(f"{name}, in process: edits/s", await asyncio.to_thread(_alone, name, pace.seconds))
    rows: tuple[tuple[int, str, float | None, str], ...] = (
        (FEW, "", 2.5, ""),
        (MANY, "", 3.0, ""),
        (FEW, "-slow", None, ", fsync + 2 ms"),
    )
    in_process = samples.ratio(
        6, f"durable edits in process, {FEW} writers, fsync + 2 ms / the same", "group-slow, in process: edits/s",
        "single-slow, in process: edits/s", "at least", 15.0,
    )  # fmt: skip
    return [in_process] + [
        samples.ratio(
            6, f"durable edits, {count} clients{said} / one per commit",
            f"group{slow}, {count} clients: edits/s", f"single{slow}, {count} clients: edits/s", "at least", bar,
        )
        for count, slow, bar, said in rows
    ]  # fmt: skip


def _alone(name: str, seconds: float) -> float:
    """Return the edits per second of a base without a network, in the mode that the name says."""
    with tempfile.TemporaryDirectory() as folder:
        command = machine.on_core(machine.SERVER_CORE, [sys.executable, "-m", "bench.kept", name, folder, str(seconds)])
        done = subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environ()}, cwd=ROOT)
    rate: float = json.loads(done.stdout)["rate"]
    return rate
