"""Who is signed in at the console: rows of the directory, found by the digest of a cookie. Knows no page.

A cookie is 256 bits of chance, new at each sign-in, and good on the device that was signed in from alone.
"""

import secrets
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from hpserver.directory.api import Directory
from hpserver.directory.model import Account, ConsoleSession, IdentityProvider, User
from hpserver.errors import NotFoundError
from hpserver.identity.actor import PROOF_SECONDS, Actor
from hpserver.identity.sessions import SessionLimits

TOKEN_BYTES: Final = 32
"""Of a cookie: 256 bits (ASVS 7.2.3 asks for 128)."""

SEEN_SECONDS: Final = 15.0
"""How exactly the last use of a session is kept: a write for each request would be an fsync for each."""

CLOCK_SECONDS: Final = 60.0
"""How far the clock may be put back before sessions of the future are over."""

MAX_AGENT: Final = 200
"""Characters kept of what a browser calls itself."""


class Sessions:
    """The console sessions of one account. `clock` gives Unix seconds."""

    def __init__(self, directory: Directory, account: str, clock: Callable[[], float] = time.time) -> None:
        self._directory, self._account, self._clock = directory, account, clock

    def now(self) -> float:
        """Return the instant, in Unix seconds."""
        return self._clock()

    async def begin(
        self,
        user: int,
        device: int,
        address: str,
        agent: str,
        limits: SessionLimits,
        *,
        provider: int = 0,
        identifier: str = "",
    ) -> str:
        """Begin a session, of the hosting manager when `user` is 0; returns its cookie, kept nowhere.

        Those of the account that are over go, and the oldest of the user beyond how many one may have (ASVS 7.1.2).
        """
        token, now = secrets.token_urlsafe(TOKEN_BYTES), self._clock()
        held = await self.listed()
        over = [one for one in held if _is_over(one, now, limits)]
        theirs = sorted((one for one in held if one.user == user and one not in over), key=lambda one: one.created_at)
        beyond = theirs[: max(0, len(theirs) + 1 - limits.sessions)] if limits.sessions else []
        for one in (*over, *beyond):
            await self.end(one)
        await self._directory.add(
            ConsoleSession(
                hash=digest(token),
                account=self._account,
                user=user,
                device=device,
                created_at=now,
                last_at=now,
                proved_at=now,
                address=address,
                agent=agent[:MAX_AGENT],
                provider=provider,
                identifier=identifier,
            )
        )
        return token

    async def find(self, token: str, device: int, limits: SessionLimits, *, used: bool = True) -> ConsoleSession | None:
        """Return the session of a cookie when it is good on this device today; one that is over goes.

        Without `used` a page asks by itself: nobody did anything, and the session grows no younger (ASVS 7.3.1).
        """
        if not token:
            return None
        found = await self._directory.list(ConsoleSession, hash=digest(token))
        if not found or found[0].account != self._account or found[0].device != device:
            return None
        one, now = found[0], self._clock()
        if _is_over(one, now, limits):
            await self.end(one)
            return None
        if used and now - one.last_at > SEEN_SECONDS:
            return await self._directory.change(ConsoleSession, one.hash, last_at=now)
        return one

    async def prove(self, session: ConsoleSession) -> None:
        """Keep that the password was given again now."""
        await self._directory.change(ConsoleSession, session.hash, proved_at=self._clock())

    async def end(self, session: ConsoleSession) -> None:
        """End a session. Safe when it has ended."""
        try:
            await self._directory.remove(ConsoleSession, session.hash)
        except NotFoundError:
            return

    async def forget(self, token: str) -> None:
        """End the session of a cookie. Safe when it has ended."""
        for one in await self._directory.list(ConsoleSession, hash=digest(token)):
            await self.end(one)

    async def listed(self) -> tuple[ConsoleSession, ...]:
        """Return every session of the account."""
        return await self._directory.list(ConsoleSession, account=self._account)

    async def actor(self, session: ConsoleSession, account: Account, thumbprint: bytes) -> Actor | None:
        """Return who a session is, as the directory has it now; None when they may not use the console any more."""
        proved = self._clock() < session.proved_at + PROOF_SECONDS
        if not session.user:
            return Actor(0, account.number, "manager", proved=proved, thumbprint=thumbprint, device=session.device)
        found = await self._directory.list(User, key=session.user)
        if not found or not may_enter(found[0]) or found[0].password_set_at > session.created_at:
            return None  # with another password, whoever signed in with the one of before signs in again
        user = found[0]
        if session.provider and not await self._is_vouched(session, user):
            return None
        return Actor(user.key, user.login, user.status, proved=proved, thumbprint=thumbprint, device=session.device)

    async def _is_vouched(self, session: ConsoleSession, user: User) -> bool:
        """Whether who vouched for a session still would, for that user, by that name of theirs."""
        found = await self._directory.list(IdentityProvider, key=session.provider)
        return bool(found) and found[0].active and user.cas == session.identifier


def _is_over(one: ConsoleSession, now: float, limits: SessionLimits) -> bool:
    return (
        now > one.created_at + limits.seconds
        or now > one.last_at + limits.idle_seconds
        or now < one.created_at - CLOCK_SECONDS
    )


def may_enter(user: User) -> bool:
    """Whether a user may use the console at all."""
    return user.enabled and user.console and user.status != "user"


def digest(token: str) -> bytes:
    """Return what is kept of a cookie."""
    return sha256(token.encode()).digest()
