"""What all wishes and outcomes of administration share. Knows no wish."""

from typing import Annotated, Final

import msgspec

MAX_PAGE: Final = 100
"""Rows of one outcome: they fit a packet between our own processes too (`internal.MAX_PACKET`)."""

PageSize = Annotated[int, msgspec.Meta(ge=1, le=MAX_PAGE)]


class Wish(msgspec.Struct, frozen=True, array_like=True, gc=False, tag_field="wish"):
    """Something to administer: `[name, field, ...]`."""


class Outcome(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What became of a wish: `[name, field, ...]`."""


class Done(Outcome, frozen=True, tag="done"):
    """It is done.

    Attributes:
        closed: sessions that were closed for it.
    """

    closed: int = 0
