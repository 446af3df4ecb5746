"""The Store in one SQLite file per base, through apsw. Knows journal rows, never what their bodies say."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

import apsw

from hpserver.errors import (
    AlreadyExistsError,
    BaseInUseError,
    CorruptBaseError,
    DuplicateOperationError,
    FencedError,
    HPError,
    NotFoundError,
)
from hpserver.store import chain, policy, sqlite_checks, sqlite_file, sqlite_rows
from hpserver.store.api import Compacted, JournalRow, Loaded, Object
from hpserver.store.obstacles import opening
from hpserver.store.sqlite_thread import SqliteThread

T = TypeVar("T")

KIND = "base"
APPLICATION_ID = 0x68704231
"""`hpB1`: what `file` and SQLite see in the header of a base."""

_FENCE = "UPDATE owner SET revision = ?, digest = ? WHERE epoch = ?"
_TAKE = "UPDATE owner SET epoch = ?, seal = ?"
_SNAPSHOTS = (
    "SELECT snapshot.revision, coalesce(journal.at, packed.at, 0) FROM snapshot"
    " LEFT JOIN journal ON journal.revision = snapshot.revision"
    " LEFT JOIN packed ON packed.revision = snapshot.revision"
)
_FORGET = "DELETE FROM snapshot WHERE revision = ?"


class SqliteStore:
    """A `Store` in the file `path`; see `hpserver.store.api` for the promises.

    `vfs`: as `sqlite_file.connect`. `lock`: the file locked while the base is taken, `path` + ".lock" when None.
    """

    def __init__(self, path: Path, *, vfs: str = "", lock: Path | None = None, synchronous: str = "FULL") -> None:
        self._path, self._vfs, self._synchronous = path, vfs, synchronous
        self._lock_path = lock or path.with_name(path.name + ".lock")
        self._lock = -1
        self._epoch = 0
        self._head = (0, b"")
        self._put_off = False
        self._place: sqlite_file.Place = ()
        self._thread = SqliteThread(f"store {path.name}")

    async def create(self, name: str, snapshot: bytes) -> None:
        """See `Store.create`."""
        await self._thread.run(lambda: self._create(name, snapshot))

    async def open(self, *, check_later: bool = False) -> int:
        """See `Store.open`."""
        return await self._thread.run(lambda: self._open(check_later=check_later))

    async def peek(self) -> tuple[int, int]:
        """Read beside whoever has the base, without taking it; its epoch and its newest revision.

        All that reads sees the base as it is now until the store is closed; all that writes raises FencedError.
        Raises NotFoundError, CorruptBaseError, and StoreVersionError for another schema than ours.
        """
        return await self._thread.run(self._peek)

    async def load(self, remembered: int = 0) -> Loaded:
        """See `Store.load`."""
        return await self._thread.run(lambda: self._load(remembered))

    async def check(self) -> None:
        """See `Store.check`."""
        await self._thread.run(self._check)

    async def commit(self, epoch: int, rows: Sequence[JournalRow]) -> None:
        """See `Store.commit`."""
        await self._sound(lambda: self._commit(epoch, rows))

    async def checkpoint(self, epoch: int, revision: int, snapshot: bytes) -> None:
        """See `Store.checkpoint`."""
        await self._sound(lambda: self._checkpoint(epoch, revision, snapshot))

    async def tail(self, since: int, limit: int) -> tuple[JournalRow, ...]:
        """See `Store.tail`."""
        return await self._sound(lambda: tuple(self._verified(since, limit)))

    async def find(self, operation: bytes) -> JournalRow | None:
        """See `Store.find`."""
        return await self._sound(lambda: self._find(operation))

    async def touching(self, objects: Sequence[Object], since: int, before: int, limit: int) -> tuple[JournalRow, ...]:
        """See `Store.touching`."""
        return await self._sound(
            lambda: self._named(sqlite_rows.touching(self._thread.connection, objects, since, before, limit))
        )

    async def by_user(self, user: str, before: int, limit: int) -> tuple[JournalRow, ...]:
        """See `Store.by_user`."""
        return await self._sound(lambda: self._named(sqlite_rows.by_user(self._thread.connection, user, before, limit)))

    async def snapshot_at(self, revision: int) -> tuple[int, bytes]:
        """See `Store.snapshot_at`."""
        return await self._sound(lambda: sqlite_checks.snapshot_at(self._thread.connection, revision))

    async def revision_at(self, at: int) -> int:
        """See `Store.revision_at`."""
        return await self._sound(lambda: sqlite_rows.revision_at(self._thread.connection, at))

    async def compact(self, epoch: int, now_ms: int) -> Compacted:
        """See `Store.compact`."""
        return await self._sound(lambda: self._compact(epoch, now_ms))

    async def pack(self, epoch: int, now_ms: int) -> int:
        """See `Store.pack`."""
        return await self._sound(lambda: self._pack(epoch, now_ms))

    async def close(self) -> None:
        """See `Store.close`."""
        with contextlib.suppress(HPError):  # no room, or no disk any more: the file stays as long as it is
            if self._epoch:
                await self._sound(lambda: sqlite_file.tidy(self._thread.connection))
        await self._thread.stop(self._give_lock)

    async def _sound(self, call: Callable[[], T]) -> T:
        """Run `call` in the thread, after what was put off."""

        def checked() -> T:
            self._check()
            return call()

        return await self._thread.run(checked)

    # --- everything below runs in the worker's thread -----------------------------------------------------

    def _create(self, name: str, snapshot: bytes) -> None:
        if self._thread.is_open:
            raise AlreadyExistsError("the base is open")
        with opening(self._path):
            self._create_there(name, snapshot)

    def _create_there(self, name: str, snapshot: bytes) -> None:
        if not self._vfs:
            sqlite_file.prepare(self._path)
        try:
            self._take_lock()
        except BaseInUseError as error:
            raise AlreadyExistsError(f"another process serves {self._path.name}") from error
        wal = self._path.with_name(self._path.name + "-wal")
        fresh = not self._vfs and not self._path.stat().st_size and not wal.exists()
        try:
            connection = sqlite_file.connect(self._path, vfs=self._vfs, synchronous=self._synchronous)
            try:
                self._write_first(connection, name, snapshot)
            finally:
                connection.close()
            if not self._vfs:
                sqlite_file.sync_directory(self._path)
        except BaseException:
            for path in (self._path, wal, wal.with_name(self._path.name + "-shm")) if fresh else ():
                path.unlink(missing_ok=True)  # nothing half made bears the name of a base
            raise
        finally:
            self._give_lock()

    def _write_first(self, connection: apsw.Connection, name: str, snapshot: bytes) -> None:
        if not sqlite_file.is_blank(connection):
            raise AlreadyExistsError(f"there is a base in {self._path.name} already")
        first = chain.genesis(name, snapshot)
        with sqlite_file.writing(connection):
            sqlite_file.migrate(connection, KIND, APPLICATION_ID)
            values = (name, chain.epoch_seal(first, 0), first, first)
            connection.execute("INSERT INTO owner VALUES (1, ?, 0, ?, 0, ?, ?)", values)
            self._write_snapshot(connection, 0, 0, snapshot, first)

    def _open(self, *, check_later: bool) -> int:
        if self._thread.is_open:
            raise BaseInUseError("the base is open here already")
        if not self._vfs and not self._path.exists():
            raise NotFoundError(f"there is no base in {self._path}")
        with opening(self._path):
            return self._open_there(check_later=check_later)

    def _open_there(self, *, check_later: bool) -> int:
        self._take_lock()
        try:
            connection = sqlite_file.connect(self._path, vfs=self._vfs, synchronous=self._synchronous)
        except BaseException:
            self._give_lock()
            raise
        try:
            self._epoch = self._take(connection, check_later=check_later)
        except BaseException:
            sqlite_file.abandon(connection)
            self._give_lock()
            raise
        self._thread.adopt(connection)
        return self._epoch

    def _peek(self) -> tuple[int, int]:
        if not self._path.exists():
            raise NotFoundError(f"there is no base in {self._path}")
        with opening(self._path):
            connection = sqlite_file.look(self._path, KIND, APPLICATION_ID)
            try:
                here = sqlite_checks.owner(connection)
            except BaseException:
                sqlite_file.abandon(connection)
                raise
        self._head = (here.revision, here.digest)
        self._thread.adopt(connection)
        return here.epoch, here.revision

    def _take(self, connection: apsw.Connection, *, check_later: bool) -> int:
        blank = sqlite_file.is_blank(connection)
        if not self._vfs:
            sqlite_file.check_wal(connection, self._path)
        if blank:
            raise NotFoundError(f"no base was ever completed in {self._path}")
        if sqlite_file.is_old(connection, KIND):
            check_later = False  # what is made anew is checked before
        if not check_later:
            sqlite_file.check_file(connection)
        self._put_off = check_later
        with sqlite_file.writing(connection):
            sqlite_file.migrate(connection, KIND, APPLICATION_ID)
            here = sqlite_checks.owner(connection)
            epoch = here.epoch + 1
            connection.execute(_TAKE, (epoch, chain.epoch_seal(here.first, epoch)))
        self._head = (here.revision, here.digest)
        self._place = () if self._vfs else sqlite_file.place_of(self._path)
        return epoch

    def _load(self, remembered: int) -> Loaded:
        loaded = sqlite_checks.load(self._thread.connection, self._epoch, remembered)
        if not self._put_off:
            sqlite_checks.check_rest(self._thread.connection)
        return loaded

    def _check(self) -> None:
        if self._put_off:
            sqlite_checks.check_all(self._thread.connection)
            self._put_off = False

    def _commit(self, epoch: int, rows: Sequence[JournalRow]) -> None:
        connection = self._thread.connection
        self._check_epoch(epoch)
        revision, digest = self._head
        new = chain.chained(digest, revision, epoch, rows)
        if new:
            revision, digest = new[-1].revision, new[-1].digest
        try:
            with sqlite_file.writing(connection):
                self._fence(connection, epoch, revision, digest)
                sqlite_rows.insert(connection, new)
        except apsw.ConstraintError as error:
            raise self._duplicate(connection, new) from error
        self._check_place()
        self._head = (revision, digest)

    def _check_place(self) -> None:
        """Promise nothing that lies in a file which nobody will open again: one that was moved, deleted or replaced."""
        if self._place and self._place != sqlite_file.place_of(self._path):
            raise CorruptBaseError(f"{self._path.name} was moved or replaced while it was served")

    def _check_epoch(self, epoch: int) -> None:
        if epoch != self._epoch:
            raise FencedError(f"epoch {epoch} is over: epoch {self._epoch} has the base", epoch=epoch)

    def _fence(self, connection: apsw.Connection, epoch: int, revision: int, digest: bytes) -> None:
        connection.execute(_FENCE, (revision, digest, epoch))
        if connection.changes() != 1:
            raise FencedError(f"epoch {epoch} is over: a newer owner has the base", epoch=epoch)

    def _duplicate(self, connection: apsw.Connection, rows: Iterable[JournalRow]) -> HPError:
        seen: set[bytes] = set()
        for row in rows:
            if row.operation in seen or sqlite_rows.find(connection, row.operation) is not None:
                operation = row.operation.hex()
                return DuplicateOperationError("the journal holds this operation", operation=operation)
            seen.add(row.operation)
        return CorruptBaseError("the journal refuses a row it does not hold")

    def _checkpoint(self, epoch: int, revision: int, snapshot: bytes) -> None:
        connection = self._thread.connection
        self._check_epoch(epoch)
        with sqlite_file.writing(connection):
            self._fence(connection, epoch, *self._head)
            digest = self._digest_at(revision)
            if digest is None:
                raise ValueError(f"revision {revision} is not committed")
            self._write_snapshot(connection, revision, epoch, snapshot, digest)
            self._thin(connection)

    def _write_snapshot(
        self, connection: apsw.Connection, revision: int, epoch: int, snapshot: bytes, digest: bytes
    ) -> None:
        seal = chain.seal(digest, revision, epoch, snapshot)
        connection.execute("INSERT OR REPLACE INTO snapshot VALUES (?, ?, ?, ?)", (revision, epoch, snapshot, seal))

    def _thin(self, connection: apsw.Connection, now_ms: int = 0) -> int:
        """Forget the snapshots that the policy does not keep, seen from the newest of them; how many."""
        found: list[tuple[int, int]] = list(connection.execute(_SNAPSHOTS))
        kept = policy.kept_snapshots(found, now_ms or max(at for _, at in found))
        gone = [(revision,) for revision, _ in found if revision not in kept]
        connection.executemany(_FORGET, gone)
        return len(gone)

    def _compact(self, epoch: int, now_ms: int) -> Compacted:
        connection = self._thread.connection
        self._check_epoch(epoch)
        before = sqlite_file.size(connection)
        with sqlite_file.writing(connection):
            self._fence(connection, epoch, *self._head)
            until, packed = self._packable(now_ms), 0
            while some := sqlite_rows.pack(connection, self._first(), until):
                packed += some
            gone = self._thin(connection, now_ms)
        if packed or gone:
            sqlite_file.make_again(connection)
        self._check_place()
        return Compacted(packed, gone, before, sqlite_file.size(connection))

    def _pack(self, epoch: int, now_ms: int) -> int:
        connection = self._thread.connection
        self._check_epoch(epoch)
        with sqlite_file.writing(connection):
            self._fence(connection, epoch, *self._head)
            packed = sqlite_rows.pack(connection, self._first(), self._packable(now_ms))
            sqlite_file.give_back(connection)
        self._check_place()
        return packed

    def _packable(self, now_ms: int) -> int:
        """The last revision that may be packed."""
        old = sqlite_rows.revision_at(self._thread.connection, now_ms - policy.PLAIN_DAYS * policy.DAY_MS)
        return policy.packable(self._head[0], old)

    def _find(self, operation: bytes) -> JournalRow | None:
        revision = sqlite_rows.find(self._thread.connection, operation)
        return None if revision is None else self._named([revision])[0]

    def _named(self, revisions: Iterable[int]) -> tuple[JournalRow, ...]:
        return tuple(sqlite_rows.named(self._thread.connection, self._first(), revisions))

    def _verified(self, since: int, limit: int) -> list[JournalRow]:
        return sqlite_rows.verified(self._thread.connection, self._first(), since, limit)

    def _digest_at(self, revision: int) -> bytes | None:
        return sqlite_rows.digest_at(self._thread.connection, self._first(), revision)

    def _first(self) -> bytes:
        return sqlite_checks.owner(self._thread.connection).first

    def _take_lock(self) -> None:
        descriptor = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, sqlite_file.FILE_MODE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(descriptor)
            raise BaseInUseError(f"another process serves {self._path.name}") from error
        self._lock = descriptor

    def _give_lock(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1
