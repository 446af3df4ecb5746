"""Who refers to whom, kept as rows change. Knows no meaning of a reference."""

from collections.abc import Collection, Iterator, Mapping
from operator import attrgetter

from hpserver.base.model import Row
from hpserver.base.registry import KINDS, Kind

Ident = tuple[str, int]
"""Kind and key of an object."""
Tables = dict[str, dict[int, Row]]
"""Rows by kind and key."""

_NOBODY: frozenset[int] = frozenset()


class References:
    """For every object, the rows that name it."""

    def __init__(self) -> None:
        self._by: dict[tuple[str, str], dict[int, set[int]]] = {
            (kind.name, target): {} for kind in KINDS.values() for target in kind.refs.values()
        }
        self._sources: dict[str, list[str]] = {target: [] for target in KINDS}
        for source, target in self._by:
            self._sources[target].append(source)

    def change(self, kind: Kind, key: int, before: Row | None, after: Row | None) -> None:
        """Take note that a row is now `after`."""
        old, new = targets_of(kind, before), targets_of(kind, after)
        if old == new:
            return
        for target, other in old - new:
            users = self._by[kind.name, target]
            users[other].discard(key)
            if not users[other]:
                del users[other]
        for target, other in new - old:
            self._by[kind.name, target].setdefault(other, set()).add(key)

    def add(self, kind: Kind, rows: Mapping[int, Row]) -> None:
        """Take note of all rows of a kind, of which none was known."""
        for name, target in kind.refs.items():
            by = self._by[kind.name, target]
            for key, value in zip(rows, map(attrgetter(name), rows.values()), strict=True):
                if value is not None and value != ():
                    for other in (value,) if type(value) is int else value:
                        if (users := by.get(other)) is None:
                            by[other] = {key}
                        else:
                            users.add(key)

    def users(self, source: str, target: str, key: int) -> Collection[int]:
        """Return the keys of the rows of kind `source` that name the object."""
        return self._by[source, target].get(key, _NOBODY)

    def referrers(self, target: str, key: int) -> Iterator[Ident]:
        """Yield every row that names the object."""
        for source in self._sources[target]:
            for user in sorted(self._by[source, target].get(key, _NOBODY)):
                yield source, user

    def as_dict(self) -> dict[tuple[str, str], dict[int, set[int]]]:
        """Return a copy of the whole index, for checks."""
        return {pair: {key: set(users) for key, users in index.items()} for pair, index in self._by.items()}


def targets_of(kind: Kind, row: Row | None) -> set[Ident]:
    """Return what a row refers to."""
    if row is None:
        return set()
    found: set[Ident] = set()
    for name, target in kind.refs.items():
        value = getattr(row, name)
        if value is not None and value != ():
            found.update([(target, key) for key in keys_in(value)])
    return found


def keys_in(value: int | tuple[int, ...] | None) -> tuple[int, ...]:
    """Return the keys that the value of a reference field names."""
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)
