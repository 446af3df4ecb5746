"""Whatever an account's intermediate signs, behind one door: here by the key itself. It knows no socket."""

import time
from collections.abc import Callable
from typing import Protocol

import msgspec

from hpserver.certs.param_client import ParamClient, pem, write_param_client
from hpserver.directory.api import Directory
from hpserver.directory.model import Account, Planning
from hpserver.errors import ConfigurationError
from hpserver.hosting.devices import Certified, Enrolments
from hpserver.hosting.keyring import Keyring, server_names, utc_now


class Issuing(Protocol):
    """Who signs for accounts: the signer, asked over its socket, or this process. Every call may raise BusyError."""

    async def enrol(self, account: str, ticket: bytes, request: bytes, name: str) -> Certified:
        """See `Enrolments.enrol`."""

    async def renew(self, account: str, certificate: bytes, request: bytes) -> Certified:
        """See `Enrolments.renew`."""

    async def certify_servers(self, account: str, *, anew: bool = False) -> None:
        """See that the servers of the account have a certificate for every name they have now; `anew`: another one."""

    async def sign_letter(self, account: str, letter: ParamClient) -> bytes:
        """Return the file of a `ParamClient`, signed."""


class OwnIssuing:
    """Signs with the key: the signer does, and `hp` where none runs. It is read for each signature, and not kept."""

    def __init__(self, directory: Directory, keyring: Keyring, *, clock: Callable[[], float] = time.time) -> None:
        self._directory, self._keyring, self._clock = directory, keyring, clock

    async def enrol(self, account: str, ticket: bytes, request: bytes, name: str) -> Certified:
        """See `Issuing`."""
        return await self._enrolments(account).enrol(ticket, request, name)

    async def renew(self, account: str, certificate: bytes, request: bytes) -> Certified:
        """See `Issuing`."""
        issuers = self._keyring.intermediates(account)
        return await self._enrolments(account).renew(certificate, request, issuers)

    async def certify_servers(self, account: str, *, anew: bool = False) -> None:
        """See `Issuing`."""
        found = await self._directory.get(Account, account)
        plannings = await self._directory.list(Planning, account=account)
        named, domains = (one.name for one in plannings), (one.domain for one in plannings)
        wanted = server_names(found.zone, named, domains, found.domain)
        self._keyring.ensure_server(account, wanted, utc_now(), anew=anew)

    async def sign_letter(self, account: str, letter: ParamClient) -> bytes:
        """See `Issuing`. A letter that speaks for another account or root is not signed: ConfigurationError."""
        zone = (await self._directory.get(Account, account)).zone
        if (letter.account, letter.server_name) != (account, zone):
            raise ConfigurationError("A ParamClient file speaks for the account that signs it.", account=account)
        issuer = self._keyring.issuer(account)
        told = msgspec.structs.replace(letter, root=pem(self._keyring.root()), chain=pem(issuer.certificate))
        return write_param_client(told, issuer)

    def _enrolments(self, account: str) -> Enrolments:
        return Enrolments(self._directory, account, self._keyring.issuer(account), clock=self._clock)


def unsigned(letter: ParamClient) -> bytes:
    """Return a letter as it travels to who signs it."""
    return msgspec.json.encode(letter)


def read_unsigned(data: bytes) -> ParamClient:
    """Read what `unsigned` gave. Raises ConfigurationError."""
    try:
        return msgspec.json.decode(data, type=ParamClient)
    except msgspec.MsgspecError as error:
        raise ConfigurationError(f"This is not a ParamClient file: {error}") from error
