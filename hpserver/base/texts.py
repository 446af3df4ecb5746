"""Texts as they enter a base: one spelling for one name, nothing that hides or turns what is read. Knows no row.

What a base holds already is never touched: a journal says what was, and an old value stays until somebody writes
that field again.
"""

import re
import unicodedata
from typing import Any, Final

from hpserver.errors import InvalidChangeError

_TURNING: Final = "\u202a-\u202e\u2066-\u2069"
"""Overrides, embeddings and isolates of the direction of writing: what is shown is not what is there."""

_WRONG: Final = f"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029{_TURNING}\ufff9-\ufffb\ud800-\udfff"

_WRONG_IN_LINE: Final = re.compile(f"[\t\n{_WRONG}]")
_WRONG_IN_LINES: Final = re.compile(f"[{_WRONG}]")

_BLANK_ENDS: Final = "\u200b\u2060\ufeff"
"""Blanks of no width, which `str.strip` leaves."""


def entered(value: Any, *, lines: bool) -> Any:
    """Return a value that somebody wishes as it is kept: a text, whatever holds texts, or anything else.

    Texts are in NFC. One of one line has no blanks at its ends; with `lines`, ends of lines are newlines and tabs may
    stand. Raises InvalidChangeError for control characters and for those that turn the direction of writing.
    """
    if isinstance(value, str):
        return _entered(value, lines=lines)
    if isinstance(value, tuple) and value and not isinstance(value[0], int):
        return tuple(entered(one, lines=lines) for one in value)
    return value


def repaired(value: Any, *, lines: bool) -> Any:
    """Return a value of a file without what `entered` would refuse: a space stands in its place."""
    if isinstance(value, str):
        wrong = _WRONG_IN_LINES if lines else _WRONG_IN_LINE
        return _entered(wrong.sub(" ", _unified(value) if lines else value), lines=lines)
    if isinstance(value, tuple) and value and not isinstance(value[0], int):
        return tuple(repaired(one, lines=lines) for one in value)
    return value


def _entered(text: str, *, lines: bool) -> str:
    if text.isascii() and text.isprintable():
        return text if lines else text.strip()
    if lines:
        text = _unified(text)
    found = (_WRONG_IN_LINES if lines else _WRONG_IN_LINE).search(text)
    if found is not None:
        code = f"U+{ord(found.group()):04X}"
        where = "a text" if lines else "a text of one line"
        raise InvalidChangeError(f"{where} cannot hold the character {code}", character=code)
    text = unicodedata.normalize("NFC", text)
    return text if lines else _stripped(text)


def _unified(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _stripped(text: str) -> str:
    while (bare := text.strip().strip(_BLANK_ENDS)) != text:
        text = bare
    return text
