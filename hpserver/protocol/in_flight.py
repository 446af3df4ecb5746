"""The requests of one connection that wait for their answer: ids, deadlines, transfers, cancels. Knows no bytes."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from hpserver.errors import HPError
from hpserver.protocol.messages import Answer, Chunk, Message, Request, TransferStarted
from hpserver.protocol.states import ANSWERS

_IN_PARTS: Final = frozenset({TransferStarted, Chunk})


_NOBODY: Final[frozenset[int]] = frozenset()
"""One for all: each empty set would take 216 bytes of an idle connection."""

_NOTHING: Final[Mapping[int, tuple[int, int]]] = MappingProxyType({})
"""The same: an empty dict takes 64."""


class InFlight:
    """What was asked and not answered yet. `blame` is the error to raise: ours when we say, theirs when they do."""

    __slots__ = ("_cancelled", "_transfers", "wishes")

    def __init__(self) -> None:
        self.wishes: dict[int, tuple[frozenset[type[Message]], float | None]] = {}
        self._transfers = _NOTHING  # id -> bytes said so far, bytes in all
        self._cancelled = _NOBODY

    def __len__(self) -> int:
        return len(self.wishes)

    def __contains__(self, request: int) -> bool:
        return request in self.wishes

    def open(self, message: Request, now: float) -> None:
        """Note a request; its deadline counts from `now`."""
        waits = message.deadline_ms
        self.wishes[message.id] = (ANSWERS[type(message)], now + waits / 1000 if waits else None)

    def check(self, message: Answer, blame: type[HPError]) -> None:
        """Raise `blame` for an answer to nothing, of the wrong type, or out of the order of a transfer."""
        request, kind = message.id, type(message)
        wish = self.wishes.get(request)
        if wish is None:
            raise blame(f"{kind.__name__} answers request {request}, which is not in flight")
        if kind not in wish[0]:
            raise blame(f"{kind.__name__} is no answer to request {request}")
        if kind in _IN_PARTS:
            self._check_part(message, blame)

    def settle(self, message: Answer) -> None:
        """Forget the request once its last answer was said or heard; `check` has passed."""
        request = message.id
        if type(message) in _IN_PARTS and not self._is_last_part(message):
            return
        del self.wishes[request]
        if self._transfers:
            self._transfers = {one: told for one, told in self._transfers.items() if one != request} or _NOTHING
        if self._cancelled:
            self._cancelled -= {request}

    def cancel(self, request: int) -> bool:
        """Note that the answer is not wanted any more. Return whether that is news."""
        if request not in self.wishes or request in self._cancelled:
            return False
        self._cancelled |= {request}
        return True

    def is_cancelled(self, request: int) -> bool:
        """Whether the answer to that request is no longer wanted."""
        return request in self._cancelled

    def deadline_of(self, request: int) -> float | None:
        """Return when the client stops waiting for that request; None without a limit or a request."""
        wish = self.wishes.get(request)
        return None if wish is None else wish[1]

    def expired(self, now: float) -> list[int]:
        """Return the requests whose deadline has passed, oldest first."""
        return [i for i, (_, deadline) in self.wishes.items() if deadline is not None and deadline <= now]

    def clear(self) -> None:
        """Forget everything: the conversation is over."""
        self.wishes.clear()
        self._transfers = _NOTHING
        self._cancelled = frozenset()

    def _check_part(self, message: Answer, blame: type[HPError]) -> None:
        progress = self._transfers.get(message.id)
        if not isinstance(message, Chunk):
            if progress is not None:
                raise blame(f"the transfer of request {message.id} started twice")
            return
        if progress is None:
            raise blame(f"a chunk before the transfer of request {message.id} started")
        done, size = progress
        if message.offset != done or not 0 < len(message.data) <= size - done:
            raise blame(f"a chunk of {len(message.data)} bytes at {message.offset}, when {done} of {size} are done")

    def _is_last_part(self, message: Answer) -> bool:
        if isinstance(message, TransferStarted):
            done, size = 0, message.size
        else:
            done, size = self._transfers[message.id]
            done += len(message.data) if isinstance(message, Chunk) else 0
        self._transfers = {**self._transfers, message.id: (done, size)}
        return done >= size
