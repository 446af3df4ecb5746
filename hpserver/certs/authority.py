"""The house CA: root, one issuing intermediate per account, and their leaves. It knows no file and no socket.

A device is named by `hp://<account domain>/device/<device key>`. The URI has a host on purpose: a name
constraint on URIs looks at the host alone (RFC 5280, 4.2.1.10), so an account's intermediate is held to its own
devices by the certificate itself; a `urn:` has no host, and OpenSSL refuses it under any URI constraint.
"""

import ipaddress
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from hpserver.errors import ConfigurationError, EnrolmentRefusedError, InvalidNameError

ROOT_LIFE = timedelta(days=3652)  # 10 years: its key sleeps offline, devices pin it
INTERMEDIATE_LIFE = timedelta(days=1096)  # 3 years
LEAF_LIFE = timedelta(days=90)  # an online renewal is possible from day 60
RENEWAL_AGE = timedelta(days=60)
BACKDATE = timedelta(minutes=5)  # clocks of school machines drift
SERIAL_BYTES = 20  # RFC 5280: at most 20 octets, positive: 159 bits
MAX_ROOT_NAME = 64  # X.520, common name; `cryptography` counts bytes
MAX_DOMAIN = 200  # leaves room in 253 characters (RFC 1035) for the labels of servers below it
MAX_DEVICE_KEY = 48  # with its prefix, below the 64 characters X.520 allows a common name

_SCHEME = "hp"
_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_DEVICE_KEY = re.compile(rf"[A-Za-z0-9_-]{{1,{MAX_DEVICE_KEY}}}")
_DEVICE_URI = re.compile(rf"{_SCHEME}://(?P<account>[a-z0-9.-]{{1,{MAX_DOMAIN}}})/device/(?P<device>[A-Za-z0-9_-]+)")

_Network = ipaddress.IPv4Network | ipaddress.IPv6Network


def _key_usage(*, leaf: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=leaf,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=not leaf,
        crl_sign=not leaf,
        encipher_only=False,
        decipher_only=False,
    )


LEAF_USAGE = _key_usage(leaf=True)  # a leaf signs handshakes
AUTHORITY_USAGE = _key_usage(leaf=False)  # an authority signs certificates, and lists of revoked ones


