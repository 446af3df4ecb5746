"""What was done on a branch, done again on its base as it is now. Decides nothing that both sides decided: says so.

Three states: `origin`, the base when it was forked; `branch`, the fork now; `current`, the base now.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

import msgspec

from hpserver.base.changes import Change, create, delete, update
from hpserver.base.edits.diff import Difference, differences
from hpserver.base.model import Row, activity_and_week, meeting_key, values_of
from hpserver.base.planning import Planning
from hpserver.base.references import Ident, keys_in
from hpserver.base.registry import KINDS

WHOLE = ""
"""The field of a conflict about the object itself."""


class Conflict(msgspec.Struct, frozen=True, array_like=True):
    """A field, or a whole object, that both sides changed, to different ends. None where there is no such object."""

    kind: str
    key: int
    field: str
    origin: Any
    branch: Any
    current: Any


class Rebased(msgspec.Struct, frozen=True):
    """What is to be done on the base, in an order that may be cut, and what both sides decided.

    The branch's side of a conflict is not among the changes. `chosen` are the objects taken over: those that
    were asked for, and what they cannot be without.
    """

    changes: tuple[Change, ...]
    conflicts: tuple[Conflict, ...]
    chosen: tuple[Ident, ...]
    keys: Mapping[Ident, int]
    """The keys that objects created on the branch have in the base."""


def rebase(
    origin: Planning,
    branch: Planning,
    current: Planning,
    *,
    only: Collection[Ident] | None = None,
    insist: Collection[Ident] = (),
    known: Mapping[Ident, int] = {},
    placeholders: bool = False,
) -> Rebased:
    """Return what brings the work of a branch onto the base as it is now.

    With `only`, the work on those objects, and on the created ones that they name. For the objects in `insist`, the
    branch's side wins. Objects created on the branch get new keys, but for those that the base has already: `known`;
    with `placeholders`, as others go on creating, these are negative.
    """
    found = {one.ident: one for one in differences(origin, branch) if one.ident not in known}
    wanted = found if only is None else _with_what_they_need(found, branch, only)
    keys = {**known, **_new_keys(wanted, current, known, placeholders=placeholders)}
    work = _Work(origin, branch, current, wanted, keys, frozenset(insist))
    changes = (*work.creations(), *work.updates(), *work.deletions())
    return Rebased(changes, tuple(work.conflicts), tuple(wanted), keys)


class _Work:
    def __init__(
        self,
        origin: Planning,
        branch: Planning,
        current: Planning,
        wanted: Mapping[Ident, Difference],
        keys: Mapping[Ident, int],
        insist: Collection[Ident],
    ) -> None:
        self._origin, self._branch, self._current = origin, branch, current
        self._wanted, self._keys, self._insist = wanted, keys, insist
        self.conflicts: list[Conflict] = []

    def creations(self) -> Iterator[Change]:
        """What refers after what it refers to."""
        for (kind, key), one in self._wanted.items():
            if one.how != "created":
                continue
            fields = self._renamed(kind, values_of(self._branch.get(kind, key)))
            there = self._current.maybe_get(kind, key) if kind == "meeting" else None
            if (kind, key) in self._keys:
                yield create(kind, self._keys[kind, key], **fields)
            elif there is None:
                yield from self._exception(key, fields)
            else:
                yield from self._updated(kind, key, there, {name: (None, value) for name, value in fields.items()})

    def updates(self) -> Iterator[Change]:
        """Field by field."""
        for (kind, key), one in self._wanted.items():
            if one.how != "changed":
                continue
            there = self._current.maybe_get(kind, key)
            after = self._renamed(kind, {field.name: field.after for field in one.fields})
            if there is None:
                was = values_of(self._origin.get(kind, key))
                self.conflicts.append(Conflict(kind, key, WHOLE, was, after, None))
                continue
            yield from self._updated(
                kind, key, there, {field.name: (field.before, after[field.name]) for field in one.fields}
            )

    def deletions(self) -> Iterator[Change]:
        """Parts before what they are part of; a meeting whose week goes, goes with it."""
        for kind, key in reversed(tuple(self._wanted)):
            there = self._current.maybe_get(kind, key)
            if self._wanted[kind, key].how != "deleted" or there is None or self._loses_its_week(kind, key):
                continue
            was = self._origin.get(kind, key)
            if there != was and (kind, key) not in self._insist:
                self.conflicts.append(Conflict(kind, key, WHOLE, values_of(was), None, values_of(there)))
            else:
                yield delete(kind, key)

    def _loses_its_week(self, kind: str, key: int) -> bool:
        if kind != "meeting":
            return False
        activity, week = activity_and_week(key)
        row = self._branch.maybe_get("activity", activity)
        return row is not None and not self._branch.activity(activity).weeks >> week & 1

    def _updated(self, kind: str, key: int, there: Row, fields: Mapping[str, tuple[Any, Any]]) -> Iterator[Change]:
        kept = {}
        for name, (was, wished) in fields.items():
            now = getattr(there, name)
            if now == wished:
                continue
            if now != was and (kind, key) not in self._insist:
                self.conflicts.append(Conflict(kind, key, name, was, wished, now))
            else:
                kept[name] = wished
        if kept:
            yield update(kind, key, **kept)

    def _exception(self, key: int, fields: dict[str, Any]) -> Iterator[Change]:
        """The exception of a week, unless its activity has gone, or no longer takes place then."""
        activity, week = activity_and_week(key)
        row = self._current.maybe_get("activity", activity)
        weeks = 0 if row is None else self._current.activity(activity).weeks
        if weeks >> week & 1 or (row is not None and ("activity", activity) in self._wanted):
            yield create("meeting", key, **fields)
        else:
            self.conflicts.append(Conflict("meeting", key, WHOLE, None, fields, None))

    def _renamed(self, kind: str, fields: dict[str, Any]) -> dict[str, Any]:
        if self._keys:
            for name, target in KINDS[kind].refs.items():
                value = fields.get(name)
                if isinstance(value, tuple):
                    fields[name] = tuple(self._keys.get((target, key), key) for key in value)
                elif value is not None:
                    fields[name] = self._keys.get((target, value), value)
        return fields


def _new_keys(
    wanted: Mapping[Ident, Difference], current: Planning, known: Mapping[Ident, int], *, placeholders: bool
) -> dict[Ident, int]:  # fmt: skip
    """Give the created objects keys that the base has not given out."""
    following = dict(current.next_keys)
    keys: dict[Ident, int] = {}
    for (kind, key), one in wanted.items():
        if one.how != "created" or kind == "meeting":
            continue
        if placeholders:
            keys[kind, key] = -1 - len(keys)
        else:
            keys[kind, key] = following[kind]
            following[kind] += 1
    for (kind, key), one in wanted.items():
        if one.how == "created" and kind == "meeting":
            activity, week = activity_and_week(key)
            there = keys.get(("activity", activity), known.get(("activity", activity)))
            if there is not None:
                keys[kind, key] = meeting_key(there, week)
    return keys


def _with_what_they_need(
    found: Mapping[Ident, Difference], branch: Planning, only: Collection[Ident]
) -> dict[Ident, Difference]:
    """Add the created objects that those named refer to, and so on; in the order of all."""
    needed: set[Ident] = set()
    waiting = [ident for ident in only if ident in found]
    while waiting:
        kind, key = waiting.pop()
        if (kind, key) in needed:
            continue
        needed.add((kind, key))
        row = branch.maybe_get(kind, key)
        names = [("activity", activity_and_week(key)[0])] if kind == "meeting" else []
        if row is not None:
            refs = KINDS[kind].refs.items()
            names += [(target, one) for name, target in refs for one in keys_in(getattr(row, name))]
        waiting += [ident for ident in names if ident in found and found[ident].how == "created"]
    return {ident: one for ident, one in found.items() if ident in needed}
