"""A base read for service, and its checks: those before it is served, and those of all the rest. Knows no thread."""

from collections import deque
from collections.abc import Iterator
from typing import Any

import apsw
import msgspec

from hpserver.errors import CorruptBaseError
from hpserver.store import chain, sqlite_file, sqlite_rows
from hpserver.store.api import JournalRow, Loaded

_OWNER = "SELECT name, epoch, revision, genesis, digest, seal FROM owner"
_FIRST = "SELECT body FROM snapshot WHERE revision = 0"
_SNAPSHOT_AT = "SELECT revision, epoch, body, seal FROM snapshot WHERE revision <= ? ORDER BY revision DESC LIMIT 1"


class Owner(msgspec.Struct, frozen=True, gc=False):
    """What a base says of itself; `digest` is that of its newest revision, `first` the one its chain begins with."""

    name: str
    epoch: int
    revision: int
    first: bytes
    digest: bytes


def owner(connection: apsw.Connection) -> Owner:
    """Read the row of the owner. Raises CorruptBaseError."""
    row = connection.execute(_OWNER).fetchone()
    if row is None:
        raise CorruptBaseError("the base has no owner row")
    name, epoch, revision, first, digest, seal = row
    if not isinstance(epoch, int) or epoch < 0 or seal != chain.epoch_seal(first, epoch):
        raise CorruptBaseError("the epoch of the base is not as it was written")
    return Owner(name, epoch, revision, first, digest)


def snapshot_at(connection: apsw.Connection, revision: int) -> tuple[int, bytes]:
    """Read the newest snapshot at a revision or before it. Raises CorruptBaseError."""
    found: tuple[Any, ...] | None = connection.execute(_SNAPSHOT_AT, (revision,)).fetchone()
    digest = None if found is None else sqlite_rows.digest_at(connection, owner(connection).first, found[0])
    if found is None or digest is None:
        raise CorruptBaseError(f"the base has no snapshot for revision {revision}")
    at, epoch, snapshot, seal = found
    if seal != chain.seal(digest, at, epoch, snapshot):
        raise CorruptBaseError(f"the snapshot of revision {at} is not as it was written")
    return at, snapshot


def load(connection: apsw.Connection, epoch: int, remembered: int) -> Loaded:
    """Read what is served, and check just that: the newest snapshot, the rows after it and `remembered` before it.

    Each bears the digest of all before it, up to that of the owner. Raises CorruptBaseError.
    """
    here = owner(connection)
    revision, snapshot = snapshot_at(connection, here.revision)
    since = max(0, revision - remembered)
    tail = tuple(_rows(connection, here, since))
    meta = {"name": here.name, "schema": str(connection.pragma("user_version"))}
    return Loaded(epoch, revision, snapshot, tail, meta)


def check_rest(connection: apsw.Connection) -> None:
    """Check every row from the first, and the first snapshot. Raises CorruptBaseError."""
    here = owner(connection)
    found = connection.execute(_FIRST).fetchone()
    if found is None or chain.genesis(here.name, found[0]) != here.first:
        raise CorruptBaseError("the first snapshot of the base is not as it was written")
    deque(_rows(connection, here, 0), maxlen=0)


def check_all(connection: apsw.Connection) -> None:
    """Check the file and all that is in it. Raises CorruptBaseError."""
    sqlite_file.check_file(connection)
    check_rest(connection)


def _rows(connection: apsw.Connection, here: Owner, since: int) -> Iterator[JournalRow]:
    """Yield every row above revision `since`, each checked, and then that there is none more or less."""
    digest, reached = sqlite_rows.digest_at(connection, here.first, since), since
    if digest is None:
        raise CorruptBaseError(f"revision {since} is missing from the journal", revision=since)
    for row in sqlite_rows.rows(connection, since, -1):
        digest = chain.verify(digest, reached, (row,))
        reached = row.revision
        yield row
    if (reached, digest) != (here.revision, here.digest):
        raise CorruptBaseError(f"the journal ends at revision {reached}, and was at {here.revision}")
