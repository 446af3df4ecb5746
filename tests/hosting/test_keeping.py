"""Drafts in, what became of them out."""

from collections.abc import Sequence

import pytest

from hpserver.base.changes import update
from hpserver.errors import BusyError, DuplicateOperationError, FencedError, StoreFullError
from hpserver.hosting.keeping import Keeping
from hpserver.planning.effects import Checkpoint, Draft
from hpserver.planning.history import Done
from hpserver.planning.journal import write_body
from hpserver.planning.stimuli import NotPersisted, Persisted
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


async def test_a_newer_owner_fences() -> None:
    """Who has lost the base must stop: the error is let through."""
    base = MemoryBase()
    keeping = await opened(base, alone=False)
    await opened(base, alone=False)
    with pytest.raises(FencedError):
        await keeping.write([draft(1, b"a" * 16)])
    with pytest.raises(FencedError):
        await keeping.keep(Checkpoint(0, b"snapshot"))
