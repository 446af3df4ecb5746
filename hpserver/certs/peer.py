"""From a peer's certificate to a device's identity, or the cause of refusal. It knows no socket and no clock.

OpenSSL has accepted the certificate in the handshake by looser rules than ours; here every connection meets the
house's own profile, then a second verifier. Date and revocation are asked anew each time.
"""

import contextlib
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509 import verification
from cryptography.x509.oid import ExtendedKeyUsageOID, ExtensionOID, SignatureAlgorithmOID

from hpserver.certs.authority import LEAF_USAGE, account_of, read_device_uri
from hpserver.certs.revocation import RevokedSerials
from hpserver.errors import CertificateRefusedError, ConfigurationError

MAX_CERTIFICATE = 4096  # bytes: a device's has about 650
MAX_KNOWN = 20_000  # verdicts kept, about 600 bytes each: one per connection a process can hold

_Kind = TypeVar("_Kind", bound=x509.ExtensionType)

_PROFILE = frozenset(
    {
        ExtensionOID.BASIC_CONSTRAINTS,
        ExtensionOID.KEY_USAGE,
        ExtensionOID.EXTENDED_KEY_USAGE,
        ExtensionOID.SUBJECT_ALTERNATIVE_NAME,
        ExtensionOID.SUBJECT_KEY_IDENTIFIER,
        ExtensionOID.AUTHORITY_KEY_IDENTIFIER,
    }
)
_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.ExtensionNotFound,
    x509.UnsupportedGeneralNameType,
    CryptographyDeprecationWarning,  # an exception where warnings are errors, and in its next releases
)


class PeerKind(StrEnum):
    """What a certificate speaks for."""

    DEVICE = "device"


@dataclass(frozen=True, slots=True)
class Peer:
    """Who is at the other end: the device `device` of the account of domain `account`.

    `thumbprint` is the SHA-256 of the certificate (32 bytes): tickets are bound to it.
    """

    thumbprint: bytes
    serial: int
    kind: PeerKind
    account: str
    device: str


@dataclass(frozen=True, slots=True)
class _Verdict:
    """A certificate that met the profile, and when it may be used: the overlap with its issuer's life."""

    peer: Peer
    start: datetime
    end: datetime


class Peers:
    """Identifies the devices of one account, from their certificates.

    `intermediates` are the account's: one, or two while one replaces the other. A verdict is kept by thumbprint, so
    that a device that comes back costs microseconds. One thread asks.

    Raises:
        ConfigurationError: no intermediate, or intermediates of several accounts.
    """

    def __init__(self, intermediates: Sequence[x509.Certificate]) -> None:
        accounts = {account_of(one) for one in intermediates}
        if len(accounts) != 1:
            raise ConfigurationError("Devices are identified by the intermediates of one account.")
        self.account = accounts.pop()
        self._intermediates = tuple(intermediates)
        self._store = verification.Store([_anchor(one) for one in intermediates])
        self._known: dict[bytes, _Verdict] = {}

    def identify(self, der: bytes, *, now: datetime, revoked: RevokedSerials) -> Peer:
        """Return who holds the certificate `der` (as the handshake gives it); `now` is aware.

        Raises:
            CertificateRefusedError: `cause` is `malformed`, `weak_key`, `weak_signature`, `wrong_profile`,
                `authority`, `wrong_usage`, `foreign_issuer`, `foreign_account`, `not_yet_valid`, `expired`,
                `revoked` or `unverified` (the second verifier refused what the profile accepted); `serial` is
                given in hexadecimal once it could be read.
        """
        if len(der) > MAX_CERTIFICATE:
            raise _refused("malformed")
        thumbprint = hashlib.sha256(der).digest()
        verdict = self._known.get(thumbprint)
        if verdict is not None:
            _check_today(verdict, now, revoked)
            return verdict.peer
        certificate = _read(der)
        verdict = self._judge(certificate, thumbprint)
        _check_today(verdict, now, revoked)
        self._verify_again(certificate, now)
        self._keep(thumbprint, verdict)
        return verdict.peer

    def _judge(self, certificate: x509.Certificate, thumbprint: bytes) -> _Verdict:
        serial = certificate.serial_number
        if serial <= 0:  # RFC 5280
            raise _refused("malformed", serial)
        with _malformed_unless_read(serial):
            _check_key(certificate)
            _check_profile(certificate)
            account, device = _check_name(certificate)
        issuer = self._issuer_of(certificate)
        if account != self.account:
            raise _refused("foreign_account", serial)
        return _Verdict(
            Peer(thumbprint, serial, PeerKind.DEVICE, account, device),
            max(certificate.not_valid_before_utc, issuer.not_valid_before_utc),
            min(certificate.not_valid_after_utc, issuer.not_valid_after_utc),
        )

    def _issuer_of(self, certificate: x509.Certificate) -> x509.Certificate:
        for intermediate in self._intermediates:
            with contextlib.suppress(ValueError, TypeError, InvalidSignature):
                certificate.verify_directly_issued_by(intermediate)
                return intermediate
        raise _refused("foreign_issuer", certificate.serial_number)

    def _verify_again(self, certificate: x509.Certificate, now: datetime) -> None:
        verifier = verification.PolicyBuilder().store(self._store).time(now).build_client_verifier()
        try:
            verifier.verify(certificate, [])
        except verification.VerificationError as error:
            raise _refused("unverified", certificate.serial_number) from error

    def _keep(self, thumbprint: bytes, verdict: _Verdict) -> None:
        if len(self._known) >= MAX_KNOWN:
            del self._known[next(iter(self._known))]  # the oldest
        self._known[thumbprint] = verdict


