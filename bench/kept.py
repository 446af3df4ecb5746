"""Durable edits of a base without a network: the engine, its thread and the disk. One mode of it, as one process.

`python -m bench.kept NAME FOLDER SECONDS` prints edits per second in JSON; bench/single.py says what a name means.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from itertools import count, cycle
from pathlib import Path
from typing import Any, Final

import msgspec
import uvloop

from bench import school
from bench.single import settle
from hpserver.base.changes import Update, decode_changes, encode_changes, update
from hpserver.base.snapshot import encode_snapshot
from hpserver.hosting.bases import open_base, undisturbed
from hpserver.hosting.keeping import Keeping
from hpserver.planning.effects import Effect, Gather, Persist, Send
from hpserver.planning.stimuli import Gathered, Heard
from hpserver.protocol import messages as m
from hpserver.protocol.codec import decode_from_client
from hpserver.protocol.frames import HEADER_BYTES
from hpserver.store.sqlite import SqliteStore
from tests.desk import Desk, thumbprint

CLIENTS: Final = 32
OPERATION_BYTES: Final = 16


class Crowd:
    """Clients that each edit again as soon as they were acknowledged."""

    def __init__(self, keeping: Keeping, desk: Desk, tasks: asyncio.TaskGroup) -> None:
        self.done = 0
        self._keeping, self._desk, self._tasks = keeping, desk, tasks
        self._loop = asyncio.get_running_loop()
        self._numbers = count(1)
        self._moves: dict[int, Iterator[msgspec.Raw]] = {}
        self._until = float("inf")

    def add(self, session: int, changes: bytes) -> None:
        """Have a session move its activity to and fro, as these changes do and a step later."""
        [move] = decode_changes(changes)
        assert isinstance(move, Update)
        place = msgspec.msgpack.decode(move.fields, type=dict[str, int])["place"]
        there = update(move.kind, move.key, place=place + 1)
        self._moves[session] = cycle(msgspec.Raw(encode_changes([one])) for one in (move, there))

    def begin(self, seconds: float) -> None:
        """Let everybody edit for so long."""
        self._until = time.monotonic() + seconds
        for session in self._moves:
            self._edit(session)

    def _edit(self, session: int) -> None:
        if time.monotonic() >= self._until:
            return
        number = next(self._numbers)
        operation, seen = number.to_bytes(OPERATION_BYTES, "big"), self._desk.engine.durable
        wish = m.Transact(number, 0, operation, seen, next(self._moves[session]))
        self._handle(Heard(session, thumbprint(str(session)), wish))

    def _handle(self, stimulus: Any) -> None:
        for effect in self._desk.engine.handle(stimulus, self._loop.time(), time.time_ns() // 1_000_000):
            self._carry(effect)

    def _carry(self, effect: Effect) -> None:
        if isinstance(effect, Persist):
            self._tasks.create_task(self._write(effect))
        elif isinstance(effect, Gather):
            self._loop.call_later(effect.seconds, self._handle, Gathered())
        elif isinstance(effect, Send):
            assert isinstance(effect.message, m.Committed), "nobody clashes"
            self.done += 1
            self._loop.call_soon(self._edit, effect.session)

    async def _write(self, effect: Persist) -> None:
        self._handle(await self._keeping.write(effect.drafts))


async def measure(folder: Path, seconds: float) -> float:
    """Return the edits per second."""
    store = SqliteStore(folder / f"kept-{os.getpid()}.hpbase")
    await store.create("Base", encode_snapshot(school.base()))
    with undisturbed():
        opened = await open_base(store)
    base, epoch = opened.planning, opened.epoch
    desk = Desk(base, epoch=epoch)
    wishes = [decode_from_client(one.request[HEADER_BYTES:]) for one in school.edits(base, CLIENTS)]
    async with asyncio.TaskGroup() as tasks:
        crowd = Crowd(Keeping(store, epoch), desk, tasks)
        for number, wish in enumerate(wishes, 1):
            assert isinstance(wish, m.Transact)
            crowd.add(desk.enter(str(number)), bytes(wish.changes))
        began = time.monotonic()
        crowd.begin(seconds)
        await asyncio.sleep(seconds)
    elapsed = time.monotonic() - began
    await store.close()
    return crowd.done / elapsed


def main() -> None:
    """Measure one mode."""
    settle(sys.argv[1])
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        rate = runner.run(measure(Path(sys.argv[2]), float(sys.argv[3])))
    print(json.dumps({"rate": rate}))


if __name__ == "__main__":
    main()
