"""The process that makes a base of an upload: the bytes checked, opened behind walls, put beside the others.

It is started by `hpserver.hosting.uploads`, so that a large file costs the planning in service neither memory nor time;
it ends with who started it. Killed at any moment, it leaves a whole base or none.
"""

import asyncio
import contextlib
import hashlib
import os
import signal
import sys
from pathlib import Path
from typing import Final

import msgspec

from hpserver.errors import AlreadyExistsError, HPError, ImportRefusedError
from hpserver.exports.result import Opened
from hpserver.hosting.bases import SUFFIX
from hpserver.hosting.confinement import end_with_parent
from hpserver.hosting.exporting import epoch_of, put_back, read_moment, write_whole
from hpserver.hosting.sandbox import open_untrusted
from hpserver.hosting.staging import system_errors
from hpserver.hosting.uploads import Made, NotMade, Order

BACKGROUND: Final = 10
"""How much who works in the plannings goes first (nice(2))."""

MAX_NOTES: Final = 100
"""Notes that are told: the answer stays far below a frame."""

MAX_TEXT: Final = 200
"""Characters of each."""


def main(arguments: list[str]) -> int:
    """Do as the one argument says, an `Order` in JSON; say a `Made` or a `NotMade` on standard output."""
    end_with_parent(signal.SIGKILL)
    os.nice(BACKGROUND)
    order = msgspec.json.decode(arguments[0], type=Order)
    outcome: Made | NotMade
    try:
        with system_errors():
            outcome = asyncio.run(receive(order))
    except HPError as error:
        outcome = NotMade(error.code, error.text, dict(error.details))
    sys.stdout.buffer.write(msgspec.json.encode(outcome))
    sys.stdout.buffer.flush()
    return 0


async def receive(order: Order) -> Made:
    """Make the base, then keep the answer. Raises ImportRefusedError, CorruptBaseError, AlreadyExistsError."""
    path = Path(order.path)
    _check_bytes(order)
    opened = await open_untrusted("document", Path(order.part))
    epoch = max(map(epoch_of, path.parent.glob(f"*{SUFFIX}")), default=0)
    try:
        put_back(path, order.name, opened, epoch=epoch)
    except AlreadyExistsError:
        if not await _is_there(path, opened):
            raise
    made = _made(opened)
    _keep_answer(order, made)
    return made


def _keep_answer(order: Order, made: Made) -> None:
    write_whole(Path(order.done), [msgspec.json.encode(made)])
    Path(order.part).unlink(missing_ok=True)


def _check_bytes(order: Order) -> None:
    part = Path(order.part)
    size = part.stat().st_size
    if size != order.bytes:
        raise ImportRefusedError(f"{size} bytes came, {order.bytes} were announced", line=0, column=0)
    with part.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != order.sha256:
            raise ImportRefusedError("the bytes do not have the announced digest", line=0, column=0)


async def _is_there(path: Path, opened: Opened) -> bool:
    """Say whether a process that was killed before it could say so had put this very base there."""
    with contextlib.suppress(HPError):
        return (await read_moment(path))[0] == opened.planning()
    return False


def _made(opened: Opened) -> Made:
    report = opened.report
    notes = tuple((note.line, note.what[:MAX_TEXT], note.detail[:MAX_TEXT]) for note in report.notes[:MAX_NOTES])
    noted = {what[:MAX_TEXT]: count for what, count in list(report.noted().items())[:MAX_NOTES]}
    return Made(len(opened.revisions), report.counts, notes, noted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
