"""Sets of weeks: one int in memory (bit 0 = week 1), `[1..6,12]` on paper. Knows no grid and no date."""

import re
from collections.abc import Iterator

from hpserver.errors import InvalidChangeError

MAX_WEEKS = 62
"""Weeks a grid may have: one school year and some more (the product's own limit)."""

MAX_TEXT = 512
"""Characters of a written week set: 62 single weeks take fewer than 200."""

_PART = re.compile(r"([0-9]{1,2})(?:\.\.([0-9]{1,2}))?")


def all_weeks(weeks: int) -> int:
    """Return the set of the first `weeks` weeks."""
    return (1 << weeks) - 1


def each_week(weeks: int) -> Iterator[int]:
    """Yield the indexes of a set in order; index 0 is week 1."""
    while weeks:
        low = weeks & -weeks
        yield low.bit_length() - 1
        weeks ^= low


def parse_weeks(text: str) -> int:
    """Read a week set written `[1..6,12]`, numbers 1 to 62, in any order.

    Raises InvalidChangeError when the text is not a week set.
    """
    inside = text.strip()
    if len(inside) > MAX_TEXT or not (inside.startswith("[") and inside.endswith("]")):
        raise InvalidChangeError("a week set is written between brackets, such as [1..6,12]", field="weeks")
    weeks = 0
    for part in filter(None, (part.strip() for part in inside[1:-1].split(","))):
        match = _PART.fullmatch(part)
        if match is None:
            raise InvalidChangeError(f"{part!r} is neither a week nor a range of weeks", field="weeks")
        first, last = int(match[1]), int(match[2] or match[1])
        if not 1 <= first <= last <= MAX_WEEKS:
            raise InvalidChangeError(f"{part!r} does not lie within weeks 1 to {MAX_WEEKS}", field="weeks")
        weeks |= all_weeks(last - first + 1) << (first - 1)
    return weeks


def format_weeks(weeks: int) -> str:
    """Write a week set, ranges where two or more weeks follow one another: `[1..6,12]`; none is `[]`."""
    parts = []
    while weeks:
        first = (weeks & -weeks).bit_length()
        run = weeks >> (first - 1)
        length = (~run & (run + 1)).bit_length() - 1
        parts.append(f"{first}" if length == 1 else f"{first}..{first + length - 1}")
        weeks &= ~(all_weeks(length) << (first - 1))
    return f"[{','.join(parts)}]"
