"""Who refers to whom, kept as rows change. Knows no meaning of a reference."""

from collections.abc import Collection, Iterator, Mapping
from itertools import compress
from operator import attrgetter

from hpserver.base.model import Row
from hpserver.base.registry import KINDS, Kind

Ident = tuple[str, int]
"""Kind and key of an object."""
Tables = dict[str, dict[int, Row]]
"""Rows by kind and key."""

_NOBODY: frozenset[int] = frozenset()

Users = int | set[int]
"""The key of the one row that names an object, most often, or those of several: a set for each costs 200 bytes."""


class References:
    """For every object, the rows that name it."""

    def __init__(self) -> None:
        self._by: dict[tuple[str, str], dict[int, Users]] = {
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
            _forget(self._by[kind.name, target], other, key)
        for target, other in new - old:
            _note(self._by[kind.name, target], other, key)

    def add(self, kind: Kind, rows: Mapping[int, Row]) -> None:
        """Take note of all rows of a kind, of which none was known."""
        for name, target in kind.refs.items():
            by = self._by[kind.name, target]
            named = list(map(attrgetter(name), rows.values()))
            only = {} if by or type(next(filter(None, named), ())) is tuple else dict(zip(named, rows, strict=True))
            if len(only) == len(named) and None not in only:  # each names another one
                by.update(only)
                continue
            for key, value in compress(zip(rows, named, strict=True), named):
                for other in (value,) if type(value) is int else value:
                    users = by.get(other)
                    if users is None:
                        by[other] = key
                    elif type(users) is set:
                        users.add(key)
                    else:
                        _note(by, other, key)

    def users(self, source: str, target: str, key: int) -> Collection[int]:
        """Return the keys of the rows of kind `source` that name the object."""
        found = self._by[source, target].get(key, _NOBODY)
        return (found,) if isinstance(found, int) else found

    def referrers(self, target: str, key: int) -> Iterator[Ident]:
        """Yield every row that names the object."""
        for source in self._sources[target]:
            for user in sorted(self.users(source, target, key)):
                yield source, user

    def as_dict(self) -> dict[tuple[str, str], dict[int, set[int]]]:
        """Return a copy of the whole index, for checks."""
        return {pair: {key: set(self.users(*pair, key)) for key in index} for pair, index in self._by.items()}


def _note(by: dict[int, Users], other: int, key: int) -> None:
    users = by.get(other)
    if users is None:
        by[other] = key
    elif not isinstance(users, int):
        users.add(key)
    elif users != key:
        by[other] = {users, key}


def _forget(by: dict[int, Users], other: int, key: int) -> None:
    users = by[other]
    if not isinstance(users, int):
        users.discard(key)
    if not users or users == key:
        del by[other]


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
