"""Drafts in, what became of them out."""

import asyncio
from collections.abc import Sequence

import pytest
import structlog

from hpserver.base.changes import update
from hpserver.errors import BusyError, DuplicateOperationError, FencedError, StoreFullError
from hpserver.hosting.keeping import Keeping
from hpserver.planning.effects import Checkpoint, Draft
from hpserver.planning.history import Done
from hpserver.planning.journal import write_body
from hpserver.planning.stimuli import NotPersisted, Persisted
from hpserver.planning.upkeep import EVERY_SECONDS, QUIET_SECONDS
from hpserver.store.api import JournalRow
from hpserver.store.memory import MemoryBase, MemoryStore
from tests.schools import a_school


class FullStore(MemoryStore):
    """A store without room for anything."""

    async def commit(self, epoch: int, rows: Sequence[JournalRow]) -> None:
        """See `Store`."""
        raise StoreFullError("no space left", epoch=epoch, rows=len(rows))

    async def checkpoint(self, epoch: int, revision: int, snapshot: bytes) -> None:
        """See `Store`."""
        raise StoreFullError("no space left", epoch=epoch, revision=revision, size=len(snapshot))


class BusyStore(MemoryStore):
    """A store that another program keeps locked, for longer than one waits."""

    async def commit(self, epoch: int, rows: Sequence[JournalRow]) -> None:
        """See `Store`."""
        raise BusyError("another process writes for too long", epoch=epoch, rows=len(rows))

    async def checkpoint(self, epoch: int, revision: int, snapshot: bytes) -> None:
        """See `Store`."""
        raise BusyError("another process writes for too long", epoch=epoch, revision=revision, size=len(snapshot))


def draft(revision: int, operation: bytes) -> Draft:
    """One edit on its way to the disk."""
    applied = a_school(30).apply([update("activity", 1, memo="x")])
    done = Done("ada", "ada/1", 1, revision, {}, merged=True, wish=b"w" * 32)
    return Draft(revision, operation, 99, "ada", write_body(applied, session=4, why="", done=done))


class OldStore(MemoryStore):
    """A store that has two parts to pack, and then no room."""

    def __init__(self, base: MemoryBase, *, alone: bool = True) -> None:
        super().__init__(base, alone=alone)
        self.parts = [0, 512, 512]
        self.asked = list[int]()

    async def pack(self, epoch: int, now_ms: int) -> int:
        """See `Store`."""
        self.asked.append(now_ms)
        await super().pack(epoch, now_ms)
        if not self.parts:
            raise StoreFullError("no space left", epoch=epoch)
        return self.parts.pop()


async def opened(base: MemoryBase, kind: type[MemoryStore] = MemoryStore, *, alone: bool = True) -> Keeping:
    """A keeper of that base."""
    if not base.snapshots:
        await MemoryStore(base).create("Base", b"snapshot")
    store = kind(base, alone=alone)
    return Keeping(store, await store.open())


async def test_drafts_become_rows() -> None:
    """All of them, under the epoch of this owner, and the newest revision is told."""
    base = MemoryBase()
    keeping = await opened(base)
    assert await keeping.write([draft(1, b"a" * 16), draft(2, b"b" * 16)]) == Persisted(2)
    assert [(row.revision, row.epoch, row.user, row.at) for row in base.rows] == [(1, 1, "ada", 99), (2, 1, "ada", 99)]
    await keeping.keep(Checkpoint(2, b"later"))
    assert base.snapshots[2] == b"later"
    await keeping.close()
    await keeping.close()


async def test_an_operation_of_old_is_told_with_what_it_did() -> None:
    """The author gets the answer of then; nothing of the batch is written."""
    base = MemoryBase()
    keeping = await opened(base)
    await keeping.write([draft(1, b"a" * 16)])

    kept = await keeping.write([draft(2, b"b" * 16), draft(3, b"a" * 16)])

    assert isinstance(kept, NotPersisted)
    assert isinstance(kept.error, DuplicateOperationError)
    assert (kept.operation, kept.done) == (b"a" * 16, Done("ada", "ada/1", 1, 1, {}, merged=True, wish=b"w" * 32))
    assert len(base.rows) == 1


@pytest.mark.parametrize(("store", "error"), [(FullStore, StoreFullError), (BusyStore, BusyError)])
async def test_a_full_or_busy_disk_refuses_and_is_no_end(store: type[MemoryStore], error: type[Exception]) -> None:
    """A batch is refused with the reason; a snapshot is only for a quick start."""
    keeping = await opened(MemoryBase(), store)
    kept = await keeping.write([draft(1, b"a" * 16)])
    assert isinstance(kept, NotPersisted)
    assert isinstance(kept.error, error)
    assert kept.done is None
    await keeping.keep(Checkpoint(0, b"snapshot"))


async def test_what_is_old_is_packed_while_nobody_edits() -> None:
    """One part at a time; told in the log once the day is done. A full disk is no end, and is told too."""
    base = MemoryBase()
    await MemoryStore(base).create("Base", b"snapshot")
    store = OldStore(base)
    keeping = Keeping(store, await store.open())

    async def tend(now: float) -> None:
        async with asyncio.TaskGroup() as tasks:
            for _ in range(2):
                keeping.tend(tasks, 7, 7, now, round(now))

    with structlog.testing.capture_logs() as told:
        for now in (0, 1, QUIET_SECONDS, 6, 7, 8, EVERY_SECONDS, EVERY_SECONDS + 7, EVERY_SECONDS + 8):
            await tend(now)
    assert store.asked == [5, 6, 7, EVERY_SECONDS + 7]
    assert [(one["event"], one.get("rows")) for one in told] == [("base.packed", 1024), ("base.not_packed", None)]


async def test_a_newer_owner_fences() -> None:
    """Who has lost the base must stop: the error is let through."""
    base = MemoryBase()
    keeping = await opened(base, alone=False)
    await opened(base, alone=False)
    with pytest.raises(FencedError):
        await keeping.write([draft(1, b"a" * 16)])
    with pytest.raises(FencedError):
        await keeping.keep(Checkpoint(0, b"snapshot"))
    with pytest.RaisesGroup(FencedError):
        async with asyncio.TaskGroup() as tasks:
            for now in (0, QUIET_SECONDS):
                keeping.tend(tasks, 0, 0, now, 0)
