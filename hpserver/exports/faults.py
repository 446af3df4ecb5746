"""What is wrong with a value of a document, in words for people. Knows no document.

A decoder speaks of its own types; whoever corrects a file by hand reads what is needed there instead.
"""

import re
from typing import Final

OTHERWISE: Final = "this cannot be read"
"""What is said of a fault that has no words here."""

_TYPES: Final = {
    "int": "a whole number",
    "float": "a number",
    "str": "a text",
    "bool": "true or false",
    "array": "a list",
    "object": "names with values",
    "null": "nothing",
}
_PATH: Final = re.compile(r" - at `\$\.(?:fields\.)?(\w+)")


_NEEDED: Final = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
_FAULTS: Final = (
    (r"Expected `(?:int|float)[^`]*` >=? (-?\d+)", r"\1 is the least that may be here"),
    (r"Expected `(?:int|float)[^`]*` <=? (-?\d+)", r"\1 is the most that may be here"),
    (r"Expected `str[^`]*` of length >= 1", "a text is needed, and it is empty"),
    (r"Expected `str[^`]*` of length <= (\d+)", r"a text has at most \1 characters here"),
    (r"Expected `array[^`]*` of length <= (\d+)", r"a list has at most \1 items here"),
    (r"Expected `array[^`]*` of (?:at least )?length (?:>= )?(\d+)", r"a list has \1 items here"),
    (r"Expected `str[^`]*` matching", "this text is not written as it must be here"),
    (r"Invalid (?:enum )?value ('[^']*'|-?\d+)", r"\1 is none of the words for this"),
    (r"missing required field `(\w+)`", r"\1 is missing"),
    ("Integer value out of range", "this number is too large"),
    ("malformed", "this is no JSON: a sign is wrong or missing here"),
    ("truncated", "this is no JSON: the line ends too early"),
)
"""What a decoder says, and what is said here."""


def in_words(fault: str) -> str:
    """Return what a decoder says, in words for people, the field in front when it is known."""
    needed = _NEEDED.search(fault)
    if needed is not None:
        told = f"it needs {_type(needed[1])}, and has {_type(needed[2])}"
    else:
        known = ((re.search(pattern, fault), words) for pattern, words in _FAULTS)
        told = next((found.expand(words) for found, words in known if found is not None), OTHERWISE)
    path = _PATH.search(fault)
    return told if path is None else f"{path[1]}: {told}"


def _type(name: str) -> str:
    """Return what a type is called: `int | null` is a whole number or nothing."""
    first, _, rest = name.partition(" | ")
    known = _TYPES.get(first, "a value")
    return f"{known} or nothing" if rest == "null" else known
