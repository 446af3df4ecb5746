"""Epochs: which owner of which base wrote a revision. Pure; knows no base.

Each time a base is taken its epoch grows by one. Every new history counts in a range of its own, a line, drawn at
random when it is made: so an epoch says of which history it is, whatever its name and the planning it is loaded in.
"""

from typing import Final

LINE: Final = 1 << 20
"""Epochs of a line: a million openings of one base. After them its clients take a snapshot once."""

LINES: Final = 1 << 33
"""Lines: the newest epoch still is a whole number that every JSON and JavaScript reader keeps (2**53 - 1)."""


def line_of(epoch: int) -> int:
    """Return the first epoch of the line that an epoch is in. Bases from before there were lines are in line 0."""
    return epoch - epoch % LINE


def line_drawn(chance: int) -> int:
    """Return the first epoch of a new line, for a number drawn below `LINES - 1`: never line 0."""
    return (chance + 1) * LINE


def has_seen(epoch: int, written: int) -> bool:
    """Whether a replica of an epoch has seen as it is now what was `written` in another, at a revision it reached."""
    return line_of(epoch) == line_of(written) and written <= epoch
