"""The keys of an installation on disk."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from hpserver.certs.authority import BACKDATE, LEAF_LIFE, RENEWAL_AGE, issued_by
from hpserver.certs.files import load_certificates, load_key, save_key
from hpserver.certs.requests import make_key
from hpserver.errors import ConfigurationError, NotFoundError
from hpserver.hosting.keyring import SETTLE_SECONDS, Keyring, enrol_name, planning_name, server_names, utc_now

NAMES = ["monecole.example", "enrol.monecole.example"]


@pytest.fixture
def keyring(prepared: Path, tmp_path: Path) -> Keyring:
    """The keys of an installation with one account."""
    shutil.copytree(prepared / "certs", tmp_path / "certs")
    return Keyring(tmp_path / "certs")


@pytest.fixture
def account(keyring: Keyring) -> str:
    """The number of its account."""
    (number,) = [path.name for path in keyring.folder.iterdir() if path.is_dir() and path.name != "keys"]
    return number


def leaf(keyring: Keyring, account: str) -> x509.Certificate:
    """The server's certificate in force."""
    return load_certificates(keyring.server_files(account)[0])[0]


def test_nobody_else_reads_a_key(keyring: Keyring, account: str) -> None:
    """Folders are 0700 and every secret 0600."""
    folders = [keyring.folder, keyring.folder / account]
    secrets = [
        keyring.passphrase_file,
        keyring.folder / "pepper",
        *keyring.folder.rglob("*.key"),
    ]
    assert {path.stat().st_mode & 0o777 for path in folders} == {0o700}
    assert len(secrets) == 5
    assert {path.stat().st_mode & 0o777 for path in secrets} == {0o600}


def test_the_key_of_the_root_is_sealed(keyring: Keyring) -> None:
    """Who copies the file has nothing without the passphrase."""
    sealed = (keyring.folder / "root.key").read_bytes()
    with pytest.raises(TypeError):
        load_pem_private_key(sealed, None)
    with pytest.raises(ValueError, match=r"[Pp]assword|decrypt"):
        load_pem_private_key(sealed, b"guess")
    assert load_pem_private_key(sealed, keyring.passphrase_file.read_bytes().strip())


def test_root_and_pepper_are_made_once(keyring: Keyring) -> None:
    """Another root would void every certificate, another pepper every password."""
    before = {path: path.read_bytes() for path in keyring.folder.iterdir() if path.is_file()}
    keyring.ensure_root("hpserver", utc_now())
    assert {path: path.read_bytes() for path in before} == before


@pytest.mark.slow
def test_a_root_that_was_half_made_is_made_again(tmp_path: Path) -> None:
    """A death between two files is mended by the next start."""
    keyring = Keyring(tmp_path / "certs")
    keyring.ensure_root("hpserver", utc_now())
    (keyring.folder / "root.pem").unlink()
    pepper = keyring.pepper()
    keyring.ensure_root("hpserver", utc_now())
    keyring.create_account("123456789012", "monecole.example", [], utc_now())
    assert keyring.pepper() == pepper
    keyring.issuer("123456789012").certificate.verify_directly_issued_by(keyring.root())


def test_an_open_pepper_is_refused(keyring: Keyring) -> None:
    """Secrets that others may read are secrets no more."""
    (keyring.folder / "pepper").chmod(0o644)
    with pytest.raises(ConfigurationError):
        keyring.pepper()


def test_an_account_has_its_own_issuer(keyring: Keyring, account: str) -> None:
    """The intermediate is signed by the root; who has no account here has no issuer."""
    issuer = keyring.issuer(account)
    issuer.certificate.verify_directly_issued_by(keyring.root())
    assert keyring.intermediates(account) == [issuer.certificate]
    with pytest.raises(NotFoundError):
        keyring.issuer("999999999999")


def test_without_its_passphrase_the_root_signs_nothing(keyring: Keyring) -> None:
    """The operator may take the passphrase away."""
    keyring.passphrase_file.unlink()
    with pytest.raises(ConfigurationError):
        keyring.create_account("999999999999", "lycee.example", [], utc_now())


def at(certificate: x509.Certificate, age: timedelta) -> datetime:
    """The moment when a certificate has that age."""
    return certificate.not_valid_before_utc + BACKDATE + age


def test_a_server_certificate_is_renewed_when_it_is_old(keyring: Keyring, account: str) -> None:
    """Not a minute before: every renewal is one more key on the disk."""
    first = leaf(keyring, account)
    keyring.ensure_server(account, NAMES, at(first, RENEWAL_AGE - timedelta(minutes=1)))
    assert leaf(keyring, account) == first
    keyring.ensure_server(account, NAMES, at(first, RENEWAL_AGE))
    second = leaf(keyring, account)
    assert second.serial_number != first.serial_number
    assert second.public_key() != first.public_key()
    key = load_pem_private_key(keyring.server_files(account)[1].read_bytes(), None)
    assert key.public_key() == second.public_key()


def test_s03_a_key_without_its_certificate_is_made_again(keyring: Keyring, account: str) -> None:
    """Versions before kept the key of the servers under one name: a death between the two files left them apart."""
    now = utc_now()
    keyring.ensure_server(account, NAMES, now)
    chain, file = keyring.server_files(account)
    file.unlink()
    save_key(chain.with_name("server.key"), make_key(), passphrase=None)
    assert keyring.ensure_server(account, NAMES, now)
    chain, file = keyring.server_files(account)
    assert load_key(file, passphrase=None).public_key() == load_certificates(chain)[0].public_key()
    assert [one.name for one in chain.parent.glob("server*.key")] == [file.name]
    assert not keyring.ensure_server(account, NAMES, now)


