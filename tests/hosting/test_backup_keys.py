"""Sealed backups: opened by the right key alone, and never when a bit is another."""

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from hpserver.errors import ConfigurationError, CorruptBaseError
from hpserver.hosting.backup_keys import SEALED, is_sealed, new_key, read_private, read_public, seal, unseal


def keys(folder: Path, passphrase: str = "") -> tuple[Path, Path]:
    """Write a pair of keys."""
    private, public = folder / "private.pem", folder / "public.pem"
    for path, content in zip((private, public), new_key(passphrase), strict=True):
        path.write_bytes(content)
    return private, public


@pytest.mark.parametrize("passphrase", ["", "Lune-4"])
def test_what_was_sealed_is_opened_with_the_private_key(tmp_path: Path, passphrase: str) -> None:
    """The server holds the public key, and cannot read what it wrote."""
    private, public = keys(tmp_path, passphrase)
    sealed = seal(b"base" * 1000, read_public(public))
    assert is_sealed(sealed)
    assert b"base" not in sealed
    assert seal(b"base" * 1000, read_public(public)) != sealed
    assert unseal(sealed, read_private(private, passphrase)) == b"base" * 1000


def test_other_keys_and_other_bits_open_nothing(tmp_path: Path) -> None:
    """A stolen or damaged backup says nothing but that it is."""
    private, public = keys(tmp_path)
    sealed = seal(b"base", read_public(public))
    (tmp_path / "other").mkdir()
    other, _ = keys(tmp_path / "other")
    for raw, key in [(sealed, other), (sealed[:-1], private), (sealed[:20], private), (SEALED, private)]:
        with pytest.raises(CorruptBaseError, match="damaged, or sealed for another key"):
            unseal(raw, read_private(key))
    for place in range(len(SEALED), len(sealed)):
        flipped = bytearray(sealed)
        flipped[place] ^= 1
        with pytest.raises(CorruptBaseError):
            unseal(bytes(flipped), read_private(private))


def test_what_is_no_key_is_told(tmp_path: Path) -> None:
    """A wrong file or passphrase is a sentence."""
    private, public = keys(tmp_path, "Lune-4")
    elliptic = tmp_path / "ec.pem"
    key = generate_private_key(SECP256R1()).public_key()
    elliptic.write_bytes(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    for path in (private, elliptic):
        with pytest.raises(ConfigurationError, match="no X25519 key"):
            read_public(path)
    for path, passphrase in ((private, "Soleil"), (private, ""), (public, "")):
        with pytest.raises(ConfigurationError, match="no private key"):
            read_private(path, passphrase)
