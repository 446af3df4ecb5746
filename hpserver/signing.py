"""The signer as controllers and `hp` see it: asked over its socket. It knows no key."""

import asyncio
from pathlib import Path
from typing import Any, Final

from hpserver.certs.param_client import ParamClient
from hpserver.errors import BusyError, ConnectionLostError, DeadlineExceededError, HPError, UnexpectedMessageError
from hpserver.hosting.devices import Certified
from hpserver.hosting.issuing import Issuing, unsigned
from hpserver.net.hub import HubLink, dial_hub
from hpserver.protocol import internal
from hpserver.protocol.refusal import error_of

RETURN_SECONDS: Final = 2.0
"""How long a signer that is started again may be away: it is back after 0.5 s the first time."""

LOOK_SECONDS: Final = 0.05
"""Between two looks at whether it is back."""

SIGN_SECONDS: Final = 10.0
"""How long a signature may take: its turn, the disk, and a millisecond."""


class RemoteIssuing:
    """Has the signer sign: see `Issuing`. A line for each signature: there are few, and none outlives a restart.

    A signer that is not there is waited for during `patience` seconds.
    """

    def __init__(self, path: Path, *, role: str, name: str, patience: float = 0.0) -> None:
        self._path, self._role, self._name, self._patience = path, role, name, patience

    async def enrol(self, account: str, ticket: bytes, request: bytes, name: str) -> Certified:
        """See `Issuing`."""
        signed = await self._ask(internal.EnrolFor(0, account, ticket, request, name))
        return Certified(signed.device, name, signed.serial, signed.certificates)

    async def renew(self, account: str, certificate: bytes, request: bytes) -> Certified:
        """See `Issuing`."""
        signed = await self._ask(internal.RenewFor(0, account, certificate, request))
        return Certified(signed.device, "", signed.serial, signed.certificates)

    async def certify_servers(self, account: str, *, anew: bool = False) -> None:
        """See `Issuing`."""
        await self._ask(internal.CertifyServers(0, account, anew))

    async def sign_letter(self, account: str, letter: ParamClient) -> bytes:
        """See `Issuing`."""
        return (await self._ask(internal.SignLetter(0, account, unsigned(letter)))).letter

    async def is_there(self) -> bool:
        """Say whether a signer listens."""
        try:
            (await self._dial()).close()
        except ConnectionLostError:
            return False
        return True

    async def _ask(self, wish: internal.Internal) -> internal.Signed:
        try:
            link = await self._reach()
            try:
                signed = await link.request(wish, internal.Signed, SIGN_SECONDS)
            finally:
                link.close()
        except (ConnectionLostError, DeadlineExceededError) as error:
            raise BusyError("Nothing can be signed now: the signer does not answer.", seconds=2) from error
        if signed.failed is not None:
            raise error_of(signed.failed)
        return signed

    async def _reach(self) -> HubLink:
        until = asyncio.get_running_loop().time() + self._patience
        while True:
            try:
                return await self._dial()
            except ConnectionLostError:
                if asyncio.get_running_loop().time() >= until:
                    raise
            await asyncio.sleep(LOOK_SECONDS)

    async def _dial(self) -> HubLink:
        return await dial_hub(self._path, asyncio.get_running_loop(), _Silent(), role=self._role, name=self._name)


def issuing_for(path: Path, account: str) -> RemoteIssuing:
    """Return what a controller has sign; it waits for a signer that is started again."""
    return RemoteIssuing(path, role="controller", name=account, patience=RETURN_SECONDS)


class SignerOrOwn:
    """For `hp` on the host: the signer where one listens, this process's own hand where none does.

    Whoever may run `hp` may read the keys: what the signer keeps them from is what speaks with the network.
    """

    def __init__(self, remote: RemoteIssuing, own: Issuing) -> None:
        self._remote, self._own = remote, own

    async def enrol(self, account: str, ticket: bytes, request: bytes, name: str) -> Certified:
        """See `Issuing`."""
        return await (await self._who()).enrol(account, ticket, request, name)

    async def renew(self, account: str, certificate: bytes, request: bytes) -> Certified:
        """See `Issuing`."""
        return await (await self._who()).renew(account, certificate, request)

    async def certify_servers(self, account: str, *, anew: bool = False) -> None:
        """See `Issuing`."""
        await (await self._who()).certify_servers(account, anew=anew)

    async def sign_letter(self, account: str, letter: ParamClient) -> bytes:
        """See `Issuing`."""
        return await (await self._who()).sign_letter(account, letter)

    async def _who(self) -> Issuing:
        return self._remote if await self._remote.is_there() else self._own


class _Silent:
    """A hub owner with nothing to hear."""

    def hub_joined(self, link: HubLink) -> None:
        """See `HubOwner`."""

    def hub_received(self, link: HubLink, message: internal.AnyInternal, passenger: Any) -> None:
        """See `HubOwner`."""
        if passenger is not None:
            passenger.close()
        raise UnexpectedMessageError(f"{type(message).__name__} answers nothing that was asked of {link.name}.")

    def hub_lost(self, link: HubLink, error: HPError | None) -> None:
        """See `HubOwner`."""
