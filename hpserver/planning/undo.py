"""What takes a transaction back, or an object to what it was: from the journal alone. Knows no session and no store.

Everything here is worked out from rows of the journal, so it outlives sessions, servers and machines. Rows and writes
are given newest first.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

from hpserver.base.changes import Applied, Change, Create, Delete, Update, encode_fields
from hpserver.base.model import activity_and_week, values_of
from hpserver.base.planning import Planning
from hpserver.base.references import Ident
from hpserver.base.registry import kind_of
from hpserver.errors import InvalidChangeError, NothingToUndoError
from hpserver.planning.history import Field, Touch, Written
from hpserver.planning.journal import Fact, Link
from hpserver.planning.merge import BORN, WHOLE, fitting
from hpserver.protocol import messages as m

WISHES: Final = (m.Transact, m.Undo, m.Redo, m.RestoreObject, m.AcceptBranch)
"""Requests that change the base: each bears the id of its operation."""

_encode: Final = msgspec.msgpack.Encoder().encode


class Step(msgspec.Struct, frozen=True, gc=False):
    """One transaction of one user, and which other it took back."""

    revision: int
    undoes: int = 0
    redoes: int = 0


class Target(msgspec.Struct, frozen=True):
    """The transaction that is to be taken back."""

    revision: int
    user: str
    undoes: int
    facts: tuple[Fact, ...]

    @property
    def link(self) -> Link:
        """What the journal will say of who takes it back."""
        return Link(redoes=self.revision) if self.undoes else Link(undoes=self.revision)


class Past(msgspec.Struct, frozen=True):
    """What the journal says up to revision `until`: the target, and what was written to its objects later."""

    target: Target
    later: tuple[Written, ...]
    until: int


# --- which transaction --------------------------------------------------------------------------------------------


def to_undo(steps: Iterable[Step]) -> Iterator[int]:
    """What a user may take back, one after the other: each edit, and each Redo in the place of what it did again."""
    gone = set[int]()
    for step in steps:
        if step.undoes:
            gone.add(step.undoes)
        elif step.revision not in gone:
            yield step.revision


def to_redo(steps: Iterable[Step]) -> Iterator[int]:
    """What a user may do again: each Undo since the last edit that was not done again."""
    gone = set[int]()
    for step in steps:
        if step.redoes:
            gone.add(step.redoes)
        elif not step.undoes:
            return
        elif step.revision not in gone:
            yield step.revision


def standing(revision: int, later: Iterable[Written]) -> int | None:
    """The transaction that stands for this one now: itself, or the last Redo of it; None when it is taken back.

    Each is taken back once at most: what was done again is taken back by taking back its Redo.
    """
    by = {one.reverses: one.revision for one in later if one.reverses}
    taken_back = False
    while revision in by:
        revision, taken_back = by[revision], not taken_back
    return None if taken_back else revision


def nothing(revision: int = 0) -> NothingToUndoError:
    """The refusal: there is nothing left, or it was taken back already."""
    if not revision:
        return NothingToUndoError("there is nothing to take back, or to do again")
    return NothingToUndoError(f"revision {revision} was taken back already", revision=revision)


def never_was(kind: str, key: int) -> NothingToUndoError:
    """The refusal: there is no such object, and there was none."""
    return NothingToUndoError(f"{kind} {key} did not exist then, and does not now", kind=kind, key=key)


# --- taking back --------------------------------------------------------------------------------------------------


def fields_of(facts: Iterable[Fact]) -> Iterator[Field]:
    """Every field that facts wrote, as `merge.touched_fields` says them."""
    for fact in facts:
        yield fact.kind, fact.key, WHOLE
        if fact.before is None:
            yield fact.kind, fact.key, BORN
        elif fact.after is not None:
            for name in fact.after:
                yield fact.kind, fact.key, name


def objects_of(facts: Iterable[Fact]) -> list[Ident]:
    """The objects that facts are about, each once."""
    return list(dict.fromkeys((fact.kind, fact.key) for fact in facts))


def reversal(
    planning: Planning, past: Past, later: Iterable[Written], user: str, *, force: bool
) -> tuple[tuple[Change, ...], tuple[m.FieldConflict, ...]]:
    """The changes that take a transaction back for `user`, and what others wrote since where they would write.

    With `force` there are no conflicts: what others wrote is overwritten, what they deleted stays away.
    """
    theirs = {} if force else _theirs(past.target.revision, later, user)
    changes: list[Change] = []
    conflicts: list[m.FieldConflict] = []
    for ident, (before, after) in reversed(_net(past.target.facts).items()):
        change = _maybe_back(planning, ident, before, after, force=force)
        if change is not None:
            changes.append(change)
            conflicts += _conflicts(planning, change, theirs)
    if not changes:
        raise nothing(past.target.revision)
    return tuple(changes), fitting(conflicts)


def swept(
    applied: Applied, asked: int, target: Target, touches: Mapping[Field, Touch], user: str, *, known: bool
) -> tuple[m.FieldConflict, ...]:
    """What others did to the objects that go with those taken back: those after the `asked` changes.

    `known` says that `touches` has everything since the target; else what it does not have counts as done by others.
    """
    found = []
    for change, row in zip(applied.changes[asked:], applied.before[asked:], strict=True):
        fields = (WHOLE, BORN, *kind_of(change.kind).by_name)
        written = [touch for field in fields if (touch := touches.get((change.kind, change.key, field)))]
        others = [touch for touch in written if touch.user != user and touch.revision > target.revision]
        if others or not (written or known):
            last = max(others, key=lambda touch: touch.revision, default=Touch(0, "", ""))
            found.append(_conflict(change, WHOLE, None, row, last.revision, last.user))
    return fitting(found)


# --- as it was ----------------------------------------------------------------------------------------------------


def restoring(planning: Planning, kind: str, key: int, rows: Iterable[Sequence[Fact]]) -> tuple[Change, ...]:
    """The changes that make an object what it was before `rows`, which are all that touched it since.

    One that was deleted comes back with what went with it. Raises NothingToUndoError when it is so already.
    """
    row = planning.maybe_get(kind, key)
    state = None if row is None else values_of(row)
    parts: list[Fact] = []
    for facts in rows:
        for fact in reversed(facts):
            if (fact.kind, fact.key) != (kind, key):
                continue
            if fact.before is None:
                state = None
            else:
                state = dict(fact.before) if fact.after is None else {**(state or {}), **fact.before}
            if fact.after is None:
                parts = _parts(facts, (kind, key))
    wished = None if state is None else kind_of(kind).decode(encode_fields(state))
    if row is None or wished is None:
        if wished is None and row is None:
            raise never_was(kind, key)
        back = [part for part in parts if part.before and planning.maybe_get(part.kind, part.key) is None]
        again = [Create(part.kind, part.key, encode_fields(part.before or {})) for part in back]
        return (Delete(kind, key),) if wished is None else (Create(kind, key, encode_fields(wished)), *again)
    other = {name: value for name, value in wished.items() if getattr(row, name) != value}
    if not other:
        raise NothingToUndoError(f"{kind} {key} is as it was then", kind=kind, key=key)
    return (Update(kind, key, encode_fields(other)),)


# --- within -------------------------------------------------------------------------------------------------------


def _net(facts: Iterable[Fact]) -> dict[Ident, tuple[dict[str, Any] | None, bool]]:
    """By object: the fields it had before the transaction, or None when it was not there; whether it is there after."""
    nets: dict[Ident, tuple[dict[str, Any] | None, bool]] = {}
    for fact in facts:
        ident, stays = (fact.kind, fact.key), fact.after is not None
        if ident not in nets:
            nets[ident] = (fact.before, stays)
        else:
            first = nets[ident][0]
            nets[ident] = (None if first is None else {**(fact.before or {}), **first}, stays)
    return nets


def _maybe_back(
    planning: Planning, ident: Ident, before: dict[str, Any] | None, after: bool, *, force: bool
) -> Change | None:
    """What takes one object back to `before`; None when it is so already, or cannot be and `force` lets it be."""
    there = planning.maybe_get(*ident) is not None
    if before is None:
        return Delete(*ident) if there and after else None
    if not after:
        return (Update if there else Create)(*ident, encode_fields(before))
    return None if force and not there else Update(*ident, encode_fields(before))


def _theirs(target: int, later: Iterable[Written], user: str) -> dict[Field, Written]:
    """The last write of others than `user` to each field, without what was taken back since."""
    gone = set[int]()
    found: dict[Field, Written] = {}
    for one in later:
        if one.revision in gone:
            continue
        if one.reverses:
            gone.add(one.reverses)
        if one.user != user and one.reverses <= target:
            for field in one.fields:
                found.setdefault(field, one)
    return found


def _conflicts(planning: Planning, change: Change, theirs: Mapping[Field, Written]) -> Iterator[m.FieldConflict]:
    row = planning.maybe_get(change.kind, change.key)
    whole = theirs.get((change.kind, change.key, WHOLE))
    if whole is None:
        if row is None and isinstance(change, Update):
            raise InvalidChangeError(
                f"{change.kind} {change.key} is gone: take back its deletion first", kind=change.kind, key=change.key
            )
        return
    if isinstance(change, Delete) or (isinstance(change, Update) and row is None):
        yield _conflict(change, WHOLE, None, row, whole.revision, whole.user)
    elif row is not None:
        for field, yours in kind_of(change.kind).decode(change.fields).items():
            keys = ((change.kind, change.key, name) for name in (field, BORN))
            last = max((theirs[key] for key in keys if key in theirs), key=lambda one: one.revision, default=None)
            if last is not None and getattr(row, field) != yours:
                yield _conflict(change, field, yours, getattr(row, field), last.revision, last.user)


def _parts(facts: Sequence[Fact], whole: Ident) -> list[Fact]:
    """The deletions among facts of what was part of an object, or of a part of it."""
    idents, parts = {whole}, list[Fact]()
    left = [fact for fact in facts if fact.after is None and fact.before is not None and (fact.kind, fact.key) != whole]
    while found := [fact for fact in left if not idents.isdisjoint(_wholes(fact))]:
        parts += found
        idents |= {(fact.kind, fact.key) for fact in found}
        left = [fact for fact in left if fact not in found]
    return parts


def _wholes(fact: Fact) -> Iterator[Ident]:
    """The objects that the object of a fact is part of."""
    kind = kind_of(fact.kind)
    if kind.name == "meeting":
        yield "activity", activity_and_week(fact.key)[0]
    for name in kind.part_of:
        value = (fact.before or {}).get(name)
        for key in value if isinstance(value, list | tuple) else (value,):
            if key is not None:
                yield kind.refs[name], key


def _conflict(change: Change, field: str, yours: Any, theirs: Any, revision: int, user: str) -> m.FieldConflict:
    mine, other = msgspec.Raw(_encode(yours)), msgspec.Raw(_encode(theirs))
    return m.FieldConflict(change.kind, change.key, field, mine, other, revision, user)