def test_s07_a_server_certificate_made_while_the_clock_was_ahead_is_made_again(keyring: Keyring, account: str) -> None:
    """No client would take it for a year."""
    now = utc_now()
    keyring.ensure_server(account, NAMES, now + timedelta(days=365))
    early = leaf(keyring, account)
    assert early.not_valid_before_utc > now
    assert keyring.ensure_server(account, NAMES, now)
    assert leaf(keyring, account).not_valid_before_utc < now
    assert not keyring.ensure_server(account, NAMES, now)


def test_s06_what_killed_processes_left_of_keys_is_removed(keyring: Keyring, account: str) -> None:
    """A half written key, or one whose certificate never came, is nothing to keep."""
    keyring.ensure_server(account, NAMES, now := utc_now())
    folders = keyring.folder / account, keyring.folder / "keys" / account
    before = [sorted(folder.iterdir()) for folder in folders]
    for folder, name in zip(folders, ("server-abc.key", "intermediate-abc.key"), strict=True):
        (folder / name).touch()
        (folder / f".{name}.xyz").touch()
    assert not keyring.ensure_server(account, NAMES, now)
    assert [sorted(folder.iterdir()) for folder in folders] == before


def test_a_server_certificate_is_renewed_for_a_new_name(keyring: Keyring, account: str) -> None:
    """And not when fewer names are asked for."""
    first = leaf(keyring, account)
    keyring.ensure_server(account, NAMES[:1], utc_now())
    assert leaf(keyring, account) == first
    keyring.ensure_server(account, [*NAMES, "examens.monecole.example"], utc_now())
    assert leaf(keyring, account) != first


def test_server_names() -> None:
    """What a client asks for in its first bytes decides where it is led."""
    assert enrol_name("monecole.example") == "enrol.monecole.example"
    assert planning_name("planning01", "monecole.example") == "planning01.monecole.example"
    own = ["monecole.example", "enrol.monecole.example", "console.monecole.example"]
    assert server_names("monecole.example", ["p"], ["", "q.monecole.example"], "monecole.example") == [
        *own, "p.monecole.example", "q.monecole.example",
    ]  # fmt: skip
    assert server_names("monecole.example", [], domain="edt.monecole.example") == [
        *own, "edt.monecole.example", "enrol.edt.monecole.example",
    ]  # fmt: skip


def test_a_rotation_is_trusted_before_it_signs(keyring: Keyring, account: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Servers learn of the new authority first; then it signs, the old key is gone, both are trusted for 90 days."""
    old = keyring.issuer(account)
    made = keyring.rotate(account, [], utc_now())
    assert [one.serial_number for one in keyring.intermediates(account)] == [
        made.serial_number,
        old.certificate.serial_number,
    ]
    assert keyring.issuer(account).certificate == old.certificate
    later = utc_now() + timedelta(seconds=SETTLE_SECONDS + 2)
    monkeypatch.setattr("hpserver.hosting.keyring.utc_now", lambda: later)
    assert keyring.issuer(account).certificate == made
    assert keyring.ensure_server(account, NAMES, later)
    assert len(list((keyring.folder / "keys" / account).glob("intermediate*.key"))) == 1
    assert issued_by(leaf(keyring, account), made)
    assert not keyring.ensure_server(account, NAMES, later)
    monkeypatch.setattr("hpserver.hosting.keyring.utc_now", lambda: later + LEAF_LIFE)
    assert keyring.intermediates(account) == [made]


def test_a_rotation_at_once_trusts_nothing_of_before(keyring: Keyring, account: str) -> None:
    """The key of a stolen machine signs nothing more, and what it signed is refused."""
    old = keyring.issuer(account)
    made = keyring.rotate(account, [], utc_now(), at_once=True)
    assert keyring.intermediates(account) == [made]
    assert keyring.issuer(account).certificate == made
    assert keyring.issuer(account).key.private_numbers() != old.key.private_numbers()


def test_a_rotation_that_is_killed_leaves_the_authority_of_before(keyring: Keyring, account: str) -> None:
    """The certificates are replaced last: a key without its certificate is nobody's."""
    old = keyring.issuer(account)
    stray = keyring.folder / "keys" / account / "intermediate-abc.key"
    stray.write_bytes(b"half a key")
    stray.chmod(0o600)
    assert keyring.issuer(account).certificate == old.certificate
    keyring.rotate(account, [], utc_now(), at_once=True)
    assert not stray.exists()


def test_the_passphrase_that_was_taken_away_is_given(keyring: Keyring, account: str) -> None:
    """With the right one it rotates, with a wrong one it does not."""
    passphrase = keyring.passphrase_file.read_bytes().strip()
    keyring.passphrase_file.unlink()
    with pytest.raises(ConfigurationError):
        keyring.rotate(account, [], utc_now())
    with pytest.raises(ConfigurationError):
        keyring.rotate(account, [], utc_now(), passphrase=b"guess")
    assert keyring.rotate(account, [], utc_now(), passphrase=passphrase)


def test_an_account_of_before_rotation_has_its_key(keyring: Keyring, account: str) -> None:
    """Its file has no number in its name."""
    [file] = (keyring.folder / "keys" / account).glob("intermediate-*.key")
    before = keyring.issuer(account).certificate
    file.rename(file.with_name("intermediate.key"))
    assert keyring.issuer(account).certificate == before
    assert keyring.ensure_server(account, NAMES, utc_now(), anew=True)
    assert keyring.issuer(account).certificate == before
