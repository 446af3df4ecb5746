"""The past of bases on disk: read beside their server, as it was, taken back, compacted. Knows files and the store."""

import secrets
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec

from hpserver.base.planning import Planning
from hpserver.base.snapshot import decode_snapshot
from hpserver.errors import CorruptBaseError, HPError, NotFoundError, StoreVersionError
from hpserver.hosting.bases import open_base
from hpserver.hosting.keeping import Keeping
from hpserver.planning.accepting import Accepting
from hpserver.planning.effects import Read
from hpserver.planning.journal import read_body
from hpserver.planning.rights import ADMINISTRATION, Access
from hpserver.planning.stimuli import NotPersisted
from hpserver.protocol import messages as m
from hpserver.protocol.limits import OPERATION_BYTES
from hpserver.store.api import Compacted, JournalRow, Store
from hpserver.store.sqlite import SqliteStore

OPERATOR: Final = "hp"
"""Who did what is done from the command line on a base that nobody serves."""

PAGE: Final = 1000
"""Rows read at a time."""


class Program(msgspec.Struct, frozen=True):
    """A program that has the base for itself, as the author of a transaction."""

    number: int = 0
    login: str = OPERATOR
    author: str = OPERATOR
    profile: str = ADMINISTRATION.profile
    access: Access = ADMINISTRATION
    thumbprint: bytes = b""


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
            await _upgrade(path)
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
            _replay(planning, row)
        reached = rows[-1].revision
    return planning


async def change_offline(path: Path, request: m.Undo | m.Redo | m.RestoreObject, *, user: str = OPERATOR) -> m.Message:
    """Do it on a base that nobody serves, as a transaction of `OPERATOR`; `user` is whose last edit Undo means.

    The answer is that of a planning server. Raises BaseInUseError, and whatever refuses it.
    """
    store = SqliteStore(path)
    try:
        opened = await open_base(store)
        keeping = Keeping(store, opened.epoch)
        accepting = Accepting(opened.planning, opened.history, opened.epoch)
        head = opened.history.head
        recalled = await keeping.recall(Read(0, request, user, head))
        if recalled.error is not None:
            raise recalled.error
        answer = accepting.conclude(Program(), recalled, head, _now_ms())
        if accepting.waiting:
            kept = await keeping.write(tuple(accepting.waiting))
            if isinstance(kept, NotPersisted):
                raise kept.error
        return answer
    finally:
        await store.close()


async def compact_base(path: Path) -> Compacted:
    """Pack what is old in a base that nobody serves; its history stays readable. Raises BaseInUseError, StoreError."""
    store = SqliteStore(path)
    try:
        epoch = await store.open()
        await store.load()  # nothing damaged is packed
        return await store.compact(epoch, _now_ms())
    finally:
        await store.close()


def an_operation() -> bytes:
    """A new operation id."""
    return secrets.token_bytes(OPERATION_BYTES)


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


async def _upgrade(path: Path) -> None:
    """Bring the file to the newest schema, as its next server would."""
    store = SqliteStore(path)
    try:
        await store.open()
    finally:
        await store.close()


def _replay(planning: Planning, row: JournalRow) -> None:
    _, _, changes = read_body(
        row.body, epoch=row.epoch, revision=row.revision, operation=row.operation, user=row.user, at_ms=row.at
    )
    try:
        planning.replay(changes)
    except HPError as error:
        text = f"row {row.revision} of the journal does not fit the base: {error.text}"
        raise CorruptBaseError(text, revision=row.revision) from error
