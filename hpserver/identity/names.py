"""What a person typed as a login -> the one key it is searched and counted by. It knows no user."""

import unicodedata

from hpserver.errors import InvalidNameError

MAX_LOGIN = 64
"""Characters of a login that is given to somebody; whatever is typed is searched for."""

_UNSEEN = {"Cc", "Cf", "Cs"}
"""Unicode categories without a glyph: what cannot be seen cannot tell two logins apart."""


def login(typed: str) -> str:
    """Return the key of a login: NFKC, case folded, unseen characters out, runs of white space as one blank.

    Doing it twice changes nothing. The search for the user and the counting of failures use this key, so that no
    other spelling reaches the same user with fresh tries.
    """
    folded = _settled(typed)
    seen = "".join(one for one in folded if one.isspace() or unicodedata.category(one) not in _UNSEEN)
    return " ".join(_settled(seen).split())


def new_login(typed: str) -> str:
    """Return the key of a login that is to be given to a user.

    Raises:
        InvalidNameError: nothing of it can be seen, something of it cannot, or it is longer than `MAX_LOGIN`.
    """
    key = login(typed)
    hidden = any(unicodedata.category(one) in _UNSEEN for one in typed.strip())
    if hidden or not 1 <= len(key) <= MAX_LOGIN:
        raise InvalidNameError(f"A login has 1 to {MAX_LOGIN} characters, all of which can be seen.")
    return key


def _settled(text: str) -> str:
    """Folding may undo NFKC and the other way round: go on until neither changes anything (3 rounds are enough)."""
    for _ in range(3):
        folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
        if folded == text:
            break
        text = folded
    return text
