"""A base that nobody serves, changed from the command line: as edits of a client would be. Knows the store."""

import secrets
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import msgspec

from hpserver.base.changes import Change, encode_changes, in_transactions
from hpserver.base.planning import Planning
from hpserver.hosting.bases import OpenedBase, open_base
from hpserver.hosting.keeping import Keeping
from hpserver.planning.accepting import Accepting
from hpserver.planning.effects import Read
from hpserver.planning.limits import MAX_CHANGES_BYTES
from hpserver.planning.rights import ADMINISTRATION, Access
from hpserver.planning.stimuli import NotPersisted
from hpserver.protocol import messages as m
from hpserver.protocol.limits import OPERATION_BYTES
from hpserver.store.api import Store
from hpserver.store.sqlite import SqliteStore

OPERATOR: Final = "hp"
"""Who did what is done from the command line on a base that nobody serves."""


class Program(msgspec.Struct, frozen=True):
    """A program that has the base for itself, as the author of a transaction."""

    number: int = 0
    login: str = OPERATOR
    author: str = OPERATOR
    profile: str = ADMINISTRATION.profile
    access: Access = ADMINISTRATION
    thumbprint: bytes = b""


class TakenBase:
    """A base that one command has for itself: what it accepts is in memory alone until `keep`."""

    def __init__(self, store: Store, opened: OpenedBase) -> None:
        self._keeping = Keeping(store, opened.epoch)
        self._accepting = Accepting(opened.planning, opened.history, opened.epoch)
        self.planning: Planning = opened.planning

    @property
    def head(self) -> int:
        """The newest revision, kept or not."""
        return self._accepting.history.head

    def transact(self, changes: Sequence[Change], *, why: str = "", force: bool = False) -> m.Message:
        """Accept one transaction of `OPERATOR`: Committed, or Clashed. Raises whatever refuses it."""
        raw = msgspec.Raw(encode_changes(changes))
        request = m.Transact(1, 0, an_operation(), self.head, raw, force, why=why)
        return self._accepting.transact(Program(), request, self.head, now_ms())

    async def look_back(self, request: m.Undo | m.Redo | m.RestoreObject, user: str) -> m.Message:
        """Accept what the journal says how to do; `user` is whose last edit Undo means. Raises as `transact`."""
        recalled = await self._keeping.recall(Read(0, request, user, self.head))
        if recalled.error is not None:
            raise recalled.error
        return self._accepting.conclude(Program(), recalled, self.head, now_ms())

    async def keep(self) -> int:
        """Make all that was accepted durable, or none of it; how many transactions that was. Raises StoreFullError."""
        drafts = tuple(self._accepting.waiting)
        if drafts:
            kept = await self._keeping.write(drafts)
            if isinstance(kept, NotPersisted):
                raise kept.error
        self._accepting.waiting.clear()
        return len(drafts)


@asynccontextmanager
async def taken(path: Path) -> AsyncIterator[TakenBase]:
    """Have a base for oneself. What was not kept by then is forgotten. Raises as `open_base`."""
    store = SqliteStore(path)
    try:
        yield TakenBase(store, await open_base(store))
    finally:
        await store.close()


async def edit_offline(
    path: Path, changes: Sequence[Change], *, why: str = "", force: bool = False
) -> m.Message | None:
    """Make the changes in a base, all of them durably or none, however many transactions they take.

    Returns None when there is nothing to do, Committed (of the last transaction), or what speaks against them:
    Clashed. Raises BaseInUseError, and whatever refuses them.
    """
    answer: m.Message | None = None
    async with taken(path) as base:
        for transaction in in_transactions(changes, MAX_CHANGES_BYTES):
            answer = base.transact(transaction, why=why, force=force)
            if not isinstance(answer, m.Committed):
                return answer
        await base.keep()
    return answer


def an_operation() -> bytes:
    """Draw a new operation id."""
    return secrets.token_bytes(OPERATION_BYTES)


def now_ms() -> int:
    """Return the time as the journal keeps it: Unix milliseconds."""
    return time.time_ns() // 1_000_000
