"""Keys and certificates on disk, with the right permissions. It knows PEM and modes, not what a key is for.

On Windows, modes say nothing: the profile directory of the user protects a device's key there.
"""

import contextlib
import os
import tempfile
from collections.abc import Sequence
from pathlib import Path
from stat import S_IMODE

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from hpserver.certs import sealing
from hpserver.errors import ConfigurationError

PRIVATE_FILE = 0o600
PUBLIC_FILE = 0o644
PRIVATE_DIRECTORY = 0o700
MAX_PEM = 65_536  # a chain of the house is below 4 KiB: anything larger is another file
_OTHERS = 0o077


def make_directory(path: Path) -> None:
    """Create a directory (and its parents) that its owner alone may enter, or check the one there is.

    Raises:
        ConfigurationError: it exists and others may enter it, or it is not a directory.
    """
    try:
        path.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
    except FileExistsError as error:
        raise ConfigurationError("A file stands where the directory of keys must be.", path=str(path)) from error
    mode = S_IMODE(path.stat().st_mode)
    if mode & _OTHERS and os.name == "posix":
        raise ConfigurationError(
            f"Others may enter the directory of keys: run `chmod 700 {path}`.",
            path=str(path),
            mode=f"{mode:o}",
        )


def check_private(path: Path) -> None:
    """Check that only its owner may read the file.

    Raises:
        ConfigurationError: it is missing, no regular file, or open to others; the text says what to run.
    """
    _read_private(path)


def save_key(
    path: Path, key: ec.EllipticCurvePrivateKey, *, passphrase: bytes | None, cost: int = sealing.COST
) -> None:
    """Write a private key (PKCS#8 PEM, mode 0600), encrypted under the passphrase when there is one.

    The file is whole or as before, and on the disk when this returns. `cost` is that of `sealing.seal`: half a
    second unless a test lowers it.

    Raises:
        ConfigurationError: the passphrase is empty.
        OSError: the disk refused.
    """
    _write(path, _pem(key, passphrase, cost), PRIVATE_FILE)


def save_secret(path: Path, content: bytes) -> None:
    """Write a secret that is no key (mode 0600). The file is whole or as before, and on the disk when this returns.

    Raises:
        OSError: the disk refused.
    """
    _write(path, content, PRIVATE_FILE)


def load_key(path: Path, *, passphrase: bytes | None) -> ec.EllipticCurvePrivateKey:
    """Read the private key of `save_key`.

    Raises:
        ConfigurationError: the file is missing, open to others, not a key, or the passphrase is not the one.
    """
    pem = _read_private(path)
    try:
        key = serialization.load_pem_private_key(pem, passphrase)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigurationError(
            "The key cannot be read: it is damaged, or its passphrase is missing, wrong or not needed.",
            path=str(path),
        ) from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise ConfigurationError("The key is not an elliptic curve key.", path=str(path))
    return key


def save_certificates(path: Path, certificates: Sequence[x509.Certificate]) -> None:
    """Write a chain, leaf first, as PEM (mode 0644: certificates are public), whole or as before.

    Raises:
        OSError: the disk refused.
    """
    _write(path, b"".join(one.public_bytes(serialization.Encoding.PEM) for one in certificates), PUBLIC_FILE)


def load_certificates(path: Path) -> list[x509.Certificate]:
    """Read the certificates of a PEM file, in its order.

    Raises:
        ConfigurationError: the file is missing or holds no certificate.
    """
    try:
        with path.open("rb") as file:
            return x509.load_pem_x509_certificates(file.read(MAX_PEM))
    except (OSError, ValueError) as error:
        raise ConfigurationError("The certificates cannot be read.", path=str(path)) from error


def _pem(key: ec.EllipticCurvePrivateKey, passphrase: bytes | None, cost: int) -> bytes:
    if passphrase is None:
        encoding, plain = serialization.Encoding.PEM, serialization.NoEncryption()
        return key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain)
    if not passphrase:
        raise ConfigurationError("The passphrase of a key is empty.")
    return sealing.seal(key, passphrase, chance=os.urandom(sealing.CHANCE_BYTES), cost=cost)


def _read_private(path: Path) -> bytes:
    try:
        if not path.is_file():  # opening a pipe would wait for its writer
            raise ConfigurationError("The key is missing, or is not a regular file.", path=str(path))
        with path.open("rb") as file:
            _check_mode(path, os.fstat(file.fileno()))  # of the file opened: a name may change hands in between
            return file.read(MAX_PEM)
    except OSError as error:
        raise ConfigurationError("The key cannot be read.", path=str(path), reason=str(error.strerror)) from error


def _check_mode(path: Path, status: os.stat_result) -> None:
    mode = S_IMODE(status.st_mode)
    if mode & _OTHERS and os.name == "posix":
        raise ConfigurationError(f"Others may read the key: run `chmod 600 {path}`.", path=str(path), mode=f"{mode:o}")


def _write(path: Path, content: bytes, mode: int) -> None:
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # made with mode 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            Path(name).chmod(mode)
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(name).unlink()
        raise
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    if os.name != "posix":  # Windows cannot open a directory, and writes renames through by itself
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
