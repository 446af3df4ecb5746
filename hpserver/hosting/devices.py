"""Enrolling a device: ticket spent, key proven, certificate signed, device known. It knows no conversation."""

import secrets
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.certs.authority import SERIAL_BYTES, Authority, issue_device, new_serial, thumbprint
from hpserver.certs.requests import read_request
from hpserver.directory import names
from hpserver.directory.api import Directory
from hpserver.directory.model import Device
from hpserver.hosting.keyring import utc_now
from hpserver.identity.tickets import ticket_hash

DEVICE_BYTES = 16
"""Random bytes of a device's name in its certificate: nothing to guess, nothing about its user."""


class Enrolments:
    """The enrolments of one account, signed by its intermediate."""

    def __init__(
        self, directory: Directory, account: str, issuer: Authority, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._directory, self._account, self._issuer, self._clock = directory, account, issuer, clock

    async def enrol(self, ticket: bytes, request: bytes, name: str) -> tuple[Device, tuple[bytes, ...]]:
        """Spend the ticket, then certify the request's public key; the device's chain in DER, leaf first.

        A request that is not sound spends nothing. The ticket is spent, on disk, before anything is signed: of
        several at one instant exactly as many win as it has uses.

        Raises:
            EnrolmentRefusedError: the request is not sound, or the ticket is unknown, spent, late or another's.
            InvalidNameError: the device's name cannot be shown.
        """
        public_key = read_request(request)
        title = names.title(name)
        await self._directory.spend_enrolment(ticket_hash(ticket), self._clock(), self._account)
        serial = new_serial(secrets.token_bytes(SERIAL_BYTES))
        certificate = issue_device(
            self._issuer, public_key, secrets.token_hex(DEVICE_BYTES), serial=serial, now=utc_now()
        )
        device = await self._directory.add(
            Device(account=self._account, name=title, thumbprint=thumbprint(certificate), serial=f"{serial:x}")
        )
        return device, tuple(one.public_bytes(Encoding.DER) for one in (certificate, self._issuer.certificate))
