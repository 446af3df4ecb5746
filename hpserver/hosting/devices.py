"""Certificates of devices: the first, the next, the last. It knows no conversation."""

import secrets
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.certs.authority import (
    SERIAL_BYTES,
    Authority,
    issue_device,
    issued_by,
    new_serial,
    renewal_due,
    thumbprint,
)
from hpserver.certs.peer import Peers
from hpserver.certs.requests import read_request
from hpserver.certs.revocation import RevokedSerials
from hpserver.directory import names
from hpserver.directory.api import Directory
from hpserver.directory.model import Device, Revocation
from hpserver.errors import AlreadyExistsError, CertificateRefusedError, EnrolmentRefusedError, NotFoundError
from hpserver.hosting.keyring import utc_now
from hpserver.identity.tickets import ticket_hash

DEVICE_BYTES = 16
"""Random bytes of a device's name in its certificate: nothing to guess, nothing about its user."""


class Certified(msgspec.Struct, frozen=True):
    """A device, and its certificate with its issuer's, in DER."""

    device: int
    name: str
    serial: str
    chain: tuple[bytes, ...]


class Enrolments:
    """The devices of one account, certified by its intermediate."""

    def __init__(
        self, directory: Directory, account: str, issuer: Authority, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._directory, self._account, self._issuer, self._clock = directory, account, issuer, clock

    async def enrol(self, ticket: bytes, request: bytes, name: str) -> Certified:
        """Spend the ticket, then certify the request's public key.

        A request that is not sound spends nothing. The ticket is spent, on disk, before anything is signed: of
        several at one instant exactly as many win as it has uses.

        Raises:
            EnrolmentRefusedError: the request is not sound, or the ticket is unknown, spent, late or another's.
            InvalidNameError: the device's name cannot be shown.
        """
        public_key = read_request(request)
        title = names.title(name)
        spent = await self._directory.spend_enrolment(ticket_hash(ticket), self._clock(), self._account)
        certificate = issue_device(
            self._issuer, public_key, secrets.token_hex(DEVICE_BYTES), serial=_serial(), now=utc_now()
        )
        row = Device(account=self._account, name=title, console=spent.console, **_facts(certificate))
        device = await self._directory.add(row)
        return self._certified(device, certificate)

    async def renew(self, der: bytes, request: bytes, issuers: list[x509.Certificate]) -> Certified:
        """Certify the key of a device's certificate once more. That one stays good until its own end.

        The request proves that who asks holds the key: who carries it here need not be believed. `issuers` are those
        whose devices the account accepts.

        Raises:
            CertificateRefusedError: the certificate is not that of a device of this account, today.
            EnrolmentRefusedError: the request is not sound or for another key, or it is too early (`not_due`).
        """
        public_key, now = read_request(request), utc_now()
        peer = Peers(issuers).identify(der, now=now, revoked=RevokedSerials.of(await self._revoked()))
        device = await holder(self._directory, self._account, der)
        former = x509.load_der_x509_certificate(der)
        if former.public_key() != public_key:
            raise EnrolmentRefusedError("A certificate is renewed for the key it has.", cause="other_key")
        newest = device.previous_thumbprint != peer.thumbprint
        if newest and not renewal_due(former, now) and issued_by(former, self._issuer.certificate):
            raise EnrolmentRefusedError("It is too early to renew this certificate.", cause="not_due")
        certificate = issue_device(self._issuer, public_key, peer.device, serial=_serial(), now=now)
        device = await self._directory.change(
            Device,
            device.key,
            previous_thumbprint=peer.thumbprint,
            previous_serial=f"{peer.serial:x}",
            **_facts(certificate),
        )
        return self._certified(device, certificate)

    async def _revoked(self) -> list[int]:
        return [int(one.serial, 16) for one in await self._directory.list(Revocation, account=self._account)]

    def _certified(self, device: Device, certificate: x509.Certificate) -> Certified:
        chain = tuple(one.public_bytes(Encoding.DER) for one in (certificate, self._issuer.certificate))
        return Certified(device.key, device.name, device.serial, chain)


async def holder(directory: Directory, account: str, der: bytes) -> Device:
    """Return the device that holds a certificate. Raises CertificateRefusedError when none does, or it is revoked."""
    found = await find_device(directory, account, sha256(der).digest())
    if found is None or found.revoked_at:
        raise CertificateRefusedError("The device is not known here.", cause="unknown_device")
    return found


async def find_device(directory: Directory, account: str, thumb: bytes) -> Device | None:
    """Return the device with that certificate, its newest or the one before, revoked or not."""
    found = await directory.list(Device, account=account, thumbprint=thumb)
    found = found or await directory.list(Device, account=account, previous_thumbprint=thumb)
    return found[0] if found else None


async def named_device(directory: Directory, account: str, number_or_serial: str) -> Device:
    """Return a device by its number, or by the serial of a certificate of its in hexadecimal. Raises NotFoundError."""
    wanted = number_or_serial.strip().lower().removeprefix("0x").lstrip("0")
    for one in await directory.list(Device, account=account):
        if wanted in {str(one.key), one.serial, one.previous_serial} - {""}:
            return one
    raise NotFoundError(f"there is no device with the number or serial {number_or_serial!r}", device=number_or_serial)


async def revoke(directory: Directory, device: Device, now: float, reason: str = "") -> tuple[bytes, ...]:
    """Trust a device no longer: every certificate it has, for ever; the thumbprints whose sessions are to be closed."""
    serials = [one for one in (device.serial, device.previous_serial) if one]
    for serial in serials:
        try:
            await directory.add(Revocation(serial=serial, account=device.account, at=now, reason=reason))
        except AlreadyExistsError:
            continue
    await directory.change(Device, device.key, revoked_at=device.revoked_at or now)
    return tuple(one for one in (device.thumbprint, device.previous_thumbprint) if one)


def _serial() -> int:
    return new_serial(secrets.token_bytes(SERIAL_BYTES))


def _facts(certificate: x509.Certificate) -> dict[str, Any]:
    return {
        "thumbprint": thumbprint(certificate),
        "serial": f"{certificate.serial_number:x}",
        "expires": certificate.not_valid_after_utc.timestamp(),
    }
