"""A base or a branch made of bytes that have come, in a process of its own, `hpserver.receiver`. Knows no session."""

import contextlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec

from hpserver.errors import HPError, ImportRefusedError
from hpserver.hosting.aside import Aside
from hpserver.hosting.bases import ORIGIN_SUFFIX
from hpserver.hosting.sandbox import WALL_SECONDS
from hpserver.protocol.messages import Reading
from hpserver.store.rebuild import forget_unfinished

FINISH_SECONDS: Final = 2 * WALL_SECONDS + 60.0
"""To check, open, rebuild and write a base: opening may take half of it."""

PROGRAM: Final = (sys.executable, "-I", "-m", "hpserver.receiver")


class Order(msgspec.Struct, frozen=True):
    """What the process is told: where the bytes are, what they should be, and where the base and the answer go.

    With `reading` they become a branch of the base `of`, made for `operation`.
    """

    part: str
    bytes: int
    sha256: str
    path: str
    name: str
    done: str
    reading: Reading | None = None
    of: str = ""
    operation: str = ""


class Made(msgspec.Struct, frozen=True, tag="made"):
    """The base is there: as `messages.Uploaded`."""

    revision: int
    counts: dict[str, int]
    notes: tuple[tuple[int, str, str], ...]
    noted: dict[str, int]
    branch_of: str = ""
    changed: tuple[tuple[str, int], ...] = ()
    changes: bytes = b""


class NotMade(msgspec.Struct, frozen=True, tag="not made"):
    """Nothing is there, because of an error of the house."""

    code: int
    text: str
    details: dict[str, str | int]


_outcomes: Final[msgspec.json.Decoder[Made | NotMade]] = msgspec.json.Decoder(Made | NotMade)


class Receiver:
    """Makes one base."""

    def __init__(self, program: tuple[str, ...] = PROGRAM) -> None:
        self._aside = Aside(program)

    async def make(self, order: Order, told: Callable[[int], None] = lambda _: None) -> Made:
        """Have the base made: all of it, or nothing is left of it. Raises why it was not."""
        try:
            raw = await self._aside.run(msgspec.json.encode(order), FINISH_SECONDS, told)
        finally:
            _forget_unfinished(order)
        if (made := maybe_made(raw)) is not None:
            return made
        raise _error(raw)

    def end(self) -> None:
        """Leave nothing of it. Safe when it has ended."""
        self._aside.end()


def _forget_unfinished(order: Order) -> None:
    """Leave nothing of a process that was killed: no half a base, no word about a branch that is not there."""
    forget_unfinished(Path(order.path))
    if order.reading is not None and not Path(order.path).exists():
        Path(order.path + ORIGIN_SUFFIX).unlink(missing_ok=True)


def maybe_made(raw: bytes) -> Made | None:
    """Return what was made, None when nothing was or it is not known."""
    with contextlib.suppress(msgspec.MsgspecError):
        outcome = _outcomes.decode(raw)
        return outcome if isinstance(outcome, Made) else None
    return None


def _error(raw: bytes) -> HPError:
    """Why there is no base; a process that says nothing was ended by its limits."""
    try:
        outcome = _outcomes.decode(raw)
    except msgspec.MsgspecError:
        return ImportRefusedError("the file needs more time or memory than a file may", line=0, column=0)
    assert isinstance(outcome, NotMade), "who asks has looked for the other"
    error = HPError.by_code.get(outcome.code, HPError)(outcome.text)
    error.details = outcome.details
    return error
