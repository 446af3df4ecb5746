"""One transaction under way: rows changed in place, one after the other, with what puts them back."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import msgspec

from hpserver.base.changes import MAX_FACTS, Applied, Change, Create, Delete, Update, encode_fields
from hpserver.base.checks import Checks
from hpserver.base.model import (
    MAX_GROUPS,
    MAX_KEY,
    WEEKS_PER_ACTIVITY,
    Activity,
    Group,
    Row,
    activity_and_week,
    meeting_key,
)
from hpserver.base.references import Ident, References, Tables, keys_in
from hpserver.base.registry import KINDS, PARTS, Kind, kind_of
from hpserver.base.texts import entered
from hpserver.base.weeks import all_weeks, each_week
from hpserver.errors import InvalidChangeError, UnknownObjectError

MAX_KEY_GAP = 1_000_000
"""How far a key given by a client may run ahead of those given so far: keys cannot be used up by one change."""


class Net(msgspec.Struct, frozen=True, gc=False):
    """What a transaction did to one object in all."""

    before: Row | None
    after: Row | None
    names: frozenset[str]


class Transaction:
    """Stages changes on `tables`; whoever starts one either finishes it or undoes it."""

    def __init__(
        self, tables: Tables, references: References, next_keys: Mapping[str, int], *, trusted: bool, entered: bool
    ) -> None:  # fmt: skip
        self._tables = tables
        self._references = references
        self._next_keys = next_keys
        self._trusted, self._entered = trusted, entered
        self._keys: dict[int, int] = {}
        self._facts: list[tuple[Change, Row | None, Row | None, tuple[str, ...]]] = []

    def stage(self, changes: Sequence[Change]) -> None:
        """Change the rows. Raises InvalidChangeError, UnknownObjectError."""
        self._give_keys(changes)
        for change in changes:
            kind = kind_of(change.kind)
            key = self._real(kind, change.key) if change.key < 0 else change.key
            if isinstance(change, Update):
                self._update(kind, key, change)
            elif isinstance(change, Create):
                self._create(kind, key, change)
            else:
                self._delete(kind, key)
        self._sweep()

    @staticmethod
    def check(nets: Mapping[Ident, "Net"], checks: Checks, references: References) -> None:
        """Check what was staged. Raises InvalidChangeError, UnknownObjectError, StillReferencedError."""
        gone = {ident: None for ident, change in nets.items() if change.after is None}
        for ident, change in nets.items():
            if change.after is None:
                checks.check_gone(ident)
            else:
                checks.check(ident, change.after, change.names, gone)
        for ident, change in nets.items():
            if change.after is not None:
                checks.check_own(ident, change.after, change.names)
        _check_cohort_sizes(nets, references)

    def undo(self) -> None:
        """Put every row back."""
        for change, before, _, _ in reversed(self._facts):
            self._put(change.kind, change.key, before)

    def applied(self) -> Applied:
        """Return what was staged."""
        changes, before, after, fields = zip(*self._facts, strict=True) if self._facts else ((), (), (), ())
        return Applied(changes, before, after, self._keys, fields)

    def _give_keys(self, changes: Sequence[Change]) -> None:
        following: dict[str, int] = {}
        for change in changes:
            if not isinstance(change, Create) or change.key >= 0 or change.kind == "meeting":
                continue
            if self._trusted or change.key in self._keys:
                raise _invalid(change.kind, change.key, "this placeholder is not, or no longer, free")
            kind = kind_of(change.kind)
            key = following.get(kind.name, self._next_keys[kind.name])
            following[kind.name] = key + 1
            self._keys[change.key] = key

    def _real(self, kind: Kind, placeholder: int) -> int:
        if kind.name == "meeting":
            activity, week = activity_and_week(placeholder)
            return meeting_key(self._key_of(activity, kind.name), week)
        return self._key_of(placeholder, kind.name)

    def _key_of(self, placeholder: int, kind: str) -> int:
        try:
            return self._keys[placeholder]
        except KeyError:
            raise _invalid(kind, placeholder, "no object of this transaction has this placeholder") from None

    def _create(self, kind: Kind, key: int, change: Create) -> None:
        if not self._may_be_given(kind, key):
            raise _invalid(kind.name, key, "this key cannot be given")
        if key in self._tables[kind.name]:
            raise _invalid(kind.name, key, "an object with this key exists")
        values, raw = self._read(kind, change.fields)
        missing = kind.required.difference(values)
        if missing:
            raise _invalid(kind.name, key, f"{min(missing)} is needed", min(missing))
        if key != change.key or raw is not change.fields:
            change = Create(kind.name, key, raw)
        self._record(change, None, kind.row(**values), kind.row.__struct_fields__)

    def _may_be_given(self, kind: Kind, key: int) -> bool:
        if not 1 <= key <= MAX_KEY:
            return False
        if kind.name == "meeting" or self._trusted:
            return True
        return key < self._next_keys[kind.name] + MAX_KEY_GAP

    def _update(self, kind: Kind, key: int, change: Update) -> None:
        before = self._row(kind, key)
        values, raw = self._read(kind, change.fields)
        if key != change.key or raw is not change.fields:
            change = Update(kind.name, key, raw)
        self._record(change, before, msgspec.structs.replace(before, **values), tuple(values))

    def _delete(self, kind: Kind, key: int) -> None:
        before = self._row(kind, key)
        self._record(Delete(kind.name, key), before, None, kind.row.__struct_fields__)

    def _read(self, kind: Kind, raw: msgspec.Raw) -> tuple[dict[str, Any], msgspec.Raw]:
        values = kind.decode(raw)
        if self._entered and not kind.texts.isdisjoint(values):
            values, raw = _as_entered(kind, values, raw)
        placeholders = False
        for name, value in values.items():
            if not value or name not in kind.refs:
                continue
            if isinstance(value, int) and value < 0:
                values[name] = self._key_of(value, kind.name)
                placeholders = True
            elif isinstance(value, tuple) and min(value) < 0:
                values[name] = tuple(self._key_of(key, kind.name) if key < 0 else key for key in value)
                placeholders = True
        return values, encode_fields(values) if placeholders else raw

    def _row(self, kind: Kind, key: int) -> Row:
        try:
            return self._tables[kind.name][key]
        except KeyError:
            raise UnknownObjectError(f"{kind.name} {key} does not exist", kind=kind.name, key=key) from None

    def _record(self, change: Change, before: Row | None, after: Row | None, names: tuple[str, ...]) -> None:
        self._facts.append((change, before, after, names))
        self._put(change.kind, change.key, after)

    def _put(self, kind: str, key: int, row: Row | None) -> None:
        if row is None:
            self._tables[kind].pop(key, None)
        else:
            self._tables[kind][key] = row

    def _sweep(self) -> None:
        """Delete what is part of something that went, and so on, unless the transaction itself put it."""
        put: set[Ident] | None = None
        for change, before, after, names in self._facts:  # those that are added meanwhile too: parts have parts
            if before is None or not (after is None or (change.kind == "activity" and "weeks" in names)):
                continue
            if put is None:
                put = {(one.kind, one.key) for one, _, row, _ in self._facts if row is not None}
            for ident in self._parts_lost(change.kind, change.key):
                if ident not in put:
                    self._delete(KINDS[ident[0]], ident[1])
            if len(self._facts) > MAX_FACTS:
                raise InvalidChangeError(f"more than {MAX_FACTS} objects would go: do it in several", limit=MAX_FACTS)

    def _parts_lost(self, kind: str, key: int) -> Iterator[Ident]:
        """Yield what is there and has lost what it is part of: an object, or a week of an activity."""
        if kind == "activity" and self._tables["meeting"]:
            activity = cast("Activity | None", self._tables[kind].get(key))
            kept = 0 if activity is None else activity.weeks
            for week in each_week(all_weeks(WEEKS_PER_ACTIVITY) & ~kept):
                if meeting_key(key, week) in self._tables["meeting"]:
                    yield "meeting", meeting_key(key, week)
        if key in self._tables[kind]:
            return
        for part, fields in PARTS[kind]:
            rows = self._tables[part]
            for user in sorted(self._references.users(part, kind, key)):
                row = rows.get(user)
                if row is not None and any(key in keys_in(getattr(row, name)) for name in fields):
                    yield part, user


def net(applied: Applied) -> dict[Ident, Net]:
    """Return what a transaction did in all, by object."""
    nets: dict[Ident, Net] = {}
    for change, before, after, names in zip(
        applied.changes, applied.before, applied.after, applied.fields, strict=True
    ):
        ident = change.kind, change.key
        known = nets.get(ident)
        if known is None:
            nets[ident] = Net(before, after, frozenset(names))
        else:
            nets[ident] = Net(known.before, after, known.names.union(names))
    return nets


def _as_entered(kind: Kind, values: dict[str, Any], raw: msgspec.Raw) -> tuple[dict[str, Any], msgspec.Raw]:
    """Return fields with their texts as a base keeps them: one more letter in another spelling is within bounds too."""
    other = {}
    for name in kind.texts.intersection(values):
        value = values[name]
        try:
            kept = entered(value, lines=kind.by_name[name].lines)
        except InvalidChangeError as error:
            details = {"kind": kind.name, "field": name, **error.details}
            raise InvalidChangeError(f"{name} of {kind.name}: {error.text}", **details) from None
        if kept is not value and kept != value:
            other[name] = kept
    if not other:
        return values, raw
    raw = encode_fields({**values, **other})
    return kind.decode(raw), raw


def _check_cohort_sizes(nets: Mapping[Ident, Net], references: References) -> None:
    joined: dict[int, int] = {}
    for change in nets.values():
        before, after = change.before, change.after
        if isinstance(before, Group):
            joined[before.cohort] = joined.get(before.cohort, 0) - 1
        if isinstance(after, Group):
            joined[after.cohort] = joined.get(after.cohort, 0) + 1
    for cohort, count in joined.items():
        if count > 0 and len(references.users("group", "cohort", cohort)) + count > MAX_GROUPS:
            raise _invalid("cohort", cohort, f"a cohort has at most {MAX_GROUPS} groups", "groups")


def _invalid(kind: str, key: int, why: str, field: str = "key") -> InvalidChangeError:
    return InvalidChangeError(f"{kind} {key}: {why}", kind=kind, key=key, field=field)
