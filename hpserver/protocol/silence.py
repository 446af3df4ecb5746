"""How long a peer has been silent, and what that calls for. Knows figures of time; no clock and no message."""

from enum import Enum

from hpserver.protocol.limits import MISSED_PINGS, PING_SECONDS


class Idle(Enum):
    """What silence calls for."""

    FINE = "nothing"
    PINGED = "a Ping waits to be sent"
    DEAD = "the peer is gone: close"


class Silence:
    """Counts from the last thing heard: a Ping after each `PING_SECONDS`, the end after `MISSED_PINGS` of them."""

    __slots__ = ("_heard_at", "pings")

    def __init__(self, now: float) -> None:
        self._heard_at = now
        self.pings = 0

    def heard(self, now: float) -> None:
        """Count anew: the peer spoke, or could not."""
        self._heard_at = now
        self.pings = 0

    def verdict(self, now: float) -> Idle:
        """Return what to do; PINGED counts as done."""
        if now - self._heard_at < PING_SECONDS * (self.pings + 1):
            return Idle.FINE
        if self.pings >= MISSED_PINGS:
            return Idle.DEAD
        self.pings += 1
        return Idle.PINGED
