"""Who was sent to an identity provider, and is not back yet. Knows no page."""

import hmac
import secrets
import time
from typing import Final

import msgspec

from hpserver.directory.model import IdentityProvider

AWAY_SECONDS: Final = 600.0
"""Between leaving and coming back: a password is typed there, and perhaps a code."""

MAX_AWAY: Final = 4
"""Journeys of one device at a time; of more the oldest begin again."""


class Away(msgspec.Struct, frozen=True):
    """Somebody who was sent elsewhere. `service` is the address they come back to, with a `state` of this journey."""

    device: int
    provider: IdentityProvider
    service: str
    state: str
    until: float
    back: str


class Journeys:
    """Who is elsewhere now. Kept in memory, each taken once: who is cut off begins again."""

    def __init__(self) -> None:
        self._away: dict[str, Away] = {}

    def leave(self, one: Away) -> str:
        """Remember a journey; returns what the browser brings back."""
        now = time.monotonic()
        theirs = [token for token, other in self._away.items() if other.device == one.device]
        over = [token for token, other in self._away.items() if other.until < now]
        for token in {*over, *theirs[: max(0, len(theirs) + 1 - MAX_AWAY)]}:
            del self._away[token]
        token = secrets.token_urlsafe(32)
        self._away[token] = one
        return token

    def take(self, token: str, state: str, device: int) -> Away | None:
        """Return the journey that a browser ends: its own, from the same device, in time and for the first time."""
        one = self._away.pop(token, None)
        if one is None or one.device != device or one.until < time.monotonic():
            return None
        return one if hmac.compare_digest(one.state.encode(), state.encode()) else None
