"""What wishes name, for somebody who does not see all of a base: what is not seen is as what is not there. Pure."""

from collections.abc import Collection, Sequence

from hpserver.base.changes import Change, Create, Delete, Update, encode_fields
from hpserver.base.model import activity_and_week
from hpserver.base.planning import Planning
from hpserver.base.references import Ident, keys_in
from hpserver.base.registry import kind_of
from hpserver.errors import UnknownObjectError
from hpserver.planning.projection import Lens


def missing(kind: str, key: int) -> UnknownObjectError:
    """Return what is said of what is not seen, and of what is not there."""
    name = kind_of(kind).name
    return UnknownObjectError(f"{name} {key} does not exist", kind=name, key=key)


def check_named(lens: Lens, planning: Planning, changes: Sequence[Change], *, held: bool = False) -> None:
    """Raises UnknownObjectError when a wish names what is not seen, in the order and words of what is not there.

    What the wish itself creates is there; with `held`, so is what a field holds already: it is not the wisher who
    says it. InvalidChangeError: fields that cannot be read.
    """
    made = {
        (change.kind, change.key)
        for change in changes
        if isinstance(change, Create) and planning.maybe_get(change.kind, change.key) is None
    }
    for change in changes:
        _check(lens, planning, change, made, held=held)


def completed(lens: Lens, planning: Planning, change: Change) -> Change:
    """Return a change that keeps what the lists held and is not seen."""
    kind, row = kind_of(change.kind), planning.maybe_get(change.kind, change.key)
    if isinstance(change, Delete) or row is None:
        return change
    wished = kind.decode(change.fields)
    other = {}
    for field in kind.refs.keys() & wished.keys():
        held, value = lens.hidden(change.kind, field, getattr(row, field)), wished[field]
        if held and isinstance(value, tuple):
            other[field] = (*value, *(key for key in held if key not in value))
        elif held and value is None:
            other[field] = getattr(row, field)
    if not other:
        return change
    form = Create if isinstance(change, Create) else Update
    return form(change.kind, change.key, encode_fields({**wished, **other}))


def was_seen(lens: Lens, planning: Planning, change: Change) -> bool:
    """Say whether an object is seen; when it is gone, whether it would be again after a change that brings it back."""
    if planning.maybe_get(change.kind, change.key) is not None:
        return lens.sees(change.kind, change.key)
    if isinstance(change, Delete):
        return False
    kind = kind_of(change.kind)
    return lens.would_see(kind.name, change.key, kind.row(**kind.decode(change.fields)))


def _check(lens: Lens, planning: Planning, change: Change, made: Collection[Ident], *, held: bool) -> None:
    kind, key = kind_of(change.kind), change.key
    wished = {} if isinstance(change, Delete) else kind.decode(change.fields)
    row = planning.maybe_get(kind.name, key)
    whole = ("activity", activity_and_week(key)[0]) if kind.name == "meeting" else (kind.name, key)
    is_new = isinstance(change, Create) and (kind.name == "meeting" or row is None)
    if not lens.shows(*whole) and whole not in made and (kind.name == "meeting" or not is_new):
        raise missing(*(whole if is_new else (kind.name, key)))
    for field in kind.refs.keys() & wished.keys():
        known = keys_in(getattr(row, field)) if held and row is not None else ()
        for other in keys_in(wished[field]):
            ident = kind.refs[field], other
            if other > 0 and other not in known and ident not in made and not lens.sees(*ident):
                raise missing(*ident)
