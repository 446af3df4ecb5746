"""A private key encrypted under a passphrase, as standard PKCS#8. It knows no file.

`cryptography` writes PKCS#8 with 2,048 rounds of PBKDF2, which a stolen file does not resist; it does read scrypt
(RFC 7914, section 7), so only the writing is here. (`openssl pkcs8` reads it too, but not above 32 MiB a guess.)
"""

import base64

from cryptography import x509
from cryptography.hazmat import asn1
from cryptography.hazmat.primitives import padding, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

COST = 2**17  # with blocks of 8: 128 MiB and about half a second a guess (OWASP's first choice for scrypt)
SALT_BYTES = 16
CHANCE_BYTES = 32  # the salt, then the cipher's first vector

_BLOCK = 8
_PARALLEL = 1
_KEY_BYTES = 32  # AES-256
_LABEL = "ENCRYPTED PRIVATE KEY"
_LINE = 64

_PBES2 = x509.ObjectIdentifier("1.2.840.113549.1.5.13")
_SCRYPT = x509.ObjectIdentifier("1.3.6.1.4.1.11591.4.11")
_AES_256_CBC = x509.ObjectIdentifier("2.16.840.1.101.3.4.1.42")

# The shapes of RFC 5958 (a sealed key), RFC 8018 (PBES2) and RFC 7914 (scrypt), outermost last.


@asn1.sequence
class _ScryptParameters:
    salt: bytes
    cost: int
    block: int
    parallel: int


@asn1.sequence
class _Derivation:
    algorithm: x509.ObjectIdentifier
    parameters: _ScryptParameters


@asn1.sequence
class _Encryption:
    algorithm: x509.ObjectIdentifier
    vector: bytes


@asn1.sequence
class _SchemeParameters:
    derivation: _Derivation
    encryption: _Encryption


@asn1.sequence
class _Scheme:
    algorithm: x509.ObjectIdentifier
    parameters: _SchemeParameters


@asn1.sequence
class _SealedKey:
    scheme: _Scheme
    sealed: bytes


def seal(key: ec.EllipticCurvePrivateKey, passphrase: bytes, *, chance: bytes, cost: int) -> bytes:
    """Return the key as PEM, under PBES2 with scrypt (`cost` blocks of 1 KiB) and AES-256-CBC.

    `chance` is 32 random bytes, never used twice; `cost` is a power of two, `COST` but for tests.

    Raises:
        ValueError: `chance` is not 32 bytes, or `cost` is no power of two.
    """
    if len(chance) != CHANCE_BYTES:
        raise ValueError(f"A key is sealed with {CHANCE_BYTES} random bytes.")
    salt, vector = chance[:SALT_BYTES], chance[SALT_BYTES:]
    secret = Scrypt(salt, _KEY_BYTES, cost, _BLOCK, _PARALLEL).derive(passphrase)
    plain = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    padder = padding.PKCS7(algorithms.AES256.block_size).padder()
    encryptor = Cipher(algorithms.AES256(secret), modes.CBC(vector)).encryptor()
    sealed = encryptor.update(padder.update(plain) + padder.finalize()) + encryptor.finalize()
    derivation = _Derivation(
        algorithm=_SCRYPT,
        parameters=_ScryptParameters(salt=salt, cost=cost, block=_BLOCK, parallel=_PARALLEL),
    )
    encryption = _Encryption(algorithm=_AES_256_CBC, vector=vector)
    scheme = _Scheme(algorithm=_PBES2, parameters=_SchemeParameters(derivation=derivation, encryption=encryption))
    return _pem(asn1.encode_der(_SealedKey(scheme=scheme, sealed=sealed)))


def _pem(der: bytes) -> bytes:
    text = base64.b64encode(der).decode("ascii")
    lines = [text[at : at + _LINE] for at in range(0, len(text), _LINE)]
    return "\n".join([f"-----BEGIN {_LABEL}-----", *lines, f"-----END {_LABEL}-----", ""]).encode("ascii")
