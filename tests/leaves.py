"""Device certificates made by hand, good or bad, for tests of what must be refused."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hpserver.certs.authority import LEAF_USAGE, Authority
from hpserver.certs.requests import make_key

NOW = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH

AnyKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey | dsa.DSAPublicKey


@dataclass(frozen=True)
class Leaf:
    """The recipe of a leaf: good as it stands, bad by `replace`. An extension that is None is left out."""

    key: AnyKey = field(default_factory=lambda: make_key().public_key())
    start: datetime = NOW - DAY
    end: datetime = NOW + 89 * DAY
    serial: int = 0x123ABC
    subject: str = "device poste-1"
    basic: x509.BasicConstraints | None = field(default_factory=lambda: x509.BasicConstraints(False, None))
    basic_critical: bool = True
    usage: x509.KeyUsage | None = LEAF_USAGE
    usage_critical: bool = True
    purposes: tuple[x509.ObjectIdentifier, ...] | None = (CLIENT,)
    names: tuple[x509.GeneralName, ...] | None = (
        x509.UniformResourceIdentifier("hp://monecole.example/device/poste-1"),
    )
    subject_identifier: bool = True
    authority_identifier: bool = True
    more: tuple[x509.ExtensionType, ...] = ()
    more_critical: bool = False

    def made_for(self, key: AnyKey, start: datetime, end: datetime) -> "Leaf":
        """Return the same recipe for this key and these dates."""
        return replace(self, key=key, start=start, end=end)

    def signed(self, issuer: Authority, algorithm: hashes.HashAlgorithm | None = None) -> bytes:
        """Return the certificate, DER."""
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.subject)])
        builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer.certificate.subject)
        builder = builder.public_key(self.key).serial_number(self.serial)
        builder = builder.not_valid_before(self.start).not_valid_after(self.end)
        for extension, critical in self._extensions(issuer):
            builder = builder.add_extension(extension, critical)
        return builder.sign(issuer.key, algorithm or hashes.SHA256()).public_bytes(Encoding.DER)  # type: ignore[arg-type]  # any hash, on purpose

    def _extensions(self, issuer: Authority) -> list[tuple[x509.ExtensionType, bool]]:
        found: list[tuple[x509.ExtensionType | None, bool]] = [
            (self.basic, self.basic_critical),
            (self.usage, self.usage_critical),
            (None if self.purposes is None else x509.ExtendedKeyUsage(self.purposes), False),
            (None if self.names is None else x509.SubjectAlternativeName(self.names), False),
            (x509.SubjectKeyIdentifier.from_public_key(self.key) if self.subject_identifier else None, False),
            (
                x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
                if self.authority_identifier
                else None,
                False,
            ),
            *((extension, self.more_critical) for extension in self.more),
        ]
        return [(extension, critical) for extension, critical in found if extension is not None]
