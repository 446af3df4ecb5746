"""Two people, one object: what merges silently and what is a conflict. Knows fields and revisions, no client."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import msgspec

from hpserver.base.changes import Applied, Change, Create, Delete, Update, encode_fields
from hpserver.base.planning import Planning
from hpserver.base.registry import kind_of
from hpserver.planning.history import Field, History, Touch
from hpserver.protocol.messages import FieldConflict

WHOLE: Final = ""
"""The field that stands for the object itself: touched by every change of it."""

_encode: Final = msgspec.msgpack.Encoder().encode
_NIL: Final = msgspec.Raw(b"\xc0")

Weighed = tuple[tuple[Change, ...], tuple[FieldConflict, ...], bool]


def touched_fields(applied: Applied) -> Iterator[Field]:
    """Every field a transaction wrote; `WHOLE` for each object, which is all there is for a new or deleted one."""
    for change, fields in zip(applied.changes, applied.fields, strict=True):
        yield change.kind, change.key, WHOLE
        if isinstance(change, Update):
            for field in fields:
                yield change.kind, change.key, field


def fields_of(changes: Sequence[Change]) -> Iterator[Field]:
    """The same of a transaction that was applied in an earlier life of the server: its facts name every field."""
    for change in changes:
        yield change.kind, change.key, WHOLE
        if isinstance(change, Update):
            for field in kind_of(change.kind).decode(change.fields):
                yield change.kind, change.key, field


def weigh(changes: Sequence[Change], seen: int, author: str, history: History, planning: Planning) -> Weighed:
    """Hold a wish against what others did since revision `seen`: the changes to apply, conflicts, whether it merged.

    A field is in conflict when somebody else wrote another value to it since. Nobody conflicts with oneself: a
    replica knows what it sent. Two people who both make the exception of a week make one exception.
    """
    kept: list[Change] = []
    conflicts: list[FieldConflict] = []
    merged = False
    for change in changes:
        touch = history.touches.get((change.kind, change.key, WHOLE))
        if touch is None or touch.revision <= seen or touch.author == author:
            kept.append(change)
            continue
        merged = True
        row = planning.maybe_get(change.kind, change.key)
        if row is None:
            kept.append(change)
            if not isinstance(change, Create):
                conflicts.append(_conflict(change, WHOLE, _yours(change), _NIL, touch))
            continue
        kept.append(_as_update(change) if isinstance(change, Create) else change)
        conflicts += _clashing_fields(change, row, seen, author, history, touch)
    return tuple(kept), tuple(conflicts), merged


def _clashing_fields(
    change: Change, row: Any, seen: int, author: str, history: History, whole: Touch
) -> Iterator[FieldConflict]:
    if isinstance(change, Delete):
        yield _conflict(change, WHOLE, _NIL, msgspec.Raw(_encode(row)), whole)
        return
    for field, yours in kind_of(change.kind).decode(change.fields).items():
        theirs = getattr(row, field)
        touch = history.touches.get((change.kind, change.key, field))
        if isinstance(change, Create):
            touch = whole if theirs != _default(row, field) else None
        if touch is None or touch.revision <= seen or touch.author == author or yours == theirs:
            continue
        yield _conflict(change, field, msgspec.Raw(_encode(yours)), msgspec.Raw(_encode(theirs)), touch)


def _default(row: Any, field: str) -> Any:
    return next(f.default for f in msgspec.structs.fields(row) if f.name == field)


def _as_update(change: Create) -> Update:
    return Update(change.kind, change.key, encode_fields(kind_of(change.kind).decode(change.fields)))


def _yours(change: Change) -> msgspec.Raw:
    return _NIL if isinstance(change, Delete) else change.fields


def _conflict(change: Change, field: str, yours: msgspec.Raw, theirs: msgspec.Raw, touch: Touch) -> FieldConflict:
    return FieldConflict(change.kind, change.key, field, yours, theirs, touch.revision, touch.user)
