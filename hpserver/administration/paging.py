"""Long lists in pages that travel anywhere. Knows no row."""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import msgspec

from hpserver.protocol.catalogue.administration import MAX_PAGE

R = TypeVar("R", bound=msgspec.Struct)

MAX_PAGE_BYTES: Final = 48 << 10
"""Of the rows of one page: with what is around them they fit a packet between our processes (64 KiB)."""

_encode: Final = msgspec.msgpack.Encoder().encode


def page(rows: Sequence[R], limit: int = MAX_PAGE) -> tuple[tuple[R, ...], bool]:
    """Return the first rows that fit, one at least, and whether others follow."""
    left, count = MAX_PAGE_BYTES, 0
    for row in rows[:limit]:
        left -= len(_encode(row))
        if left < 0 and count:
            break
        count += 1
    return tuple(rows[:count]), count < len(rows)


def changed(wish: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return the fields of a wish that say something: nil leaves a value as it is."""
    return {name: value for name in names if (value := getattr(wish, name)) is not None}