@dataclass(frozen=True, slots=True)
class Authority:
    """A CA certificate with its private key: the root, or the intermediate of one account."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey


def new_serial(chance: bytes) -> int:
    """Return the 159-bit positive serial made of 20 random bytes.

    Raises:
        ValueError: `chance` is not 20 bytes, or all its bits are zero.
    """
    serial = int.from_bytes(chance, "big") >> 1
    if len(chance) != SERIAL_BYTES or serial == 0:
        raise ValueError(f"A serial is made of {SERIAL_BYTES} random bytes.")
    return serial


def create_root(name: str, now: datetime) -> Authority:
    """Return a new root (P-384, 10 years) that may sign intermediates and nothing else.

    `name` is the installation's; `now` is aware. The key is drawn by OpenSSL.

    Raises:
        InvalidNameError: the name is not 1 to 64 bytes of UTF-8.
    """
    if not 1 <= len(name.encode()) <= MAX_ROOT_NAME:
        raise InvalidNameError("The name of an installation has 1 to 64 bytes.", name=name[:MAX_ROOT_NAME])
    key = ec.generate_private_key(ec.SECP384R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = _started(subject, subject, key.public_key(), x509.random_serial_number(), now, now + ROOT_LIFE)
    builder = _for_ca(builder, path_length=1)
    builder = _identified(builder, key.public_key(), key.public_key())
    return Authority(builder.sign(key, hashes.SHA384()), key)


def create_intermediate(root: Authority, domain: str, now: datetime, *, hosts: Sequence[str] = ()) -> Authority:
    """Return the issuing intermediate (P-256, 3 years, path length 0) of the account of `domain`.

    It is constrained to DNS names at or below `domain` and URIs on `domain`. `hosts` are the other host names
    and IP addresses by which this account's servers are reached (a school without DNS, a loopback test).

    Raises:
        InvalidNameError: the domain, or a host, is not a lower-case host name (or an IP address, for a host).
        ConfigurationError: the root is not valid now.
    """
    _check_domain(domain)
    _check_in_life(root.certificate, now)
    key = ec.generate_private_key(ec.SECP256R1())
    end = min(now + INTERMEDIATE_LIFE, root.certificate.not_valid_after_utc)
    builder = _started(
        _account_name(domain),
        root.certificate.subject,
        key.public_key(),
        x509.random_serial_number(),
        now,
        end,
    )
    builder = _for_ca(builder, path_length=0)
    builder = builder.add_extension(_constraints(domain, hosts), critical=True)
    builder = _identified(builder, key.public_key(), root.key.public_key())
    return Authority(builder.sign(root.key, hashes.SHA384()), key)


def account_of(intermediate: x509.Certificate) -> str:
    """Return the domain of the account an intermediate may speak for: the host of its only URI constraint.

    Raises:
        ConfigurationError: the certificate is not an intermediate of this house.
    """
    try:
        permitted = intermediate.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees
    except (x509.ExtensionNotFound, ValueError, TypeError) as error:
        raise ConfigurationError("The certificate is not an account's intermediate.") from error
    domains = [name.value for name in permitted or () if isinstance(name, x509.UniformResourceIdentifier)]
    if len(domains) != 1:
        raise ConfigurationError("The certificate is not an account's intermediate.")
    return domains[0]


def issue_server(
    issuer: Authority,
    public_key: ec.EllipticCurvePublicKey,
    names: Sequence[str],
    *,
    serial: int,
    now: datetime,
) -> x509.Certificate:
    """Return a server certificate (serverAuth only, 90 days) for `names`: host names and IP addresses.

    Raises:
        InvalidNameError: no name, or one outside what the issuer is constrained to.
        EnrolmentRefusedError: the key is not P-256.
        ConfigurationError: the issuer is not valid now.
    """
    if not names:
        raise InvalidNameError("A server certificate names at least one host.")
    subtrees = issuer.certificate.extensions.get_extension_for_class(x509.NameConstraints).value.permitted_subtrees
    alternatives = [_host(name) for name in names]
    for name, alternative in zip(names, alternatives, strict=True):
        if not any(_covers(subtree, alternative) for subtree in subtrees or ()):
            raise InvalidNameError("The host is outside the account's domain.", name=name)
    return _issue_leaf(
        issuer,
        public_key,
        "planning server",
        alternatives,
        ExtendedKeyUsageOID.SERVER_AUTH,
        serial=serial,
        now=now,
    )


def issue_device(
    issuer: Authority, public_key: ec.EllipticCurvePublicKey, device: str, *, serial: int, now: datetime
) -> x509.Certificate:
    """Return the certificate (clientAuth only, 90 days) of the device of that key, in the issuer's account.

    Raises:
        InvalidNameError: `device` is not 1 to 48 letters, digits, `-` or `_`.
        EnrolmentRefusedError: the key is not P-256.
        ConfigurationError: the issuer is not valid now.
    """
    name = x509.UniformResourceIdentifier(device_uri(account_of(issuer.certificate), device))
    return _issue_leaf(
        issuer,
        public_key,
        f"device {device}",
        [name],
        ExtendedKeyUsageOID.CLIENT_AUTH,
        serial=serial,
        now=now,
    )


def device_uri(account: str, device: str) -> str:
    """Return the name a device has in its certificate.

    Raises:
        InvalidNameError: the account's domain or the device's key is not well formed.
    """
    _check_domain(account)
    if not _DEVICE_KEY.fullmatch(device):
        raise InvalidNameError("A device key is letters, digits, '-' and '_'.", name=device)
    return f"{_SCHEME}://{account}/device/{device}"


def read_device_uri(uri: str) -> tuple[str, str] | None:
    """Return (account domain, device key) of a device's name, None when it is anything else."""
    found = _DEVICE_URI.fullmatch(uri)
    if found is None:
        return None
    account, device = found["account"], found["device"]
    if not _DOMAIN.fullmatch(account) or not _DEVICE_KEY.fullmatch(device):
        return None
    return account, device


def renewal_due(certificate: x509.Certificate, now: datetime) -> bool:
    """Return whether the holder of a leaf should ask for the next one: from its 60th day on, or when it has not begun.

    That one was made while a clock was ahead, and nobody would take it until then.
    """
    begins = certificate.not_valid_before_utc
    return now < begins or now >= begins + BACKDATE + RENEWAL_AGE


def issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Return whether the key of the issuer, by its identifier, signed the certificate. No signature is checked."""
    own = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value.digest
    return issuer_key(certificate) == own


def issuer_key(certificate: x509.Certificate) -> bytes:
    """Return the identifier of the key that signed a certificate; empty when it does not say."""
    try:
        found = certificate.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    except (x509.ExtensionNotFound, ValueError):
        return b""
    return found or b""


def overlap_end(newer: x509.Certificate) -> datetime:
    """Return until when the intermediate that `newer` replaced is trusted: the end of the last leaf it signed."""
    return newer.not_valid_before_utc + BACKDATE + LEAF_LIFE


def thumbprint(certificate: x509.Certificate) -> bytes:
    """Return the SHA-256 of the certificate's DER (RFC 8705, x5t#S256): 32 bytes."""
    return certificate.fingerprint(hashes.SHA256())


# --- what every certificate has -----------------------------------------------------------------------------


def _issue_leaf(
    issuer: Authority,
    public_key: ec.EllipticCurvePublicKey,
    title: str,
    names: Iterable[x509.GeneralName],
    usage: x509.ObjectIdentifier,
    *,
    serial: int,
    now: datetime,
) -> x509.Certificate:
    if not isinstance(public_key.curve, ec.SECP256R1):
        raise EnrolmentRefusedError("Only P-256 keys are certified.", cause="weak_key")
    _check_in_life(issuer.certificate, now)
    # The title has a space: OpenSSL would hold a common name that looks like a host to the DNS constraint.
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, title)])
    end = min(now + LEAF_LIFE, issuer.certificate.not_valid_after_utc)
    builder = _started(subject, issuer.certificate.subject, public_key, serial, now, end)
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(LEAF_USAGE, critical=True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
    builder = _identified(builder, public_key, issuer.key.public_key())
    return builder.sign(issuer.key, hashes.SHA256())


def _started(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    serial: int,
    now: datetime,
    end: datetime,
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(public_key)
    return builder.serial_number(serial).not_valid_before(now - BACKDATE).not_valid_after(end)


def _for_ca(builder: x509.CertificateBuilder, *, path_length: int) -> x509.CertificateBuilder:
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    return builder.add_extension(AUTHORITY_USAGE, critical=True)


def _identified(
    builder: x509.CertificateBuilder, subject: ec.EllipticCurvePublicKey, issuer: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    builder = builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(subject), critical=False)
    return builder.add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer), critical=False)


def _account_name(domain: str) -> x509.Name:
    """Domain components (RFC 4519), the top level first: a common name would hold 64 characters at most."""
    parts = [x509.NameAttribute(NameOID.DOMAIN_COMPONENT, label) for label in reversed(domain.split("."))]
    return x509.Name([*parts, x509.NameAttribute(NameOID.COMMON_NAME, "issuing authority")])


def _constraints(domain: str, hosts: Sequence[str]) -> x509.NameConstraints:
    permitted: list[x509.GeneralName] = [x509.DNSName(domain), x509.UniformResourceIdentifier(domain)]
    networks = []
    for host in hosts:
        name = _host(host)
        if isinstance(name, x509.IPAddress):
            networks.append(x509.IPAddress(ipaddress.ip_network(name.value)))
        else:
            permitted.append(name)
    # A kind of name without any permitted subtree is free (RFC 5280): without addresses, exclude them all.
    everywhere = [x509.IPAddress(ipaddress.ip_network(net)) for net in ("0.0.0.0/0", "::/0")]
    return x509.NameConstraints([*permitted, *networks], None if networks else everywhere)


def _host(name: str) -> x509.DNSName | x509.IPAddress:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        _check_domain(name)
        return x509.DNSName(name)


def _covers(subtree: x509.GeneralName, name: x509.GeneralName) -> bool:
    if isinstance(subtree, x509.DNSName) and isinstance(name, x509.DNSName):
        return name.value == subtree.value or name.value.endswith("." + subtree.value)
    if isinstance(subtree, x509.IPAddress) and isinstance(name, x509.IPAddress):
        network: object = subtree.value
        return isinstance(network, _Network) and name.value in network
    return False


def _check_domain(domain: str) -> None:
    if len(domain) > MAX_DOMAIN or not _DOMAIN.fullmatch(domain):
        raise InvalidNameError("A domain is lower-case labels of letters, digits and '-'.", name=domain[:MAX_DOMAIN])


def _check_in_life(authority: x509.Certificate, now: datetime) -> None:
    if not authority.not_valid_before_utc <= now < authority.not_valid_after_utc:
        raise ConfigurationError(
            "The authority's certificate is not valid now: check the clock, or renew the authority.",
            until=authority.not_valid_after_utc.isoformat(),
        )
