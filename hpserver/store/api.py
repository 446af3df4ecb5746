"""The Store protocol: one base kept for ever. Nothing above this file knows which database."""

from collections.abc import Sequence
from typing import Protocol

import msgspec

OPERATION_BYTES = 16
"""An operation id is 128 random bits (as a UUID)."""


class JournalRow(msgspec.Struct, frozen=True, gc=False):
    """One transaction of a base, as it is kept.

    `revision` grows by one per row, from 1. `epoch` is the owner that wrote it. `operation` is 16 bytes,
    unique in the base. `at` is Unix time in milliseconds, for people only. `user` is who, as text.
    `format` is the version of `body`, which is UTF-8 JSON, readable with plain SQL.
    `digest` (32 bytes) chains the row to all rows before it; the store fills it, a caller leaves it empty.
    """

    revision: int
    epoch: int
    operation: bytes
    at: int
    user: str
    format: int
    body: bytes
    digest: bytes = b""


class Loaded(msgspec.Struct, frozen=True, gc=False):
    """All that is needed to serve a base: `snapshot` is its state at `revision`, `tail` every row after it.

    `epoch` is the one this owner took. `meta` holds the base's `name` and the `schema` it is kept with.
    """

    epoch: int
    revision: int
    snapshot: bytes
    tail: tuple[JournalRow, ...]
    meta: dict[str, str]


class Store(Protocol):
    """One base in one database, written by one owner at a time.

    Every call may raise `OutcomeUnknownError` (the disk failed) or `CorruptBaseError`; after either the
    store answers nothing else, and the caller must stop and read the disk again. Every row that is returned
    has been checked against the hash chain first.
    """

    async def create(self, name: str, snapshot: bytes) -> None:
        """Make the base durable, with `snapshot` as its revision 0. It is not opened.

        Raises:
            AlreadyExistsError: there is a base already; it was not touched.
            StoreFullError: there is no room for it; it may be created again.
        """

    async def open(self) -> int:
        """Take the base: an epoch above every former one, durable on return. Fences every older owner.

        Raises:
            NotFoundError: there is no base.
            BaseInUseError: another process serves it.
            CorruptBaseError: it does not pass its checks.
            StoreVersionError: it was written by a newer program, or the library is not safe.
        """

    async def load(self) -> Loaded:
        """Read the newest snapshot and every row after it; checks the whole hash chain, from revision 1.

        Raises:
            CorruptBaseError: one bit is not as it was written.
        """

    async def commit(self, epoch: int, rows: Sequence[JournalRow]) -> None:
        """Make all `rows` durable in one transaction, or none; an empty batch only checks the epoch.

        Raises:
            FencedError: a newer owner took the base; nothing was written, the caller must stop.
            StoreFullError: no space; nothing was written, may be tried again.
            DuplicateOperationError: `operation` (hex) is in the journal, or twice here; nothing was written.
            OutcomeUnknownError: the disk failed; the rows may or may not be there; the caller must stop.
            ValueError: a row does not follow its predecessor (revision, epoch); a bug of the caller.
        """

    async def checkpoint(self, epoch: int, revision: int, snapshot: bytes) -> None:
        """Keep `snapshot` as the state at `revision`, which is committed. The journal stays.

        Raises:
            FencedError: as for `commit`.
            StoreFullError: as for `commit`.
        """

    async def tail(self, since: int, limit: int) -> tuple[JournalRow, ...]:
        """Read at most `limit` rows with a revision above `since`, in order."""

    async def find(self, operation: bytes) -> JournalRow | None:
        """Read the row of `operation`, whatever its age; None when it was never committed."""

    async def close(self) -> None:
        """Give the base back. Safe twice, before `open`, and after a failure."""
