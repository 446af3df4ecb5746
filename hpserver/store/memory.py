"""The Store in memory, for tests of what stands above it. Passes the conformance suite; keeps nothing."""

from collections.abc import Sequence

import msgspec

from hpserver.errors import (
    AlreadyExistsError,
    BaseInUseError,
    DuplicateOperationError,
    FencedError,
    NotFoundError,
    StoreError,
)
from hpserver.store import chain, policy
from hpserver.store.api import Compacted, JournalRow, Loaded, Object


class MemoryBase:
    """What would be on the disk; several `MemoryStore` may share it."""

    def __init__(self) -> None:
        self.name = ""
        self.epoch = 0
        self.genesis = b""
        self.rows: list[JournalRow] = []
        self.snapshots: dict[int, bytes] = {}
        self.owner: MemoryStore | None = None


class MemoryStore:
    """A `Store` on a `MemoryBase`; see `hpserver.store.api` for the promises.

    `alone=False` leaves out the lock that keeps a second owner away, so that a test can see fencing.
    """

    def __init__(self, base: MemoryBase | None = None, *, alone: bool = True) -> None:
        self._base = base or MemoryBase()
        self._alone = alone
        self._epoch = 0

    async def create(self, name: str, snapshot: bytes) -> None:
        """See `Store.create`."""
        base = self._base
        if base.snapshots:
            raise AlreadyExistsError("there is a base already")
        base.name, base.genesis, base.snapshots = name, chain.genesis(name, snapshot), {0: snapshot}

    async def open(self, *, check_later: bool = False) -> int:  # noqa: ARG002 - there is no damage here
        """See `Store.open`."""
        base = self._base
        if not base.snapshots:
            raise NotFoundError("there is no base")
        if base.owner is not None and (self._alone or base.owner is self):
            raise BaseInUseError("another store serves the base")
        base.owner = self
        base.epoch += 1
        self._epoch = base.epoch
        return self._epoch

    async def load(self, remembered: int = 0) -> Loaded:
        """See `Store.load`."""
        base = self._opened()
        chain.verify(base.genesis, 0, base.rows)
        revision = max(base.snapshots)
        meta = {"name": base.name, "schema": "1"}
        return Loaded(
            self._epoch, revision, base.snapshots[revision], tuple(base.rows[max(0, revision - remembered) :]), meta
        )

    async def check(self) -> None:
        """See `Store.check`."""
        base = self._opened()
        chain.verify(base.genesis, 0, base.rows)

    async def commit(self, epoch: int, rows: Sequence[JournalRow]) -> None:
        """See `Store.commit`."""
        base = self._fenced(epoch)
        for row in rows:
            str(row.body, "utf-8")
        new = chain.chained(self._digest(base), len(base.rows), epoch, rows)
        known = {row.operation for row in base.rows}
        for row in new:
            if row.operation in known:
                raise DuplicateOperationError("the journal holds it", operation=row.operation.hex())
            known.add(row.operation)
        base.rows += new

    async def checkpoint(self, epoch: int, revision: int, snapshot: bytes) -> None:
        """See `Store.checkpoint`."""
        base = self._fenced(epoch)
        if not 0 <= revision <= len(base.rows):
            raise ValueError(f"revision {revision} is not committed")
        base.snapshots[revision] = snapshot
        self._thin(base, 0)

    async def tail(self, since: int, limit: int) -> tuple[JournalRow, ...]:
        """See `Store.tail`."""
        return tuple(self._opened().rows[since : since + max(limit, 0)])

    async def find(self, operation: bytes) -> JournalRow | None:
        """See `Store.find`."""
        return next((row for row in self._opened().rows if row.operation == operation), None)

    async def touching(self, objects: Sequence[Object], since: int, before: int, limit: int) -> tuple[JournalRow, ...]:
        """See `Store.touching`."""
        rows = self._opened().rows[since : max(before - 1, 0)]
        wanted = set(objects)
        return tuple([row for row in reversed(rows) if not wanted.isdisjoint(_objects(row))][: max(limit, 0)])

    async def by_user(self, user: str, before: int, limit: int) -> tuple[JournalRow, ...]:
        """See `Store.by_user`."""
        rows = self._opened().rows[: max(before - 1, 0)]
        return tuple([row for row in reversed(rows) if row.user == user][: max(limit, 0)])

    async def snapshot_at(self, revision: int) -> tuple[int, bytes]:
        """See `Store.snapshot_at`."""
        snapshots = self._opened().snapshots
        found = max(one for one in snapshots if one <= revision)
        return found, snapshots[found]

    async def revision_at(self, at: int) -> int:
        """See `Store.revision_at`."""
        return max((row.revision for row in self._opened().rows if row.at <= at), default=0)

    async def compact(self, epoch: int, now_ms: int) -> Compacted:
        """See `Store.compact`; rows in memory are as small as they get."""
        base = self._fenced(epoch)
        gone = self._thin(base, now_ms)
        return Compacted(0, gone, 0, 0)

    async def pack(self, epoch: int, now_ms: int) -> int:  # noqa: ARG002 - the promise has it
        """See `Store.pack`."""
        self._fenced(epoch)
        return 0

    async def close(self) -> None:
        """See `Store.close`."""
        if self._base.owner is self:
            self._base.owner = None
        self._epoch = 0

    def _opened(self) -> MemoryBase:
        if not self._epoch:
            raise StoreError("the base is not open")
        return self._base

    def _fenced(self, epoch: int) -> MemoryBase:
        base = self._opened()
        if not epoch == self._epoch == base.epoch:
            raise FencedError(f"epoch {epoch} is over: a newer owner has the base", epoch=epoch)
        return base

    @staticmethod
    def _thin(base: MemoryBase, now_ms: int) -> int:
        found = [(one, base.rows[one - 1].at if one else 0) for one in base.snapshots]
        kept = policy.kept_snapshots(found, now_ms or max(at for _, at in found))
        gone = [one for one in base.snapshots if one not in kept]
        for one in gone:
            del base.snapshots[one]
        return len(gone)

    @staticmethod
    def _digest(base: MemoryBase) -> bytes:
        return base.rows[-1].digest if base.rows else base.genesis


def _objects(row: JournalRow) -> set[Object]:
    body = msgspec.json.decode(row.body)
    changes = body.get("changes", ()) if isinstance(body, dict) else ()
    return {(change["kind"], change["key"]) for change in changes}
