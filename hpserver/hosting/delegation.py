"""Delegated sign-in of an account: which identity providers are active, and whom they vouch for. It decides nothing."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from hpserver.directory import model
from hpserver.directory.api import Directory
from hpserver.directory.model import IdentityProvider
from hpserver.errors import BusyError, NotAllowedError
from hpserver.hosting.cas import Cas

MAX_ASKED: Final = 4
"""Questions to the identity providers of one account at a time; a fifth person is told to come back."""

BUSY_SECONDS: Final = 5


class Delegate(Protocol):
    """One identity provider, by its protocol. `back` is where the browser comes back to, ours to the letter."""

    def leave(self, back: str) -> str:
        """Return the address that the browser is sent to."""

    async def identify(self, answered: Mapping[str, str], back: str) -> str:
        """Return whom the provider vouches for, by what the browser brought back.

        Raises NotVouchedError: nobody; ProviderUnreachableError: it could not be asked.
        """


DELEGATES: Final[dict[model.Delegate, Callable[[IdentityProvider], Delegate]]] = {"cas": Cas}
"""How each protocol is spoken."""


class Delegation:
    """The active providers of one account, as they were when it was refreshed."""

    def __init__(self, directory: Directory, account: str) -> None:
        self._directory, self._account = directory, account
        self._delegates: dict[int, Delegate] = {}
        self._slots = asyncio.Semaphore(MAX_ASKED)
        self.active: tuple[IdentityProvider, ...] = ()

    async def refresh(self) -> None:
        """Read them again."""
        found = await self._directory.list(IdentityProvider, account=self._account, active=1)
        if found != self.active:
            self.active, self._delegates = found, {}

    def provider(self, key: int) -> IdentityProvider | None:
        """Return an active provider, or None."""
        return next((one for one in self.active if one.key == key), None)

    async def stands(self, provider: IdentityProvider) -> bool:
        """Whether a provider is still active, and configured as it was: asking it took time."""
        return await self._directory.list(IdentityProvider, key=provider.key) == (provider,)

    def refuse_password(self, status: str) -> None:
        """Refuse a right password of ours to a user who must come in by a provider now. Raises NotAllowedError."""
        if status != "superadmin" and any(one.local == "superadmins" for one in self.active):
            names = ", ".join(one.name for one in self.active)
            raise NotAllowedError(f"Passwords of this server are for superadministrators now: sign in with {names}.")

    def leave(self, provider: IdentityProvider, back: str) -> str:
        """See `Delegate`."""
        return self._delegate(provider).leave(back)

    async def identify(self, provider: IdentityProvider, answered: Mapping[str, str], back: str) -> str:
        """See `Delegate`. Raises BusyError when too many are asked about."""
        if self._slots.locked():
            raise BusyError("Too many people sign in elsewhere at this moment.", seconds=BUSY_SECONDS)
        async with self._slots:
            return await self._delegate(provider).identify(answered, back)

    def _delegate(self, provider: IdentityProvider) -> Delegate:
        found = self._delegates.get(provider.key)
        if found is None:
            found = self._delegates[provider.key] = DELEGATES[provider.protocol](provider)
        return found
