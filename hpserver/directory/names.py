"""What an account, a domain, a planning or a person may be called. Pure; knows no database."""

import re
import unicodedata
from urllib.parse import urlsplit

from hpserver.errors import InvalidNameError
from hpserver.identity.names import new_login

MAX_NAME = 64
"""Characters of a name people read: a planning's publication, a device, a school."""

MAX_EMAIL = 254
"""Characters of an e-mail address (RFC 5321, erratum 1690)."""

MAX_DOMAIN = 253
"""Characters of a domain name (RFC 1035)."""

MAX_ZONE = MAX_DOMAIN - 33
"""Characters of the domain of an account: a planning's name and a dot, 33 at most, go before it."""

MIN_LABELS = 2
"""A school's domain has a dot: a bare host name would reach the local network."""

RESERVED = frozenset({"console", "enrol", "www", "api", "mail", "ns", "localhost", "hp", "wpad", "autoconfig"})
"""What the first label of a name below an account's domain is not: the server's own names, and those that browsers,
mail programs and resolvers ask for by themselves."""

_DEVIATING = "ßς\u200c\u200d"
"""Other names today than by IDNA 2003 (Unicode TR 46, deviation characters)."""

_IN_LABELS = ("L", "M", "N")
"""Categories of the characters of a domain name, beside the hyphen: IDNA 2008 has no symbol."""

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_PLANNING = re.compile(r"[a-z][a-z0-9-]{0,31}")
MAX_BASE = 60
"""Characters of the name of a base: of 4 bytes each, with an ending, they stay below 255, as files need."""

_BASE = re.compile(rf"[\w][\w .()'-]{{0,{MAX_BASE - 1}}}")
_DIGITS = re.compile(r"[0-9]+")

HOSTING_DIGITS = 12
INVOICE_DIGITS = 10


def login(text: str) -> str:
    """Return the key of a login that is to be given to a user; see `identity.names`. Raises InvalidNameError."""
    return new_login(text)


def title(text: str, kind: str = "name") -> str:
    """Normalise a name that people read: NFC, outer spaces gone. Raises InvalidNameError."""
    return _visible(unicodedata.normalize("NFC", text), kind, MAX_NAME)


def email(text: str) -> str:
    """Normalise an e-mail address, or nothing: one @, a domain name after it. Raises InvalidNameError."""
    bare = text.strip()
    if not bare:
        return ""
    local, _, host = bare.rpartition("@")
    if not local or len(bare) > MAX_EMAIL or any(character.isspace() for character in local):
        raise InvalidNameError(f"{text!r} is no e-mail address", name=text)
    return f"{local}@{domain(host)}"


def https_address(text: str) -> str:
    """Normalise the address of a service: https, a host, a path if there is one, and nothing else.

    Raises InvalidNameError.
    """
    bare = text.strip().rstrip("/")
    refusal = InvalidNameError(f"{text!r} is no address of a service: write it as https://host/path", address=text)
    if not bare.isascii() or not bare.isprintable() or set(bare) & set(' "<>\\^`{|}?#@'):
        raise refusal
    try:
        parts = urlsplit(bare)
        reachable = parts.scheme == "https" and parts.hostname and (parts.port is None or parts.port > 0)
    except ValueError:
        raise refusal from None
    if not reachable:
        raise refusal
    return bare


def domain(text: str) -> str:
    """Normalise a domain name: IDNA, lower case, no final dot. Raises InvalidNameError.

    It is IDNA 2003, which Python brings, without the names that programs of today (IDNA 2008) read as other ones.
    """
    bare = unicodedata.normalize("NFC", text.strip()).removesuffix(".")
    if any(one in _DEVIATING for one in bare):
        raise InvalidNameError(f"{text!r} is read in two ways by programs: write it without that letter", name=text)
    try:
        result = bare.encode("idna").decode("ascii").lower()
        shown = result.encode("ascii").decode("idna")
    except UnicodeError as error:
        raise InvalidNameError(f"{text!r} is no domain name", name=text) from error
    labels = result.split(".")
    if len(result) > MAX_DOMAIN or len(labels) < MIN_LABELS or not all(map(_LABEL.fullmatch, labels)):
        raise InvalidNameError(f"{text!r} is no domain name", name=text)
    if _DIGITS.fullmatch(labels[-1]):
        raise InvalidNameError(f"{text!r} is an address, not a domain name", name=text)
    if not all(one in ".-" or unicodedata.category(one)[0] in _IN_LABELS for one in shown):
        raise InvalidNameError(f"{text!r} has a character that no domain name has", name=text)
    return result


def zone(text: str) -> str:
    """Normalise the domain that an account is given for ever: names go before it. Raises InvalidNameError."""
    result = domain(text)
    if len(result) > MAX_ZONE:
        raise InvalidNameError(f"the domain of an account has {MAX_ZONE} characters at most", name=text)
    return result


def below(text: str, zone_name: str) -> str:
    """Normalise a name that somebody wants below an account's domain; one label alone is taken for that.

    Raises InvalidNameError: it is elsewhere, or the server's own.
    """
    typed = text.strip()
    result = domain(typed if "." in typed.removesuffix(".") else f"{typed.removesuffix('.')}.{zone_name}")
    if not result.endswith(f".{zone_name}"):
        raise InvalidNameError(f"{result} is not below {zone_name}: its certificate would not hold", name=result)
    if result.removesuffix(f".{zone_name}").split(".")[0] in RESERVED:
        raise InvalidNameError(f"{result!r} is a name of the server itself: choose another one", name=result)
    return result


def decoded(name: str) -> str:
    """Write a domain name as people read it."""
    return name.encode("ascii").decode("idna")


def planning(text: str) -> str:
    """Normalise the technical name of a planning: a lower-case letter, then letters, digits, hyphens.

    Raises InvalidNameError.
    """
    return _matching(_PLANNING, text.strip().lower(), "planning")


def new_planning(text: str) -> str:
    """Normalise a technical name that is to be given to a planning; it is a label of a domain too.

    Raises InvalidNameError.
    """
    result = planning(text)
    if result in RESERVED:
        raise InvalidNameError(f"{result!r} is a name of the server itself: choose another one", name=result)
    return result


def base(text: str) -> str:
    """Normalise the name of a base; it is also a file name, so no slash, no leading dot. Raises InvalidNameError."""
    return _matching(_BASE, unicodedata.normalize("NFC", text).strip(), "base")


def hosting_number(text: str) -> str:
    """Normalise a hosting number: 12 digits, spaces between them forgiven. Raises InvalidNameError."""
    return _number(text, HOSTING_DIGITS, "hosting number")


def invoice_number(text: str) -> str:
    """Normalise an invoice number: 10 digits, spaces between them forgiven. Raises InvalidNameError."""
    return _number(text, INVOICE_DIGITS, "invoice number")


def _visible(text: str, kind: str, longest: int) -> str:
    result = text.strip()
    if not result or len(result) > longest:
        raise InvalidNameError(f"a {kind} has 1 to {longest} characters", kind=kind)
    if any(unicodedata.category(character)[0] == "C" for character in result):
        raise InvalidNameError(f"a {kind} has no invisible character", kind=kind)
    return result


def _matching(pattern: re.Pattern[str], text: str, kind: str) -> str:
    if not pattern.fullmatch(text):
        raise InvalidNameError(f"{text!r} is no name for a {kind}", kind=kind, name=text)
    return text


def _number(text: str, digits: int, kind: str) -> str:
    result = "".join(text.split())
    if len(result) != digits or not _DIGITS.fullmatch(result):
        raise InvalidNameError(f"a {kind} has {digits} digits", kind=kind)
    return result
