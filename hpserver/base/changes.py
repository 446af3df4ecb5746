"""What may happen to a base, as bytes and as values: create, update, delete; their inverse; their journal form."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Any, Final, TypeAlias

import msgspec

from hpserver.base.model import MAX_KEY, Row, values_of
from hpserver.base.registry import kind_of
from hpserver.base.weeks import MAX_WEEKS
from hpserver.errors import InvalidChangeError

MAX_CHANGES = 10_000
"""Changes that a client may put in one transaction: a whole school's import is cut in pieces."""

MAX_FACTS = MAX_CHANGES * (MAX_WEEKS + 1)
"""Changes in an applied transaction: each may have deleted an activity with all its meetings, or as many parts."""

ENVELOPE_BYTES = 48
"""Bytes of a change besides its fields, at most: its kind, its key and headers."""

MAX_KIND = 32
"""Characters of the name of a kind."""

_KindName: TypeAlias = Annotated[str, msgspec.Meta(max_length=MAX_KIND)]
_Key: TypeAlias = Annotated[int, msgspec.Meta(ge=-MAX_KEY, le=MAX_KEY)]


class Create(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=1):
    """A new object. A negative key is a placeholder, usable as a reference anywhere in the transaction.

    A meeting names its real key, or the one computed from its activity's placeholder.
    """

    kind: _KindName
    key: _Key
    fields: msgspec.Raw


class Update(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=2):
    """New values for some fields of an object."""

    kind: _KindName
    key: _Key
    fields: msgspec.Raw


class Delete(msgspec.Struct, frozen=True, array_like=True, gc=False, tag=3):
    """An object that goes."""

    kind: _KindName
    key: _Key


Change: TypeAlias = Create | Update | Delete

TAGS: Final = {form.__name__.lower(): form.__struct_config__.tag for form in (Create, Update, Delete)}
"""What the journal calls a change, and the number that it bears in MessagePack."""


class Applied(msgspec.Struct, frozen=True):
    """A transaction that became true: one entry per change in each tuple.

    `changes` name real keys and end with the parts that went with their whole, week or activity. `fields` are the
    names touched: those given for an update, all of them for a creation or a deletion.
    """

    changes: tuple[Change, ...]
    before: tuple[Row | None, ...]
    after: tuple[Row | None, ...]
    keys: dict[int, int]
    fields: tuple[tuple[str, ...], ...]


class _Entry(msgspec.Struct, frozen=True):
    """One change as the journal keeps it, readable with plain SQL."""

    do: str
    kind: str
    key: int
    before: dict[str, Any] | None
    after: dict[str, Any] | None


_decoder: msgspec.msgpack.Decoder[list[Change]] = msgspec.msgpack.Decoder(list[Change])
_encoder = msgspec.msgpack.Encoder()
_json_decoder: msgspec.json.Decoder[list[_Entry]] = msgspec.json.Decoder(list[_Entry])
_json_encoder = msgspec.json.Encoder()


def create(kind: str, key: int, /, **fields: Any) -> Create:
    """Return the creation of an object with these fields."""
    return Create(kind, key, encode_fields(fields))


def update(kind: str, key: int, /, **fields: Any) -> Update:
    """Return the update of these fields of an object."""
    return Update(kind, key, encode_fields(fields))


def delete(kind: str, key: int) -> Delete:
    """Return the deletion of an object."""
    return Delete(kind, key)


def encode_fields(fields: dict[str, Any]) -> msgspec.Raw:
    """Return fields by name as a change carries them."""
    return msgspec.Raw(_encoder.encode(fields))


def decode_changes(raw: bytes, limit: int = MAX_CHANGES) -> tuple[Change, ...]:
    """Read a transaction; its fields are read when it is applied. Facts may need `limit=MAX_FACTS`.

    Raises InvalidChangeError on anything else.
    """
    try:
        changes = _decoder.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise InvalidChangeError(f"not a transaction: {error}") from error
    if len(changes) > limit:
        raise InvalidChangeError(f"{len(changes)} changes in one transaction, at most {limit}", limit=limit)
    return tuple(changes)


def encode_changes(changes: Sequence[Change]) -> bytes:
    """Return the bytes of a transaction."""
    return _encoder.encode(changes)


def in_transactions(changes: Iterable[Change], most_bytes: int) -> Iterator[tuple[Change, ...]]:
    """Cut changes into transactions of at most MAX_CHANGES and about `most_bytes`, in order."""
    parcel: list[Change] = []
    size = 0
    for change in changes:
        took = len(bytes(getattr(change, "fields", b""))) + ENVELOPE_BYTES
        if parcel and (len(parcel) == MAX_CHANGES or size + took > most_bytes):
            yield tuple(parcel)
            parcel, size = [], 0
        parcel.append(change)
        size += took
    if parcel:
        yield tuple(parcel)


def inverse(applied: Applied) -> tuple[Change, ...]:
    """Return the changes that take an applied transaction back."""
    facts = zip(applied.changes, applied.before, applied.fields, strict=True)
    return tuple(_inverse(*fact) for fact in facts)[::-1]


def to_json(applied: Applied) -> bytes:
    """Return a transaction as the journal keeps it: `[{do, kind, key, before, after}]`, only touched fields."""
    facts = zip(applied.changes, applied.before, applied.after, applied.fields, strict=True)
    return _json_encoder.encode([_entry(*fact) for fact in facts])


def from_json(raw: bytes) -> tuple[Change, ...]:
    """Read back the changes of a journal entry, for replay. Raises InvalidChangeError."""
    try:
        return tuple(_from_entry(entry) for entry in _json_decoder.decode(raw))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise InvalidChangeError(f"not a journal entry: {error}") from error


def _inverse(change: Change, before: Row | None, fields: Iterable[str]) -> Change:
    if before is None:
        return Delete(change.kind, change.key)
    if isinstance(change, Delete):
        return Create(change.kind, change.key, encode_fields(values_of(before)))
    return Update(change.kind, change.key, encode_fields({name: getattr(before, name) for name in fields}))


def _entry(change: Change, before: Row | None, after: Row | None, fields: tuple[str, ...]) -> _Entry:
    do = type(change).__name__.lower()
    return _Entry(do, change.kind, change.key, _some(before, fields), _some(after, fields))


def _some(row: Row | None, fields: tuple[str, ...]) -> dict[str, Any] | None:
    return None if row is None else {name: getattr(row, name) for name in fields}


def _from_entry(entry: _Entry) -> Change:
    kind_of(entry.kind)
    if entry.do == "delete":
        return Delete(entry.kind, entry.key)
    if entry.after is None or entry.do not in {"create", "update"}:
        raise InvalidChangeError(f"not a journal entry: {entry.do[:16]!r}", kind=entry.kind, key=entry.key)
    form = Create if entry.do == "create" else Update
    return form(entry.kind, entry.key, encode_fields(entry.after))
