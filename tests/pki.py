"""A throw-away PKI for tests: real authorities, certificates on disk, ready TLS settings. No network.

Every room may use it::

    @pytest.fixture
    def pki(tmp_path: Path) -> Pki:
        return Pki.create(tmp_path)

    def test_something(pki: Pki) -> None:
        server = pki.server_context()            # ssl.SSLContext, wants a device of monecole.example
        client = pki.client_context("poste-1")   # ssl.SSLContext with the certificate of the device "poste-1"
        # server names: "localhost", "127.0.0.1", "monecole.example", "planning01.monecole.example", ...
        device = pki.device("poste-1")           # .certificate, .key, .chain_file, .key_file, .der, .thumbprint
        peer = pki.peers().identify(device.der, now=pki.now, revoked=NONE_REVOKED)

`pki.other("lycee.example")` is the PKI of another account below the same root; `Pki.create(tmp_path, now=...)`
lives at another time. `handshake(server, client)` joins two contexts in memory. The authorities are made once per
process and second of `now`; leaves are made on demand, in about a millisecond.
"""

import functools
import os
import re
import ssl
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from hpserver.certs import authority, contexts, files
from hpserver.certs.authority import Authority
from hpserver.certs.peer import Peers

ACCOUNT = "monecole.example"
LOOPBACK = ("localhost", "127.0.0.1", "::1")
SERVER_NAMES = (ACCOUNT, f"enrol.{ACCOUNT}", f"planning01.{ACCOUNT}", f"planning02.{ACCOUNT}", *LOOPBACK)


@dataclass(frozen=True, slots=True)
class Credentials:
    """A leaf with its key, in memory and on disk; `chain_file` holds the leaf and its intermediate."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey
    chain_file: Path
    key_file: Path

    @property
    def der(self) -> bytes:
        """The certificate as the handshake gives it: `SSLObject.getpeercert(binary_form=True)`."""
        return self.certificate.public_bytes(Encoding.DER)

    @property
    def thumbprint(self) -> bytes:
        """SHA-256 of the certificate, 32 bytes."""
        return authority.thumbprint(self.certificate)


@dataclass(slots=True)
class Pki:
    """The authorities of one account, and what they issued, in `folder`."""

    folder: Path
    now: datetime
    account: str
    root: Authority
    intermediate: Authority
    _issued: dict[str, Credentials] = field(default_factory=dict)

    @classmethod
    def create(cls, folder: Path, *, now: datetime | None = None, account: str = ACCOUNT) -> "Pki":
        """Return the PKI of an account; real handshakes need `now` to be the present, which it is by default."""
        moment = (now or datetime.now(UTC)).replace(microsecond=0)
        return cls(folder, moment, account, _root(moment), _intermediate(moment, account))

    def other(self, account: str) -> "Pki":
        """Return the PKI of another account of the same installation, hence of the same root."""
        return Pki.create(self.folder, now=self.now, account=account)

    def server(self, *names: str) -> Credentials:
        """Return the account's server certificate for `names`; `SERVER_NAMES` by default, or the account's."""
        wanted = names or (SERVER_NAMES if self.account == ACCOUNT else (self.account, *LOOPBACK))
        return self._issue("server " + " ".join(wanted), server_names=wanted)

    def device(self, device: str = "poste-1") -> Credentials:
        """Return the certificate of a device, the same one each time."""
        return self._issue(device)

    def server_context(self) -> ssl.SSLContext:
        """Return the settings of a port that wants a device of this account."""
        server = self.server()
        return contexts.server_context(server.chain_file, server.key_file, [self.intermediate.certificate])

    def enrolment_context(self) -> ssl.SSLContext:
        """Return the settings of the port for devices without a certificate."""
        server = self.server()
        return contexts.enrolment_context(server.chain_file, server.key_file)

    def client_context(self, device: str = "poste-1") -> ssl.SSLContext:
        """Return the settings of a device of this account."""
        mine = self.device(device)
        return contexts.client_context(self.root.certificate, mine.chain_file, mine.key_file)

    def enrolling_client_context(self) -> ssl.SSLContext:
        """Return the settings of a device that has no certificate yet."""
        return contexts.enrolling_client_context(self.root.certificate)

    def peers(self) -> Peers:
        """Return what tells this account's devices apart from everybody else."""
        return Peers([self.intermediate.certificate])

    def keep(self, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Credentials:
        """Write a leaf made by hand (a bad one, say) with its intermediate, as `Credentials`."""
        stem = re.sub(r"[^a-z0-9-]+", "_", f"{self.account} {name}".lower())[:100]
        chain_file, key_file = self.folder / f"{stem}.pem", self.folder / f"{stem}.key"
        files.save_certificates(chain_file, [certificate, self.intermediate.certificate])
        files.save_key(key_file, key, passphrase=None)
        return Credentials(certificate, key, chain_file, key_file)

    def _issue(self, name: str, *, server_names: tuple[str, ...] = ()) -> Credentials:
        if name not in self._issued:
            key = ec.generate_private_key(ec.SECP256R1())
            serial = authority.new_serial(os.urandom(authority.SERIAL_BYTES))
            public = key.public_key()
            if server_names:
                leaf = authority.issue_server(self.intermediate, public, server_names, serial=serial, now=self.now)
            else:
                leaf = authority.issue_device(self.intermediate, public, name, serial=serial, now=self.now)
            self._issued[name] = self.keep(name, leaf, key)
        return self._issued[name]


@dataclass(frozen=True, slots=True)
class Handshake:
    """How a handshake in memory went: each end's object, and the error it met, if any."""

    server: ssl.SSLObject
    client: ssl.SSLObject
    server_error: ssl.SSLError | None
    client_error: ssl.SSLError | None


def handshake(
    server: ssl.SSLContext,
    client: ssl.SSLContext,
    name: str = "localhost",
    session: ssl.SSLSession | None = None,
) -> Handshake:
    """Join two contexts through memory until both are done; the client then reads once.

    In TLS 1.3 a client is done before the server has judged its certificate: the verdict comes with that read.
    """
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(to_client, to_server, server_hostname=name, session=session),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    errors: list[ssl.SSLError | None] = [None, None]
    for _ in range(4):  # a full handshake takes two rounds
        for which, end in enumerate(ends):
            errors[which] = errors[which] or _step(end)
    errors[0] = errors[0] or _read(ends[0])
    return Handshake(server=ends[1], client=ends[0], server_error=errors[1], client_error=errors[0])


def _step(end: ssl.SSLObject) -> ssl.SSLError | None:
    try:
        end.do_handshake()
    except ssl.SSLWantReadError:
        return None
    except ssl.SSLError as error:
        return error
    return None


def _read(end: ssl.SSLObject) -> ssl.SSLError | None:
    try:
        end.read(1)
    except ssl.SSLWantReadError:
        return None
    except ssl.SSLError as error:
        return error
    return None


@functools.cache
def _root(now: datetime) -> Authority:
    return authority.create_root("Installation de test", now)


@functools.cache
def _intermediate(now: datetime, account: str) -> Authority:
    return authority.create_intermediate(_root(now), account, now, hosts=LOOPBACK)
