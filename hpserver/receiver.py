"""The process that makes a base or a branch of an upload: checked, opened behind walls, put beside the others.

It is started by `hpserver.hosting.receiving`, so that a large file costs who takes it in neither memory nor time;
it ends with who started it. Killed at any moment, it leaves a whole base or none.
"""

import asyncio
import contextlib
import hashlib
import os
import signal
import sys
from collections import Counter
from pathlib import Path
from typing import Final

import msgspec

from hpserver.base.changes import Change, encode_changes
from hpserver.base.planning import Planning
from hpserver.errors import AlreadyExistsError, HPError, ImportRefusedError
from hpserver.exports.result import Opened
from hpserver.hosting.branches import fork_with, origin_of
from hpserver.hosting.confinement import end_with_parent
from hpserver.hosting.exporting import put_back, read_moment, write_whole
from hpserver.hosting.incoming import understood
from hpserver.hosting.receiving import Made, NotMade, Order
from hpserver.hosting.sandbox import open_untrusted
from hpserver.hosting.staging import system_errors
from hpserver.imports.result import Report
from hpserver.log import set_up_log
from hpserver.planning.limits import MAX_CHANGES_BYTES
from hpserver.protocol.messages import Reading

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
    set_up_log("receiver")
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
    _check_bytes(order)
    made = await (_base(order) if order.reading is None else _branch(order, order.reading))
    _keep_answer(order, made)
    return made


async def _base(order: Order) -> Made:
    path = Path(order.path)
    opened = await open_untrusted("document", Path(order.part))
    try:
        put_back(path, order.name, opened)
    except AlreadyExistsError:
        if not await _is_there(path, opened):
            raise
    return _told(opened.report, Made(len(opened.revisions), opened.report.counts, (), {}))


async def _branch(order: Order, how: Reading) -> Made:
    """Read the file of another program, and do on a branch what it changes."""
    plan = await understood(Path(order.part), how)
    reports: list[Report] = []

    def changes_of(base: Planning) -> tuple[Change, ...]:
        changes, report = plan(base)
        reports.append(report)
        return changes

    folder = Path(order.path).parent
    work = await fork_with(folder, order.of, order.name, changes_of, operation=order.operation)
    if not reports:  # a process before this one had made it
        changes_of(work.origin)
    found, raw = work.differences(), encode_changes(work.rebased().changes)
    made = Counter(one.kind for one in found if one.how == "created")
    changed = Counter(one.kind for one in found if one.how == "changed")
    revision = origin_of(folder, order.name).revision
    done = Made(
        revision, dict(made), (), {}, order.of, tuple(changed.items()), raw if len(raw) <= MAX_CHANGES_BYTES else b""
    )
    return _told(reports[0], done)


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


def _told(report: Report, made: Made) -> Made:
    """Add what of the file is not there."""
    notes = tuple((note.line, note.what[:MAX_TEXT], note.detail[:MAX_TEXT]) for note in report.notes[:MAX_NOTES])
    noted = {what[:MAX_TEXT]: count for what, count in list(report.noted().items())[:MAX_NOTES]}
    return msgspec.structs.replace(made, notes=notes, noted=noted)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
