"""What differs between two states of a base, object by object and field by field. Changes nothing."""

from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

import msgspec

from hpserver.base.model import Row
from hpserver.base.planning import Planning
from hpserver.base.registry import KINDS

How: TypeAlias = Literal["created", "changed", "deleted"]


class FieldDifference(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One field before and after."""

    name: str
    before: Any
    after: Any


class Difference(msgspec.Struct, frozen=True, array_like=True):
    """One object that is not what it was. `fields` are those that differ; of a created or deleted one, those given."""

    kind: str
    key: int
    how: How
    fields: tuple[FieldDifference, ...]

    @property
    def ident(self) -> tuple[str, int]:
        """Kind and key."""
        return self.kind, self.key


def differences(before: Planning, after: Planning) -> Iterator[Difference]:
    """Yield every object that is not the same, in the order of kinds, then by key."""
    for kind in KINDS:
        old, new = before.rows(kind), after.rows(kind)
        for key in sorted(old.keys() | new.keys()):
            one, other = old.get(key), new.get(key)
            if one is not other and one != other:
                yield _difference(kind, key, one, other)


def _difference(kind: str, key: int, before: Row | None, after: Row | None) -> Difference:
    how: How = "created" if before is None else "deleted" if after is None else "changed"
    fields = []
    for field in KINDS[kind].fields():
        old = field.default if before is None else getattr(before, field.name)
        new = field.default if after is None else getattr(after, field.name)
        if field.required and (before is None or after is None):
            old, new = (None, new) if before is None else (old, None)
        if old != new:
            fields.append(FieldDifference(field.name, old, new))
    return Difference(kind, key, how, tuple(fields))
