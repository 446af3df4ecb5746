"""What a link and its owner expect of each other. It knows no socket.

Only `link_received` is called in the middle of the link's own work; every other call comes from the loop, so an owner
may write to all its links in one pass without being called back inside that pass.
"""

from collections.abc import Callable
from typing import Protocol

import msgspec

from hpserver.errors import HPError


class LinkStatistics(msgspec.Struct, frozen=True, gc=False):
    """Bytes of payload received and given to the peer's side since the link began, and bytes waiting now."""

    received: int
    sent: int
    queued: int


class Carrier(Protocol):
    """A link as its owner sees it, whatever carries the bytes."""

    @property
    def queued(self) -> int:
        """Bytes written and not yet taken by the system."""

    @property
    def is_open(self) -> bool:
        """Whether a write can still reach the peer."""

    @property
    def statistics(self) -> LinkStatistics:
        """Return the counters."""

    def write(self, data: bytes) -> None:
        """Send, or queue what cannot leave now. Writing to a link that is closing or lost does nothing.

        What is written inside `link_received` leaves in one piece when it returns.
        """

    def raise_limits(self) -> None:
        """Give the link the queue of a logged-in peer in place of the one before login."""

    def call_when_drained(self, callback: Callable[[], None]) -> None:
        """Call once, from the loop, when nothing waits any more: how a long transfer keeps its pace.

        The newest callback replaces the one before; it is forgotten when the link is lost.
        """

    def pause(self) -> None:
        """Read nothing more until `resume`: the peer is stopped by its own full window."""

    def resume(self) -> None:
        """Read again."""

    def close(self, grace: float = ...) -> None:
        """Send what waits, take leave, and close within `grace` seconds. Safe to repeat."""

    def abort(self, error: HPError | None = None) -> None:
        """Close now; what waits is lost. `link_lost` gets `error`. Safe to repeat."""


class LinkOwner(Protocol):
    """Who is told what happens on a link. No call may block or wait."""

    def link_received(self, link: Carrier, data: bytes) -> None:
        """Take bytes of the peer, cut anywhere."""

    def link_lost(self, link: Carrier, error: HPError | None) -> None:
        """Know that the link is closed, once and last. `error` is None after a leave taken by either side."""

    def link_fell_behind(self, link: Carrier) -> None:
        """Know that the peer does not keep up: send it nothing that it did not ask for."""

    def link_caught_up(self, link: Carrier) -> None:
        """Know that everything queued has left: the peer may be given the present state."""
