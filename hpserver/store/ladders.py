"""The counters of tried secrets, in SQL: counted before the secret is compared. Runs inside a transaction."""

import math
from collections.abc import Sequence

import apsw

from hpserver.directory.model import Attempts
from hpserver.errors import LockedError

_READ = "SELECT key, count, last_at, locked_until FROM attempts WHERE key = ?"
_KEEP = "INSERT OR REPLACE INTO attempts VALUES (?, ?, ?, ?)"


def read(connection: apsw.Connection, key: str) -> Attempts:
    """Read the attempts of a key."""
    found = connection.execute(_READ, (key,)).fetchone()
    if found is None:
        return Attempts(key=key)
    _, count, last_at, locked_until = found
    return Attempts(key=key, count=count, last_at=last_at, locked_until=locked_until)


def spend(connection: apsw.Connection, key: str, now: float, ladder: Sequence[float]) -> Attempts:
    """Count one attempt, or raise LockedError; see `Directory.spend_attempt`."""
    before = read(connection, key)
    # The clock may have jumped back since: a lock never lasts longer than its own step.
    left = min(before.locked_until - now, _step(ladder, before.count))
    if left > 0:
        seconds = 0 if math.isinf(left) else math.ceil(left)
        raise LockedError("too many attempts", seconds=seconds)
    count = before.count + 1
    spent = Attempts(key=key, count=count, last_at=now, locked_until=now + _step(ladder, count))
    connection.execute(_KEEP, (spent.key, spent.count, spent.last_at, spent.locked_until))
    return spent


def reset(connection: apsw.Connection, key: str) -> None:
    """Forget the attempts of a key."""
    connection.execute("DELETE FROM attempts WHERE key = ?", (key,))


def forget(connection: apsw.Connection, before: float) -> int:
    """Forget every key last tried before, and not locked then; how many."""
    connection.execute("DELETE FROM attempts WHERE last_at < ? AND locked_until < ?", (before, before))
    return connection.changes()


def _step(ladder: Sequence[float], count: int) -> float:
    if not ladder or count == 0:
        return 0.0
    return ladder[min(count, len(ladder)) - 1]
