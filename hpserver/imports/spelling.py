"""When two names are the same, or so near that one of them is probably a slip. Knows no base."""

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

LEAST_LETTERS: Final = 4
"""Letters of a word in which one letter more, less or other is a slip: shorter words differ by design (6A, 6B)."""
MOST_LETTERS: Final = 32
"""Letters of a word that is looked at for slips."""
MOST_WORDS: Final = 8
"""Words of a name that is looked at for slips."""

_WORD: Final = re.compile(r"[^\W\d_]+|\d+")


@lru_cache(maxsize=65_536)
def fold(text: str) -> str:
    """Return a text without case, accents and spaces at its ends; spaces in a row are one: `  Algèbre` is `algebre`."""
    apart = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE").replace("\u2019", "'"))
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return " ".join(bare.casefold().split())


def slips(text: str) -> Iterator[str]:
    """Yield marks of a name: two names of which one is probably a slip of the other share one.

    They differ by signs and spaces only, or by the order of their words, or by one letter of one long word; names
    whose numbers differ are never near.
    """
    words = _WORD.findall(fold(text))
    yield "".join(words)
    if not 0 < len(words) <= MOST_WORDS:
        return
    numbers = [word for word in words if word.isdigit()]
    yield " ".join([*sorted(word for word in words if not word.isdigit()), *numbers])
    for at, word in enumerate(words):
        if LEAST_LETTERS <= len(word) <= MOST_LETTERS and not word.isdigit():
            before, after = " ".join(words[:at]), " ".join(words[at + 1 :])
            yield f"{before}|{word}|{after}"
            for hole in range(len(word)):
                yield f"{before}|{word[:hole]}{word[hole + 1 :]}|{after}"
