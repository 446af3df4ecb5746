"""The rows of a journal in a SQLite file, plain or packed: read, found, packed. Knows no epoch and no thread."""

import json
from collections.abc import Iterable, Iterator, Sequence

import apsw

from hpserver.errors import CorruptBaseError
from hpserver.store import chain, chunks
from hpserver.store.api import JournalRow, Object

_COLUMNS = "revision, epoch, operation, at, CAST(user AS BLOB), format, CAST(body AS BLOB), digest"
# Text is read as bytes: a damaged character must reach the hash chain, not fail to decode.
_ROWS = f"SELECT {_COLUMNS} FROM journal WHERE revision > ? ORDER BY revision LIMIT ?"  # noqa: S608 - constants
_INSERT = "INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
_DIGEST = "SELECT digest FROM journal WHERE revision = ?"
_CHUNKS = "SELECT first, before, digest, body FROM chunk WHERE last > ? ORDER BY first"
_CHUNK_OF = "SELECT first, before, digest, body FROM chunk WHERE first <= ? ORDER BY first DESC LIMIT 1"
_PACKED_UNTIL = "SELECT coalesce(max(last), 0) FROM chunk"
_FIND = "SELECT revision FROM journal WHERE operation = ?1 UNION ALL SELECT revision FROM packed WHERE operation = ?1"
_TOUCHING = (
    "SELECT DISTINCT touched.revision FROM json_each(?) AS wanted JOIN touched"
    " ON touched.kind = json_extract(wanted.value, '$[0]') AND touched.key = json_extract(wanted.value, '$[1]')"
    " WHERE touched.revision > ? AND touched.revision < ? ORDER BY touched.revision DESC LIMIT ?"
)
_BY_USER = (
    "SELECT revision FROM journal WHERE user = ?1 AND revision < ?2"
    " UNION ALL SELECT revision FROM packed WHERE user = ?1 AND revision < ?2 ORDER BY revision DESC LIMIT ?3"
)
_OLD = (
    "SELECT max((SELECT coalesce(max(revision), 0) FROM journal WHERE at <= ?1),"
    " (SELECT coalesce(max(revision), 0) FROM packed WHERE at <= ?1))"
)
_PACK = "INSERT INTO packed SELECT revision, operation, at, user FROM journal WHERE revision BETWEEN ? AND ?"
_FORGET = "DELETE FROM journal WHERE revision BETWEEN ? AND ?"


def rows(connection: apsw.Connection, since: int, limit: int) -> Iterator[JournalRow]:
    """Read at most `limit` rows (all when negative) above revision `since`, in order. Raises CorruptBaseError."""
    left = limit
    for first, before, digest, body in connection.execute(_CHUNKS, (since,)):
        for row in chunks.unpack(body, first, before, digest):
            if row.revision > since:
                if not left:
                    return
                left -= 1
                since = row.revision
                yield row
    for values in connection.execute(_ROWS, (since, left)):
        yield _row(*values)


def verified(connection: apsw.Connection, first: bytes, since: int, limit: int) -> list[JournalRow]:
    """Read rows as `rows` does and check them; `first` is the digest that the chain begins with."""
    found = list(rows(connection, since, max(limit, 0)))
    if found:
        digest = digest_at(connection, first, since)
        if digest is None:
            raise CorruptBaseError(f"revision {since} is missing from the journal")
        chain.verify(digest, since, found)
    return found


def named(connection: apsw.Connection, first: bytes, revisions: Iterable[int]) -> list[JournalRow]:
    """Read rows by revision, in that order, and check them; `first` as in `verified`."""
    until = packed_until(connection)
    found: list[JournalRow] = []
    chunk: dict[int, JournalRow] = {}
    for revision in revisions:
        if revision > until:
            found += verified(connection, first, revision - 1, 1)
            continue
        if revision not in chunk:  # those that are asked for together are often packed together
            for start, before, digest, body in connection.execute(_CHUNK_OF, (revision,)):
                chunk = {row.revision: row for row in chunks.unpack(body, start, before, digest)}
        if revision not in chunk:
            raise CorruptBaseError(f"revision {revision} is missing from the journal", revision=revision)
        found.append(chunk[revision])
    return found


