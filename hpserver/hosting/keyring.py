"""The keys and certificates of an installation on disk: who signs what, where it lies. Knows no user and no socket.

`root.pem`, `root.key` (sealed under a passphrase that no daemon reads), `pepper`, and a folder for each account with
its intermediate and its server certificate. Every key file is 0600.
"""

import secrets
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509

from hpserver.certs.authority import (
    SERIAL_BYTES,
    Authority,
    create_intermediate,
    create_root,
    issue_server,
    new_serial,
    renewal_due,
)
from hpserver.certs.files import (
    check_private,
    load_certificates,
    load_key,
    make_directory,
    save_certificates,
    save_key,
    save_secret,
)
from hpserver.certs.requests import make_key
from hpserver.errors import NotFoundError
from hpserver.identity.passwords import PEPPER_BYTES

PASSPHRASE_BYTES = 16
"""Random bytes of a generated passphrase: beyond any guessing, whatever a guess costs."""


def enrol_name(domain: str) -> str:
    """The server name that a device without a certificate asks for."""
    return f"enrol.{domain}"


def planning_name(planning: str, domain: str) -> str:
    """The server name of a planning on its controller's port."""
    return f"{planning}.{domain}"


def server_names(domain: str, plannings: Iterable[str]) -> list[str]:
    """Every name that the servers of an account are asked for."""
    return [domain, enrol_name(domain), *(planning_name(one, domain) for one in plannings)]


class Keyring:
    """Everything under one folder of keys."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def passphrase_file(self) -> Path:
        """Where a generated passphrase of the root is left for the operator to take away."""
        return self.folder / "root.passphrase"

    def ensure_root(self, name: str, now: datetime) -> None:
        """Make the root and the pepper of this installation, unless they are there. The root's certificate comes last.

        What a process that died half-way has left is replaced: nobody has used it yet.
        """
        make_directory(self.folder)
        if not self._pepper_file.exists():
            save_secret(self._pepper_file, secrets.token_bytes(PEPPER_BYTES))
        if (self.folder / "root.pem").exists():
            return
        passphrase = secrets.token_hex(PASSPHRASE_BYTES).encode()
        root = create_root(name, now)
        save_secret(self.passphrase_file, passphrase + b"\n")
        save_key(self.folder / "root.key", root.key, passphrase=passphrase)
        save_certificates(self.folder / "root.pem", [root.certificate])

    def root(self) -> x509.Certificate:
        """The root's certificate. Raises ConfigurationError when there is none."""
        return load_certificates(self.folder / "root.pem")[0]

    def pepper(self) -> bytes:
        """The key that every stored hash is keyed with. Raises ConfigurationError when it is missing or open."""
        check_private(self._pepper_file)
        return self._pepper_file.read_bytes()

    def create_account(self, account: str, domain: str, hosts: Sequence[str], now: datetime) -> None:
        """Sign the intermediate of an account with the root. Raises ConfigurationError without its passphrase."""
        check_private(self.passphrase_file)
        passphrase = self.passphrase_file.read_bytes().strip()
        root = Authority(self.root(), load_key(self.folder / "root.key", passphrase=passphrase))
        intermediate = create_intermediate(root, domain, now, hosts=hosts)
        folder = self.folder / account
        make_directory(folder)
        save_key(folder / "intermediate.key", intermediate.key, passphrase=None)
        save_certificates(folder / "intermediate.pem", [intermediate.certificate])

    def intermediates(self, account: str) -> list[x509.Certificate]:
        """The issuers whose devices the account accepts."""
        return load_certificates(self.folder / account / "intermediate.pem")

    def issuer(self, account: str) -> Authority:
        """The account's intermediate with its key: for who enrols devices. Raises NotFoundError."""
        file = self.folder / account / "intermediate.key"
        if not file.exists():
            raise NotFoundError("this account has no intermediate here", account=account)
        return Authority(self.intermediates(account)[0], load_key(file, passphrase=None))

    def ensure_server(self, account: str, names: Sequence[str], now: datetime) -> None:
        """Give the account's servers a certificate for `names`, unless theirs names them all and is young."""
        chain, _ = self.server_files(account)
        if chain.exists() and _still_good(load_certificates(chain)[0], names, now):
            return
        key = make_key()
        issuer = self.issuer(account)
        serial = new_serial(secrets.token_bytes(SERIAL_BYTES))
        leaf = issue_server(issuer, key.public_key(), names, serial=serial, now=now)
        save_key(self.folder / account / "server.key", key, passphrase=None)
        save_certificates(chain, [leaf, issuer.certificate])

    def server_files(self, account: str) -> tuple[Path, Path]:
        """The files of the account's server certificate (leaf, then intermediate) and its key."""
        folder = self.folder / account
        return folder / "server.pem", folder / "server.key"

    @property
    def _pepper_file(self) -> Path:
        return self.folder / "pepper"


def utc_now() -> datetime:
    """The wall clock, for certificate dates."""
    return datetime.now(UTC)


def _still_good(certificate: x509.Certificate, names: Sequence[str], now: datetime) -> bool:
    alternatives = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    held = {str(one) for one in alternatives.get_values_for_type(x509.DNSName)}
    held |= {str(one) for one in alternatives.get_values_for_type(x509.IPAddress)}
    return set(names) <= held and not renewal_due(certificate, now)
