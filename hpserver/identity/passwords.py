"""Secrets <-> hashes: argon2id under a pepper. It knows no user, no rule for passwords, and draws no salt."""

import hashlib
import hmac
import unicodedata
from dataclasses import dataclass
from typing import Final

from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import Type, hash_secret, verify_secret

from hpserver.errors import WeakSecretError

MAX_BYTES: Final = 1024
"""UTF-8 bytes; more is refused before any hashing (hash denial of service)."""

SALT_BYTES: Final = 16
PEPPER_BYTES: Final = 32
TAG_BYTES: Final = 32
TAG_OF_TRIED: Final = 2
"""Bytes that stand for a wrong secret; see `tag`."""


@dataclass(frozen=True, slots=True)
class Cost:
    """What argon2id spends on one hash."""

    memory_kib: int
    rounds: int
    lanes: int


USERS: Final = Cost(19_456, 2, 1)
"""Users and PINs (ASVS 11.4.2, appendix C): 60 ms on two cores of 2020."""

SUPERADMINS: Final = Cost(65_536, 3, 4)
"""Superadmins and the console (RFC 9106, second recommended option): 320 ms."""


def accepts_length(secret: str) -> bool:
    """Return whether a secret is short enough to be hashed at all; asked before any comparison."""
    return len(secret.encode("utf-8", "surrogatepass")) <= MAX_BYTES


def hash_password(password: str, *, salt: bytes, pepper: bytes, cost: Cost = USERS) -> str:
    """Return the hash of a password or PIN in the PHC format; `salt` is 16 fresh random bytes.

    Raises:
        WeakSecretError: it is longer than `MAX_BYTES`.
        ValueError: the salt or the pepper is not of its length.
    """
    if not accepts_length(password):
        raise _weak("too_long", f"A password has at most {MAX_BYTES} bytes.")
    if len(salt) != SALT_BYTES:
        raise ValueError(f"A salt has {SALT_BYTES} bytes.")
    tag = hash_secret(_peppered(password, pepper), salt, cost.rounds, cost.memory_kib, cost.lanes, TAG_BYTES, Type.ID)
    return tag.decode("ascii")


def verify(hashed: str, password: str, *, pepper: bytes) -> bool:
    """Return whether the password is the one of the hash; False as well for a hash that cannot be read."""
    if not accepts_length(password):
        return False
    try:
        return verify_secret(hashed.encode("ascii"), _peppered(password, pepper), Type.ID)
    except (VerifyMismatchError, VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def needs_rehash(hashed: str, cost: Cost) -> bool:
    """Return whether a hash was made with less than `cost`: it is made again at the next right password."""
    spent = maybe_cost(hashed)
    return spent is None or spent.memory_kib < cost.memory_kib or spent.rounds < cost.rounds


def maybe_cost(hashed: str) -> Cost | None:
    """Return what a hash has cost, None when it is not one of ours."""
    try:
        kind, version, figures = hashed.split("$")[1:4]
        memory, rounds, lanes = (int(part.partition("=")[2]) for part in figures.split(","))
    except ValueError:
        return None
    return Cost(memory, rounds, lanes) if (kind, version) == ("argon2id", "v=19") else None


def dummy(cost: Cost = USERS) -> str:
    """Return a hash that no password has, to spend the same work on a login that does not exist."""
    zeros = "A" * 22, "A" * 43  # 16 and 32 zero bytes in base64 without padding
    return f"$argon2id$v=19$m={cost.memory_kib},t={cost.rounds},p={cost.lanes}${zeros[0]}${zeros[1]}"


def tag(secret: str, counter: str, *, pepper: bytes) -> bytes:
    """Return what recognises the same wrong secret tried again at the same counter; it is kept on disk.

    It is keyed, and so short that it says little even to who has the key: of a million candidates, fifteen fit. The
    price: one wrong guess in 65,536 is taken for the one before it and not counted; who guesses cannot tell which.
    """
    return hmac.digest(pepper, b"again\0" + counter.encode() + b"\0" + _normal(secret), hashlib.sha256)[:TAG_OF_TRIED]


def draw(name: str, *, pepper: bytes) -> int:
    """Return 0 to 255, always the same of a name, and of no use to foresee without the pepper."""
    return hmac.digest(pepper, b"draw\0" + _normal(name), hashlib.sha256)[0]


def _peppered(secret: str, pepper: bytes) -> bytes:
    if len(pepper) != PEPPER_BYTES:
        raise ValueError(f"A pepper has {PEPPER_BYTES} bytes.")
    return hmac.digest(pepper, _normal(secret), hashlib.sha256)


def _normal(secret: str) -> bytes:
    return unicodedata.normalize("NFKC", secret).encode("utf-8", "surrogatepass")


def _weak(rule: str, text: str) -> WeakSecretError:
    return WeakSecretError(text, rule=rule)
