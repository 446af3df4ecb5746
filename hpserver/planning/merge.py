"""Two people, one object: what merges silently and what is a conflict. Knows fields and revisions, no client."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import msgspec

from hpserver.base.changes import Applied, Change, Create, Delete, Update, encode_fields
from hpserver.base.planning import Planning
from hpserver.base.registry import kind_of
from hpserver.planning.history import Field, History, Touch
from hpserver.protocol.messages import FieldConflict

WHOLE: Final = ""
"""The field that stands for the object itself: touched by every change of it."""

BORN: Final = "+"
"""The field that stands for all that a creation wrote: touched by it alone."""

EXCEPTION: Final = "meeting"
"""The kind whose key is computed: two people who create the same one mean the same thing."""

MAX_CONFLICT_BYTES: Final = 256 << 10
"""Bytes of the values in one answer: the first conflicts alone, when all of them would not fit a frame."""

_encode: Final = msgspec.msgpack.Encoder().encode

Weighed = tuple[tuple[Change, ...], tuple[FieldConflict, ...], bool]


def touched_fields(applied: Applied) -> tuple[Field, ...]:
    """Every field a transaction wrote; `WHOLE` for each object, with `BORN` for a new one."""
    return _touched(zip(applied.changes, applied.fields, strict=True))


def fields_of(changes: Sequence[Change]) -> tuple[Field, ...]:
    """The same of a transaction that was applied in an earlier life of the server: its facts name every field."""
    return _touched(
        (change, kind_of(change.kind).decode(change.fields) if isinstance(change, Update) else ()) for change in changes
    )


class Others:
    """What others than `author` have touched after revision `seen`. Nobody conflicts with oneself."""

    def __init__(self, history: History, author: str, seen: int) -> None:
        self._touches, self._author, self._seen = history.touches, author, seen

    def weigh(self, changes: Sequence[Change], planning: Planning) -> Weighed:
        """Hold a wish against it: the changes to apply, the conflicts, whether anything merged.

        A field is in conflict when somebody else wrote another value to it; an object that goes, when somebody else
        wrote any. Two people who both make the exception of a week make one exception.
        """
        kept: list[Change] = []
        conflicts: list[FieldConflict] = []
        merged = False
        for change in changes:
            touch = self._newest(change)
            row = planning.maybe_get(change.kind, change.key) if touch is not None else None
            if touch is not None:
                merged = True
                conflicts += self._conflicts(change, row, touch)
            kept.append(_as_update(change) if row is not None and _is_exception(change) else change)
        return tuple(kept), fitting(conflicts), merged

    def swept(self, applied: Applied, asked: int) -> tuple[FieldConflict, ...]:
        """What they did to the parts that go with their whole: those after the `asked` changes."""
        gone = zip(applied.changes[asked:], applied.before[asked:], strict=True)
        touched = ((change, row, self._newest(change)) for change, row in gone)
        return fitting([_conflict(change, WHOLE, None, row, touch) for change, row, touch in touched if touch])

    def _newest(self, change: Change) -> Touch | None:
        """The last touch of any field of the object by others."""
        whole = self._touches.get((change.kind, change.key, WHOLE))
        if whole is None or whole.revision <= self._seen:
            return None
        touches = (self._theirs(change, field) for field in (WHOLE, BORN, *kind_of(change.kind).by_name))
        return max((touch for touch in touches if touch is not None), key=lambda touch: touch.revision, default=None)

    def _theirs(self, change: Change, field: str) -> Touch | None:
        touch = self._touches.get((change.kind, change.key, field))
        return touch if touch and touch.revision > self._seen and touch.author != self._author else None

    def _conflicts(self, change: Change, row: Any, touch: Touch) -> Iterator[FieldConflict]:
        if isinstance(change, Delete):
            yield _conflict(change, WHOLE, None, row, touch)
        elif row is None:
            if isinstance(change, Update):
                yield _conflict(change, WHOLE, change.fields, None, touch)
        elif isinstance(change, Update) or _is_exception(change):
            yield from self._fields(change, row)

    def _fields(self, change: Create | Update, row: Any) -> Iterator[FieldConflict]:
        born = self._touches.get((change.kind, change.key, BORN))
        for field, yours in kind_of(change.kind).decode(change.fields).items():
            theirs = getattr(row, field)
            last = self._touches.get((change.kind, change.key, field))
            unsaid = theirs == _default(row, field)
            by_birth = born is not None and (last is None or last.revision < born.revision)
            touch = self._theirs(change, BORN if by_birth else field)
            if touch is not None and yours != theirs and not (by_birth and unsaid):
                yield _conflict(change, field, yours, theirs, touch)


def fitting(conflicts: Sequence[FieldConflict]) -> tuple[FieldConflict, ...]:
    """The first conflicts that fit an answer, at least one when there is any."""
    size = 0
    for count, conflict in enumerate(conflicts):
        size += len(_encode(conflict))
        if count and size > MAX_CONFLICT_BYTES:
            return tuple(conflicts[:count])
    return tuple(conflicts)


def _touched(written: Iterable[tuple[Change, Iterable[str]]]) -> tuple[Field, ...]:
    touched: list[Field] = []
    for change, fields in written:
        kind, key = change.kind, change.key
        touched.append((kind, key, WHOLE))
        if isinstance(change, Create):
            touched.append((kind, key, BORN))
        elif isinstance(change, Update):
            touched += [(kind, key, field) for field in fields]
    return tuple(touched)


def _is_exception(change: Change) -> bool:
    return isinstance(change, Create) and change.kind == EXCEPTION


def _default(row: Any, field: str) -> Any:
    return next(f.default for f in msgspec.structs.fields(row) if f.name == field)


def _as_update(change: Change) -> Update:
    assert isinstance(change, Create)
    return Update(change.kind, change.key, encode_fields(kind_of(change.kind).decode(change.fields)))


def _conflict(change: Change, field: str, yours: Any, theirs: Any, touch: Touch) -> FieldConflict:
    mine, other = msgspec.Raw(_encode(yours)), msgspec.Raw(_encode(theirs))
    return FieldConflict(change.kind, change.key, field, mine, other, touch.revision, touch.user)
