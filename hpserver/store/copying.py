"""A base read whole while its owner goes on writing: one moment of it, checked. Takes no epoch and writes nothing."""

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import apsw

from hpserver.errors import CorruptBaseError, NotFoundError, StoreVersionError
from hpserver.store import chain, sqlite_file, sqlite_rows
from hpserver.store.api import JournalRow
from hpserver.store.obstacles import opening

_OWNER = "SELECT name, epoch, revision, genesis, digest, seal FROM owner"
_FIRST = "SELECT body FROM snapshot WHERE revision = 0"
_NEWEST = "SELECT revision, epoch, body, seal FROM snapshot ORDER BY revision DESC LIMIT 1"


class BaseCopy:
    """A base as it was when the copy was opened. `digest` stands for all that ever happened to it."""

    def __init__(self, connection: apsw.Connection) -> None:
        self._connection = connection
        owner: tuple[Any, ...] | None = connection.execute(_OWNER).fetchone()
        first: tuple[bytes] | None = connection.execute(_FIRST).fetchone()
        newest: tuple[int, int, bytes, bytes] | None = connection.execute(_NEWEST).fetchone()
        if owner is None or first is None or newest is None:
            raise CorruptBaseError("the base lacks its owner or a snapshot")
        self.name, self.epoch, self.revision, self._genesis, self.digest, seal = owner
        self.first: bytes = first[0]
        """The snapshot of revision 0."""
        self.newest_revision, self._newest_epoch, self.newest, self._newest_seal = newest
        if seal != chain.epoch_seal(self._genesis, self.epoch) or chain.genesis(self.name, self.first) != self._genesis:
            raise CorruptBaseError("the beginning of the base is not as it was written")

    def rows(self) -> Iterator[JournalRow]:
        """Read every row in order, each checked against the chain. Raises CorruptBaseError."""
        digest, reached = self._genesis, 0
        self._check_newest(digest, reached)
        for row in sqlite_rows.rows(self._connection, 0, -1):
            digest = chain.verify(digest, reached, (row,))
            reached = row.revision
            self._check_newest(digest, reached)
            yield row
        if (reached, digest) != (self.revision, self.digest):
            raise CorruptBaseError(f"the journal ends at revision {reached}, and was at {self.revision}")

    def _check_newest(self, digest: bytes, revision: int) -> None:
        expected = chain.seal(digest, revision, self._newest_epoch, self.newest)
        if revision == self.newest_revision and self._newest_seal != expected:
            raise CorruptBaseError(f"the snapshot of revision {revision} is not as it was written")


@contextlib.contextmanager
def copied(path: Path) -> Iterator[BaseCopy]:
    """Open one moment of a base, in service or not; commits go on, and are not seen.

    Raises:
        NotFoundError: there is no base.
        StoreFullError, StoreError: it cannot even be opened.
        StoreVersionError: another version of this program wrote the file; `schema` is its number.
        CorruptBaseError: it does not pass its checks.
    """
    if not path.exists():
        raise NotFoundError(f"there is no base in {path}")
    try:
        with _undisturbed(path) as alone:
            with opening(path):
                connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
            try:
                with opening(path):
                    _set_up(connection, leave=not alone)
                    connection.execute("BEGIN")
                    copy = BaseCopy(connection)
                yield copy
            finally:
                connection.close(force=True)
    except apsw.Error as error:
        raise sqlite_file.translated(error) from error


@contextlib.contextmanager
def _undisturbed(path: Path) -> Iterator[bool]:
    """Say whether nobody has the base, and keep it so; a served one is read beside its server."""
    with opening(path):
        mode = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        lock = os.open(path.with_name(path.name + ".lock"), mode, sqlite_file.FILE_MODE)
    try:
        alone = True
        try:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            alone = False
        yield alone and not path.with_name(path.name + "-wal").exists()
    finally:
        os.close(lock)


def _set_up(connection: apsw.Connection, *, leave: bool) -> None:
    """Read only; `leave` the WAL as it is: what a crash left there is for the next owner to check."""
    connection.set_busy_timeout(sqlite_file.BUSY_MILLISECONDS)
    connection.config(apsw.SQLITE_DBCONFIG_DEFENSIVE, 1)
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, int(leave))
    for name, value in (("trusted_schema", False), ("mmap_size", 0), ("cell_size_check", True), ("query_only", True)):
        connection.pragma(name, value)
    schema, known = int(connection.pragma("user_version")), len(sqlite_file.migrations("base"))
    if schema != known:
        raise StoreVersionError(f"the file has schema {schema}, this program reads {known}", schema=schema)
