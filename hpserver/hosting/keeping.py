"""The journal of a base in service: drafts in, what became of them out. Knows the store, no session."""

import asyncio
import contextlib
from collections.abc import Sequence

import structlog

from hpserver.errors import BusyError, DuplicateOperationError, StoreFullError
from hpserver.hosting.recalling import Bring, recall
from hpserver.hosting.rows import read_row
from hpserver.planning.effects import Checkpoint, Draft, Read
from hpserver.planning.journal import FORMAT
from hpserver.planning.stimuli import NotPersisted, Persisted, Recalled
from hpserver.planning.upkeep import Upkeep
from hpserver.store.api import JournalRow, Store

log = structlog.get_logger()


class Keeping:
    """Writes for one owner of one base, which takes branches over when it is told how to `bring` them.

    Every call may raise FencedError (a newer server has the base), OutcomeUnknownError or CorruptBaseError (the disk
    failed): the process must stop, and the next one reads what is on the disk.
    """

    def __init__(self, store: Store, epoch: int, bring: Bring | None = None) -> None:
        self._store, self.epoch, self._bring = store, epoch, bring
        self._upkeep = Upkeep()

    async def check(self) -> None:
        """Check what the start of service put off: nothing is written, nor recalled, before it is."""
        await self._store.check()
        log.info("base.checked")

    async def write(self, drafts: Sequence[Draft]) -> Persisted | NotPersisted:
        """Make all of them durable, or none."""
        rows = [JournalRow(d.revision, self.epoch, d.operation, d.at_ms, d.user, FORMAT, d.body) for d in drafts]
        try:
            await self._store.commit(self.epoch, rows)
        except (StoreFullError, BusyError) as error:
            return NotPersisted(error)
        except DuplicateOperationError as error:
            return await self._find_duplicate(error)
        return Persisted(drafts[-1].revision)

    async def keep(self, checkpoint: Checkpoint) -> None:
        """Keep a snapshot beside the journal; when it cannot be, the journal alone still says everything."""
        with contextlib.suppress(StoreFullError, BusyError):
            await self._store.checkpoint(self.epoch, checkpoint.revision, checkpoint.snapshot)

    async def recall(self, read: Read) -> Recalled:
        """Look up what a request needs of the journal."""
        return await recall(self._store, read, self.epoch, self._bring)

    def tend(self, tasks: asyncio.TaskGroup, head: int, durable: int, now: float, at_ms: int) -> None:
        """Pack a part of what is old, when it is time: to be called often. `now` and `at_ms` as for the engine."""
        if self._upkeep.may_work(head, durable, now):
            self._upkeep.began()
            tasks.create_task(self._pack(now, at_ms))

    async def _pack(self, now: float, at_ms: int) -> None:
        rows = 0
        try:
            rows = await self._store.pack(self.epoch, at_ms)
        except (StoreFullError, BusyError) as error:  # what is not packed is served as well
            log.warning("base.not_packed", error=type(error).__name__)
        if packed := self._upkeep.ended(rows, now):
            log.info("base.packed", rows=packed)

    async def close(self) -> None:
        """Give the base back. Safe twice."""
        await self._store.close()

    async def _find_duplicate(self, error: DuplicateOperationError) -> NotPersisted:
        operation = bytes.fromhex(str(error.details["operation"]))
        row = await self._store.find(operation)
        if row is None:
            return NotPersisted(error)
        _, done, _ = read_row(row)
        return NotPersisted(error, operation, done)
