"""Bases as documents on disk: written while they are served, read behind walls, put back with their history."""

import contextlib
import errno
import fcntl
import os
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from hpserver.base.planning import Planning
from hpserver.base.snapshot import decode_snapshot, encode_snapshot
from hpserver.errors import CorruptBaseError, HPError, StoreVersionError
from hpserver.exports.format import Content, Revision
from hpserver.exports.packing import Packing, pack
from hpserver.exports.result import Opened
from hpserver.exports.writing import lines, revision_line
from hpserver.hosting.bases import forget_origin, new_line, upgrade_base
from hpserver.hosting.rows import replay
from hpserver.store import copying, rebuild
from hpserver.store.api import JournalRow
from hpserver.store.copying import BaseCopy
from hpserver.store.obstacles import opening
from hpserver.store.sqlite_file import FILE_MODE, migrations, sync_directory


class Exported(msgspec.Struct, frozen=True):
    """What was written: the base, how many bytes, and which moment of it. `digest` stands for its whole history."""

    name: str
    revision: int
    epoch: int
    counts: dict[str, int]
    rows: int
    bytes: int
    digest: str


async def export(path: Path, out: Path | BinaryIO, *, packing: Packing = "zstd", history: bool = True) -> Exported:
    """Write the document of the base in `path`; the base may be in service, and its edits go on.

    A path is there whole or not at all. Raises NotFoundError, CorruptBaseError, StoreVersionError.
    """
    await _bring_up_to_date(path)
    with copying.copied(path) as copy:
        planning = _present(copy)
        origin = decode_snapshot(copy.first) if history else None
        revisions = _revisions(copy) if history else ()
        content = Content(path.stem, copy.revision, copy.epoch, time.time(), planning, origin, 0, revisions)
        packed = pack(lines(content), packing)
        size = write_whole(out, packed) if isinstance(out, Path) else sum(map(out.write, packed))
        counts = {kind: count for kind, count in planning.counts().items() if count}
        rows = copy.revision if history else 0
        return Exported(copy.name, copy.revision, copy.epoch, counts, rows, size, copy.digest.hex())


async def read_moment(path: Path) -> tuple[Planning, int]:
    """Return a base as it is now, and its revision; it may be in service. Raises as `export`."""
    await _bring_up_to_date(path)
    with copying.copied(path) as copy:
        return _present(copy), copy.revision


def rows_of(opened: Opened) -> tuple[JournalRow, ...]:
    """Return the history of an opened document as the journal keeps it."""
    return tuple(
        JournalRow(one.revision, one.epoch, one.operation, one.at, one.user, one.format, one.body)
        for one in opened.revisions
    )


def check_history(opened: Opened) -> Planning:
    """Rebuild the base from its beginning and everything that was done to it; return it.

    Raises CorruptBaseError when that is not what the document says the base is.
    """
    planning = opened.planning()
    if not opened.origin:
        return planning
    again = decode_snapshot(opened.origin)
    for row in rows_of(opened):
        replay(again, row)
    if encode_snapshot(again) != encode_snapshot(planning):
        raise CorruptBaseError("the history of the document does not lead to its base")
    return planning


def put_back(
    path: Path, name: str, opened: Opened, *, replace: bool = False, same: bool = False
) -> Planning:  # fmt: skip
    """Make a base of an opened document, with its history when it is told from the first transaction on.

    It is another base than those that clients saw, so its epochs are of a new line. When the one that is replaced has
    the `same` history, the transactions keep theirs, and the next owner takes one above all that were: clients go on
    from what still stands. Raises AlreadyExistsError, CorruptBaseError.
    """
    planning = check_history(opened)
    snapshot = encode_snapshot(planning)
    whole = bool(opened.origin) and opened.origin_revision == 0
    newest_epoch = (max(epoch_of(path), opened.epoch) if same else new_line()) + 1
    rows = rows_of(opened) if whole else ()
    if not same:
        rows = tuple(msgspec.structs.replace(row, epoch=newest_epoch) for row in rows)
    first = opened.origin if whole else snapshot
    base = rebuild.Rebuilt(name=name, first=first, rows=rows, newest=snapshot, epoch=newest_epoch)
    forget_origin(path)
    rebuild.rebuild(path, base, replace=replace)
    return planning


def is_same_history(path: Path, opened: Opened) -> bool:
    """Say whether a base on disk and a document have every transaction in common that both have."""
    told = {one.revision: one.operation for one in opened.revisions}
    with contextlib.suppress(HPError), copying.copied(path) as copy:
        if not opened.origin or copy.first != opened.origin:
            return False
        return all(told.get(row.revision, row.operation) == row.operation for row in copy.rows())
    return False


def epoch_of(path: Path) -> int:
    """Return the epoch of a base on disk, 0 when it cannot be read."""
    with contextlib.suppress(HPError), copying.copied(path) as copy:
        return int(copy.epoch)
    return 0


def write_whole(path: Path, pieces: Iterable[bytes]) -> int:
    """Write a file: all of it, durable under its name, or nothing. Return its bytes. Its owner alone may read it.

    Raises StoreFullError and StoreError for a disk that is full or fails, OSError for a place that is none to write in.
    """
    try:
        return _write_whole(path, pieces)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}:
            with opening(path):
                raise
        raise


def _write_whole(path: Path, pieces: Iterable[bytes]) -> int:
    aside = path.with_name(f".{path.name}.new")
    if not path.parent.is_dir():
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path.parent))
    with os.fdopen(_taken(aside), "wb") as file:
        try:
            file.truncate(0)
            size = sum(map(file.write, pieces))
            file.flush()
            os.fsync(file.fileno())
            aside.replace(path)
        except BaseException:
            aside.unlink(missing_ok=True)
            raise
    sync_directory(path)
    return size


def _taken(aside: Path) -> int:
    """Open the one file that all who write another file write first, when it is our turn: a killed one leaves it to us.

    Whoever was before us has given it its name, or removed it: it is another file then, or none.
    """
    while True:
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, FILE_MODE)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), aside.stat()):
                    return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)


async def _bring_up_to_date(path: Path) -> None:
    """Open a base that was not opened since the program is newer: its owner brings it up to date."""
    try:
        with copying.copied(path):
            return
    except StoreVersionError as error:
        if int(error.details.get("schema", 0)) > len(migrations("base")):
            raise
    await upgrade_base(path)


def _present(copy: BaseCopy) -> Planning:
    planning = decode_snapshot(copy.newest)
    for row in copy.rows():
        if row.revision > copy.newest_revision:
            replay(planning, row)
    return planning


def _revisions(copy: BaseCopy) -> Iterator[Revision]:
    for row in copy.rows():
        yield revision_line(row.revision, row.epoch, row.operation, row.at, row.user, row.format, row.body)
