"""The only TLS settings of the house, server and client. It knows files of certificates, and no connection.

TLS 1.3 alone; no session ticket, because a resumed session skips every check of the client certificate; a
device is trusted through its account's intermediate and not through the root, which signs every account: below a
shared root, OpenSSL would accept the intermediate of another account when the peer sends it along.

A server goes on without a protocol when the client offers none it knows: whoever drives the handshake then
compares `selected_alpn_protocol()` with `PROTOCOL` or `ENROLMENT_PROTOCOL`.
"""

import ssl
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.certs.files import check_private
from hpserver.errors import ConfigurationError

PROTOCOL = "hp/1"
ENROLMENT_PROTOCOL = "hp-enrol/1"
WEB_PROTOCOL = "http/1.1"


def server_context(chain: Path, key: Path, intermediates: Sequence[x509.Certificate]) -> ssl.SSLContext:
    """Return the settings of a port that devices of one account connect to, each with its certificate.

    `chain` is the server's certificate followed by its intermediate, PEM; `intermediates` are those of the
    account (two while one replaces the other): only the devices they issued pass the handshake.

    Raises:
        ConfigurationError: a file is missing, does not match, or others may read the key.
    """
    if not intermediates:
        raise ConfigurationError("A server needs the intermediate of its account.")
    context = _server(chain, key, PROTOCOL)
    context.verify_mode = ssl.CERT_REQUIRED
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    for intermediate in intermediates:
        _trust(context, intermediate)
    return context


def enrolment_context(chain: Path, key: Path) -> ssl.SSLContext:
    """Return the settings of the port where a device without a certificate asks for one.

    Raises:
        ConfigurationError: as `server_context`.
    """
    return _server(chain, key, ENROLMENT_PROTOCOL)


def web_context(chain: Path, key: Path, intermediates: Sequence[x509.Certificate]) -> ssl.SSLContext:
    """Return the settings of the hosting console of one account: a device may come without its certificate.

    Raises:
        ConfigurationError: as `server_context`.
    """
    context = _server(chain, key, WEB_PROTOCOL)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.verify_flags |= ssl.VERIFY_X509_STRICT | ssl.VERIFY_X509_PARTIAL_CHAIN
    for intermediate in intermediates:
        _trust(context, intermediate)
    return context


def web_client_context(root: x509.Certificate, chain: Path | None = None, key: Path | None = None) -> ssl.SSLContext:
    """Return the settings of who speaks with a hosting console, with its certificate once it has one.

    Raises:
        ConfigurationError: as `server_context`.
    """
    context = _client(root, WEB_PROTOCOL)
    if chain is not None and key is not None:
        _load(context, chain, key)
    return context


def client_context(root: x509.Certificate, chain: Path, key: Path) -> ssl.SSLContext:
    """Return a device's settings: the root it was given at enrolment and no other, and its own certificate.

    Raises:
        ConfigurationError: as `server_context`.
    """
    context = _client(root, PROTOCOL)
    _load(context, chain, key)
    return context


def enrolling_client_context(root: x509.Certificate) -> ssl.SSLContext:
    """Return the settings of a device that has no certificate yet; `root` comes from its enrolment file."""
    return _client(root, ENROLMENT_PROTOCOL)


def foreign_client_context(authority: str) -> ssl.SSLContext:
    """Return the settings of who asks a server that is not of the house; `authority` is PEM, "" for the system's.

    Raises:
        ConfigurationError: that is no certificate.
    """
    try:
        context = ssl.create_default_context(cadata=authority or None)
    except (ssl.SSLError, ValueError) as error:
        raise ConfigurationError("The authority holds no certificate in PEM.") from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _server(chain: Path, key: Path, protocol: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _narrow(context, protocol)
    context.num_tickets = 0
    context.options &= ~ssl.OP_IGNORE_UNEXPECTED_EOF  # Python's default makes a cut line look like a leave
    _load(context, chain, key)
    return context


def _client(root: x509.Certificate, protocol: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # requires a certificate and checks the host's name
    _narrow(context, protocol)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    _trust(context, root)
    return context


def _narrow(context: ssl.SSLContext, protocol: str) -> None:
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.maximum_version = ssl.TLSVersion.TLSv1_3
    context.options |= ssl.OP_NO_TICKET | ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    context.set_alpn_protocols([protocol])


def _load(context: ssl.SSLContext, chain: Path, key: Path) -> None:
    check_private(key)
    try:
        context.load_cert_chain(chain, key, password=_no_passphrase)
    except (ssl.SSLError, OSError) as error:
        raise ConfigurationError(
            "The certificate and its key cannot be loaded: check both files, and that they belong together.",
            certificate=str(chain),
            key=str(key),
        ) from error


def _no_passphrase() -> str:
    """Stop OpenSSL from asking on the terminal of a daemon."""
    return ""


def _trust(context: ssl.SSLContext, certificate: x509.Certificate) -> None:
    context.load_verify_locations(cadata=certificate.public_bytes(Encoding.DER))
