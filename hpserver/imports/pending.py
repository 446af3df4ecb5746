"""What an import would change in a base that is there already: objects found by name, made or completed once.

The base itself is not touched: what comes out is a list of changes. Knows no file format.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from hpserver.base.changes import Change, Create, Update, create, update
from hpserver.base.model import activity_and_week, meeting_key, values_of
from hpserver.base.planning import Planning
from hpserver.base.references import Ident, keys_in
from hpserver.base.registry import KINDS, kind_of
from hpserver.imports.spelling import fold, slips

MAX_SUGGESTIONS: Final = 3
"""Near names that are quoted."""

_PEOPLE: Final = {"instructor", "staff", "student", "guardian"}


class Found(msgspec.Struct, frozen=True):
    """What a name stands for: the keys that have it (several: homonyms), or the names that are near it."""

    keys: tuple[int, ...] = ()
    near: tuple[str, ...] = ()


class Pending:
    """Creations and updates over a planning. Keys of objects still to be made are negative."""

    def __init__(self, planning: Planning) -> None:
        self.planning = planning
        self._made: dict[str, dict[int, dict[str, Any]]] = {kind: {} for kind in KINDS}
        self._updated: dict[tuple[str, int], dict[str, Any]] = {}
        self._next = 0
        self._names: dict[tuple[str, int | None], dict[str, list[int]]] = {}
        self._marks: dict[tuple[str, int | None], dict[str, list[int]]] = {}
        self._indexed: set[str] = set()

    # --- what there is --------------------------------------------------------------------------------------

    def fields(self, kind: str, key: int) -> Mapping[str, Any]:
        """Return the fields of an object as they will be."""
        if key < 0:
            return self._made[kind][key]
        values = values_of(self.planning.get(kind, key))
        return values | self._updated.get((kind, key), {})

    def keys(self, kind: str) -> list[int]:
        """Return the keys of a kind, those still to be made last."""
        return [*sorted(self.planning.rows(kind)), *self._made[kind]]

    def find(self, kind: str, text: str, cohort: int | None = None) -> Found:
        """Return what a name or a code stands for, a group within its cohort when it is given.

        An exact name comes before an exact code, and these before a name that differs by case and accents only.
        People are also found by their first name and name, in both orders.
        """
        self._index(kind)
        for scope in ("name", "code", "fold"):
            keys = self._names.get((kind, cohort), {}).get(f"{scope}:{fold(text) if scope == 'fold' else text}", ())
            if keys:
                return Found(tuple(keys))
        return Found(near=self._near(kind, text, cohort))

    def coded(self, kind: str, code: str) -> list[int]:
        """Return the keys of the objects that have a code."""
        self._index(kind)
        return list(self._names.get((kind, None), {}).get(f"code:{code}", ()))

    def label(self, kind: str, key: int) -> str:
        """Return what an object is called."""
        values = self.fields(kind, key)
        name = f"{values.get('first_name', '')} {values.get('name', '')}".strip()
        return name or f"{kind} {key}"

    # --- what will be ---------------------------------------------------------------------------------------

    def create(self, kind: str, /, **fields: Any) -> int:
        """Make an object; return its placeholder."""
        self._next -= 1
        self._made[kind][self._next] = fields
        if kind in self._indexed:
            self._note(kind, self._next, fields)
        return self._next

    def complete(self, kind: str, key: int, /, **fields: Any) -> tuple[str, ...]:
        """Give an object these values; return the fields that were not so."""
        now = self.fields(kind, key)
        differs = {name: value for name, value in fields.items() if now.get(name) != value}
        if key < 0:
            self._made[kind][key].update(differs)
        elif differs:
            self._updated.setdefault((kind, key), {}).update(differs)
        return tuple(differs)

    def keep_only(self, roots: Iterable[Ident]) -> None:
        """Make no other new objects than these and what they name: rows that are left out leave nothing behind."""
        reached: set[Ident] = set()
        waiting = [*roots, *self._updated]
        while waiting:
            kind, key = waiting.pop()
            if (kind, key) in reached:
                continue
            reached.add((kind, key))
            fields = self._made[kind].get(key, {}) if key < 0 else self._updated.get((kind, key), {})
            for name, target in KINDS[kind].refs.items():
                waiting += ((target, one) for one in keys_in(fields.get(name)) if one < 0)
        for kind, made in self._made.items():
            self._made[kind] = {key: fields for key, fields in made.items() if (kind, key) in reached}

    def changes(self) -> tuple[Change, ...]:
        """Return what to do, what is referred to before what refers: none when there is nothing to do."""
        made: list[Change] = [create(kind, key, **self._made[kind][key]) for kind in KINDS for key in self._made[kind]]
        return (*made, *(update(kind, key, **fields) for (kind, key), fields in self._updated.items()))

    def counts(self) -> dict[str, int]:
        """Return how many objects of each kind would be made."""
        return {kind: len(made) for kind, made in self._made.items() if made}

    def updated(self) -> dict[str, int]:
        """Return how many objects of each kind would get other values."""
        found: dict[str, int] = {}
        for kind, _ in self._updated:
            found[kind] = found.get(kind, 0) + 1
        return found

    # --- within ---------------------------------------------------------------------------------------------

    def _index(self, kind: str) -> None:
        if kind not in self._indexed:
            self._indexed.add(kind)
            for key in self.keys(kind):
                self._note(kind, key, self.fields(kind, key))

    def _note(self, kind: str, key: int, fields: Mapping[str, Any]) -> None:
        name, first, code = (str(fields.get(field) or "") for field in ("name", "first_name", "code"))
        names = {name, f"{first} {name}".strip(), f"{name} {first}".strip()} if kind in _PEOPLE else {name}
        scopes = {None, fields["cohort"]} if kind == "group" else {None}
        for scope in scopes:
            index = self._names.setdefault((kind, scope), {})
            marks = [f"name:{one}" for one in names if one] + [f"fold:{fold(one)}" for one in names if one]
            for mark in dict.fromkeys([*marks, *([f"code:{code}"] if code else [])]):
                index.setdefault(mark, []).append(key)
            near = self._marks.setdefault((kind, scope), {})
            for mark in {mark for one in names if one for mark in slips(one)}:
                near.setdefault(mark, []).append(key)

    def _near(self, kind: str, text: str, cohort: int | None) -> tuple[str, ...]:
        marks = self._marks.get((kind, cohort), {})
        keys = dict.fromkeys(key for mark in slips(text) for key in marks.get(mark, ()))
        return tuple(dict.fromkeys(self.label(kind, key) for key in keys))[:MAX_SUGGESTIONS]


def resolved(changes: tuple[Change, ...], next_keys: Mapping[str, int]) -> tuple[Change, ...]:
    """Return changes with real keys instead of placeholders: they may then be cut anywhere, in order.

    `next_keys` are those of the base they are for, which nobody may change meanwhile.
    """
    following, given = dict(next_keys), dict[int, int]()
    for change in changes:
        if isinstance(change, Create) and change.key < 0 and change.kind != "meeting":
            given[change.key] = following[change.kind]
            following[change.kind] += 1
    return tuple(_resolved(change, given) for change in changes)


def _resolved(change: Change, given: Mapping[int, int]) -> Change:
    if not isinstance(change, Create | Update):
        return change
    kind = kind_of(change.kind)
    fields = {
        name: _real(value, given) if name in kind.refs else value for name, value in kind.decode(change.fields).items()
    }
    key = change.key
    if key < 0 and kind.name == "meeting":
        activity, week = activity_and_week(key)
        key = meeting_key(given[activity], week)
    form = create if isinstance(change, Create) else update
    return form(kind.name, given.get(key, key), **fields)


def _real(value: Any, given: Mapping[int, int]) -> Any:
    if isinstance(value, int):
        return given.get(value, value)
    return None if value is None else tuple(given.get(key, key) for key in value)
