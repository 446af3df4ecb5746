"""What an account's certificates are, and when they end. It knows no screen."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from hpserver.certs.authority import LEAF_LIFE, issued_by, overlap_end
from hpserver.certs.files import load_certificates
from hpserver.directory.api import Directory
from hpserver.directory.model import Account, Device, Revocation
from hpserver.hosting.keyring import Keyring

ROOT_WARNING: Final = timedelta(days=365)
"""A new root is carried to every workstation: a school year."""

INTERMEDIATE_WARNING: Final = 2 * LEAF_LIFE
"""Leaves end with their issuer: 90 days before its end it makes shorter ones, and as many are left to act."""

SERVER_WARNING: Final = timedelta(days=21)
"""Servers renew by themselves 30 days before the end: later, something keeps them from it."""

DEVICE_WARNING: Final = timedelta(days=14)
"""Devices renew at any sign-in of their last 30 days: these were not seen for a while."""


class Ending(msgspec.Struct, frozen=True):
    """Something that ends: what it is, until when (ISO 8601, UTC)."""

    what: str
    until: str


class Standing(msgspec.Struct, frozen=True):
    """The certificates of an account; `devices` counts those that may come in, `revoked` the serials refused."""

    root: Ending
    root_sha256: str
    intermediates: tuple[Ending, ...]
    overlap_until: str
    server: Ending
    server_names: tuple[str, ...]
    devices: int
    of_former: int
    ending: tuple[Ending, ...]
    expired: int
    revoked: int


async def standing(directory: Directory, keyring: Keyring, account: Account, now: datetime) -> Standing:
    """Read how the certificates of an account are. Raises ConfigurationError when a file is missing."""
    root, issuers = keyring.root(), keyring.intermediates(account.number)
    server = _server(keyring, account)
    devices = [one for one in await directory.list(Device, account=account.number) if not one.revoked_at]
    live = [one for one in devices if not one.expires or one.expires > now.timestamp()]
    former_end = overlap_end(issuers[0])
    names = server.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return Standing(
        root=Ending("root", _until(root)),
        root_sha256=root.fingerprint(hashes.SHA256()).hex(),
        intermediates=tuple(Ending(f"{one.serial_number:x}", _until(one)) for one in issuers),
        overlap_until=former_end.isoformat() if len(issuers) > 1 else "",
        server=Ending("server" if issued_by(server, issuers[0]) else "server of a former intermediate", _until(server)),
        server_names=tuple(str(one) for one in names.get_values_for_type(x509.DNSName)),
        devices=len(live),
        of_former=sum(0 < one.expires < former_end.timestamp() for one in live) if len(issuers) > 1 else 0,
        ending=tuple(Ending(one.name, _at(one.expires)) for one in _soon(live, now)),
        expired=len(devices) - len(live),
        revoked=len(await directory.list(Revocation, account=account.number)),
    )


async def warnings_of(directory: Directory, keyring: Keyring, account: Account, now: datetime) -> list[Ending]:
    """What of an account ends so soon that a person must act. Raises ConfigurationError when a file is missing."""
    root, issuer, server = keyring.root(), keyring.intermediates(account.number)[0], _server(keyring, account)
    bounds = (("root", root, ROOT_WARNING), ("intermediate", issuer, INTERMEDIATE_WARNING))
    found = [Ending(what, _until(one)) for what, one, notice in bounds if one.not_valid_after_utc - now < notice]
    if server.not_valid_after_utc - now < SERVER_WARNING:
        found.append(Ending("server", _until(server)))
    devices = [one for one in await directory.list(Device, account=account.number) if not one.revoked_at]
    return [*found, *(Ending(f"device {one.key}", _at(one.expires)) for one in _soon(devices, now))]


def _server(keyring: Keyring, account: Account) -> x509.Certificate:
    return load_certificates(keyring.server_files(account.number)[0])[0]


def _soon(devices: Sequence[Device], now: datetime) -> list[Device]:
    late = (now + DEVICE_WARNING).timestamp()
    return [one for one in devices if now.timestamp() < one.expires < late]


def _until(certificate: x509.Certificate) -> str:
    return certificate.not_valid_after_utc.isoformat()


def _at(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat()
