"""The counters of tried secrets, in SQL: counted before the secret is compared. Runs inside a transaction."""

import math
from collections.abc import Mapping, Sequence

import apsw

from hpserver.directory.model import Attempts
from hpserver.errors import LockedError

_READ = "SELECT key, count, last_at, locked_until, tag FROM attempts WHERE key = ?"
_KEEP = "INSERT OR REPLACE INTO attempts (key, count, last_at, locked_until, tag) VALUES (?, ?, ?, ?, ?)"


def read(connection: apsw.Connection, key: str) -> Attempts:
    """Read the attempts of a key."""
    found = connection.execute(_READ, (key,)).fetchone()
    if found is None:
        return Attempts(key=key)
    _, count, last_at, locked_until, tag = found
    return Attempts(key=key, count=count, last_at=last_at, locked_until=locked_until, tag=tag)


def spend(
    connection: apsw.Connection, ladders: Mapping[str, Sequence[float]], now: float, tag: bytes
) -> tuple[Attempts, ...] | LockedError:
    """Count one attempt on every key, or return why on none; see `Directory.spend_attempt`.

    What it returns and raises nothing for is to be committed either way: a lock that starts again after a restart of
    the machine is written too.
    """
    found = [_settled(connection, read(connection, key), now, steps) for key, steps in ladders.items()]
    left = max((one.locked_until - now for one in found if one.count), default=0.0)
    if left > 0:
        return LockedError("too many attempts", seconds=0 if math.isinf(left) else math.ceil(left))
    return tuple(
        one if tag and one.tag == tag else _count(connection, one, now, ladders[one.key], tag) for one in found
    )  # fmt: skip


def reset(connection: apsw.Connection, keys: Sequence[str]) -> None:
    """Forget the attempts of the keys."""
    connection.executemany("DELETE FROM attempts WHERE key = ?", [(key,) for key in keys])


def tried(connection: apsw.Connection) -> tuple[tuple[str, float], ...]:
    """Return every key that was tried without success, and when last."""
    return tuple(connection.execute("SELECT key, last_at FROM attempts"))


def _settled(connection: apsw.Connection, before: Attempts, now: float, ladder: Sequence[float]) -> Attempts:
    """Return the counter by the clock of now.

    A clock that stands before the last attempt has started again with the machine: the lock lasts its step from now
    on. One that stands after it has run for longer than the difference, whatever happened in between: never less
    time than the lock's has passed once it is over.
    """
    if not before.count or now >= before.last_at:
        return before
    return _keep(connection, before.key, before.count, now, ladder, before.tag)


def _count(
    connection: apsw.Connection, before: Attempts, now: float, ladder: Sequence[float], tag: bytes
) -> Attempts:  # fmt: skip
    return _keep(connection, before.key, before.count + 1, now, ladder, tag)


def _keep(
    connection: apsw.Connection, key: str, count: int, now: float, ladder: Sequence[float], tag: bytes
) -> Attempts:  # fmt: skip
    step = ladder[min(count, len(ladder)) - 1] if ladder else 0.0
    kept = Attempts(key=key, count=count, last_at=now, locked_until=now + step, tag=tag)
    connection.execute(_KEEP, (kept.key, kept.count, kept.last_at, kept.locked_until, kept.tag))
    return kept
