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

    Those before it that were asked for are in `tail` too.
    `epoch` is the one this owner took. `meta` holds the base's `name` and the `schema` it is kept with.
    """

    epoch: int
    revision: int
    snapshot: bytes
    tail: tuple[JournalRow, ...]
    meta: dict[str, str]


class Compacted(msgspec.Struct, frozen=True, gc=False):
    """What a compaction did: rows packed and snapshots forgotten by it, bytes of the base before and after."""

    rows: int
    snapshots: int
    bytes_before: int
    bytes_after: int


Object = tuple[str, int]
"""Kind and key of an object, as the `changes` of a row's body name it."""


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

    async def open(self, *, check_later: bool = False) -> int:
        """Take the base: an epoch above every former one, durable on return. Fences every older owner.

        With `check_later`, whatever `load` does not give is left to `check`: every other call does that first. A file
        of an older schema is checked now.

        Raises:
            NotFoundError: there is no base.
            BaseInUseError: another process serves it.
            CorruptBaseError: it does not pass its checks.
            StoreVersionError: it was written by a newer program, or the library is not safe.
        """

    async def load(self, remembered: int = 0) -> Loaded:
        """Read the newest snapshot, every row after it and `remembered` rows before it.

        Checks the whole hash chain, from revision 1; with `check_later`, what it gives.

        Raises:
            CorruptBaseError: one bit is not as it was written.
        """

    async def check(self) -> None:
        """Do what `open` put off: check the file, every index, and the hash chain from revision 1.

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

    async def touching(self, objects: Sequence[Object], since: int, before: int, limit: int) -> tuple[JournalRow, ...]:
        """Read at most `limit` rows between `since` and `before` that touched any of the objects, newest first."""

    async def by_user(self, user: str, before: int, limit: int) -> tuple[JournalRow, ...]:
        """Read at most `limit` rows of a user with a revision below `before`, newest first."""

    async def snapshot_at(self, revision: int) -> tuple[int, bytes]:
        """Read the newest snapshot of a revision not above this one: its revision and its bytes."""

    async def revision_at(self, at: int) -> int:
        """Say the newest revision accepted at `at` (Unix milliseconds) or before, 0 for none."""

    async def compact(self, epoch: int, now_ms: int) -> Compacted:
        """Pack old rows and forget snapshots, as `hpserver.store.policy` says. Every row stays readable as before.

        Raises:
            FencedError: as for `commit`.
            StoreFullError: as for `commit`.
        """

    async def pack(self, epoch: int, now_ms: int) -> int:
        """Do one small part of what `compact` does to rows: how many it packed, 0 when none is left to pack.

        For a base in service: a commit that comes meanwhile waits for some milliseconds (`chunks.CHUNK_BYTES`). The
        room that it leaves is used by later rows; the file becomes smaller by `compact` alone.

        Raises:
            FencedError: as for `commit`.
            StoreFullError: as for `commit`.
        """

    async def close(self) -> None:
        """Give the base back. Safe twice, before `open`, and after a failure."""
