"""Rules for passwords, and secrets <-> hashes (argon2id under a pepper). It knows no user and draws no salt."""

import hashlib
import hmac
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import Type, hash_secret, verify_secret

from hpserver.errors import WeakSecretError

MIN_CHARACTERS: Final = 12
MAX_CHARACTERS: Final = 128
"""NIST 800-63B asks for 64 or more; Teleport 12 to 128."""

MAX_BYTES: Final = 1024
"""UTF-8 bytes; more is refused before any hashing (hash denial of service)."""

FREE_FROM: Final = 15
"""From so many characters on, the kinds of characters no longer count (ASVS 6.2.5 against the product's own rule)."""

SALT_BYTES: Final = 16
PEPPER_BYTES: Final = 32
TAG_BYTES: Final = 32
MIN_CONTEXT: Final = 4
"""Shorter words of the context (a school called `ENS`) would forbid too much."""

_WORDS: Final = """
password motdepasse passwort administrateur administrator superadmin bienvenue welcome azerty azertyuiop qwerty
qwertyuiop qsdfghjklm asdfghjkl wxcvbn zxcvbnm soleil doudou chouchou marseille loulou iloveyou jetaime letmein
changeme changezmoi monmotdepasse hyperplanning pronote emploidutemps timetable planning university universite
rentree scolarite secretariat professeur enseignant etudiant football princess princesse dragon monkey sunshine
trustno1 starwars pokemon superman batman michael nicolas camille
"""
BLOCKED: Final = frozenset(_WORDS.split())
"""Words a password may not be made of once digits, signs and accents are taken away (zxcvbn's first and ours)."""


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


def check_password(password: str, context: Iterable[str] = ()) -> None:
    """Check a password that is to be set; `context` holds the login, the names, the school's domain and so on.

    Raises:
        WeakSecretError: `rule` is `too_short`, `too_long`, `letter`, `digit`, `special`, `case`, `common`,
            `repetition` or `context`.
    """
    if not accepts_length(password) or len(password) > MAX_CHARACTERS:
        raise _weak("too_long", f"A password has at most {MAX_CHARACTERS} characters.")
    if len(password) < MIN_CHARACTERS:
        raise _weak("too_short", f"A password has at least {MIN_CHARACTERS} characters.")
    if len(password) < FREE_FROM:
        _check_kinds(password)
    _check_guessable(password, context)


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


def fingerprint(secret: str, *, pepper: bytes) -> bytes:
    """Return a keyed digest of a secret, to recognise the same wrong one; never kept on a disk."""
    return hmac.digest(pepper, b"again\0" + _normal(secret), hashlib.sha256)


def _peppered(secret: str, pepper: bytes) -> bytes:
    if len(pepper) != PEPPER_BYTES:
        raise ValueError(f"A pepper has {PEPPER_BYTES} bytes.")
    return hmac.digest(pepper, _normal(secret), hashlib.sha256)


def _normal(secret: str) -> bytes:
    return unicodedata.normalize("NFKC", secret).encode("utf-8", "surrogatepass")


def _check_kinds(password: str) -> None:
    asked = (
        ("letter", any(one.isalpha() for one in password)),
        ("digit", any(one.isdigit() for one in password)),
        ("special", any(not one.isalnum() and not one.isspace() for one in password)),
        ("case", any(one.islower() for one in password) and any(one.isupper() for one in password)),
    )
    for rule, met in asked:
        if not met:
            raise _weak(
                rule, f"Below {FREE_FROM} characters, a password has letters of both cases, a digit and a special sign."
            )


def _check_guessable(password: str, context: Iterable[str]) -> None:
    bare, letters = _bare(password), _letters(password)
    if len(set(bare)) <= MIN_CONTEXT:
        raise _weak("repetition", "A password has more than four different characters.")
    if letters in BLOCKED or any(letters == word * 2 for word in BLOCKED):
        raise _weak("common", "The password is one of those tried first.")
    for word in context:
        for part in _bare(word).replace("@", " ").replace(".", " ").split():
            if len(part) >= MIN_CONTEXT and part in bare and len(bare) - len(part) < MIN_CONTEXT * 2:
                raise _weak("context", "The password is little more than a name known to everybody here.")


def _bare(text: str) -> str:
    """Fold case and take the accents away."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in split if not unicodedata.combining(one))


def _letters(password: str) -> str:
    """Take off what is hung at the ends, undo the usual disguises, then keep letters only."""
    core = _bare(password).strip("0123456789!?.,;:*+-_/#&() ")
    return "".join(one for one in core.translate(str.maketrans("@4310$5!7", "aaeiossit")) if one.isalpha())


def _weak(rule: str, text: str) -> WeakSecretError:
    return WeakSecretError(text, rule=rule)
