"""Backups that only their owner can read: sealed to a public key with HPKE (RFC 9180). Knows no base."""

from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from hpserver.errors import ConfigurationError, CorruptBaseError

SEALED: Final = b"hp-sealed 1\n"
"""What a sealed file begins with; the rest is the encapsulated key and the ciphertext of HPKE."""

SEALED_SUFFIX: Final = ".sealed"

MAX_KEY_FILE: Final = 16 << 10
"""Bytes of a key file: a larger one is another file."""

_SUITE: Final = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def new_key(passphrase: str = "") -> tuple[bytes, bytes]:
    """Return a new private key, locked with the passphrase when there is one, and its public key, both as PEM."""
    key = X25519PrivateKey.generate()
    lock = BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption()
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, lock), public


def read_public(file: Path) -> X25519PublicKey:
    """Return the public key in a file. Raises ConfigurationError."""
    try:
        key = load_pem_public_key(_read(file))
    except (ValueError, TypeError) as error:
        raise _no_key(file) from error
    if not isinstance(key, X25519PublicKey):
        raise _no_key(file)
    return key


def read_private(file: Path, passphrase: str = "") -> X25519PrivateKey:
    """Return the private key in a file. Raises ConfigurationError."""
    try:
        key = load_pem_private_key(_read(file), passphrase.encode() or None)
    except (ValueError, TypeError) as error:
        raise ConfigurationError(
            f"{file} is no private key for backups, or its passphrase is another one.", path=str(file)
        ) from error
    if not isinstance(key, X25519PrivateKey):
        raise _no_key(file)
    return key


def seal(content: bytes, key: X25519PublicKey) -> bytes:
    """Return the content as only the holder of the private key can read it."""
    return SEALED + _SUITE.encrypt(content, key, info=SEALED)


def is_sealed(start: bytes) -> bool:
    """Say whether a file that starts so is sealed."""
    return start.startswith(SEALED)


def unseal(sealed: bytes, key: X25519PrivateKey) -> bytes:
    """Return what was sealed. Raises CorruptBaseError when it is not for this key, or one bit is another."""
    try:
        return _SUITE.decrypt(sealed.removeprefix(SEALED), key, info=SEALED)
    except (InvalidTag, ValueError) as error:
        raise CorruptBaseError("the backup is damaged, or sealed for another key") from error


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(MAX_KEY_FILE)


def _no_key(file: Path) -> ConfigurationError:
    return ConfigurationError(f"{file} is no X25519 key: make one with `hp base backup-key`.", path=str(file))
