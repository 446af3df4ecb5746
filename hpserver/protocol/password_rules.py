"""What a new password must be, rule by rule: the same for who types it and for who accepts it. Knows no hash, no user.

The list of common words comes as an argument: this module opens no file.
"""

import unicodedata
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Final

from hpserver.errors import WeakSecretError
from hpserver.protocol.limits import MAX_PASSWORD_BYTES

MIN_CHARACTERS: Final = 12
MAX_CHARACTERS: Final = 128
"""NIST 800-63B asks for 64 or more; Teleport 12 to 128."""

FREE_FROM: Final = 15
"""From so many characters on, the kinds of characters no longer count (ASVS 6.2.5 against the product's own rule)."""

MIN_CONTEXT: Final = 4
"""Shorter words of the context (a school called `ENS`) would forbid too much."""

_WORDS: Final = """
password motdepasse passwort administrateur administrator superadmin bienvenue welcome azerty azertyuiop qwerty
qwertyuiop qsdfghjklm asdfghjkl wxcvbn zxcvbnm soleil doudou chouchou marseille loulou iloveyou jetaime letmein
changeme changezmoi monmotdepasse hyperplanning pronote emploidutemps timetable planning university universite
rentree scolarite secretariat professeur enseignant etudiant football princess princesse dragon monkey sunshine
trustno1 starwars pokemon superman batman michael nicolas camille
"""
OURS: Final = frozenset(_WORDS.split())
"""Words of French schools, and of this product, that longer lists lack."""

_DISGUISES: Final = str.maketrans("@4310$5!7", "aaeiossit")


@dataclass(frozen=True, slots=True)
class Line:
    """One rule of the checklist, as people read it while they type, and whether the password meets it.

    `waived`: the password is so long that the rule does not count; then it is `met`.
    """

    rule: str
    fr: str
    en: str
    met: bool
    waived: bool = False


@dataclass(frozen=True, slots=True)
class _Kind:
    rule: str
    fr: str
    en: str
    has: Callable[[str], bool]


def _is_special(text: str) -> bool:
    return any(not one.isalnum() and not one.isspace() for one in text)


_LENGTH: Final = (
    "too_short",
    f"au moins {MIN_CHARACTERS} caractères",
    f"at least {MIN_CHARACTERS} characters",
)
_KINDS: Final = (
    _Kind("letter", "au moins une lettre", "at least one letter", lambda text: any(map(str.isalpha, text))),
    _Kind("digit", "au moins un chiffre", "at least one digit", lambda text: any(map(str.isdigit, text))),
    _Kind("special", "au moins un caractère spécial", "at least one special character", _is_special),
    _Kind(
        "case",
        "des majuscules et des minuscules",
        "upper and lower case letters",
        lambda text: any(map(str.islower, text)) and any(map(str.isupper, text)),
    ),
)
_GUESSED: Final = {
    "repetition": (
        "plus de quatre caractères différents",
        "more than four different characters",
    ),
    "common": (
        "pas un mot de passe courant",
        "not a common password",
    ),
    "context": (
        "pas seulement un nom connu ici",
        "not just a name known here",
    ),
}


def checklist(password: str, context: Iterable[str] = (), common: Collection[str] = ()) -> tuple[Line, ...]:
    """Return the five rules of the guide, then ours, each met or not: what a screen shows at every key.

    `context` holds the login, the names, the school's domain and so on; `common` the words most often used.
    """
    long = len(password) >= FREE_FROM
    guessed = _guessed(password, context, common)
    return (
        Line(*_LENGTH, met=len(password) >= MIN_CHARACTERS),
        *(Line(one.rule, one.fr, one.en, met=long or one.has(password), waived=long) for one in _KINDS),
        *(Line(rule, *words, met=bool(password) and rule not in guessed) for rule, words in _GUESSED.items()),
    )


def check_password(password: str, context: Iterable[str] = (), common: Collection[str] = ()) -> None:
    """Check a password that is to be set, by the rules of `checklist`.

    Raises:
        WeakSecretError: `rule` is `too_long`, or that of the first line of the checklist that is not met.
    """
    if len(password) > MAX_CHARACTERS or len(password.encode("utf-8", "surrogatepass")) > MAX_PASSWORD_BYTES:
        raise WeakSecretError(f"A password has at most {MAX_CHARACTERS} characters.", rule="too_long")
    for line in checklist(password, context, common):
        if not line.met:
            raise WeakSecretError(f"A password needs more: {line.en}.", rule=line.rule)


def core(password: str) -> str:
    """Return a password without what is hung at its ends and the usual disguises: letters only."""
    inner = _bare(password).strip("0123456789!?.,;:*+-_/#&() ")
    return "".join(one for one in inner.translate(_DISGUISES) if one.isalpha())


def _guessed(password: str, context: Iterable[str], common: Collection[str]) -> set[str]:
    bare, letters = _bare(password), core(password)
    half = letters[: len(letters) // 2]
    word = half if half * 2 == letters else letters
    found = {
        "repetition": len(set(bare)) <= MIN_CONTEXT,
        "common": any(one in words for one in (letters, word) for words in (OURS, common)),
        "context": _is_little_more(bare, _parts(context)),
    }
    return {rule for rule, hit in found.items() if hit}


def _parts(context: Iterable[str]) -> list[str]:
    parts = (part for word in context for part in _bare(word).replace("@", " ").replace(".", " ").split())
    return [part for part in parts if len(part) >= MIN_CONTEXT]


def _is_little_more(bare: str, parts: Iterable[str]) -> bool:
    """Whether less than eight characters are left once each of the parts was taken out, the longest first."""
    left = bare
    for part in sorted(parts, key=len, reverse=True):
        left = left.replace(part, "")
    return left != bare and len(left) < MIN_CONTEXT * 2


def _bare(text: str) -> str:
    """Fold case and take the accents away."""
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in split if not unicodedata.combining(one))
