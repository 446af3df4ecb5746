"""Files nobody vouches for are opened in a process of their own, which can do nothing else. Knows no file format."""

import asyncio
import contextlib
import json
import os
import signal
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec

from hpserver.errors import ImportRefusedError
from hpserver.exports.format import MAX_FILE
from hpserver.exports.result import Opened, decode
from hpserver.hosting.confinement import DEFAULT_BOUNDS, Bounds

Reader: TypeAlias = Literal["document", "other"]
"""How to read: `document` is our own format, `other` what `hpserver.imports` reads."""

WALL_SECONDS: Final = 120.0
"""From start to result: twice the processor time, for a machine that does other things."""

PROGRAM: Final = (sys.executable, "-I", "-m", "hpserver.opener")


async def open_untrusted(
    reader: Reader,
    source: Path | bytes,
    *,
    name: str = "",
    year: int = 0,
    bounds: Bounds = DEFAULT_BOUNDS,
    seconds: float = WALL_SECONDS,
    program: Sequence[str] = PROGRAM,
) -> Opened:
    """Return what a file holds; `name` and `year` are for the readers that ask for them.

    The child has no file, socket or process but what it was given, and ends with us. What it answers is checked as
    what a stranger sends. Raises ImportRefusedError, whatever the file does to it; OSError for a path that cannot be
    read.
    """
    wish = json.dumps({"reader": reader, "name": name, "year": year, **msgspec.structs.asdict(bounds)})
    given = _opened(source)
    answer = os.memfd_create("answer")
    try:
        child = await asyncio.create_subprocess_exec(
            *program, wish, stdin=given, stdout=answer, stderr=asyncio.subprocess.DEVNULL, env={},
            start_new_session=True,
        )  # fmt: skip
        try:
            async with asyncio.timeout(seconds):
                status = await child.wait()
        except TimeoutError:
            raise _refused(f"the file could not be read in {seconds:.0f} s") from None
        finally:
            _end(child)
            await child.wait()
        return _checked(_written(answer, bounds.output), status)
    finally:
        os.close(given)
        os.close(answer)


def _end(child: asyncio.subprocess.Process) -> None:
    """Leave nothing of it: itself, and whatever it may have started in its session."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _opened(source: Path | bytes) -> int:
    """Return a descriptor of the bytes, at their beginning. Raises ImportRefusedError when there are too many."""
    if isinstance(source, Path):
        descriptor = os.open(source, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    else:
        descriptor = os.memfd_create("upload")
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(source)
        os.lseek(descriptor, 0, os.SEEK_SET)
    found = os.fstat(descriptor)
    if stat.S_ISREG(found.st_mode) and found.st_size <= MAX_FILE:
        return descriptor
    os.close(descriptor)
    raise _refused(f"this is no file of at most {MAX_FILE} bytes")


def _written(descriptor: int, limit: int) -> bytes:
    """Return what was written there, if it is no more than that."""
    size = min(os.fstat(descriptor).st_size, limit)
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(0)
        return file.read(size)


def _checked(raw: bytes, status: int) -> Opened:
    if status != 0:
        raise _refused("the file needs more time or memory than a file may, or is made to do harm")
    try:
        return decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _refused("the file is made to do harm") from error


def _refused(why: str) -> ImportRefusedError:
    return ImportRefusedError(why, line=0, column=0)
