import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from hpserver.certs import files
from hpserver.certs.authority import create_root
from hpserver.certs.requests import make_key
from hpserver.errors import ConfigurationError
from tests.pki import Pki

CHEAP = 1024  # scrypt's cost where the cost is not what is tested


def same(left: ec.EllipticCurvePrivateKey, right: ec.EllipticCurvePrivateKey) -> bool:
    """Compare two keys."""
    return left.private_numbers() == right.private_numbers()


@pytest.mark.parametrize("passphrase", [None, b"une phrase de passe", "clé".encode(), b"x" * 1000])
def test_a_key_comes_back(tmp_path: Path, passphrase: bytes | None) -> None:
    """What was written is what is read, sealed or not."""
    path, key = tmp_path / "a.key", make_key()
    files.save_key(path, key, passphrase=passphrase, cost=CHEAP)
    assert same(files.load_key(path, passphrase=passphrase), key)


@pytest.mark.slow
def test_a_root_key_comes_back_at_the_real_cost(tmp_path: Path) -> None:
    """The cost of production is one the reader accepts."""
    path, root = tmp_path / "root.key", create_root("École", Pki.create(tmp_path).now)
    files.save_key(path, root.key, passphrase=b"secret")
    assert same(files.load_key(path, passphrase=b"secret"), root.key)


def test_t09_key_files_are_for_their_owner(tmp_path: Path) -> None:
    """Whatever the umask, nobody else reads a key, at no moment of its writing."""
    before = os.umask(0)
    try:
        files.save_key(tmp_path / "a.key", make_key(), passphrase=None)
        files.make_directory(tmp_path / "keys")
    finally:
        os.umask(before)
    assert (tmp_path / "a.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o601, 0o620])
def test_t09_a_key_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    """The text says the command that closes it."""
    path = tmp_path / "a.key"
    files.save_key(path, make_key(), passphrase=None)
    path.chmod(mode)
    with pytest.raises(ConfigurationError, match=f"chmod 600 {path}"):
        files.load_key(path, passphrase=None)
    with pytest.raises(ConfigurationError):
        files.check_private(path)


def test_t09_a_directory_open_to_others_is_refused(tmp_path: Path) -> None:
    """Who may write in the directory could put another key in place."""
    path = tmp_path / "keys"
    path.mkdir(mode=0o755)
    path.chmod(0o755)
    with pytest.raises(ConfigurationError, match=f"chmod 700 {path}"):
        files.make_directory(path)
    path.chmod(0o700)
    files.make_directory(path)


def test_a_file_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    """A wrong path is said, not overwritten."""
    (tmp_path / "keys").write_text("x")
    with pytest.raises(ConfigurationError):
        files.make_directory(tmp_path / "keys")


def test_t09_a_sealed_key_needs_its_passphrase(tmp_path: Path) -> None:
    """A copied root key is of no use without the phrase, and holds nothing in clear."""
    path, key = tmp_path / "root.key", make_key()
    files.save_key(path, key, passphrase=b"secret", cost=CHEAP)
    assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n")
    for wrong in (None, b"Secret", b"", b"secret\n"):
        with pytest.raises(ConfigurationError):
            files.load_key(path, passphrase=wrong)


def test_a_key_in_clear_where_a_sealed_one_is_expected_is_said(tmp_path: Path) -> None:
    """An operator who thinks the root key is encrypted learns that it is not."""
    files.save_key(tmp_path / "a.key", make_key(), passphrase=None)
    with pytest.raises(ConfigurationError):
        files.load_key(tmp_path / "a.key", passphrase=b"secret")


def test_an_empty_passphrase_seals_nothing(tmp_path: Path) -> None:
    """An empty passphrase file is a mistake, not a wish for no encryption."""
    with pytest.raises(ConfigurationError):
        files.save_key(tmp_path / "a.key", make_key(), passphrase=b"")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"", b"x", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_damaged_key_is_refused(tmp_path: Path, content: bytes) -> None:
    """A torn or foreign file is named instead of crashing the start."""
    path = tmp_path / "a.key"
    path.touch(mode=0o600)
    path.write_bytes(content)
    with pytest.raises(ConfigurationError) as refused:
        files.load_key(path, passphrase=None)
    assert refused.value.details["path"] == str(path)


def test_a_key_of_another_kind_is_refused(tmp_path: Path) -> None:
    """The house has elliptic curve keys only."""
    path = tmp_path / "a.key"
    path.touch(mode=0o600)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    with pytest.raises(ConfigurationError):
        files.load_key(path, passphrase=None)


def test_a_missing_key_is_said(tmp_path: Path) -> None:
    """A path that leads nowhere, or to a pipe, is named; the start does not hang."""
    os.mkfifo(tmp_path / "pipe", 0o600)
    for path in (tmp_path / "none", tmp_path, tmp_path / "pipe"):
        with pytest.raises(ConfigurationError):
            files.check_private(path)


def test_certificates_come_back_in_order(tmp_path: Path) -> None:
    """A chain is leaf first, and stays so."""
    pki = Pki.create(tmp_path)
    chain = [pki.device().certificate, pki.intermediate.certificate, pki.root.certificate]
    files.save_certificates(tmp_path / "chain.pem", chain)
    assert files.load_certificates(tmp_path / "chain.pem") == chain
    assert (tmp_path / "chain.pem").stat().st_mode & 0o777 == 0o644


def test_unreadable_certificates_are_said(tmp_path: Path) -> None:
    """A missing or foreign file is named."""
    (tmp_path / "x.pem").write_text("not a certificate")
    for name in ("x.pem", "none.pem"):
        with pytest.raises(ConfigurationError):
            files.load_certificates(tmp_path / name)


def test_writing_again_replaces_the_whole_file(tmp_path: Path) -> None:
    """A renewal leaves one key, the new one, and no draft beside it."""
    path, new = tmp_path / "a.key", make_key()
    files.save_key(path, make_key(), passphrase=None)
    files.save_key(path, new, passphrase=None)
    assert same(files.load_key(path, passphrase=None), new)
    assert list(tmp_path.iterdir()) == [path]


def test_a_directory_is_made_with_those_above(tmp_path: Path) -> None:
    """A new installation starts from an empty disk."""
    files.make_directory(tmp_path / "etc" / "keys")
    assert (tmp_path / "etc" / "keys").stat().st_mode & 0o777 == 0o700


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts descriptors where the kernel lists them")
def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    """Renewals for years do not use up a daemon's descriptors."""
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        files.save_key(tmp_path / "a.key", make_key(), passphrase=None)
        files.load_key(tmp_path / "a.key", passphrase=None)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    """A disk that refuses costs nothing but the new file: here the rename cannot be done."""
    path = tmp_path / "a.key"
    path.mkdir()
    (path / "kept").touch()
    with pytest.raises(OSError, match=r"a\.key"):
        files.save_key(path, make_key(), passphrase=None)
    assert list(tmp_path.iterdir()) == [path]
    assert (path / "kept").exists()
