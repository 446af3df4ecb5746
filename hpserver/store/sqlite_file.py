"""How a SQLite file is opened, checked, migrated and written here. Knows no table."""

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import apsw

from hpserver.errors import (
    BusyError,
    CorruptBaseError,
    HPError,
    NotFoundError,
    OutcomeUnknownError,
    StoreError,
    StoreFullError,
    StoreVersionError,
)
from hpserver.store import wal_file

OLDEST_LIBRARY = (3, 51, 3)
"""The first SQLite without the WAL-reset bug (sqlite.org/wal.html#walresetbug)."""

WITHDRAWN_LIBRARIES = {(3, 52, 0)}
"""Releases that SQLite took back (sqlite.org/wal.html#walresetbug)."""

BUSY_MILLISECONDS = 5_000
"""How long a writer waits for another process: far above any transaction here, far below a lost client."""

CHECKPOINT_PAGES = 4_000
"""The WAL is copied into the file past this many pages (measured: the best throughput with a p99 of 15 ms)."""

TRUNCATE_BYTES = 64 << 20
"""The WAL is cut back past this size: what a start after a crash reads at most, in about 0.1 s."""

KEPT_PAGES = 256
"""Unused pages that stay in a file, 1 MB of them: the next snapshot takes as many."""

GIVEN_BACK = 512
"""Pages given back to the system in one go, 2 MB of them: a few milliseconds, while nobody edits."""

_INCREMENTAL = 2
"""What `auto_vacuum` says of a file whose pages can be given back a few at a time (sqlite.org/pragma.html)."""

FILE_MODE, DIRECTORY_MODE = 0o600, 0o700

_PRAGMAS = {
    "trusted_schema": False,
    "foreign_keys": True,
    "mmap_size": 0,  # a WAL-mode file that is mapped can be damaged by a stray write
    "cell_size_check": True,
    "secure_delete": True,  # "fast" leaves what whole pages held that are free now
    "wal_autocheckpoint": 0,  # `Tide` does it, after the answer and with its errors seen
}

Place = tuple[tuple[int, int], ...]
"""Device and inode of a database and of its WAL."""

_NO_ROOM_FOR_SHM = {apsw.SQLITE_IOERR_SHMSIZE, apsw.SQLITE_IOERR_SHMOPEN}
_DISK_FULL_ERRORS = (apsw.FullError,)
_CORRUPTION_ERRORS = (apsw.CorruptError, apsw.NotADBError, apsw.FormatError)
_BUSY_ERRORS = (apsw.BusyError, apsw.LockedError)


def check_library(version: str) -> None:
    """Refuse a SQLite library that can corrupt a WAL file. Raises StoreVersionError."""
    numbers = tuple(int(part) for part in version.split("."))
    if numbers[:3] < OLDEST_LIBRARY or numbers[:3] in WITHDRAWN_LIBRARIES:
        oldest = ".".join(map(str, OLDEST_LIBRARY))
        raise StoreVersionError(f"SQLite {version} is not safe for WAL files: use {oldest} or newer")


def prepare(path: Path) -> None:
    """Make the file and its directory where missing, for their owner only (WAL and shm inherit the mode)."""
    path.parent.mkdir(mode=DIRECTORY_MODE, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE))


def sync_directory(path: Path) -> None:
    """Make the entry of `path` in its directory durable: SQLite leaves that to us, and ignores its errors."""
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def place_of(path: Path) -> Place:
    """Say which files a database and its WAL are now, whatever bore their names before; 0 for one that is missing."""
    return tuple(_file_at(file) for file in (path, path.with_name(path.name + "-wal")))


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Keep other processes, and other callers here, out of this section."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, FILE_MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def connect(path: Path, *, vfs: str = "", synchronous: str = "FULL") -> apsw.Connection:
    """Open an existing file in WAL mode, with the pragmas of the house.

    `vfs` names another SQLite VFS: the file is then locked for this connection alone, as such a VFS shares no
    memory. `synchronous` is for tests that show what less than FULL loses.
    """
    check_library(apsw.sqlite_lib_version())
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE, vfs=vfs or None)
    try:
        _set_up(connection, synchronous, alone=bool(vfs))
    except BaseException:
        abandon(connection)
        raise
    return connection