def digest_at(connection: apsw.Connection, first: bytes, revision: int) -> bytes | None:
    """Say the digest of a row; None when it is not there."""
    if revision == 0:
        return first
    found = connection.execute(_DIGEST, (revision,)).fetchone()
    if found is not None:
        digest: bytes = found[0]
        return digest
    return next((row.digest for row in rows(connection, revision - 1, 1) if row.revision == revision), None)


def find(connection: apsw.Connection, operation: bytes) -> int | None:
    """Say the revision of an operation."""
    found = connection.execute(_FIND, (operation,)).fetchone()
    return None if found is None else int(found[0])


def insert(connection: apsw.Connection, new: Iterable[JournalRow]) -> None:
    """Write new rows. Raises apsw.ConstraintError when one is there already."""
    connection.executemany(_INSERT, [_values(row) for row in new])


def touching(
    connection: apsw.Connection, objects: Sequence[Object], since: int, before: int, limit: int
) -> list[int]:  # fmt: skip
    """Name the revisions between `since` and `before` that touched any of these objects, newest first."""
    wanted = json.dumps([list(one) for one in objects])
    return [revision for (revision,) in connection.execute(_TOUCHING, (wanted, since, before, limit))]


def by_user(connection: apsw.Connection, user: str, before: int, limit: int) -> list[int]:
    """Name the revisions of a user below `before`, newest first."""
    return [revision for (revision,) in connection.execute(_BY_USER, (user, before, limit))]


def revision_at(connection: apsw.Connection, at: int) -> int:
    """Say the newest revision that was accepted at a moment or before it."""
    return _number(connection, _OLD, at)


def pack(connection: apsw.Connection, first: bytes, until: int) -> int:
    """Pack the oldest plain rows up to revision `until`, if they fill a chunk; how many rows.

    Within a transaction of the caller; `first` as in `verified`.
    """
    done = packed_until(connection)
    found = _oldest(connection, done, until)
    before = digest_at(connection, first, done) if found else None
    if before is None:
        return 0
    digest = chain.verify(before, done, found)
    last = found[-1].revision
    connection.execute("INSERT INTO chunk VALUES (?, ?, ?, ?, ?)", (done + 1, last, before, digest, chunks.pack(found)))
    connection.execute(_PACK, (done + 1, last))
    connection.execute(_FORGET, (done + 1, last))
    return last - done


def packed_until(connection: apsw.Connection) -> int:
    """Say the last revision that is packed."""
    return _number(connection, _PACKED_UNTIL)


def _oldest(connection: apsw.Connection, done: int, until: int) -> list[JournalRow]:
    """Read the rows of the next chunk; none when there are not enough for one."""
    found, size = [], 0
    for row in rows(connection, done, min(until - done, chunks.CHUNK_ROWS)):
        found.append(row)
        size += len(row.body)
        if len(found) == chunks.CHUNK_ROWS or size >= chunks.CHUNK_BYTES:
            return found
    return []


def _number(connection: apsw.Connection, query: str, *values: int) -> int:
    (number,) = next(iter(connection.execute(query, values)))
    return int(number)


def _values(row: JournalRow) -> tuple[int | bytes | str, ...]:
    body = str(row.body, "utf-8")
    return (row.revision, row.epoch, row.operation, row.at, row.user, row.format, body, row.digest)


def _row(
    revision: int, epoch: int, operation: bytes, at: int, user: bytes, form: int, body: bytes, digest: bytes
) -> JournalRow:
    try:
        name = user.decode()
    except UnicodeDecodeError as error:
        raise CorruptBaseError(f"revision {revision} is not as it was written") from error
    return JournalRow(revision, epoch, operation, at, name, form, body, digest)
