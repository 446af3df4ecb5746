"""Two ends of a line with no network: the contract of a link, for what stands above it. It knows bytes only."""

# ruff: noqa: SLF001  the two ends of a line are one thing
import asyncio
import enum
from collections.abc import Callable

from hpserver.errors import ConnectionLostError, HPError, TooSlowError
from hpserver.net.outbox import Outbox, Verdict
from hpserver.net.owner import LinkOwner, LinkStatistics

CLOSE_SECONDS = 2.0
"""How long the other end may take to read our last bytes, as on a real link."""


class _State(enum.Enum):
    OPEN = enum.auto()
    CLOSING = enum.auto()
    LOST = enum.auto()


class MemoryLink:
    """One end; see `Carrier` for the contract. Bytes wait while the other end is paused: that is a slow reader.

    What was written arrives at the next turn of the loop, in one piece.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, owner: LinkOwner) -> None:
        self._loop, self._owner = loop, owner
        self._other = self
        self._outbox = Outbox()
        self._drained: Callable[[], None] | None = None
        self._state = _State.OPEN
        self._timer: asyncio.TimerHandle | None = None
        self._paused = self._behind = self._coming = False
        self._received = self._sent = 0

    @property
    def queued(self) -> int:
        """Bytes written and not yet read by the other end."""
        return self._outbox.size

    @property
    def is_open(self) -> bool:
        """Whether a write can still reach the other end."""
        return self._state is _State.OPEN

    @property
    def statistics(self) -> LinkStatistics:
        """Return the counters."""
        return LinkStatistics(self._received, self._sent, self._outbox.size)

    def write(self, data: bytes) -> None:
        """See `Carrier`."""
        if self._state is not _State.OPEN or not data:
            return
        self._outbox.put(data)
        self._judge()
        self._schedule()

    def raise_limits(self) -> None:
        """See `Carrier`."""
        self._outbox.raise_limits()

    def call_when_drained(self, callback: Callable[[], None]) -> None:
        """See `Carrier`."""
        if self._outbox.size:
            self._drained = callback
        else:
            self._loop.call_soon(callback)

    def pause(self) -> None:
        """See `Carrier`."""
        self._paused = True

    def resume(self) -> None:
        """See `Carrier`."""
        self._paused = False
        self._other._schedule()

    def close(self, grace: float = CLOSE_SECONDS) -> None:
        """See `Carrier`."""
        if self._state is _State.OPEN:
            self._state = _State.CLOSING
            self._set_timer(grace, self.abort)
            self._schedule()

    def abort(self, error: HPError | None = None) -> None:
        """See `Carrier`."""
        other = self._other
        self._lose(error)
        other._lose(ConnectionLostError("The line broke."))

    def _schedule(self) -> None:
        if not self._coming and self._state is not _State.LOST:
            self._coming = True
            self._loop.call_soon(self._deliver)

    def _deliver(self) -> None:
        self._coming = False
        if self._state is _State.LOST or (self._other._paused and self._outbox.size):
            return
        data = self._take_all()
        if data and self._other._state is _State.OPEN:
            self._other._received += len(data)
            self._other._owner.link_received(self._other, data)
        if self._state is _State.CLOSING and not self._outbox.size:
            self._lose(None)
            self._other._lose(None)

    def _take_all(self) -> bytes:
        pieces = []
        while self._outbox.size:
            pieces.append(bytes(self._outbox.head()))
            self._outbox.drop(len(pieces[-1]))
        data = b"".join(pieces)
        self._sent += len(data)
        if data:
            self._emptied()
        return data

    def _emptied(self) -> None:
        callback, self._drained = self._drained, None
        if callback is not None and self._state is _State.OPEN:
            self._loop.call_soon(callback)
        if self._behind:
            self._behind = False
            if self._state is _State.OPEN:
                self._cancel_timer()
                self._loop.call_soon(self._tell, self._owner.link_caught_up)

    def _judge(self) -> None:
        verdict = self._outbox.judge(self._loop.time())
        if verdict is Verdict.OVER:
            self.abort(TooSlowError("The peer does not read what it is sent.", queued=self._outbox.size))
        elif verdict is Verdict.BEHIND:
            self._set_timer(self._outbox.seconds_left(self._loop.time()), self._judge)
            if not self._behind:
                self._behind = True
                self._loop.call_soon(self._tell, self._owner.link_fell_behind)

    def _tell(self, callback: Callable[["MemoryLink"], None]) -> None:
        if self._state is _State.OPEN:
            callback(self)

    def _lose(self, error: HPError | None) -> None:
        if self._state is not _State.LOST:
            self._state = _State.LOST
            self._cancel_timer()
            self._outbox.clear()
            self._drained = None
            self._loop.call_soon(self._owner.link_lost, self, error)

    def _set_timer(self, seconds: float, callback: Callable[[], None]) -> None:
        self._cancel_timer()
        self._timer = self._loop.call_later(seconds, callback)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def joined(loop: asyncio.AbstractEventLoop, one: LinkOwner, other: LinkOwner) -> tuple[MemoryLink, MemoryLink]:
    """Return the two ends of a new line, the first owned by `one`."""
    ends = MemoryLink(loop, one), MemoryLink(loop, other)
    ends[0]._other, ends[1]._other = ends[1], ends[0]
    return ends