def look(path: Path, kind: str, application_id: int) -> apsw.Connection:
    """Open a file for reading, beside whoever writes it; what is seen stays as it is now until it is closed.

    Raises CorruptBaseError for another kind of file, StoreVersionError for another schema than ours.
    """
    try:
        return _look(path, kind, application_id, alone=False)
    except apsw.IOError as error:
        if getattr(error, "extendedresult", 0) not in _NO_ROOM_FOR_SHM:
            raise
        return _look(path, kind, application_id, alone=True)  # no room for the -shm: nobody else reads it then


def _look(path: Path, kind: str, application_id: int, *, alone: bool) -> apsw.Connection:
    check_library(apsw.sqlite_lib_version())
    connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)  # a reader alone makes the -shm too
    try:
        if alone:
            connection.pragma("locking_mode", "exclusive")
        connection.set_busy_timeout(BUSY_MILLISECONDS)
        connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
        for name, value in {**_PRAGMAS, "query_only": True}.items():
            connection.pragma(name, value)
        connection.execute("BEGIN")
        _check_ours(connection, kind, application_id)
    except BaseException:
        abandon(connection)
        raise
    return connection


def _check_ours(connection: apsw.Connection, kind: str, application_id: int) -> None:
    if is_blank(connection):
        raise NotFoundError(f"no {kind} was ever completed in this file")
    if int(connection.pragma("application_id")) != application_id:
        raise CorruptBaseError(f"this is no {kind} file")
    if (found := int(connection.pragma("user_version"))) != (ours := len(migrations(kind))):
        raise StoreVersionError(f"the file has schema {found}, this program reads {ours}")


def abandon(connection: apsw.Connection) -> None:
    """Close without a last write: what a failed disk holds is left as it is. Safe on a closed connection."""
    with contextlib.suppress(apsw.Error):
        connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)
    with contextlib.suppress(apsw.Error):
        connection.close(force=True)


def is_blank(connection: apsw.Connection) -> bool:
    """Tell whether nothing was ever completed in this file."""
    return not connection.execute("SELECT count(*) FROM sqlite_schema").get


def check_file(connection: apsw.Connection) -> None:
    """Check the structure of the file and every index entry. Raises CorruptBaseError.

    More than a quick_check: a damaged index would let an operation in twice (measured: 0.14 s against 0.05 s
    for 120,000 journal rows, where reading them takes 0.45 s).
    """
    found = connection.execute("PRAGMA integrity_check(1)").get
    if found != "ok":
        raise CorruptBaseError(f"the file does not pass its checks: {found}")


def size(connection: apsw.Connection) -> int:
    """Bytes of the database."""
    return int(connection.pragma("page_count")) * int(connection.pragma("page_size"))


def give_back(connection: apsw.Connection) -> int:
    """Cut up to `GIVEN_BACK` unused pages off the file; how many.

    0 when few are unused: they will be used again. The file itself is shorter once the WAL was copied into it.
    """
    before = int(connection.pragma("freelist_count"))
    if before <= KEPT_PAGES:
        return 0
    for _ in connection.execute(f"PRAGMA incremental_vacuum({min(GIVEN_BACK, before - KEPT_PAGES)})"):
        pass
    return before - int(connection.pragma("freelist_count"))


def tidy(connection: apsw.Connection) -> None:
    """Cut all unused pages off the file, while nobody waits for it. Raises apsw.Error."""
    if _is_hollow(connection):
        make_again(connection)
    while give_back(connection):
        pass


def make_again(connection: apsw.Connection) -> None:
    """Write a file anew, without what it does not use, so that pages can be given back a few at a time from then on.

    Raises apsw.Error.
    """
    connection.pragma("auto_vacuum", "incremental")
    connection.execute("VACUUM")


def _is_hollow(connection: apsw.Connection) -> bool:
    """Tell whether a file that can only be made again as a whole, being old, is worth it: a quarter is unused."""
    free, pages = int(connection.pragma("freelist_count")), int(connection.pragma("page_count"))
    return int(connection.pragma("auto_vacuum")) != _INCREMENTAL and free > KEPT_PAGES and free * 4 >= pages


def check_wal(connection: apsw.Connection, path: Path) -> None:
    """Check that SQLite read all promises of the WAL, before anything is written. Raises CorruptBaseError."""
    frames, _ = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
    wal_file.check(path.with_name(path.name + "-wal"), max(frames, 0), int(connection.pragma("page_size")))


