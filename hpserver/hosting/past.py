"""The past of bases on disk: read beside their server, as it was, taken back, compacted. Knows files and the store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec

from hpserver.base.planning import Planning
from hpserver.base.snapshot import decode_snapshot
from hpserver.errors import NotFoundError, StoreVersionError
from hpserver.hosting.bases import upgrade_base
from hpserver.hosting.editing import OPERATOR, now_ms, taken
from hpserver.hosting.rows import replay
from hpserver.protocol import messages as m
from hpserver.store.api import Compacted, Store
from hpserver.store.sqlite import SqliteStore

PAGE: Final = 1000
"""Rows read at a time."""


class Peeked(msgspec.Struct, frozen=True):
    """A base as it is now, and the reader of its past, which is closed by who opened it."""

    planning: Planning
    revision: int
    epoch: int
    store: Store


@asynccontextmanager
async def peek_base(path: Path) -> AsyncIterator[Peeked]:
    """Read a base beside the server that has it, or without one: nothing is taken and nothing is written.

    What is seen stays as it was when it was opened. Raises NotFoundError, CorruptBaseError, StoreVersionError.
    """
    store = SqliteStore(path)
    try:
        try:
            epoch, revision = await store.peek()
        except StoreVersionError:
            await upgrade_base(path)
            epoch, revision = await store.peek()
        yield Peeked(await as_of(store, revision), revision, epoch, store)
    finally:
        await store.close()


async def as_of(store: Store, revision: int) -> Planning:
    """The base as it was after a revision: the nearest snapshot before it, and the journal from there.

    Raises NotFoundError when there is no such revision yet, CorruptBaseError.
    """
    reached, snapshot = await store.snapshot_at(revision)
    planning = decode_snapshot(snapshot)
    while reached < revision:
        rows = await store.tail(reached, min(PAGE, revision - reached))
        if not rows:
            raise NotFoundError(f"there is no revision {revision}: the base is at {reached}", revision=reached)
        for row in rows:
            replay(planning, row)
        reached = rows[-1].revision
    return planning


async def change_offline(path: Path, request: m.Undo | m.Redo | m.RestoreObject, *, user: str = OPERATOR) -> m.Message:
    """Do it on a base that nobody serves, as a transaction of `OPERATOR`; `user` is whose last edit Undo means.

    The answer is that of a planning server. Raises BaseInUseError, and whatever refuses it.
    """
    async with taken(path) as base:
        answer = await base.look_back(request, user)
        await base.keep()
    return answer


async def compact_base(path: Path) -> Compacted:
    """Pack what is old in a base that nobody serves; its history stays readable. Raises BaseInUseError, StoreError."""
    store = SqliteStore(path)
    try:
        epoch = await store.open()
        await store.load()  # nothing damaged is packed
        return await store.compact(epoch, now_ms())
    finally:
        await store.close()
