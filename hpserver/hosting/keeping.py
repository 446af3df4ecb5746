"""The journal of a base in service: drafts in, what became of them out. Knows the store, no session."""

import contextlib
from collections.abc import Sequence

from hpserver.errors import BusyError, DuplicateOperationError, StoreFullError
from hpserver.hosting.recalling import recall
from hpserver.planning.effects import Checkpoint, Draft, Read
from hpserver.planning.journal import FORMAT, read_body
from hpserver.planning.stimuli import NotPersisted, Persisted, Recalled
from hpserver.store.api import JournalRow, Store


class Keeping:
    """Writes for one owner of one base.

    Every call may raise FencedError (a newer server has the base), OutcomeUnknownError or CorruptBaseError (the disk
    failed): the process must stop, and the next one reads what is on the disk.
    """

    def __init__(self, store: Store, epoch: int) -> None:
        self._store, self.epoch = store, epoch

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
        return await recall(self._store, read, self.epoch)

    async def close(self) -> None:
        """Give the base back. Safe twice."""
        await self._store.close()

    async def _find_duplicate(self, error: DuplicateOperationError) -> NotPersisted:
        operation = bytes.fromhex(str(error.details["operation"]))
        row = await self._store.find(operation)
        if row is None:
            return NotPersisted(error)
        _, done, _ = read_body(
            row.body, epoch=row.epoch, revision=row.revision, operation=operation, user=row.user, at_ms=row.at
        )
        return NotPersisted(error, operation, done)