def migrate(connection: apsw.Connection, kind: str, application_id: int) -> None:
    """Bring a file to the newest schema, all steps in one transaction of the caller.

    Raises:
        StoreVersionError: a newer program wrote it.
        CorruptBaseError: it is another kind of file.
    """
    current = int(connection.pragma("user_version"))
    found = int(connection.pragma("application_id"))
    if found != (application_id if current else 0):
        raise CorruptBaseError(f"this is no {kind} file: application id {found:#x}")
    steps = migrations(kind)
    if current > len(steps):
        raise StoreVersionError(f"the file has schema {current}, this program knows {len(steps)}")
    if current == len(steps):
        return
    for step in steps[current:]:
        connection.execute(step)
    connection.pragma("application_id", application_id)
    connection.pragma("user_version", len(steps))


def is_old(connection: apsw.Connection, kind: str) -> bool:
    """Tell whether `migrate` has something to do."""
    return int(connection.pragma("user_version")) < len(migrations(kind))


def migrations(kind: str) -> list[str]:
    """Read the numbered .sql files of a kind of file, in order."""
    folder = files("hpserver.store") / "migrations" / "sqlite" / kind
    scripts = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".sql")), key=lambda e: e.name)
    return [script.read_text(encoding="utf-8") for script in scripts]


def _file_at(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except FileNotFoundError:
        return (0, 0)
    return (found.st_dev, found.st_ino)


def _set_up(connection: apsw.Connection, synchronous: str, *, alone: bool) -> None:
    connection.set_busy_timeout(BUSY_MILLISECONDS)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    for name, value in _PRAGMAS.items():
        connection.pragma(name, value)
    if alone:
        connection.pragma("locking_mode", "exclusive")
    if not connection.pragma("page_count"):  # else it writes, and what cannot be read of a WAL would be gone unseen
        connection.pragma("auto_vacuum", "incremental")
    if connection.pragma("journal_mode", "wal") not in {"wal", "memory"}:
        raise StoreError("the file cannot be kept in WAL mode")
    connection.pragma("synchronous", synchronous)


@contextlib.contextmanager
def writing(connection: apsw.Connection) -> Iterator[None]:
    """One write transaction: committed on return, rolled back on any error."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def translated(error: apsw.Error) -> HPError:
    """Say a database error in the words of the house; what is not known to be harmless is an unknown outcome."""
    if isinstance(error, _DISK_FULL_ERRORS):
        return StoreFullError("no space left: nothing was written")
    if isinstance(error, _CORRUPTION_ERRORS):
        return CorruptBaseError(f"the file is damaged: {error}")
    if isinstance(error, _BUSY_ERRORS):
        return BusyError("another process writes for too long", seconds=BUSY_MILLISECONDS // 1000)
    return OutcomeUnknownError(f"the disk failed: {error}")


def translated_os(error: OSError) -> HPError:
    """Say an operating system error in the words of the house."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return StoreFullError(f"no space left: {error}")
    return OutcomeUnknownError(f"the disk failed: {error}")


def is_fatal(error: BaseException) -> bool:
    """Tell whether nothing may be read or written through this connection any more."""
    return isinstance(error, (OutcomeUnknownError, CorruptBaseError))


class Tide:
    """Keeps the WAL low: called by the thread that owns the connection, outside of any transaction."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        self._pages = 0
        page = int(connection.pragma("page_size"))
        self._truncate_pages = TRUNCATE_BYTES // page
        connection.set_wal_hook(self._note)

    def ebb(self) -> None:
        """Copy the WAL into the file when it has grown; cut it back when it is big. Raises apsw.Error."""
        if self._pages >= self._truncate_pages:
            self.drain()
        elif self._pages >= CHECKPOINT_PAGES:
            self._checkpoint(apsw.SQLITE_CHECKPOINT_PASSIVE)

    def drain(self) -> None:
        """Copy all of the WAL into the file and cut it to nothing, unless somebody reads it. Raises apsw.Error."""
        if self._pages:
            self._checkpoint(apsw.SQLITE_CHECKPOINT_TRUNCATE)

    def _checkpoint(self, mode: int) -> None:
        self._connection.set_busy_timeout(0)  # commits must not wait for somebody else's long read
        try:
            self._connection.wal_checkpoint(mode=mode)
        except (*_BUSY_ERRORS, *_DISK_FULL_ERRORS):
            return  # the WAL keeps what it holds; the next ebb tries again
        finally:
            self._connection.set_busy_timeout(BUSY_MILLISECONDS)
        self._pages = 0

    def _note(self, _connection: apsw.Connection, _database: str, pages: int) -> int:
        self._pages = pages
        return apsw.SQLITE_OK
