"""Files nobody vouches for are opened in a process of their own, which can do nothing else. Knows no file format."""

import asyncio
import contextlib
import json
import os
import signal
import stat
import sys
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, TypeAlias

import msgspec
import structlog

from hpserver.errors import ImportRefusedError
from hpserver.exports.format import MAX_FILE
from hpserver.exports.result import Opened, Refused, Rows, decode
from hpserver.hosting.confinement import DEFAULT_BOUNDS, WALLS, Bounds
from hpserver.imports.table import Table

log = structlog.get_logger()

Reader: TypeAlias = Literal["document", "other", "table"]
"""How to read: `document` is our own format, `other` and `table` what `hpserver.imports` reads."""

WALL_SECONDS: Final = 120.0
"""From start to result: twice the processor time, for a machine that does other things."""

TABLE_BOUNDS: Final = Bounds(cpu_seconds=60, memory=1 << 30, output=256 << 20)
"""A workbook of 49,000 rows and 600,000 texts takes 3 s and 250 MB to read (measured)."""

HARM: Final = "the file is made to do harm"

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
    what a stranger sends; whoever cancels ends it. Raises ImportRefusedError, whatever the file does to it; OSError
    for a path that cannot be read.
    """
    asked = {"reader": reader, "name": name, "year": year, **msgspec.structs.asdict(bounds)}
    result = await _asked(source, (*program, json.dumps(asked)), bounds.output, seconds)
    if not isinstance(result, Opened):
        raise _refused(HARM)
    return result


async def open_table(
    source: Path | bytes, name: str, *, seconds: float = WALL_SECONDS, program: Sequence[str] = PROGRAM
) -> Table:
    """Return the rows of a table (CSV, pasted cells, XLSX), read as `open_untrusted` reads. Raises as it does."""
    asked = {"reader": "table", "name": name, "year": 0, **msgspec.structs.asdict(TABLE_BOUNDS)}
    result = await _asked(source, (*program, json.dumps(asked)), TABLE_BOUNDS.output, seconds)
    if not isinstance(result, Rows):
        raise _refused(HARM)
    return result.table()


async def _asked(source: Path | bytes, program: Sequence[str], limit: int, seconds: float) -> Opened | Rows:
    given = _opened(source)
    answer = os.memfd_create("answer")
    try:
        child = await asyncio.create_subprocess_exec(
            *program, stdin=given, stdout=answer, stderr=asyncio.subprocess.DEVNULL, env={}, start_new_session=True
        )
        try:
            async with asyncio.timeout(seconds):
                status = await child.wait()
        except TimeoutError:
            raise _refused(f"the file could not be read in {seconds:.0f} s") from None
        finally:
            _end(child)
            await child.wait()
        return _checked(_written(answer, limit), status)
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


def _checked(raw: bytes, status: int) -> Opened | Rows:
    if status != 0:
        raise _refused("the file needs more time or memory than a file may, or is made to do harm")
    try:
        answer = decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise _refused(HARM) from error
    _tell_missing(frozenset(WALLS).difference(answer.walls))
    if isinstance(answer.result, Refused):
        raise answer.result.error()
    return answer.result


@lru_cache
def _tell_missing(walls: frozenset[str]) -> None:
    """Say once in the log what the kernel does not give; the other walls hold."""
    if walls and structlog.is_configured():  # a command has no log
        log.warning("sandbox.weakened", missing=sorted(walls))


def _refused(why: str) -> ImportRefusedError:
    return ImportRefusedError(why, line=0, column=0)
