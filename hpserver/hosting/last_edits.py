"""When a base was edited last, without taking it. Knows nothing of what is in it."""

from pathlib import Path
from typing import Final

from hpserver.errors import HPError
from hpserver.store.sqlite import SqliteStore

KEPT: Final = 1000
"""Bases whose last edit is remembered: more than an account has in its plannings."""

_Stamp = tuple[int, ...]


class LastEdits:
    """Reads the newest row of a journal, once for each state of its files."""

    def __init__(self) -> None:
        self._found: dict[Path, tuple[_Stamp, int]] = {}

    async def at_ms(self, path: Path) -> int:
        """Return UTC milliseconds of the last edit of a base; 0 for none, and for a base that cannot be read."""
        stamp = _stamp(path)
        known = self._found.get(path)
        if known is not None and known[0] == stamp:
            return known[1]
        try:
            found = await _newest(path)
        except HPError:  # whoever serves it, or looks at it, is told what is wrong with it
            return 0
        if len(self._found) >= KEPT:
            self._found.clear()
        self._found[path] = stamp, found
        return found


async def _newest(path: Path) -> int:
    store = SqliteStore(path)
    try:
        _, revision = await store.peek()
        rows = await store.tail(revision - 1, 1) if revision else ()
        return rows[-1].at if rows else 0
    finally:
        await store.close()


def _stamp(path: Path) -> _Stamp:
    """Tell one state of the files of a base from another."""
    found: list[int] = []
    for file in (path, path.with_name(path.name + "-wal")):
        try:
            told = file.stat()
        except FileNotFoundError:
            found += (0, 0)
        else:
            found += (told.st_mtime_ns, told.st_size)
    return tuple(found)
