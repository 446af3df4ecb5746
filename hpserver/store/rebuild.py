"""A base made again from its first snapshot and its journal: written beside, whole, then put in place."""

import contextlib
import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import apsw
import msgspec

from hpserver.errors import AlreadyExistsError, BaseInUseError, HPError
from hpserver.store import chain, sqlite_file, sqlite_rows
from hpserver.store.api import JournalRow
from hpserver.store.obstacles import opening
from hpserver.store.sqlite import APPLICATION_ID, KIND


class Rebuilt(msgspec.Struct, frozen=True):
    """What a base is made from: `first` is its snapshot of revision 0, `newest` the one after its last row.

    The digests of `rows` are computed again; their epochs stay. The next owner takes an epoch above `epoch`.
    """

    name: str
    first: bytes
    rows: tuple[JournalRow, ...]
    newest: bytes
    epoch: int


def rebuild(path: Path, base: Rebuilt, *, replace: bool = False, keep: Path | None = None) -> None:
    """Put a base at `path`: either all of it is there, durable, or nothing was touched.

    With `replace`, the one that is there goes; a copy of it stays in the file `keep`, when it is given. Raises
    AlreadyExistsError otherwise, BaseInUseError when it is served, StoreFullError, StoreError.
    """
    try:
        with opening(path), alone_with(path):
            _rebuild(path, base, replace=replace, keep=keep)
    except apsw.Error as error:
        raise sqlite_file.translated(error) from error


def forget_unfinished(path: Path) -> None:
    """Remove what a rebuild that was killed left beside a base; nothing while one is under way."""
    aside = _beside(path)
    if aside.exists():
        with contextlib.suppress(BaseInUseError), alone_with(path):
            _forget(aside)


@contextlib.contextmanager
def alone_with(path: Path) -> Iterator[None]:
    """Keep every process that would serve, read or make the base out meanwhile. Raises BaseInUseError."""
    path.parent.mkdir(mode=sqlite_file.DIRECTORY_MODE, parents=True, exist_ok=True)
    lock = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, sqlite_file.FILE_MODE)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise BaseInUseError(f"another process serves {path.name}") from error
    finally:
        os.close(lock)


def write_log_back(path: Path) -> bool:
    """Bring into a base what is in the log beside it; whether all of it is there now. Raises apsw.Error."""
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size:
        with contextlib.closing(sqlite_file.connect(path)) as connection:
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    return not log.exists() or not log.stat().st_size


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.new")


def _rebuild(path: Path, base: Rebuilt, *, replace: bool, keep: Path | None) -> None:
    if path.exists() and not replace:
        raise AlreadyExistsError(f"there is a base in {path.name} already")
    aside = _beside(path)
    _forget(aside)
    sqlite_file.prepare(aside)
    try:
        _fill(aside, base)
        _sync(aside)
        if replace:
            _settle(path)
        if keep is not None:
            _copy(path, keep)
        for suffix in ("-wal", "-shm") if replace else ():
            path.with_name(path.name + suffix).unlink(missing_ok=True)  # of the base that goes
        if replace:
            aside.replace(path)
        else:
            os.link(aside, path)  # fails when somebody was quicker
            aside.unlink()
        sqlite_file.sync_directory(path)
    except FileExistsError as error:
        raise AlreadyExistsError(f"there is a base in {path.name} already") from error
    finally:
        _forget(aside)


def _copy(path: Path, keep: Path) -> None:
    """Keep a base: as a file of its own, as two owners would write one file that had two names."""
    aside = _beside(keep)
    sqlite_file.prepare(aside)
    try:
        with path.open("rb") as old, aside.open("wb") as new:
            shutil.copyfileobj(old, new)
        _sync(aside)
        os.link(aside, keep)
        sqlite_file.sync_directory(keep)
    finally:
        _forget(aside)


def _fill(path: Path, base: Rebuilt) -> None:
    first = digest = chain.genesis(base.name, base.first)
    rows, revision = [], 0
    for row in base.rows:
        digest = chain.follow(digest, row)
        rows.append(msgspec.structs.replace(row, digest=digest))
        revision = row.revision
    connection = sqlite_file.connect(path)
    try:
        with sqlite_file.writing(connection):
            sqlite_file.migrate(connection, KIND, APPLICATION_ID)
            values = (base.name, base.epoch, chain.epoch_seal(first, base.epoch), revision, first, digest)
            connection.execute(
                "INSERT INTO owner (one, name, epoch, seal, revision, genesis, digest) VALUES (1, ?, ?, ?, ?, ?, ?)",
                values,
            )
            sqlite_rows.insert(connection, rows)
            _keep(connection, 0, 0, base.first, first)
            if revision:
                _keep(connection, revision, base.epoch, base.newest, digest)
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)  # closing would not say that the disk is full
    finally:
        connection.close()


def _keep(connection: apsw.Connection, revision: int, epoch: int, snapshot: bytes, digest: bytes) -> None:
    seal = chain.seal(digest, revision, epoch, snapshot)
    connection.execute(
        "INSERT INTO snapshot (revision, epoch, body, seal) VALUES (?, ?, ?, ?)", (revision, epoch, snapshot, seal)
    )


def _settle(path: Path) -> None:
    """Bring into a base what its owner, when it was killed, left in the log beside it: without the log it is whole.

    One that cannot be opened stays as it is: it goes next, and that may be why.
    """
    with contextlib.suppress(apsw.Error, HPError):
        write_log_back(path)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _forget(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + suffix).unlink()
