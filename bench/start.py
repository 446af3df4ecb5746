"""From the wish that a planning be in service to its being so, by a bare Python that reads the same rows.

Run with `python -m bench.start [ROUNDS]`. The bases: a small one; 9,000 activities with 39,000 students; and that one
with a journal of 100,000 transactions, of which the newest snapshot has all but 4,000, as a server that was killed
leaves it at worst; and 30,000 activities with 130,000 students.
"""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from random import Random
from typing import Final

import msgspec

from bench import machine, report, school
from bench.bases import a_base
from bench.figures import Figure, Pace, Samples
from bench.house import LOGIN, House, opened
from hpserver.base.changes import update
from hpserver.base.planning import Planning
from hpserver.base.snapshot import encode_snapshot
from hpserver.cli.house.service import wait_state
from hpserver.directory.model import planning_subject
from hpserver.planning.history import Done
from hpserver.planning.journal import FORMAT, write_body
from hpserver.planning.limits import CHECKPOINT_EVERY
from hpserver.reaching import agent_status, wake_agent
from hpserver.store.api import OPERATION_BYTES, JournalRow
from hpserver.store.sqlite import SqliteStore
from tests.schools import a_place

PORT: Final = 31400
ACTIVITIES: Final = 9_000
LARGEST: Final = 30_000
"""What FET bears at most."""
TRANSACTIONS: Final = 100_000
BATCH: Final = CHECKPOINT_EVERY
"""Transactions in one commit, while the journal is made."""
LOOK_SECONDS: Final = 0.005
"""Between two looks at whether it serves: what the figures may be too high by."""

BARE: Final = """
import sys, uvloop, msgspec
with open(sys.argv[1], "rb") as file:
    magic, version, grid, tables, next_keys = msgspec.msgpack.decode(file.read())
for name, (keys, columns) in tables.items():
    row = msgspec.defstruct(name, list(columns), frozen=True, gc=False)
    tables[name] = dict(zip(keys, map(row, *columns.values())))
"""
"""A Python with the same libraries that makes the same rows, and neither checks nor serves them."""


def main(rounds: int) -> None:
    """Print the figures and keep them."""
    samples = Samples()
    figures = asyncio.run(measure(Pace(rounds=rounds), samples))
    print(report.table(figures))
    for name, value in samples.medians().items():
        print(f"  {name:44}{value:9.1f}")
    print(report.write(machine.facts(), figures, {"start": samples.medians()}))


async def measure(pace: Pace, samples: Samples) -> list[Figure]:
    """Return the figures: for each large base, its start by the bare Python's."""
    with tempfile.TemporaryDirectory() as folder:
        large, largest = (a_base(size, students=True) for size in (ACTIVITIES, LARGEST))
        bases = {
            "small": (school.base(), 0), "large": (large, 0), "journal": (large, TRANSACTIONS), "largest": (largest, 0),
        }  # fmt: skip
        rows = {name: Path(folder) / f"{name}.rows" for name in ("large", "largest")}
        for name, path in rows.items():
            path.write_bytes(encode_snapshot(bases[name][0]))
        async with opened(PORT) as house:
            for name, (base, transactions) in bases.items():
                await _keep(Path(folder) / name, name, base, transactions)
                await _offer(house, name)
            for _ in range(pace.rounds):
                for name, path in rows.items():
                    samples.add(f"{name}, bare Python ms", await asyncio.to_thread(_bare, path))
                for name in bases:
                    _put(Path(folder) / name, house.accounts.base_path(house.account, name))
                    samples.add(f"{name} ms", await _started(house, name))
    named = (
        ("large", "large", "9,000 activities"),
        ("journal", "large", "with a journal of 100,000"),
        ("largest", "largest", "30,000 activities"),
    )
    return [
        samples.ratio(
            11, f"start until served, {what} / bare Python", f"{name} ms", f"{bare}, bare Python ms", "at most", None
        )
        for name, bare, what in named
    ]  # fmt: skip


async def _keep(path: Path, name: str, planning: Planning, transactions: int) -> None:
    """Make a base as it lies on the disk when its server was killed."""
    store = SqliteStore(path)
    await store.create(name, encode_snapshot(planning))
    epoch, random = await store.open(), Random(transactions)
    keys = list(planning.rows("activity"))
    for first in range(1, transactions + 1, BATCH):
        if first > 1:
            await store.checkpoint(epoch, first - 1, encode_snapshot(planning))
        rows = [_row(planning, revision, random.choice(keys), random) for revision in range(first, first + BATCH)]
        await store.commit(epoch, [msgspec.structs.replace(row, epoch=epoch) for row in rows])
    await store.close()


def _put(base: Path, there: Path) -> None:
    """Put a base where its server looks for it, on the disk: a start is not to wait until a copy is written."""
    shutil.copy(base, there)
    with there.open("rb") as file:
        os.fsync(file.fileno())


def _row(planning: Planning, revision: int, key: int, random: Random) -> JournalRow:
    place = a_place(random, planning.grid, planning.activity(key).duration)
    operation = revision.to_bytes(OPERATION_BYTES, "big")
    applied = planning.apply([update("activity", key, place=place)])
    done = Done("1", "1", 1, revision, {}, False, bytes(32))
    return JournalRow(revision, 1, operation, revision, "1", FORMAT, write_body(applied, session=1, why="", done=done))


async def _offer(house: House, name: str) -> None:
    """Make a planning that has such a base, in service as soon as it is wished."""
    made = await house.accounts.add_planning(house.account, name, name)
    await house.accounts.assign(made, await house.accounts.user(house.account, LOGIN), "Administration")
    path = house.accounts.base_path(house.account, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    await house.accounts.load_base(house.account, made, name)


async def _started(house: House, name: str) -> float:
    """Return the milliseconds from the wish until it serves; it is stopped again."""
    planning = next(one for one in await house.accounts.plannings(house.account) if one.name == name)
    subject = planning_subject(planning.key)
    began = time.perf_counter()
    await house.accounts.wish_planning(house.account, planning, "up")
    await wake_agent(house.accounts.paths)
    while not await _serves(house, subject):  # noqa: ASYNC110  nobody tells a client
        await asyncio.sleep(LOOK_SECONDS)
    took = (time.perf_counter() - began) * 1e3
    await house.accounts.wish_planning(house.account, planning, "down")
    await wake_agent(house.accounts.paths)
    await wait_state(house.accounts, subject, "down")
    return took


async def _serves(house: House, subject: str) -> bool:
    seen = [one.state for one in (await agent_status(house.accounts.paths)).processes if one.subject == subject]
    assert "failed" not in seen
    return "live" in seen


def _bare(snapshot: Path) -> float:
    command = machine.on_core(machine.SERVER_CORE, [sys.executable, "-c", BARE, str(snapshot)])
    began = time.perf_counter()
    subprocess.run(command, check=True)
    return (time.perf_counter() - began) * 1e3


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
