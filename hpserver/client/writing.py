"""What a session writes, and what was written: sent until it is answered, done once. Knows requests, no line."""

import asyncio
import random
import secrets
from abc import ABC, abstractmethod
from typing import Final, TypeVar

import msgspec

from hpserver.base.clashes import Clash
from hpserver.base.rules.api import Breach
from hpserver.client.line import NEW
from hpserver.client.reconnecting import announced, pause
from hpserver.client.refusals import ClashesError, ConflictsError
from hpserver.errors import BusyError, DeadlineExceededError, HPError, OutcomeUnknownError
from hpserver.protocol import messages as m
from hpserver.protocol.limits import OPERATION_BYTES

A = TypeVar("A", bound=m.Answer)

_clashes: Final[msgspec.msgpack.Decoder[tuple[Clash, ...]]] = msgspec.msgpack.Decoder(tuple[Clash, ...])
_breaches: Final[msgspec.msgpack.Decoder[tuple[Breach, ...]]] = msgspec.msgpack.Decoder(tuple[Breach, ...])


class Writing(ABC):
    """The part of a session that changes the base, takes back, and looks at what was done."""

    failure: HPError | None

    @abstractmethod
    async def _ask(self, request: m.Request, *answers: type[A]) -> A:
        """Ask once there is a line, and again on the next one when it breaks."""

    @abstractmethod
    def _seen(self) -> int:
        """The revision of the replica. Raises SessionEndedError before there is one."""

    async def undo(self, *, revision: int = 0, force: bool = False, why: str = "") -> m.Committed:
        """Take back what this user did last, here or anywhere, or the transaction of that revision.

        Raises:
            NothingToUndoError: there is nothing, or it was taken back already.
            ConflictsError: others wrote the same since; `force` overwrites it.
            ClashesError: it would clash now; `force` accepts that.
        """
        return await self._write(m.Undo(NEW, 0, an_operation(), revision, force, why))

    async def redo(self, *, revision: int = 0, force: bool = False, why: str = "") -> m.Committed:
        """Do again what this user took back last, or what the Undo of that revision took back. Raises as `undo`."""
        return await self._write(m.Redo(NEW, 0, an_operation(), revision, force, why))

    async def restore(
        self, kind: str, key: int, revision: int, *, force: bool = False, why: str = "", seen: int | None = None
    ) -> m.Committed:
        """Put an object back as it was after a revision; with a deleted one comes what went with it.

        Raises as `undo`; what others changed after `seen`, the replica's revision by default, is in conflict.
        """
        known = self._seen() if seen is None else seen
        return await self._write(m.RestoreObject(NEW, 0, an_operation(), kind, key, revision, known, force, why))

    async def timeline(self, kind: str, key: int, *, before: int = 0, limit: int = 50) -> m.Timeline:
        """What happened to an object, newest first; `before` of the answer gives the next page."""
        return await self._ask(m.GetTimeline(NEW, 0, kind, key, before, limit), m.Timeline)

    async def changes(self, since: int, epoch: int = 0, *, limit: int = 200) -> m.Changes:
        """The transactions after a revision, in order, however long ago; `epoch` is that of the answer it came with.

        Raises ResyncNeededError when the base was put back: its detail `revision` is the last that still stands.
        """
        return await self._ask(m.GetChanges(NEW, 0, since, epoch, limit), m.Changes)

    async def accept_branch(self, wish: m.AcceptBranch) -> m.Committed:
        """Take a branch over, wholly or not at all; then `UpdateBranch` lets it know. Raises as `undo`."""
        return await self._write(wish)

    async def _write(self, request: m.Transact | m.Undo | m.Redo | m.RestoreObject | m.AcceptBranch) -> m.Committed:
        """Send until it is answered: the operation id sees to it that it is done once."""
        attempt = 0
        while True:
            try:
                answer = await self._ask(request, m.Committed, m.Clashed, m.Conflicted)
            except (DeadlineExceededError, OutcomeUnknownError, BusyError) as error:
                if self.failure is not None:
                    raise
                await asyncio.sleep(pause(attempt, draw(), announced(error)))
                attempt += 1
                continue
            if isinstance(answer, m.Clashed):
                raise ClashesError(_clashes.decode(answer.clashes), _breaches.decode(answer.breaches))
            if isinstance(answer, m.Conflicted):
                raise ConflictsError(answer.conflicts)
            assert isinstance(answer, m.Committed)
            return answer


def an_operation() -> bytes:
    """A new operation id."""
    return secrets.token_bytes(OPERATION_BYTES)


def draw() -> float:
    """A number from 0 to 1."""
    return random.random()  # noqa: S311 - spreads clients over time, no secret
