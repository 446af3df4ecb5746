"""What waits to be sent on one link, and how much may wait for how long. It knows bytes and limits, no socket.

A peer over the soft limit is behind: it is not waited for, it is brought up to date later. A peer over the soft limit
for `OUTPUT_SOFT_SECONDS`, or over the hard one, is over: its link is closed.
"""

import enum
from collections import deque
from typing import Final

from hpserver.protocol.limits import OUTPUT_BEFORE_LOGIN, OUTPUT_HARD, OUTPUT_SOFT, OUTPUT_SOFT_SECONDS

BATCH_BYTES: Final = 64 << 10
"""Small writes are joined up to this much: four TLS records."""

_TICK: Final = 0.001  # uvloop counts in milliseconds, and may fire within the last one


class Verdict(enum.Enum):
    """How a peer keeps up."""

    OK = enum.auto()
    BEHIND = enum.auto()
    OVER = enum.auto()


class Outbox:
    """A queue of bytes. Empty, it holds no container: an idle link pays for its fields only."""

    __slots__ = ("_hard", "_head", "_over_since", "_parts", "_soft", "size")

    def __init__(self) -> None:
        self._soft = self._hard = OUTPUT_BEFORE_LOGIN
        self._head: memoryview | bytes | None = None
        self._parts: deque[bytes] | None = None
        self._over_since: float | None = None
        self.size = 0

    def raise_limits(self) -> None:
        """Apply the limits of a logged-in peer."""
        self._soft, self._hard = OUTPUT_SOFT, OUTPUT_HARD

    def put(self, data: bytes) -> None:
        """Queue bytes; `judge` says afterwards whether that was too much."""
        if self._parts is None:
            self._parts = deque()
        self._parts.append(data)
        self.size += len(data)

    def head(self) -> memoryview | bytes:
        """Return the next bytes to send: the same ones until `drop`, as TLS asks after a refused write."""
        if self._head is None:
            self._head = self._batch()
        return self._head

    def drop(self, count: int) -> None:
        """Forget `count` bytes of the head: they were sent."""
        head = self.head()
        self.size -= count
        self._head = memoryview(head)[count:] if count < len(head) else None
        if not self.size:
            self._parts = self._over_since = None

    def clear(self) -> None:
        """Forget everything: nobody will read it."""
        self._head = self._parts = self._over_since = None
        self.size = 0

    def judge(self, now: float) -> Verdict:
        """Return how the peer keeps up at `now` (seconds of a monotonic clock)."""
        if self.size > self._hard:
            return Verdict.OVER
        if self.size <= self._soft:
            self._over_since = None
            return Verdict.OK
        if self._over_since is None:
            self._over_since = now
        return Verdict.OVER if now - self._over_since >= OUTPUT_SOFT_SECONDS else Verdict.BEHIND

    def seconds_left(self, now: float) -> float:
        """Return how long a peer that is behind at `now` has until it is over; never 0, since timers fire early."""
        since = now if self._over_since is None else self._over_since
        return max(_TICK, since + OUTPUT_SOFT_SECONDS - now)

    def _batch(self) -> bytes:
        parts = self._parts
        if not parts:
            return b""
        first = parts.popleft()
        if not parts or len(first) >= BATCH_BYTES:
            return first
        batch, total = [first], len(first)
        while parts and total + len(parts[0]) <= BATCH_BYTES:
            part = parts.popleft()
            batch.append(part)
            total += len(part)
        return b"".join(batch)
