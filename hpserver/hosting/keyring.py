"""The keys and certificates of an installation on disk: who signs what, where it lies. Knows no user and no socket.

`root.pem`, `root.key` (sealed under a passphrase that no daemon reads), `pepper`, and a folder for each account with
its intermediates, the newest first, and its server certificate. Every key file is 0600. An intermediate's key is in
the file that its certificate names, so that the one file that is replaced last, `intermediate.pem`, decides for both;
these lie in `keys`, with a folder for each account, which the agent hides from every process but the signer.
"""

import contextlib
import fcntl
import os
import secrets
import shutil
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from cryptography import x509

from hpserver.certs.authority import (
    BACKDATE,
    SERIAL_BYTES,
    Authority,
    account_of,
    create_intermediate,
    create_root,
    issue_server,
    issued_by,
    new_serial,
    overlap_end,
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
from hpserver.errors import NotFoundError, StoreError
from hpserver.identity.passwords import PEPPER_BYTES

PASSPHRASE_BYTES = 16
"""Random bytes of a generated passphrase: beyond any guessing, whatever a guess costs."""


SETTLE_SECONDS = 3.0
"""How long a new intermediate is trusted before it signs: servers look at the file of them every second."""

SETTLE = timedelta(seconds=SETTLE_SECONDS)


def enrol_name(domain: str) -> str:
    """The server name that a device without a certificate asks for."""
    return f"enrol.{domain}"


def console_name(domain: str) -> str:
    """The server name of the hosting console of an account."""
    return f"console.{domain}"


def planning_name(planning: str, domain: str) -> str:
    """The server name of a planning on its controller's port."""
    return f"{planning}.{domain}"


def server_names(zone: str, plannings: Iterable[str], domains: Iterable[str] = (), domain: str = "") -> list[str]:
    """Every name that the servers of an account are asked for, once.

    `domain` is that of the controller when it is another one than the zone, `domains` those plannings have besides.
    """
    own = (zone, enrol_name(zone), console_name(zone), *((domain, enrol_name(domain)) if domain else ()))
    return list(dict.fromkeys((*own, *(planning_name(one, zone) for one in plannings), *filter(None, domains))))


class Keyring:
    """Everything under one folder of keys."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def passphrase_file(self) -> Path:
        """Where a generated passphrase of the root is left for the operator to take away."""
        return self.folder / "root.passphrase"

    @property
    def signers_own(self) -> tuple[Path, ...]:
        """What no process may open that speaks with the network: all that issues certificates."""
        return self._keys, self.folder / "root.key", self.passphrase_file

    def put_in_place(self) -> None:
        """Move the issuing keys of an installation of before they were hidden to where they are now. Safe to repeat."""
        for file in self.folder.glob("*/intermediate*.key"):
            file.replace(self._made(file.parent.name) / file.name)

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
        for begun in (*self.folder.glob(".root.*"), *self.folder.glob(".pepper.*")):
            begun.unlink(missing_ok=True)

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
        root = self._root(self.passphrase_file.read_bytes().strip())
        make_directory(self.folder / account)
        self._adopt(account, create_intermediate(root, domain, now, hosts=hosts), [])

    def rotate(
        self, account: str, hosts: Sequence[str], now: datetime, *, passphrase: bytes = b"", at_once: bool = False
    ) -> x509.Certificate:
        """Give an account another intermediate, signed by the root. It signs `SETTLE_SECONDS` later; the old key goes.

        What the old one signed holds until it ends; `at_once`, it is not trusted any more. `passphrase` is the root's,
        when it was taken away. Raises ConfigurationError when neither is right, NotFoundError.
        """
        if not passphrase:
            check_private(self.passphrase_file)
            passphrase = self.passphrase_file.read_bytes().strip()
        with self._alone(account):
            former = self._chain(account)
            made = create_intermediate(self._root(passphrase), account_of(former[0]), now, hosts=hosts)
            self._adopt(account, made, [] if at_once else _trusted(former, now))
        return made.certificate

    def intermediates(self, account: str) -> list[x509.Certificate]:
        """The issuers whose devices the account accepts, the one that signs now first. Raises ConfigurationError."""
        return _trusted(load_certificates(self._intermediates(account)), utc_now())

    def intermediates_changed_at(self, account: str) -> int:
        """When they were last replaced, in nanoseconds of the file system. Raises OSError."""
        return self._intermediates(account).stat().st_mtime_ns

    def issuer(self, account: str) -> Authority:
        """The account's intermediate with its key: for the signer, and `hp` where none runs. Raises NotFoundError."""
        certificate = _settled(self._chain(account), utc_now())
        file = self._issuing_key(account, certificate)
        if not file.exists():
            raise NotFoundError("this account has no intermediate here", account=account)
        return Authority(certificate, load_key(file, passphrase=None))

    def ensure_server(self, account: str, names: Sequence[str], now: datetime, *, anew: bool = False) -> bool:
        """Give the account's servers a certificate for `names`, and say so, unless theirs will do.

        It will when its key is there, when it names them all, is young, of the present issuer, and not `anew`.
        """
        self._chain(account)
        with self._alone(account):
            issuer = self.issuer(account)
            chain, file = self.server_files(account)
            leaf = load_certificates(chain)[0] if chain.exists() and not anew else None
            will_do = leaf is not None and _is_key_of(file, leaf) and _still_good(leaf, issuer.certificate, names, now)
            if leaf is None or not will_do:
                leaf = self._certified(issuer, chain, names, now)
            self._forget_keys(account, issuer.certificate)
            self._forget_server_keys(account, leaf)
            return not will_do

    def server_files(self, account: str) -> tuple[Path, Path]:
        """The files of the account's server certificate (leaf, then intermediate) and its key."""
        chain = self.folder / account / "server.pem"
        return chain, self._server_key(account, load_certificates(chain)[0] if chain.exists() else None)

    def forget_account(self, account: str) -> None:
        """Remove the keys and certificates of an account, those that issue first: nothing is issued for it again."""
        for folder in (self._keys / account, self.folder / account):
            shutil.rmtree(folder, ignore_errors=True)
            if folder.exists():
                raise StoreError(f"the keys in {folder} cannot be removed: remove them", path=str(folder))

    @property
    def _pepper_file(self) -> Path:
        return self.folder / "pepper"

    def _intermediates(self, account: str) -> Path:
        return self.folder / account / "intermediate.pem"

    @property
    def _keys(self) -> Path:
        return self.folder / "keys"

    def _made(self, account: str) -> Path:
        """The folder of an account's issuing keys, made when it is missing."""
        make_directory(self._keys)
        make_directory(self._keys / account)
        return self._keys / account

    def _chain(self, account: str) -> list[x509.Certificate]:
        file = self._intermediates(account)
        if not file.exists():
            raise NotFoundError("this account has no intermediate here", account=account)
        return load_certificates(file)

    def _issuing_key(self, account: str, certificate: x509.Certificate) -> Path:
        """The file of its key; accounts of before rotation have one without a number."""
        named = self._keys / account / f"intermediate-{certificate.serial_number:x}.key"
        return named if named.exists() else self._keys / account / "intermediate.key"

    def _root(self, passphrase: bytes) -> Authority:
        return Authority(self.root(), load_key(self.folder / "root.key", passphrase=passphrase))

    def _server_key(self, account: str, leaf: x509.Certificate | None) -> Path:
        """The file of its key; installations of before have one without a number."""
        named = self.folder / account / ("server.key" if leaf is None else _server_key_name(leaf))
        return named if named.exists() else named.with_name("server.key")

    def _certified(self, issuer: Authority, chain: Path, names: Sequence[str], now: datetime) -> x509.Certificate:
        key = make_key()
        serial = new_serial(secrets.token_bytes(SERIAL_BYTES))
        leaf = issue_server(issuer, key.public_key(), names, serial=serial, now=now)
        save_key(chain.with_name(_server_key_name(leaf)), key, passphrase=None)  # beside the one in use
        save_certificates(chain, [leaf, issuer.certificate])
        return leaf

    def _forget_server_keys(self, account: str, leaf: x509.Certificate) -> None:
        """Remove the keys of all certificates but this one, and what was begun by a process that was killed."""
        kept = self._server_key(account, leaf)
        for file in (*(self.folder / account).glob("server*.key"), *(self.folder / account).glob(".*")):
            if file != kept:
                file.unlink(missing_ok=True)

    def _adopt(self, account: str, made: Authority, former: Sequence[x509.Certificate]) -> None:
        name = f"intermediate-{made.certificate.serial_number:x}.key"
        save_key(self._made(account) / name, made.key, passphrase=None)
        save_certificates(self._intermediates(account), [made.certificate, *former])
        if not former:
            self._forget_keys(account, made.certificate)

    def _forget_keys(self, account: str, issuer: x509.Certificate) -> None:
        """Remove the keys that sign no more: all but that of the issuer, and of the one that will follow it."""
        chain = self._chain(account)
        kept = {self._issuing_key(account, one) for one in chain[: chain.index(issuer) + 1]}
        for file in (*(self._keys / account).glob("intermediate*.key"), *(self._keys / account).glob(".*")):
            if file not in kept:
                file.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _alone(self, account: str) -> Iterator[None]:
        """Keep other processes from replacing files of the account meanwhile."""
        descriptor = os.open(self.folder / account, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def utc_now() -> datetime:
    """The wall clock, for certificate dates."""
    return datetime.now(UTC)


def _settled(chain: Sequence[x509.Certificate], now: datetime) -> x509.Certificate:
    """The newest intermediate that every process has had the time to trust; the oldest when there is none."""
    known = now - BACKDATE - SETTLE
    return next((one for one in chain if one.not_valid_before_utc <= known), chain[-1])


def _trusted(chain: Sequence[x509.Certificate], now: datetime) -> list[x509.Certificate]:
    """The intermediate in use, and each former one while a leaf of its may live."""
    former = [one for newer, one in pairwise(chain) if now < overlap_end(newer)]
    return [*chain[:1], *former]


def _server_key_name(leaf: x509.Certificate) -> str:
    return f"server-{leaf.serial_number:x}.key"


def _is_key_of(file: Path, leaf: x509.Certificate) -> bool:
    return file.exists() and load_key(file, passphrase=None).public_key() == leaf.public_key()


def _still_good(leaf: x509.Certificate, issuer: x509.Certificate, names: Sequence[str], now: datetime) -> bool:
    alternatives = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    held = {str(one) for one in alternatives.get_values_for_type(x509.DNSName)}
    held |= {str(one) for one in alternatives.get_values_for_type(x509.IPAddress)}
    return set(names) <= held and issued_by(leaf, issuer) and not renewal_due(leaf, now)
