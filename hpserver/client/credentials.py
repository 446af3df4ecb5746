"""A device's key, certificate and school, in one folder of its user. Knows where they lie, not what is said."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.certs.authority import issuer_key, renewal_due
from hpserver.certs.contexts import client_context, enrolling_client_context
from hpserver.certs.files import load_certificates, load_key, make_directory, save_certificates, save_key, save_secret
from hpserver.certs.param_client import ParamClient, read_param_client
from hpserver.certs.requests import make_key, make_request
from hpserver.client.line import NEW, Line
from hpserver.errors import CertificateRefusedError, ConfigurationError, EnrolmentRefusedError
from hpserver.protocol import messages as m
from hpserver.protocol.limits import TICKET_BYTES
from hpserver.protocol.states import Role

SCHOOL_FILE = "ParamClient"
KEY_FILE = "device.key"
CERTIFICATE_FILE = "device.pem"


class Credentials:
    """What a folder holds: the `ParamClient` of the school, and once enrolled the device's key and certificate."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def is_enrolled(self) -> bool:
        """Whether the device has a certificate."""
        return self._certificate_file.exists()

    def school(self) -> ParamClient:
        """Where the school is. Raises ConfigurationError when no `ParamClient` was put here."""
        file = self.folder / SCHOOL_FILE
        try:
            return read_param_client(file.read_bytes())
        except FileNotFoundError as error:
            raise ConfigurationError(
                f"{self.folder} has no {SCHOOL_FILE} file: enrol this device with the one of your school."
            ) from error
        except OSError as error:
            raise ConfigurationError(f"{file} cannot be read: {error.strerror}.") from error

    def root(self) -> x509.Certificate:
        """The root that the school's file pins."""
        return x509.load_pem_x509_certificate(self.school().root.encode())

    def certificate(self) -> x509.Certificate:
        """The device's certificate."""
        return load_certificates(self._certificate_file)[0]

    def has_ended(self) -> bool:
        """Whether the device's certificate is past its end: it must be enrolled again."""
        return utc_now() >= self.certificate().not_valid_after_utc

    async def renew(self, line: Line, used: x509.Certificate) -> bool:
        """Get the next certificate on a line where a user is signed in, if that is due; `used` is the line's.

        Due in its last 30 days, and when the server's own certificate has another issuer: the school replaced it. The
        key stays, so that there is one file to replace, at once: a device that dies in between has the one before.

        Raises EnrolmentRefusedError, BusyError, ConfigurationError when it cannot be written, and as `Line.ask`.
        """
        if not _is_due(used, line.server_certificate):
            return False
        key = load_key(self.folder / KEY_FILE, passphrase=None)
        wish = m.RenewCertificate(NEW, 0, used.public_bytes(Encoding.DER), make_request(key))
        renewed = x509.load_der_x509_certificate((await line.ask(wish, m.CertificateRenewed)).certificates[0])
        if renewed.public_key() != key.public_key():
            raise CertificateRefusedError("The next certificate is not for this device's key.", cause="other_key")
        with _written(self.folder):
            save_certificates(self._certificate_file, [renewed])
        return True

    def context(self) -> ssl.SSLContext:
        """The TLS settings of this device."""
        return client_context(self.root(), self._certificate_file, self.folder / KEY_FILE)

    @property
    def _certificate_file(self) -> Path:
        return self.folder / CERTIFICATE_FILE


async def enrol(param_client: bytes, folder: Path, device_name: str) -> Credentials:
    """Get a certificate for a key made here, and keep both in `folder`. The key never leaves the device.

    A device whose certificate has ended is enrolled again with another file of its school; it is a new device then,
    on which the PIN is asked.

    Raises:
        EnrolmentRefusedError: the ticket was used, is too old, or the file has none.
        ConfigurationError: it is no `ParamClient` file, the device is enrolled already, or its folder is no use.
        CertificateRefusedError: the controller is not the one of the file.
        ConnectionLostError: nobody answers there.
    """
    credentials = Credentials(folder)
    param = read_param_client(param_client)
    if credentials.is_enrolled:
        _check_again(credentials, param)
    if len(param.ticket) != 2 * TICKET_BYTES:
        raise EnrolmentRefusedError("The ParamClient file has no ticket: ask for one that enrols a device.")
    key = make_key()
    with _written(folder):  # before the ticket is spent: a full disk must not waste it
        make_directory(folder)
        save_secret(folder / SCHOOL_FILE, param_client)  # the ticket may be good for other devices too
        save_key(folder / KEY_FILE, key, passphrase=None)
    root = x509.load_pem_x509_certificate(param.root.encode())
    line = await Line.connect(
        param.host, param.port, enrolling_client_context(root), param.enrol_name, Role.ENROLMENT
    )  # fmt: skip
    try:
        wish = m.Enrol(NEW, 0, bytes.fromhex(param.ticket), make_request(key), device_name)
        enrolled = await line.ask(wish, m.Enrolled)
    finally:
        await line.close()
    with _written(folder):
        # The intermediate stays out: a server trusts its own copy alone, and would keep ours as long as the connection.
        save_certificates(folder / CERTIFICATE_FILE, [x509.load_der_x509_certificate(enrolled.certificates[0])])
    return credentials


def _check_again(credentials: Credentials, param: ParamClient) -> None:
    """Enrol again only who must be, and at the same school: another file must not lead an enrolled device away."""
    if not credentials.has_ended():
        raise ConfigurationError(f"This device is enrolled already: remove {credentials.folder} to enrol it again.")
    if credentials.root() != x509.load_pem_x509_certificate(param.root.encode()):
        raise ConfigurationError(
            f"This ParamClient file is of another installation: if that is right, remove {credentials.folder} first."
        )


def _is_due(used: x509.Certificate, server: bytes) -> bool:
    if renewal_due(used, utc_now()):
        return True
    return bool(server) and issuer_key(x509.load_der_x509_certificate(server)) != issuer_key(used)


def utc_now() -> datetime:
    """The wall clock, for certificate dates."""
    return datetime.now(UTC)


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    """Say what the disk refused. Raises ConfigurationError."""
    try:
        yield
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be written: {error.strerror}.", path=str(folder)) from error