def _refused(cause: str, serial: int | None = None) -> CertificateRefusedError:
    text = "The device's certificate is not accepted."
    if serial is None:
        return CertificateRefusedError(text, cause=cause)
    return CertificateRefusedError(text, cause=cause, serial=f"{serial:x}")


@contextlib.contextmanager
def _malformed_unless_read(serial: int | None = None) -> Iterator[None]:
    """Certificates come from outside, and `cryptography` reads their fields when asked."""
    try:
        yield
    except _UNREADABLE as error:
        raise _refused("malformed", serial) from error


def _read(der: bytes) -> x509.Certificate:
    with _malformed_unless_read():
        return x509.load_der_x509_certificate(der)


def _check_today(verdict: _Verdict, now: datetime, revoked: RevokedSerials) -> None:
    if now < verdict.start:
        raise _refused("not_yet_valid", verdict.peer.serial)
    if now >= verdict.end:
        raise _refused("expired", verdict.peer.serial)
    if verdict.peer.serial in revoked:
        raise _refused("revoked", verdict.peer.serial)


def _check_key(certificate: x509.Certificate) -> None:
    try:
        key = certificate.public_key()
    except UnsupportedAlgorithm as error:
        raise _refused("weak_key", certificate.serial_number) from error
    if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
        raise _refused("weak_key", certificate.serial_number)
    if certificate.signature_algorithm_oid != SignatureAlgorithmOID.ECDSA_WITH_SHA256:
        raise _refused("weak_signature", certificate.serial_number)


def _check_profile(certificate: x509.Certificate) -> None:
    """Every extension of the profile, each once, as the house writes it, and no other."""
    serial, extensions = certificate.serial_number, certificate.extensions
    constraints = _find(certificate, x509.BasicConstraints)
    if constraints.value.ca:
        raise _refused("authority", serial)
    if list(_find(certificate, x509.ExtendedKeyUsage).value) != [ExtendedKeyUsageOID.CLIENT_AUTH]:
        raise _refused("wrong_usage", serial)
    usage = _find(certificate, x509.KeyUsage)
    if usage.value != LEAF_USAGE:
        raise _refused("wrong_usage", serial)
    if {one.oid for one in extensions} != _PROFILE or not (constraints.critical and usage.critical):
        raise _refused("wrong_profile", serial)


def _check_name(certificate: x509.Certificate) -> tuple[str, str]:
    names = list(_find(certificate, x509.SubjectAlternativeName).value)
    if len(names) == 1 and isinstance(names[0], x509.UniformResourceIdentifier):
        device = read_device_uri(names[0].value)
        if device is not None:
            return device
    raise _refused("wrong_profile", certificate.serial_number)


def _find(certificate: x509.Certificate, kind: type[_Kind]) -> x509.Extension[_Kind]:
    try:
        return certificate.extensions.get_extension_for_class(kind)
    except x509.ExtensionNotFound as error:
        raise _refused("wrong_profile", certificate.serial_number) from error


def _anchor(intermediate: x509.Certificate) -> x509.Certificate:
    """Return the intermediate as a trust anchor (a name and a key) the second verifier can work with.

    It does not know constraints on URIs, and refuses every URI below one. They are checked by OpenSSL in the
    handshake and by the profile; every other extension is kept. Nobody checks the signature of an anchor.
    """
    builder = (
        x509.CertificateBuilder()
        .subject_name(intermediate.subject)
        .issuer_name(intermediate.subject)
        .public_key(intermediate.public_key())
        .serial_number(intermediate.serial_number)
        .not_valid_before(intermediate.not_valid_before_utc)
        .not_valid_after(intermediate.not_valid_after_utc)
    )
    for extension in intermediate.extensions:
        value = extension.value
        if isinstance(value, x509.NameConstraints):
            value = _without_uris(value)
        builder = builder.add_extension(value, extension.critical)
    return builder.sign(ec.generate_private_key(ec.SECP256R1()), hashes.SHA256())


def _without_uris(constraints: x509.NameConstraints) -> x509.NameConstraints:
    permitted = constraints.permitted_subtrees or ()
    others = [name for name in permitted if not isinstance(name, x509.UniformResourceIdentifier)]
    return x509.NameConstraints(others or None, constraints.excluded_subtrees)
